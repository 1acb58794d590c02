"""How the API writes events, venues and artists."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from wagtail.rich_text import expand_db_html

from portal import money
from portal.dates import local
from venues import extensions
from venues.api.answers import Artist, ArtistDetails, Listing, Venue, VenueDetails, VenueName
from venues.models import ArtistPage, EventListing, EventPage, VenuePage
from venues.queries import vendor_of_page
from venues.services.listing import fields_of
from venues.services.pictures import card_of


def absolute(path: str) -> str:
    """`path` below BASE_URL; an address that is whole already, such as object storage's, stays as it is."""
    return f"{settings.BASE_URL}{path}" if path.startswith("/") else path


def instant(value: datetime, zone: str) -> str:
    """RFC 3339, with the offset that `zone` has then."""
    return local(value, zone).isoformat()


def represent_listing(listing: EventListing) -> Listing:
    """An event as lists show it, from its row alone."""
    venue: VenueName = {"id": str(listing.venue_id), "name": listing.venue_name, "city": listing.city}
    priced = listing.price_from is not None
    return {
        "id": str(listing.event_id),
        "title": listing.title,
        "summary": listing.summary,
        "url": absolute(listing.path),
        "type": listing.type,
        "start": instant(listing.start, listing.timezone),
        "end": instant(listing.end, listing.timezone),
        "timezone": listing.timezone,
        "venue": venue if listing.venue_id else None,
        "artists": [{"id": str(artist["id"]), "name": artist["name"]} for artist in listing.artists],
        "price_from": money.as_json(listing.price_from or 0, listing.currency) if priced else None,
        "availability": listing.availability,
        "canceled": listing.canceled,
        "image": absolute(listing.image_url) or None,
        "vendor": {"id": str(listing.vendor_id), "name": listing.vendor_name},
    }


def represent_event(event: EventPage) -> dict[str, Any]:
    """The whole event. A draft has no row in the lists; it is represented as if it were published now."""
    listing = EventListing.objects.filter(pk=event.pk).first() or _unlisted(event)
    details = {
        "doors": instant(event.doors, event.zone) if event.doors else None,
        "age_limit": event.age_limit,
        "published": event.live,
        "body": str(event.body),
        "policies": {"text": expand_db_html(event.policies)},
        "ticket_types": [],
        "payment_methods": [],
        "gallery": [],
    }
    for more in extensions.event_details:
        for name, value in more(event).items():
            both = isinstance(value, dict) and isinstance(details.get(name), dict)
            details[name] = {**details[name], **value} if both else value
    return {**represent_listing(listing), **details}


def _unlisted(event: EventPage) -> EventListing:
    fields = fields_of(event, vendor_of_page(event), card_of(event.image))
    return EventListing(event_id=event.pk, **{**fields, "path": event.get_url() or ""})


def represent_venue(venue: VenuePage) -> Venue:
    placed = venue.latitude is not None
    return {
        "id": str(venue.pk),
        "name": venue.title,
        "url": absolute(venue.get_url() or ""),
        "summary": venue.summary,
        "address": venue.address,
        "postcode": venue.postcode,
        "city": venue.city,
        "country": venue.country,
        "timezone": venue.timezone,
        "coordinates": {"latitude": float(venue.latitude or 0), "longitude": float(venue.longitude or 0)}
        if placed
        else None,
        "capacity": venue.capacity,
    }


def represent_venue_details(venue: VenuePage) -> VenueDetails:
    return {
        **represent_venue(venue),
        "areas": [
            {"name": area.name, "capacity": area.capacity, "accessible": area.accessible} for area in venue.areas.all()
        ],
        "accessibility": expand_db_html(venue.accessibility),
        "transport": expand_db_html(venue.transport),
        "directions": expand_db_html(venue.directions),
        "body": str(venue.body),
        "image": absolute(card_of(venue.image).url) or None,
    }


def represent_artist(artist: ArtistPage) -> Artist:
    return {
        "id": str(artist.pk),
        "name": artist.title,
        "url": absolute(artist.get_url() or ""),
        "summary": artist.summary,
        "genres": [genre.strip() for genre in artist.genres.split(",") if genre.strip()],
    }


def represent_artist_details(artist: ArtistPage) -> ArtistDetails:
    return {
        **represent_artist(artist),
        "biography": expand_db_html(artist.biography),
        "links": [{"title": link.title, "url": link.url} for link in artist.links.all()],
        "body": str(artist.body),
        "image": absolute(card_of(artist.image).url) or None,
    }
