"""The admin's URLs, menu item and panel about what an event sells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import URLPattern, path, reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import Panel
from wagtail.admin.widgets import Button
from wagtail.models import Page

from marketplace.figures import figures_of
from marketplace.views import guests, market, refunds_market
from venues.models import EventPage
from venues.queries import vendor_of

# The names of those URLs that vendors may open.
VENDOR_URLS = (
    *("market", "market_event", "market_terms", "market_add_type", "market_type", "market_archive_type"),
    *("market_add_quota", "market_quota", "market_remove_quota", "market_guests", "market_guests_csv"),
    *("market_refunds", "market_refund_done", "market_refund", "market_cancel"),
)


@hooks.register("register_admin_urls")
def market_urls() -> list[URLPattern]:
    event = "market/<id:event_id>/"
    return [
        path("market/", market.IndexView.as_view(), name="market"),
        path("market/refunds/", refunds_market.RefundsView.as_view(), name="market_refunds"),
        path("market/refunds/<id:pk>/done/", refunds_market.HandedBackView.as_view(), name="market_refund_done"),
        path(f"{event}orders/<slug:code>/refund/", refunds_market.RefundView.as_view(), name="market_refund"),
        path(f"{event}cancel/", refunds_market.CancelView.as_view(), name="market_cancel"),
        path(event, market.EventView.as_view(), name="market_event"),
        path(f"{event}terms/", market.TermsView.as_view(), name="market_terms"),
        path(f"{event}types/add/", market.AddTypeView.as_view(), name="market_add_type"),
        path(f"{event}types/<id:pk>/", market.TypeView.as_view(), name="market_type"),
        path(f"{event}types/<id:pk>/archive/", market.ArchiveTypeView.as_view(), name="market_archive_type"),
        path(f"{event}places/add/", market.AddQuotaView.as_view(), name="market_add_quota"),
        path(f"{event}places/<id:pk>/", market.QuotaView.as_view(), name="market_quota"),
        path(f"{event}places/<id:pk>/remove/", market.RemoveQuotaView.as_view(), name="market_remove_quota"),
        path(f"{event}guests/", guests.GuestsView.as_view(), name="market_guests"),
        path(f"{event}guests.csv", guests.GuestsCsvView.as_view(), name="market_guests_csv"),
    ]


class MarketItem(MenuItem):
    def is_shown(self, request: Any) -> bool:
        if not hasattr(request, "sells"):  # asked by each of the items
            request.sells = request.user.is_superuser or vendor_of(request.user) is not None
        return request.sells


@hooks.register("register_admin_menu_item")
def market_item() -> MenuItem:
    return MarketItem(_("Tickets"), reverse_lazy("market"), icon_name="tag", order=310)


@hooks.register("register_admin_menu_item")
def refunds_item() -> MenuItem:
    return MarketItem(_("Refunds"), reverse_lazy("market_refunds"), icon_name="undo", order=315)


@hooks.register("register_page_header_buttons")
def market_button(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Any:
    if isinstance(page.specific_deferred, EventPage) and page.pk:
        yield Button(_("Tickets and prices"), reverse("market_event", args=[page.pk]), icon_name="tag", priority=15)


class SalesPanel(Panel):
    """What the event sells, to read in the page's editor. Nothing of it travels in the page's revisions."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "marketplace/admin/market/panel.html"

        def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
            context = super().get_context_data(parent_context)
            event = self.instance if self.instance.pk else None
            return {**context, "event": event, "figures": figures_of(event) if event else None}


def sales_panels() -> list[Panel]:
    return [SalesPanel(heading=str(_("Tickets")))]
