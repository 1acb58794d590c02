"""What pages tell search engines: schema.org's vocabulary as JSON-LD (https://schema.org/Event)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext as _

from portal import money
from venues import extensions
from venues.api.represent import absolute, instant
from venues.extensions import Offer
from venues.models import ArtistPage, EventListing, EventPage, LineupEntry, VenuePage
from venues.services.pictures import share_url
from venues.sharing.pictures import picture_path

Data = dict[str, Any]
SCHEMA = "https://schema.org"
# Our types of event; what a site adds besides is an Event.
TYPES = {
    "concert": "MusicEvent",
    "conference": "BusinessEvent",
    "educational": "EducationEvent",
    "theatre": "TheaterEvent",
    "sports": "SportsEvent",
    "festival": "Festival",
    "workshop": "EducationEvent",
    "comedy": "ComedyEvent",
    "dance": "DanceEvent",
    "exhibition": "ExhibitionEvent",
    "film": "ScreeningEvent",
}
SPEAKERS = {"BusinessEvent", "EducationEvent"}
AVAILABILITY = {"available": "InStock", "few": "LimitedAvailability", "sold_out": "SoldOut"}


def event_graph(event: EventPage, listing: EventListing, lineup: Sequence[LineupEntry]) -> Data:
    url = absolute(listing.path)
    return _graph(
        _event(event, listing, lineup, url),
        breadcrumbs((_("Events"), absolute("/events/")), (listing.title, url)),
    )


def venue_graph(venue: VenuePage) -> Data:
    url = absolute(venue.get_url() or "")
    return _graph(
        _filled({**place(venue), "description": venue.summary, "image": absolute(share_url(venue.image))}),
        breadcrumbs((_("Venues"), absolute("/venues/")), (venue.title, url)),
    )


def artist_graph(artist: ArtistPage) -> Data:
    url = absolute(artist.get_url() or "")
    more = {
        "description": artist.summary,
        "image": absolute(share_url(artist.image)),
        "sameAs": [link.url for link in artist.links.all()],
    }
    kind = "MusicGroup" if artist.genres else "Person"
    return _graph(
        _filled({**performer(artist, kind), "@id": f"{url}#artist", **more}),
        breadcrumbs((_("Artists"), absolute("/artists/")), (artist.title, url)),
    )


def _event(event: EventPage, listing: EventListing, lineup: Sequence[LineupEntry], url: str) -> Data:
    zone, kind = event.zone, TYPES.get(listing.type, "Event")
    performers = "Person" if kind in SPEAKERS else "PerformingGroup"
    return _filled(
        {
            "@type": kind,
            "@id": f"{url}#event",
            "name": listing.title,
            "description": listing.summary or listing.title,
            "url": url,
            "image": _images(listing),
            "startDate": instant(event.start, zone),
            "endDate": instant(event.end, zone),
            "doorTime": instant(event.doors, zone) if event.doors else None,
            "eventStatus": f"{SCHEMA}/{'EventCancelled' if listing.canceled else 'EventScheduled'}",
            "eventAttendanceMode": f"{SCHEMA}/OfflineEventAttendanceMode",
            "location": place(event.venue) if event.venue else None,
            "performer": [performer(entry.artist, performers) for entry in lineup],
            "organizer": _organizer(listing),
            "typicalAgeRange": f"{event.age_limit}-" if event.age_limit else None,
            "offers": offers_of(event, listing, url),
        }
    )


def _images(listing: EventListing) -> list[str]:
    poster = [absolute(listing.image_url)] if listing.image_url else []
    return [absolute(picture_path(listing)), *poster]


def place(venue: VenuePage) -> Data:
    """A draft venue has no page to point to."""
    url = absolute(venue.get_url() or "") if venue.live else ""
    address = {
        "@type": "PostalAddress",
        "streetAddress": venue.address,
        "postalCode": venue.postcode,
        "addressLocality": venue.city,
        "addressCountry": venue.country,
    }
    placed = venue.latitude is not None and venue.longitude is not None
    geo = {"@type": "GeoCoordinates", "latitude": float(venue.latitude or 0), "longitude": float(venue.longitude or 0)}
    return _filled(
        {
            "@type": "EventVenue",
            "@id": f"{url}#place" if url else None,
            "name": venue.title,
            "url": url,
            "address": _filled(address),
            "geo": geo if placed else None,
            "maximumAttendeeCapacity": venue.capacity,
        }
    )


def performer(artist: ArtistPage, kind: str) -> Data:
    """Who plays music has genres; `kind` is what others are taken for."""
    genres = [genre.strip() for genre in artist.genres.split(",") if genre.strip()]
    url = absolute(artist.get_url() or "") if artist.live else ""
    return _filled({"@type": "MusicGroup" if genres else kind, "name": artist.title, "url": url, "genre": genres})


def _organizer(listing: EventListing) -> Data:
    """The vendor, whose page is the one above the event's."""
    above = listing.path.rstrip("/").rpartition("/")[0]
    return {"@type": "Organization", "name": listing.vendor_name, "url": absolute(f"{above}/")}


def offers_of(event: EventPage, listing: EventListing, url: str) -> list[Data]:
    """What plugins sell for the event; nothing is on offer once it is over or off."""
    over = listing.canceled or listing.end <= now()
    return [_offer(offer, event.zone, url, over=over) for source in extensions.offers for offer in source(event)]


def _offer(offer: Offer, zone: str, url: str, *, over: bool) -> Data:
    return _filled(
        {
            "@type": "Offer",
            "name": offer.name,
            "price": str(money.as_decimal(offer.price, offer.currency)),
            "priceCurrency": offer.currency,
            "availability": f"{SCHEMA}/{'Discontinued' if over else _availability(offer)}",
            "validFrom": _moment(offer.valid_from, zone),
            "validThrough": _moment(offer.valid_through, zone),
            "url": offer.url or url,
        }
    )


def _availability(offer: Offer) -> str:
    if offer.valid_from and offer.valid_from > now():
        return "PreOrder"
    return AVAILABILITY.get(offer.availability, "OutOfStock")


def _moment(moment: datetime | None, zone: str) -> str | None:
    return instant(moment, zone) if moment else None


def breadcrumbs(*steps: tuple[str, str]) -> Data:
    """The way to a page from the front: (name, address)."""
    named = enumerate([(_("Home"), absolute("/")), *steps], start=1)
    items = [{"@type": "ListItem", "position": at, "name": name, "item": url} for at, (name, url) in named]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def _graph(*nodes: Data) -> Data:
    return {"@context": SCHEMA, "@graph": list(nodes)}


def _filled(data: Data) -> Data:
    """`data` without what is not known."""
    return {name: value for name, value in data.items() if value not in (None, "", [], {})}
