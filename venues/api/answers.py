"""Types of what the API says of events, venues and artists."""

from __future__ import annotations

from typing import Annotated, Any

from typing_extensions import TypedDict

from portal.answers import Html, Id, Instant, Like, Name, Url, Zone, extended
from portal.money import Money
from venues.extensions import event_details
from venues.models import EventListing

Availability = Annotated[str, Like(choices=EventListing.Availability.values)]
Image = Annotated[str | None, Like("https://foyer.example/media/images/tidewater.jpg", format="uri")]
Summary = Annotated[str, Like("A night of songs about rivers.", "One or two sentences of plain text")]
Title = Annotated[str, Like("Tidewater Tour")]


class VendorName(TypedDict):
    """Who sells."""

    id: Annotated[str, Like("5")]
    name: Annotated[str, Like("Northwind Concerts")]


class ArtistName(TypedDict):
    """Who plays."""

    id: Annotated[str, Like("31")]
    name: Name


class VenueName(TypedDict):
    """Where it is."""

    id: Annotated[str, Like("12")]
    name: Annotated[str, Like("Harbour Hall")]
    city: Annotated[str, Like("Hamburg")]


class Listing(TypedDict):
    """An event as lists show it."""

    id: Id
    title: Title
    summary: Summary
    url: Annotated[Url, Like("https://foyer.example/events/tidewater-tour/", "The event's page", "uri")]
    type: Annotated[str, Like("concert", "concert, conference, gaming, educational, or another of the site's")]
    start: Instant
    end: Annotated[Instant, Like("2026-02-14T23:00:00+01:00", format="date-time")]
    timezone: Zone
    venue: VenueName | None
    artists: list[ArtistName]
    price_from: Money | None
    availability: Availability
    canceled: Annotated[bool, Like(False)]
    image: Image
    vendor: VendorName


class EventPolicies(TypedDict):
    """The rules of an event."""

    text: Html


class Event(Listing):
    """The whole event."""

    doors: Annotated[str | None, Like("2026-02-14T19:00:00+01:00", format="date-time")]
    age_limit: Annotated[int | None, Like(16, "Years")]
    published: Annotated[bool, Like(True, "False in a draft, which its vendor alone can read")]
    body: Html
    policies: EventPolicies
    ticket_types: list[dict[str, Any]]
    payment_methods: list[dict[str, Any]]
    gallery: Annotated[list[dict[str, Any]], Like([])]


def event() -> Any:
    """An event with what plugins say of it."""
    return extended(Event, event_details)


class Coordinates(TypedDict):
    """WGS 84, in degrees."""

    latitude: Annotated[float, Like(53.5411)]
    longitude: Annotated[float, Like(9.9843)]


class Venue(TypedDict):
    """A place where events are."""

    id: Annotated[str, Like("12")]
    name: Annotated[str, Like("Harbour Hall")]
    url: Annotated[str, Like("https://foyer.example/venues/harbour-hall/", format="uri")]
    summary: Annotated[str, Like("A hall on the quay for 800.")]
    address: Annotated[str, Like("Quay Street 1")]
    postcode: Annotated[str, Like("20457")]
    city: Annotated[str, Like("Hamburg")]
    country: Annotated[str, Like("DE", "ISO 3166-1")]
    timezone: Zone
    coordinates: Coordinates | None
    capacity: Annotated[int | None, Like(800)]


class Area(TypedDict):
    """A part of a venue."""

    name: Annotated[str, Like("Balcony")]
    capacity: Annotated[int | None, Like(120)]
    accessible: Annotated[bool, Like(True)]


class VenueDetails(Venue):
    """The whole venue."""

    areas: list[Area]
    accessibility: Annotated[str, Like("<p>A lift leads to the balcony.</p>", "HTML")]
    transport: Annotated[str, Like("<p>Underground: Harbour.</p>", "HTML")]
    directions: Annotated[str, Like("<p>The door is on the water side.</p>", "HTML")]
    body: Html
    image: Image


class Artist(TypedDict):
    """Somebody who plays or speaks."""

    id: Annotated[str, Like("31")]
    name: Name
    url: Annotated[str, Like("https://foyer.example/artists/tidewater/", format="uri")]
    summary: Annotated[str, Like("Four voices and a cello.")]
    genres: Annotated[list[str], Like(["folk", "chamber pop"])]


class ArtistLink(TypedDict):
    """An address of an artist's own."""

    title: Annotated[str, Like("Listen")]
    url: Annotated[str, Like("https://tidewater.example/", format="uri")]


class ArtistDetails(Artist):
    """The whole artist."""

    biography: Annotated[str, Like("<p>Founded in 2012.</p>", "HTML")]
    links: list[ArtistLink]
    body: Html
    image: Image
