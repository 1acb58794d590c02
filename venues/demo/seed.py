"""Demo data: vendors, venues, artists and events over six months, with pictures drawn by code."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.core.files.images import ImageFile
from django.db import transaction
from django.utils.text import slugify
from django.utils.timezone import localdate, now
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage
from wagtail.rich_text import RichText

from portal.accounts.models import User
from portal.accounts.services import confirm_address, register
from portal.demo import PASSWORD
from venues.demo import posters, programme
from venues.demo.artists import ARTISTS
from venues.demo.bulk import add_events
from venues.demo.places import VENDORS, VENUES, DemoVendor, DemoVenue
from venues.models import ArtistPage, EventPage, EventType, Vendor, VenueArea, VenuePage
from venues.services.events import cancel_event, create_event
from venues.services.pages import create_artist, create_venue

EVENTS = 200
FIRST_DAY, LAST_DAY = -30, 150  # days from today: a month of past, five to come


class Idea(NamedTuple):
    """An event to be made: what it is called, of which type, and who appears."""

    title: str
    kind: str
    artists: list[str]


def seed(*, scale: int, say: Callable[[str], None]) -> None:
    """Make the demo's content; with `scale` N, N times as many events. What exists already is left alone."""
    vendors = {demo.email: _vendor(demo) for demo in VENDORS}
    say(f"{len(vendors)} vendors")
    venues = [_venue(vendors[demo.vendor], demo) for demo in VENUES]
    say(f"{len(venues)} venues in {len({demo.city for demo in VENUES})} cities")
    artists = {demo.name: _artist(list(vendors.values())[n % 3], n) for n, demo in enumerate(ARTISTS)}
    say(f"{len(artists)} artists")
    made = [_event(n, idea, venues, artists) for n, idea in enumerate(ideas())]
    say(f"{len(made)} events with posters")
    if missing := EVENTS * scale - EventPage.objects.count():
        add_events(max(missing, 0))
        say(f"{EventPage.objects.count()} events in all")


def ideas() -> Iterator[Idea]:
    """The same events in the same order every time, types mixed."""
    chance = random.Random("programme")
    by_kind = {kind: [artist.name for artist in ARTISTS if kind in artist.kinds.split()] for kind in programme.TITLES}
    concerts = [
        Idea(f"{name}: {title}" if not title.endswith("with") else f"{title} {name}", "concert", [name])
        for title in programme.TITLES["concert"]
        for name in by_kind["concert"]
    ]
    others = [
        Idea(title, kind, chance.sample(by_kind[kind], k=min(len(by_kind[kind]), 3 if kind == "festival" else 1)))
        for kind, titles in programme.TITLES.items()
        if kind != "concert"
        for title in titles
    ]
    chance.shuffle(concerts)
    chosen = [*others, *concerts[: EVENTS - len(others)]]
    chance.shuffle(chosen)
    yield from chosen


def _vendor(demo: DemoVendor) -> Vendor:
    user = User.objects.filter(email=demo.email).first()
    if user is None:
        data = {"vendor_name": demo.name}
        user = register(email=demo.email, password=PASSWORD, name=demo.person, role="vendor", data=data)
        confirm_address(user)
        vendor = user.vendor_membership.vendor
        vendor.currency, vendor.timezone, vendor.commission_bps = demo.currency, demo.timezone, 500
        vendor.save()
        vendor.page.about = demo.about
        vendor.page.save_revision().publish()
    return user.vendor_membership.vendor


def _picture(vendor: Vendor, title: str, jpeg: bytes) -> AbstractImage:
    file = ImageFile(io.BytesIO(jpeg), name=f"{slugify(title)[:60]}.jpg")
    return get_image_model().objects.create(title=title, collection=vendor.collection, file=file)


def _venue(vendor: Vendor, demo: DemoVenue) -> VenuePage:
    existing = VenuePage.objects.filter(title=demo.name).first()
    if existing:
        return existing
    fields = {name: getattr(demo, name) for name in ("address", "postcode", "city", "country", "timezone", "summary")}
    venue = create_venue(
        vendor,
        title=demo.name,
        **fields,
        latitude=demo.latitude,
        longitude=demo.longitude,
        capacity=sum(places for _area, places in demo.areas),
        image=_picture(vendor, demo.name, posters.facade(demo.name)),
        accessibility="<p>Step-free entrance on the left side; accessible toilets on the ground floor; an induction loop in the hall.</p>",
        transport="<p>Night buses stop at the door, and there are racks for two hundred bicycles in the yard.</p>",
        directions="<p>From the station follow the water for five minutes; the entrance is under the arch with the lamp.</p>",
        publish=True,
    )
    venue.areas = [
        VenueArea(name=name, capacity=places, accessible=not n) for n, (name, places) in enumerate(demo.areas)
    ]
    venue.save_revision().publish()
    return venue


def _artist(vendor: Vendor, number: int) -> ArtistPage:
    demo = ARTISTS[number]
    existing = ArtistPage.objects.filter(title=demo.name).first()
    return existing or create_artist(
        vendor,
        title=demo.name,
        summary=demo.summary,
        genres=demo.genres,
        biography=f"<p>{demo.summary}</p><p>{demo.name} first came to us on the recommendation of a sound engineer, who are never wrong about such things.</p>",
        image=_picture(vendor, demo.name, posters.portrait(demo.name)),
        publish=True,
    )


@transaction.atomic
def _event(number: int, idea: Idea, venues: list[VenuePage], artists: dict[str, ArtistPage]) -> EventPage:
    existing = EventPage.objects.filter(title=idea.title).first()
    if existing:
        return existing
    chance = random.Random(f"{number} {idea.title}")
    venue = chance.choice(venues)
    vendor = venue.get_parent().specific.vendor
    start, end = _when(number, idea.kind, ZoneInfo(venue.timezone), chance)
    line = f"{start:%a} {start.day} {start:%b %Y}   {venue.title}"
    event = create_event(
        vendor,
        title=idea.title,
        type=EventType.objects.get(slug=idea.kind),
        start=start,
        end=end,
        doors=start - timedelta(minutes=60),
        venue=venue,
        artists=[artists[name] for name in idea.artists],
        summary=chance.choice(programme.SUMMARIES[idea.kind]),
        policies=programme.POLICIES,
        age_limit=16 if idea.kind == "concert" and chance.random() < 0.3 else None,
        body=[*_body(idea.kind, start, chance), *_photos(vendor, idea.title, end)],
        image=_picture(vendor, idea.title, posters.poster(idea.title, title=idea.title, line=line, kind=idea.kind)),
        publish=True,
    )
    if number % 31 == 30:
        cancel_event(event)
    return event


def _photos(vendor: Vendor, title: str, end: datetime) -> list[tuple[str, object]]:
    """What is over shows how it was."""
    if end > now():
        return []
    pictures = [_picture(vendor, f"{title}, {number}", posters.scene(f"{title} {number}")) for number in range(1, 4)]
    for picture in pictures:
        picture.contextual_alt_text, picture.decorative = f"The audience at {title}", False
    return [("gallery", pictures)]


def _when(number: int, kind: str, zone: ZoneInfo, chance: random.Random) -> tuple[datetime, datetime]:
    day = localdate() + timedelta(days=FIRST_DAY + number * (LAST_DAY - FIRST_DAY) // EVENTS)
    hour, hours = {"conference": (9, 9), "workshop": (11, 4), "festival": (14, 9), "gaming": (12, 10)}.get(
        kind, (20, 3)
    )
    start = datetime.combine(day, time(hour, chance.choice([0, 0, 30])), zone)
    return start, start + timedelta(hours=hours + (48 if kind == "festival" and chance.random() < 0.4 else 0))


def _body(kind: str, start: datetime, chance: random.Random) -> list[tuple[str, object]]:
    first, second = programme.TEXTS[kind]
    text, source = chance.choice(programme.QUOTES)
    hour = start.hour
    items = [
        {"time": time(max(hour - 1, 0), 0), "title": "Doors", "place": "Foyer"},
        {"time": time(hour, start.minute), "title": "First part", "place": ""},
        {"time": time(min(hour + 2, 23), 0), "title": "Second part", "place": ""},
    ]
    return [
        ("text", RichText(f"<p>{first}</p><p>{second}</p>")),
        ("programme", {"day": start.date(), "items": items}),
        ("quote", {"text": text, "source": source}),
        ("faq", [{"question": question, "answer": RichText(answer)} for question, answer in programme.FAQ]),
    ]
