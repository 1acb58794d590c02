"""Write the read model anew, in bulk: all of it, what is below a page, or what is amiss."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db import transaction
from wagtail.models import Page

from portal.outbox.services import publish
from venues.messages import ListingMade
from venues.models import EventListing, EventPage, ListingArtist, Vendor
from venues.services.listing import fields_of, listable_events, withdraw
from venues.services.pictures import Card, card_of

BATCH = 500


def rebuild(*, below: Page | None = None, say: Callable[[str], None] = lambda _line: None) -> int:
    """Write every row anew, or those at and below a page, and drop what is not to be listed; return how many are listed.

    Sales of rows that exist are kept; for the others ListingMade asks marketplace for them.
    """
    path = below.path if below else ""
    _drop_stale(path)
    ids = list(listable_events().filter(path__startswith=path).order_by("pk").values_list("pk", flat=True))
    _list(ids, say)
    return len(ids)


def heal() -> None:
    """The job that makes up for what a process that died left undone: drops stale rows, and writes missing ones."""
    _drop_stale()
    _list(list(listable_events().filter(listing=None).order_by("pk").values_list("pk", flat=True)))


def _drop_stale(path: str = "") -> None:
    listed = EventListing.objects.filter(event__path__startswith=path)
    for stale in listed.exclude(pk__in=listable_events().values("pk")).values_list("pk", flat=True):
        withdraw(stale)


def _list(ids: list[int], say: Callable[[str], None] = lambda _line: None) -> None:
    events = listable_events().order_by("pk")
    vendors = {vendor.page.path: vendor for vendor in Vendor.objects.select_related("page")}
    cards: dict[int | None, Card] = {}
    for first in range(0, len(ids), BATCH):
        batch = list(events.filter(pk__in=ids[first : first + BATCH]))
        rows = [_row(event, vendors.get(event.path[: -event.steplen]), cards) for event in batch]
        with transaction.atomic():
            _write(rows)
        say(f"{min(first + BATCH, len(ids))} of {len(ids)} events listed")


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
