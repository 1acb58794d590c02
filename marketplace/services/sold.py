"""Whether something was ever ordered. What was stays for good."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from marketplace.models import CheckInAttempt, Order
from venues.models import EventPage


def with_sales(events: QuerySet[EventPage]) -> QuerySet[EventPage]:
    """Those of `events` that have orders, in whatever state, or whose door has seen a scan."""
    ordered = Exists(Order.objects.filter(event=OuterRef("pk")))
    return events.filter(ordered | Exists(CheckInAttempt.objects.filter(event=OuterRef("pk"))))
