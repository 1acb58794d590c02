"""Any search as iCalendar, JSON Feed and RSS."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import feedparser
import pytest
from django.conf import settings
from django.test import Client
from freezegun import freeze_time
from icalendar import Calendar

from tests.factories import make_event, make_ticket_type, make_venue
from tests.security.hostile import TEXTS
from tests.venues.sharing.conftest import HOSTILE
from venues.models import EventListing
from venues.services import listing
from venues.services.events import cancel_event, update_event
from venues.sharing import feeds

pytestmark = pytest.mark.django_db
FORMATS = ("ics", "json", "rss")
TYPES = {"ics": "text/calendar", "json": "application/feed+json", "rss": "application/rss+xml"}


@pytest.fixture
def three() -> dict[str, Any]:
    """Jazz in Berlin for €10, chess in Lisbon for nothing, and jazz that is over."""
    berlin, lisbon = make_venue(city="Berlin"), make_venue(city="Lisbon", timezone="Europe/Lisbon")
    found = {
        "Jazz": make_event(title="Jazz", venue=berlin, days=3),
        "Chess": make_event(title="Chess", venue=lisbon, type="gaming", days=2),
        "Past": make_event(title="Past jazz", venue=berlin, days=-9),
    }
    for title, price in (("Jazz", 1000), ("Chess", 0)):
        listing.set_sales(found[title].pk, price_from=price, currency="EUR", availability="available")
    return found


def titles(client: Client, form: str, query: str = "") -> list[str]:
    answer = client.get(f"/events.{form}{query}")
    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (200, TYPES[form])
    if form == "ics":
        return [str(event["summary"]) for event in Calendar.from_ical(answer.content).walk("VEVENT")]
    if form == "json":
        return [item["title"] for item in json.loads(answer.content)["items"]]
    return [entry.title for entry in feedparser.parse(answer.content).entries]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "query",
    [
        "?sort=date",
        "?sort=-date",
        "?search=jazz&sort=date",
        "?city=lisbon",
        "?type=gaming",
        "?free=on",
        "?price_min=5&price_max=10.50",
        "?available=on&sort=price_desc",
        "?date_from=2000-01-01&sort=date",
        "?search=nothing",
        "?search=&city=&sort=date",
    ],
)
def test_a_feed_holds_what_the_browse_page_and_the_api_show(client: Client, three: Any, form: str, query: str) -> None:
    page = client.get(f"/events/{query}").context["page_obj"]
    assert titles(client, form, query) == [row.title for row in page]
    in_cents = query.replace("price_min=5&price_max=10.50", "price_min=500&price_max=1050").replace("&city=", "")
    api = client.get(f"/api/v1/events{in_cents}")
    assert [row["title"] for row in api.json()["results"]] == [row.title for row in page]


def test_readers_of_news_get_what_is_new_first_and_calendars_what_is_next(client: Client, three: Any) -> None:
    EventListing.objects.filter(title="Jazz").update(published_at=datetime(2030, 1, 1, tzinfo=UTC))
    assert [titles(client, form) for form in FORMATS] == [["Chess", "Jazz"], ["Jazz", "Chess"], ["Jazz", "Chess"]]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("query", "status", "code", "says"),
    [
        ("?colour=red&page=2", 400, "unknown-parameter", "Unknown query parameter: colour, page."),
        ("?date_from=yesterday", 422, "invalid-input", "date_from: Enter a valid date."),
        (
            "?type=opera",
            422,
            "invalid-input",
            "type: Select a valid choice. opera is not one of the available choices.",
        ),
        ("?price_max=cheap", 422, "invalid-input", "price_max: Enter a number."),
        ("?venue=12a", 422, "invalid-input", "venue: Enter a whole number."),
        ("?sort=best", 422, "invalid-input", "sort: Select a valid choice. best is not one of the available choices."),
        (
            "?date_from=2030-01-02&date_to=2030-01-01",
            422,
            "invalid-input",
            "date_to: The last day is before the first.",
        ),
        ("?search=%00", 422, "invalid-input", "search: Null characters are not allowed."),
    ],
)
def test_bad_input_is_named(client: Client, form: str, query: str, status: int, code: str, says: str) -> None:
    answer = client.get(f"/events.{form}{query}")
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert (answer.json()["code"], answer.json()["detail"]) == (code, says)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_value_is_a_fault(client: Client, concert: Any, text: str) -> None:
    names = (
        "search",
        "type",
        "city",
        "venue",
        "artist",
        "vendor",
        "date_from",
        "price_max",
        "available",
        "free",
        "sort",
        text,
    )
    asked = [("/events.json", name) for name in names]
    asked += [("/oembed", name) for name in ("url", "format", "maxwidth", "maxheight")]
    asked += [(f"/embed/events/{concert.pk}/", name) for name in ("theme", "via", "type-1")]
    for path, name in asked:
        status = client.get(
            path, {"url": concert.full_url, name: text} if path == "/oembed" else {name: text}
        ).status_code
        assert status in (200, 400, 404, 422, 501), (path, name)


@pytest.mark.parametrize("form", FORMATS)
def test_a_feed_may_be_kept_and_asked_for_again(client: Client, three: Any, form: str) -> None:
    first = client.get(f"/events.{form}")
    assert (first["Cache-Control"], first["Access-Control-Allow-Origin"]) == ("public, max-age=300", "*")
    assert (dict(first.cookies), "Cookie" in first.get("Vary", "")) == ({}, False)
    again = client.get(f"/events.{form}", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    head = client.head(f"/events.{form}")
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", first["ETag"])
    assert int(head["Content-Length"]) == len(first.content)
    update_event(three["Jazz"], title="More jazz")
    assert client.get(f"/events.{form}", headers={"If-None-Match": first["ETag"]}).status_code == 200
    assert client.post(f"/events.{form}").status_code == 405


@pytest.mark.parametrize("form", FORMATS)
def test_a_feed_is_bounded_and_takes_few_queries(
    client: Client, three: Any, form: str, monkeypatch: Any, django_assert_max_num_queries: Any
) -> None:
    client.get(f"/events.{form}")
    with django_assert_max_num_queries(1):
        assert len(titles(client, form)) == 2
    monkeypatch.setattr("venues.views.sharing.MOST", 1)
    assert len(titles(client, form)) == 1


@pytest.mark.parametrize("form", FORMATS)
def test_what_nobody_may_see_is_in_no_feed(client: Client, hidden: Any, cleo: Any, browser_of: Any, form: str) -> None:
    for visitor in (client, browser_of(cleo)):
        assert titles(visitor, form, "?date_from=2000-01-01") == ["Tidewater Tour"]
        assert [visitor.get(f"/events/{event.pk}.ics").status_code for event in hidden] == [404, 404, 404]


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_words_stay_words(client: Client, form: str) -> None:
    title = f"{HOSTILE}\r\nBEGIN:VALARM\n;,\\"
    event = make_event(title="x", venue=make_venue(title=HOSTILE, city=HOSTILE[:90]), summary=HOSTILE)
    EventListing.objects.filter(pk=event.pk).update(title=title)
    [found] = titles(client, form, "?sort=date")
    said = title if form == "json" else title.replace("\x0b", "")
    assert found.split() == said.split()
    answer = client.get(f"/events.{form}")
    if form == "ics":
        assert Calendar.from_ical(answer.content).walk("VALARM") == []
    if form == "rss":
        assert not feedparser.parse(answer.content).bozo


# ---- each by its own rules


def entry_of(client: Client, event: Any) -> Any:
    [entry] = Calendar.from_ical(client.get(f"/events/{event.pk}.ics").content).walk("VEVENT")
    return entry


def test_a_calendar_is_in_the_venue_s_zone(client: Client, ada_vendor: Any) -> None:
    venue = make_venue(title="Teatro", city="Lisbon", timezone="Europe/Lisbon")
    start = datetime(2030, 7, 6, 20, 30, tzinfo=ZoneInfo("Europe/Lisbon"))
    event = make_event(ada_vendor, venue=venue, start=start, end=start + timedelta(hours=2), timezone="")
    calendar = Calendar.from_ical(client.get("/events.ics").content)
    [entry] = calendar.walk("VEVENT")
    assert (entry["dtstart"].dt, entry["dtstart"].params["TZID"]) == (start, "Europe/Lisbon")
    assert [zone["tzid"] for zone in calendar.walk("VTIMEZONE")] == ["Europe/Lisbon"]
    assert (entry["location"], entry["url"]) == ("Teatro, Lisbon", event.full_url)
    assert (calendar["version"], calendar["method"], calendar["refresh-interval"].dt) == (
        "2.0",
        "PUBLISH",
        feeds.REFRESH,
    )
    assert client.get(f"/events/{event.pk}.ics")["Content-Type"] == "text/calendar; charset=utf-8"


def test_an_entry_keeps_its_uid_and_its_sequence_rises(client: Client, ada_vendor: Any) -> None:
    with freeze_time("2030-01-01 10:00"):
        event = make_event(ada_vendor, venue=make_venue(ada_vendor))
    first = entry_of(client, event)
    with freeze_time("2030-01-02 10:00"):
        update_event(event, title="Moved")
    second = entry_of(client, event)
    with freeze_time("2030-01-03 10:00"):
        event.venue.title = "Elsewhere"
        event.venue.save_revision().publish()
    third = entry_of(client, event)
    with freeze_time("2030-01-04 10:00"):
        cancel_event(event)
    last = entry_of(client, event)
    host = urlsplit(settings.BASE_URL).hostname
    assert {str(entry["uid"]) for entry in (first, second, third, last)} == {f"event-{event.pk}@{host}"}
    day = 24 * 60
    rises = [entry["sequence"] - first["sequence"] for entry in (first, second, third, last)]
    assert rises == [0, day, 2 * day, 3 * day + 1]
    assert [str(entry["status"]) for entry in (first, last)] == ["CONFIRMED", "CANCELLED"]
    listing.refresh(event)
    assert entry_of(client, event)["sequence"] == last["sequence"]


def test_a_json_feed_is_one(client: Client, concert: Any) -> None:
    make_ticket_type(concert)
    feed = json.loads(client.get("/events.json?search=tide").content)
    assert (feed["version"], feed["title"]) == ("https://jsonfeed.org/version/1.1", "What's on: tide")
    assert feed["home_page_url"] == f"{settings.BASE_URL}/events/?search=tide"
    assert feed["feed_url"] == f"{settings.BASE_URL}/events.json?search=tide"
    [item] = feed["items"]
    # https://www.jsonfeed.org/version/1.1/: ids are text, content is one of two, dates have offsets, own members a "_"
    assert (isinstance(item["id"], str), item["url"], item["image"][-4:]) == (True, concert.full_url, ".png")
    assert "Kulturwerft, Berlin" in item["content_text"]
    assert all(datetime.fromisoformat(item[name]).tzinfo for name in ("date_published", "date_modified"))
    assert (item["authors"], item["tags"]) == ([{"name": "Ada's Hall"}], ["concert"])
    assert item["_event"] == client.get("/api/v1/events").json()["results"][0]
    known = {
        "id",
        "url",
        "title",
        "content_text",
        "summary",
        "image",
        "date_published",
        "date_modified",
        "authors",
        "tags",
    }
    assert {name for name in item if not name.startswith("_")} - known == set()


def test_an_rss_feed_is_one(client: Client, concert: Any) -> None:
    answer = client.get("/events.rss?city=Berlin")
    read = feedparser.parse(answer.content)
    assert (read.bozo, read.version, read.feed.title) == (False, "rss20", "What's on: Berlin")
    assert read.feed.link == f"{settings.BASE_URL}/events/?city=Berlin"
    assert [link.href for link in read.feed.links if link.rel == "self"] == [
        f"{settings.BASE_URL}/events.rss?city=Berlin"
    ]
    [entry] = read.entries
    assert (entry.link, entry.guidislink, entry.id) == (
        concert.full_url,
        False,
        f"event-{concert.pk}@{urlsplit(settings.BASE_URL).hostname}",
    )
    assert (entry.tags[0].term, "Loud." in entry.description) == ("concert", True)


def test_the_browse_page_leads_to_the_feeds_of_its_search(client: Client, three: Any) -> None:
    html = client.get("/events/?search=jazz&city=Berlin&page=1&utm_source=x").content.decode()
    query = "?search=jazz&amp;city=Berlin"
    for form, kind in TYPES.items():
        assert f'<link rel="alternate" type="{kind}" href="/events.{form}{query}"' in html
    assert f'href="webcal://{urlsplit(settings.BASE_URL).netloc}/events.ics{query}"' in html
    assert f'<a href="/events.rss{query}">' in html
    assert client.get("/events.ics?search=jazz&city=Berlin").status_code == 200
    wrong = client.get("/events/?date_from=never").content.decode()
    assert "events.ics" not in wrong
