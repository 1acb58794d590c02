"""An event's guest list for its vendor, under /admin/market/: to search, to narrow, and to take away."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View

from marketplace.guests import GROUPS, guest, guests_of, write_csv
from marketplace.tickets import tally
from marketplace.views.market import EventScreen
from venues.queries import vendor_of_event, works_for

ROWS = 50
BYTE_ORDER_MARK = "\ufeff"  # without it, spreadsheets take UTF-8 for something else


class GuestScreen(EventScreen):
    @cached_property
    def asked(self) -> dict[str, str]:
        """What the list is narrowed by."""
        group = self.request.GET.get("group", "")
        return {"q": self.request.GET.get("q", "").strip()[:100], "group": group if group in GROUPS else ""}

    @property
    def tickets(self) -> Any:
        return guests_of(self.event, search=self.asked["q"], group=self.asked["group"])


class GuestsView(GuestScreen, TemplateView):
    template_name = "marketplace/admin/market/guests.html"
    page_title = _("Guest list")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(self.tickets, ROWS).get_page(self.request.GET.get("p"))
        return super().get_context_data(
            page_obj=page,
            guests=[guest(ticket, self.event) for ticket in page],
            groups={key: name for key, (name, _tickets) in GROUPS.items()},
            asked=self.asked,
            query=urlencode({name: value for name, value in self.asked.items() if value}),
            tally=tally(self.event),
            opens_orders=works_for(self.request.user, vendor_of_event(self.event)),
            **kwargs,
        )


class GuestsCsvView(GuestScreen, View):
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        name = f"guests-{self.event.slug}.csv"
        response = HttpResponse(BYTE_ORDER_MARK, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "private, no-store"
        write_csv(self.event, self.tickets, response)
        return response
