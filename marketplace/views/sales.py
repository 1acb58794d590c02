"""A vendor's sales, under /admin/market/sales/: figures, charts with their tables, and CSV."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View

from marketplace.charts import time_chart
from marketplace.forms_sales import SalesForm, usual_periods
from marketplace.sales import GROUPINGS, Sales, read_sales
from marketplace.sales_csv import headings, sales_csv
from marketplace.services.sales import left_in, offers_of
from marketplace.views.guests import BYTE_ORDER_MARK
from marketplace.views.market import Screen
from portal.converters import is_id
from portal.dates import local
from venues.models import EventPage, Vendor
from venues.queries import vendor_of

EVENTS = 500
TABLES = {"event": _("Events"), "ticket_type": _("Ticket types"), "payment_method": _("Ways to pay")}


class SalesScreen(Screen):
    header_icon = "table"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": reverse("market_sales"), "label": _("Sales")}]

    @cached_property
    def vendor(self) -> Vendor:
        """The one that the visitor works for; staff name one."""
        user, named = self.request.user, self.request.GET.get("vendor", "")
        if not user.is_superuser:
            vendor = vendor_of(user)
            if vendor is None:
                raise PermissionDenied
            return vendor
        vendors = Vendor.objects.select_related("page")
        found = vendors.filter(pk=named).first() if is_id(named) else None if named else vendors.first()
        if found is None:
            raise Http404
        return found

    @cached_property
    def events(self) -> list[Any]:
        """The vendor's, latest first."""
        events = EventPage.objects.child_of(self.vendor.page).filter(alias_of=None).order_by("-start")
        return list(events.only("pk", "title", "start", "end")[:EVENTS])

    @property
    def today(self) -> date:
        return local(now(), self.vendor.timezone).date()

    @cached_property
    def form(self) -> SalesForm:
        titles = {event.pk: event.title for event in self.events}
        return SalesForm(self.request.GET.dict(), events=titles, today=self.today)

    def read(self, by: Any) -> Sales | None:
        """The report that the address asks for; None where it asks for what can't be."""
        if not self.form.is_valid():
            return None
        asked = self.form.cleaned_data
        period, currency = self.form.period, asked["currency"]
        return read_sales(self.vendor, by=by, period=period, event_id=asked["event"], currency=currency)


class SalesView(SalesScreen, TemplateView):
    template_name = "marketplace/admin/market/sales.html"
    page_title = _("Sales")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sales = self.read(GROUPINGS)
        about = self._report(sales) if sales else {}
        staff = {"vendors": Vendor.objects.order_by("name")} if self.request.user.is_superuser else {}
        return super().get_context_data(
            vendor=self.vendor, form=self.form, sales=sales, periods=self._periods(), **staff, **about, **kwargs
        )

    def _report(self, sales: Sales) -> dict[str, Any]:
        offers = offers_of(event.pk for event in self.events if event.end > now())
        left = {
            "event": {str(pk): left_in(found) for pk, found in offers.items()},
            "ticket_type": {str(offer.id): offer.left for found in offers.values() for offer in found},
        }
        asked = self.form.cleaned_data["event"]
        shown = [found for pk, found in offers.items() if asked in (None, pk)]
        return {
            "total": sales.total(),
            "left": sum(left_in(found) for found in shown),
            "chart": time_chart(sales),
            "tables": [(by, title, _rows(sales, by, left.get(by, {}))) for by, title in TABLES.items()],
            "query": urlencode(self._asked()),
            "currencies": [(code, urlencode({**self._asked(), "currency": code})) for code in sales.currencies],
        }

    def _asked(self) -> dict[str, str]:
        staff = {"vendor": str(self.vendor.pk)} if self.request.user.is_superuser else {}
        return {**self.form.asked(), **staff}

    def _periods(self) -> list[tuple[str, str, bool]]:
        """Name, query, and whether it is the one that is shown."""
        asked = self._asked()
        now_shown = (asked.pop("from", ""), asked.pop("to", ""))
        return [
            (name, urlencode({**asked, "from": first, "to": last}), now_shown == (first, last))
            for name, first, last in usual_periods(self.today)
        ]


def _rows(sales: Sales, by: str, left: dict[str, int]) -> list[dict[Any, Any]]:
    """A table's rows: with the places left, and how long its bar is in percent of the longest."""
    rows = sales.groups(by).to_dict("records")
    most = max((row["gross"] for row in rows), default=0) or 1
    for row in rows:
        row |= {"left": left.get(row["id"]), "share": round(max(row["gross"], 0) * 100 / most, 1)}
    return rows


class SalesCsvView(SalesScreen, View):
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        by = request.GET.get("group", "day")
        sales = self.read([by]) if by in GROUPINGS else None
        if sales is None:
            raise Http404
        text = BYTE_ORDER_MARK + sales_csv(sales, by, headings=headings())
        response = HttpResponse(text, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="sales-{self.vendor.slug}-{by}.csv"'
        response["Cache-Control"] = "private, no-store"
        return response
