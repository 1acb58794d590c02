"""Keep EventListing, the read model of all lists, true to the published events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from wagtail.models import Page

from portal.dates import last_day, local
from portal.outbox.services import publish
from venues.messages import EventMoved, EventPublished, EventWithdrawn, ListingMade
from venues.models import ArtistPage, EventListing, EventPage, ListingArtist, Vendor, VenuePage
from venues.privacy import public
from venues.queries import vendor_of_event
from venues.search import search_text
from venues.services.pictures import Card, card_of


def refresh(event: EventPage) -> EventListing | None:
    """Write `event`'s row anew from what the database holds of it; take the row away where it is not for all to see.

    Sales stay as they are. Publishes EventMoved when start, end or venue changed.
    """
    found = listable_events().filter(pk=event.pk).first()
    if found is None:
        withdraw(event.pk)
        return None
    card = card_of(found.image)  # before the transaction: it may draw a rendition
    with transaction.atomic():
        return _write(found, vendor_of_event(found), card)


@transaction.atomic
def announce(event: EventPage) -> None:
    """Follow a publication: the row, and EventPublished with it."""
    if refresh(event):
        publish(EventPublished(event_id=event.pk))


@transaction.atomic
def withdraw(event_id: int) -> None:
    """Take an event off the lists, and publish EventWithdrawn if it was on them."""
    _count, deleted = EventListing.objects.filter(pk=event_id).delete()
    if deleted.get("venues.EventListing"):
        publish(EventWithdrawn(event_id=event_id))


def set_sales(
    event_id: int,
    *,
    price_from: int | None,
    currency: str,
    availability: str,
    on_sale_at: datetime | None = None,
    popularity: int | None = None,
) -> bool:
    """Take over what marketplace knows; False where the event is not listed. `price_from` is all-in, in minor units."""
    changes: dict[str, Any] = {
        "price_from": price_from,
        "currency": currency,
        "availability": EventListing.Availability(availability),
        "on_sale_at": on_sale_at,
    }
    if popularity is not None:
        changes["popularity"] = popularity
    return bool(EventListing.objects.filter(pk=event_id).update(**changes))


def refresh_events(events: Iterable[EventPage]) -> None:
    """Refresh the rows of `events`: their vendor, venue or an artist changed."""
    for event in events:
        refresh(event)


def refresh_of_venue(venue: VenuePage) -> None:
    refresh_events(listable_events().filter(venue=venue))


def refresh_of_artist(artist: ArtistPage) -> None:
    refresh_events(listable_events().filter(lineup__artist=artist).distinct())


def listable_events() -> Any:
    """Live events that anybody may see. An alias shows another event in another place; lists show the event once."""
    events = public(EventPage.objects.filter(alias_of=None))
    return events.select_related("venue", "type", "image").prefetch_related("lineup__artist")


def _write(event: EventPage, vendor: Vendor | None, card: Card) -> EventListing:
    fields = fields_of(event, vendor, card)
    before = EventListing.objects.filter(pk=event.pk).first()
    listing = EventListing(event=event) if before is None else before
    moved = before is not None and any(
        getattr(before, name) != fields[name] for name in ("start", "end", "venue_id", "timezone")
    )
    for name, value in fields.items():
        setattr(listing, name, value)
    # Only what venues own: marketplace may have pushed new sales since the row was read.
    listing.save(force_insert=before is None, update_fields=None if before is None else fields)
    _link_artists(listing)
    if before is None:
        publish(ListingMade(event_id=event.pk))
    if moved:
        publish(EventMoved(event_id=event.pk))
    return listing


def _link_artists(listing: EventListing) -> None:
    wanted = {artist["id"] for artist in listing.artists}
    links = ListingArtist.objects.filter(listing=listing)
    have = set(links.values_list("artist_id", flat=True))
    if have - wanted:
        links.filter(artist_id__in=have - wanted).delete()
    if wanted - have:
        new = (ListingArtist(listing=listing, artist_id=artist) for artist in wanted - have)
        ListingArtist.objects.bulk_create(new, ignore_conflicts=True)


def fields_of(event: EventPage, vendor: Vendor | None, card: Card) -> dict[str, Any]:
    """The columns that venues own, of one of listable_events()."""
    venue = event.venue
    artists = [entry.artist for entry in event.lineup.all()]
    zone = event.zone
    return {
        "title": event.title,
        "path": _path(event),
        "summary": event.summary,
        "type": event.type.slug,
        "start": event.start,
        "end": event.end,
        "timezone": zone,
        "first_day": local(event.start, zone).date(),
        "last_day": last_day(event.start, event.end, zone),
        "venue_id": venue.pk if venue else None,
        "venue_name": venue.title if venue else "",
        "venue_path": _path(venue) if venue and venue.live else "",
        "city": venue.city if venue else "",
        "artists": [{"id": artist.pk, "name": artist.title} for artist in artists],
        "vendor_id": vendor.pk if vendor else 0,
        "vendor_name": vendor.name if vendor else "",
        "image_url": card.url,
        "accent": card.accent,
        "canceled": event.canceled_at is not None,
        "published_at": event.first_published_at,
        "changed_at": _changed(event, *([venue] if venue else []), *artists),
        "search_text": search_text(_search_parts(event, venue, artists)),
    }


def _changed(event: EventPage, *named: Page) -> datetime | None:
    """When the event, or a page that it names, was published last, or the event canceled."""
    moments = [event.canceled_at, *(page.last_published_at for page in (event, *named))]
    return max(filter(None, moments), default=None)


def _search_parts(event: EventPage, venue: VenuePage | None, artists: list[ArtistPage]) -> list[str]:
    place = [venue.title, venue.city] if venue else []
    return [event.title, *(artist.title for artist in artists), *place]


def _path(page: Page) -> str:
    """The page's path below the site's root."""
    parts = page.get_url_parts()
    return parts[2] if parts else ""
