"""Write the whole read model anew, in bulk."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db import transaction

from portal.outbox.services import publish
from venues.messages import ListingMade
from venues.models import EventListing, EventPage, ListingArtist, Vendor
from venues.services.listing import fields_of, live_events, withdraw
from venues.services.pictures import Card, card_of

BATCH = 500


def rebuild(*, say: Callable[[str], None] = lambda _line: None) -> int:
    """Write every row anew and drop the rows of events that are not live; return how many are listed.

    Sales of rows that exist are kept; for the others ListingMade asks marketplace for them.
    """
    events = live_events().order_by("pk")
    for stale in EventListing.objects.exclude(pk__in=events.values("pk")).values_list("pk", flat=True):
        withdraw(stale)
    vendors = {vendor.page.path: vendor for vendor in Vendor.objects.select_related("page")}
    cards: dict[int | None, Card] = {}
    ids = list(events.values_list("pk", flat=True))
    for first in range(0, len(ids), BATCH):
        batch = list(events.filter(pk__in=ids[first : first + BATCH]))
        rows = [_row(event, vendors.get(event.path[: -event.steplen]), cards) for event in batch]
        with transaction.atomic():
            _write(rows)
        say(f"{min(first + BATCH, len(ids))} of {len(ids)} events listed")
    return len(ids)


def _row(event: EventPage, vendor: Vendor | None, cards: dict[int | None, Card]) -> EventListing:
    if event.image_id not in cards:
        cards[event.image_id] = card_of(event.image)
    return EventListing(event=event, **fields_of(event, vendor, cards[event.image_id]))


def _write(rows: list[EventListing]) -> None:
    ids = [row.pk for row in rows]
    known = set(EventListing.objects.filter(pk__in=ids).values_list("pk", flat=True))
    sales = {"event", "price_from", "currency", "availability", "on_sale_at", "popularity"}
    owned = [field.name for field in EventListing._meta.concrete_fields if field.name not in sales]
    EventListing.objects.bulk_create(rows, update_conflicts=True, unique_fields=["event"], update_fields=owned)
    _link(rows)
    for event_id in ids:
        if event_id not in known:
            publish(ListingMade(event_id=event_id))


def _link(rows: Iterable[EventListing]) -> None:
    rows = list(rows)
    ListingArtist.objects.filter(listing__in=[row.pk for row in rows]).delete()
    ListingArtist.objects.bulk_create(
        ListingArtist(listing_id=row.pk, artist_id=artist) for row in rows for artist in {a["id"] for a in row.artists}
    )
