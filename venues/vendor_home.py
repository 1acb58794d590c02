"""A vendor's home in the admin: its events, and what is missing before they can be published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component

from portal.dates import when_text
from venues.models import EventPage, Vendor

SHOWN = 20


class VendorHome(Component):
    name = "vendor_home"
    template_name = "venues/admin/vendor_home.html"
    order = 10

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        events = EventPage.objects.child_of(self.vendor.page).filter(end__gt=now()).order_by("start")
        shown = [event.get_latest_revision_as_object() for event in events.select_related("latest_revision")[:SHOWN]]
        rows = [
            {"event": event, "start": when_text(event.start, event.zone), "missing": missing(event)} for event in shown
        ]
        return {"vendor": self.vendor, "rows": rows, "page": self.vendor.page}


def missing(event: EventPage) -> list[str]:
    """What visitors would miss on `event`'s page."""
    lacking = {
        _("a poster"): event.image_id is None,
        _("a venue"): event.venue_id is None,
        _("a sentence for lists"): not event.summary,
        _("a description"): not event.body,
    }
    return [what for what, is_missing in lacking.items() if is_missing]
