"""Browse: filters, order, pages, and how few queries it takes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from portal.plugins import registering
from tests.factories import make_artist, make_event, make_vendor, make_venue
from venues import extensions
from venues.demo.bulk import add_events
from venues.extensions import Badge
from venues.models import EventIndexPage, EventListing, EventPage
from venues.queries import SORTS, browse
from venues.services import listing
from venues.services.events import cancel_event

pytestmark = pytest.mark.django_db


def titles(**params: Any) -> list[str]:
    return [row.title for row in browse(params)]


def priced(
    title: str, price: int | None, availability: str = "available", popularity: int = 0, **fields: Any
) -> EventPage:
    event = make_event(title=title, **fields)
    listing.set_sales(event.pk, price_from=price, currency="EUR", availability=availability, popularity=popularity)
    return event


@pytest.fixture
def four() -> dict[str, EventPage]:
    vendor = make_vendor()
    hall = make_venue(title="Hall", city="Berlin")
    club = make_venue(title="Club", city="Hamburg")
    nina = make_artist(title="Nina")
    return {
        "free": priced("Free", 0, vendor=vendor, days=4, venue=hall, type="workshop", popularity=1),
        "cheap": priced("Cheap", 900, vendor=vendor, days=3, venue=club, artists=[nina], popularity=9),
        "dear": priced("Dear", 5000, "sold_out", vendor=vendor, days=2, venue=hall, artists=[nina], popularity=4),
        "later": priced("Later", None, "not_on_sale", vendor=vendor, days=1, type="gaming"),
    }


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("date", ["Later", "Dear", "Cheap", "Free"]),
        ("-date", ["Free", "Cheap", "Dear", "Later"]),
        ("price_asc", ["Free", "Cheap", "Dear", "Later"]),
        ("price_desc", ["Dear", "Cheap", "Free", "Later"]),
        ("popularity", ["Cheap", "Dear", "Free", "Later"]),
        ("newest", ["Later", "Dear", "Cheap", "Free"]),
    ],
)
def test_order(four: Any, sort: str, expected: list[str]) -> None:
    assert titles(sort=sort) == expected


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"type": "gaming"}, ["Later"]),
        ({"price_min": 1}, ["Dear", "Cheap"]),
        ({"price_max": 900}, ["Cheap", "Free"]),
        ({"price_min": 900, "price_max": 900}, ["Cheap"]),
        ({"free": True}, ["Free"]),
        ({"available": True}, ["Cheap", "Free"]),
        ({"available": False, "free": False}, ["Later", "Dear", "Cheap", "Free"]),
        ({"city": "berlin"}, ["Dear", "Free"]),
        ({"search": "nina"}, ["Dear", "Cheap"]),
        ({"search": "hall free"}, ["Free"]),
        ({"venue": 4711}, []),
        ({"artist": 4711}, []),
        ({"vendor": 4711}, []),
    ],
)
def test_filters(four: Any, params: dict[str, Any], expected: list[str]) -> None:
    assert titles(**params) == expected


def test_filters_by_id(four: Any) -> None:
    dear = four["dear"]
    assert titles(venue=dear.venue_id) == ["Dear", "Free"]
    assert titles(artist=dear.lineup.get().artist_id) == ["Dear", "Cheap"]
    assert titles(vendor=EventListing.objects.first().vendor_id) == ["Later", "Dear", "Cheap", "Free"]


def test_only_what_is_not_over_unless_a_day_is_asked_for() -> None:
    make_event(title="Over", days=-2)
    make_event(title="Running", start=now() - timedelta(hours=1), end=now() + timedelta(hours=1))
    assert titles() == ["Running"]
    assert titles(date_from=date(2000, 1, 1)) == ["Over", "Running"]


def test_days_are_those_of_the_venue() -> None:
    """Half past eleven in the evening of the 3rd in New York is the 4th in UTC."""
    start = datetime(2031, 5, 4, 3, 30, tzinfo=UTC)
    make_event(title="Late", timezone="America/New_York", start=start, end=start + timedelta(hours=1))
    third, fourth = date(2031, 5, 3), date(2031, 5, 4)
    assert titles(date_from=third, date_to=third) == ["Late"]
    assert titles(date_from=fourth) == []


def test_a_festival_is_found_on_each_of_its_days() -> None:
    start = datetime(2031, 5, 3, 10, 0, tzinfo=UTC)
    make_event(title="Fest", timezone="UTC", start=start, end=start + timedelta(days=2))
    assert titles(date_from=date(2031, 5, 4), date_to=date(2031, 5, 4)) == ["Fest"]


def test_what_is_canceled_is_not_available() -> None:
    event = priced("Off", 100)
    cancel_event(event)
    assert (titles(), titles(available=True)) == (["Off"], [])


# ---- the site's page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("price_max=20", ["Dinar", "Euro"]),
        ("price_min=20", ["Euro", "Yen"]),
        ("price_min=20.01", ["Yen"]),
        ("price_max=19.99", ["Dinar"]),
        ("price_min=12.34&price_max=12.35", ["Dinar"]),
        ("price_min=12.35&price_max=12.35", []),
        ("price_min=2000.00&price_max=2000", ["Yen"]),
        ("price_min=2000.01", []),
        ("price_max=0", []),
    ],
)
def test_prices_are_typed_in_whole_units_of_each_events_currency(client: Any, query: str, expected: list[str]) -> None:
    """A euro has 100 cents, a dinar 1,000 fils, and a yen nothing smaller."""
    for title, price, currency in (("Euro", 2000, "EUR"), ("Yen", 2000, "JPY"), ("Dinar", 12345, "KWD")):
        listing.set_sales(make_event(title=title).pk, price_from=price, currency=currency, availability="few")
    assert sorted(row.title for row in client.get(f"/events/?{query}").context["page_obj"]) == expected


def test_the_page_keeps_what_was_asked_and_shows_what_was_found(client: Any, four: Any) -> None:
    context = client.get("/events/?price_max=9.00&sort=price_desc").context
    assert [row.title for row in context["page_obj"]] == ["Cheap", "Free"]
    assert (context["total"], context["filters"]["price_max"].value()) == (2, "9.00")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("price_min=abc", "price_min"),
        ("price_min=-1", "price_min"),
        ("price_max=1e400", "price_max"),
        ("price_max=NaN", "price_max"),
        ("date_from=31.12.2031x", "date_from"),
        ("date_from=2031-02-30", "date_from"),
        ("type=nonsense", "type"),
        ("sort=random", "sort"),
        ("venue=x", "venue"),
        ("venue=99999999999999999999999", "venue"),
        ("artist=-5", "artist"),
        ("search=" + "x" * 201, "search"),
        ("date_from=2031-05-02&date_to=2031-05-01", "date_to"),
        ("price_min=10&price_max=5", "price_max"),
    ],
)
def test_nonsense_is_a_forms_error_and_never_a_failure(client: Any, four: Any, query: str, field: str) -> None:
    response = client.get(f"/events/?{query}")
    assert response.status_code == 200
    assert list(response.context["filters"].errors) == [field]


@pytest.mark.parametrize(
    "query", ["search=%00", "search=%27%22%3B--", "search=%F0%9F%8E%B8", "search=AND+OR+NOT", "search=*", "city=%00"]
)
def test_hostile_words_find_nothing(client: Any, four: Any, query: str) -> None:
    response = client.get(f"/events/?{query}")
    assert (response.status_code, response.context["total"]) in {(200, 0), (200, 4)}


@pytest.mark.parametrize("number", ["0", "-1", "x", "99", "99999999999999999999", "1.5", "٣"])
def test_a_page_that_is_not_there_is_404(client: Any, four: Any, number: str) -> None:
    assert client.get("/events/", {"page": number}).status_code == 404


def test_pages_follow_one_another(client: Any) -> None:
    many(60)
    first, last = client.get("/events/").context["page_obj"], client.get("/events/?page=3").context["page_obj"]
    assert (len(first), first.has_next(), first.has_previous(), first.paginator.count) == (24, True, False, 60)
    assert (len(last), last.has_next(), last.has_previous()) == (12, False, True)


def test_a_renamed_index_is_served_at_its_new_address(client: Any) -> None:
    page = EventIndexPage.objects.get()
    page.slug = "whats-on"
    page.save_revision().publish()
    assert client.get("/whats-on/").status_code == 200
    assert client.get("/events/").status_code == 404


@pytest.fixture
def badges() -> Any:
    """A source of badges with one query of its own, as marketplace's is."""

    def source(listings: Any) -> dict[int, list[Badge]]:
        ids = EventListing.objects.filter(pk__in=[row.pk for row in listings]).values_list("pk", flat=True)
        return {pk: [Badge("New")] for pk in ids}

    with registering("tests.badges"):
        extensions.badges.add("tests.badges", source)
    yield
    extensions.badges.discard_owner("tests.badges")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_three_queries_a_page_however_many_events_there_are(client: Any, badges: Any) -> None:
    few = {query: queries_of(client, query) for query in filters_of(many(300))}
    event = many(10_000)
    assert {query: queries_of(client, query) for query in filters_of(event)} == few
    assert max(few.values()) <= 3
    EventListing.objects.update(price_from=0)
    assert queries_of(client, "free=on") <= 3


def filters_of(event: EventPage) -> list[str]:
    """Every filter and order alone, and many together; each finds most events."""
    day = now().date() - timedelta(days=400)
    filters = [
        "search=event",
        "search=event+hall+berlin",
        "type=concert",
        "price_min=0.01",
        "price_max=1000000",
        f"date_from={day}",
        f"date_to={day + timedelta(days=2000)}",
        f"venue={event.venue_id}",
        f"artist={event.lineup.get().artist_id}",
        f"vendor={event.listing.vendor_id}",
        "city=berlin",
        "available=on",
    ]
    return ["", "page=5", *filters, *(f"sort={name}" for name in SORTS), "&".join([*filters, "sort=price_asc"])]


def queries_of(client: Any, query: str) -> int:
    """How many queries the page takes; the choices of type and city, and what is promoted, are kept for a minute."""
    client.get("/events/?search=once&sort=newest")
    with CaptureQueriesContext(connection) as queries:
        response = client.get(f"/events/?{query}")
    assert response.context["total"] > 200, query
    assert [badge.text for row in response.context["page_obj"] for badge in row.badges] == ["New"] * 24
    return len(queries)


def many(wanted: int) -> EventPage:
    """Fill the site up to `wanted` events in Berlin with tickets on sale; one of them."""
    if not EventPage.objects.exists():
        make_event(venue=make_venue(), artists=[make_artist()], days=30)
    add_events(wanted - EventPage.objects.count())
    EventListing.objects.update(price_from=F("event_id"), currency="EUR", availability="available")
    return EventPage.objects.earliest("pk")
