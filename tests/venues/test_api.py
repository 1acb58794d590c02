"""GET /events, /venues and /artists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.plugins import registering
from tests.factories import make_artist, make_event, make_image, make_vendor, make_venue
from venues import extensions
from venues.services import listing
from venues.services.events import unpublish_event

pytestmark = pytest.mark.django_db


def results(client: Any, query: str = "") -> list[str]:
    response = client.get(f"/api/v1/events{query}")
    assert response.status_code == 200, response.content
    return [row["title"] for row in response.json()["results"]]


def test_an_event_in_the_list_says_all_that_a_card_shows(client: Any) -> None:
    vendor = make_vendor(name="Night Owls")
    venue = make_venue(title="Pleyel", city="Paris", country="FR", timezone="Europe/Paris")
    artist = make_artist(title="Arca")
    start = datetime(2031, 7, 3, 18, 30, tzinfo=UTC)
    event = make_event(
        vendor,
        title="Night",
        venue=venue,
        timezone="",
        start=start,
        end=start + timedelta(hours=2),
        artists=[artist],
        image=make_image(vendor),
    )
    listing.set_sales(event.pk, price_from=2500, currency="EUR", availability="few")
    (row,) = client.get("/api/v1/events").json()["results"]
    image = row.pop("image")
    assert image.startswith(f"{settings.BASE_URL}/media/")
    assert row == {
        "id": str(event.pk),
        "title": "Night",
        "summary": "",
        "url": f"{settings.BASE_URL}/vendors/night-owls/night/",
        "type": "concert",
        "start": "2031-07-03T20:30:00+02:00",
        "end": "2031-07-03T22:30:00+02:00",
        "timezone": "Europe/Paris",
        "venue": {"id": str(venue.pk), "name": "Pleyel", "city": "Paris"},
        "artists": [{"id": str(artist.pk), "name": "Arca"}],
        "price_from": {"amount": 2500, "currency": "EUR"},
        "availability": "few",
        "canceled": False,
        "vendor": {"id": str(vendor.pk), "name": "Night Owls"},
    }


def test_every_parameter_filters(client: Any) -> None:
    venue, artist, vendor = make_venue(title="Hall", city="Köln"), make_artist(title="Nina"), make_vendor()
    event = make_event(vendor, title="Wanted", venue=venue, artists=[artist], type="gaming", days=40)
    make_event(title="Other", days=30)
    listing.set_sales(event.pk, price_from=0, currency="EUR", availability="available")
    day = event.start.date().isoformat()
    for query in (
        "search=nina",
        "type=gaming",
        "price_min=0",
        "price_max=0",
        f"date_from={day}",
        f"venue={venue.pk}",
        f"artist={artist.pk}",
        f"vendor={vendor.pk}",
        "city=k%C3%B6ln" if connection.vendor == "postgresql" else "city=K%C3%B6ln",
        "available=true",
        "free=true",
    ):
        assert results(client, f"?{query}") == ["Wanted"], query
    assert results(client, "?sort=-date") == ["Wanted", "Other"]
    assert results(client, "?date_to=2000-01-01") == []


def test_a_list_goes_through_all_events_in_pages(client: Any) -> None:
    for number in range(7):
        event = make_event(title=f"E{number}", days=number + 1)
        if number % 2:
            listing.set_sales(event.pk, price_from=1000 * (number % 3), currency="EUR", availability="available")
    for sort in ("date", "-date", "price_asc", "price_desc", "popularity", "newest"):
        seen, address = [], f"/api/v1/events?limit=2&sort={sort}"
        while address:
            page = client.get(address).json()
            seen += [row["title"] for row in page["results"]]
            address = page["next"]
        assert (sorted(seen), len(seen)) == ([f"E{number}" for number in range(7)], 7), sort
        assert seen == results(client, f"?sort={sort}")


@pytest.mark.parametrize(
    "query",
    [
        "type=nonsense",
        "price_min=-1",
        "price_min=1.5",
        "price_max=99999999999999999999999",
        "date_from=tomorrow",
        "date_from=2031-05-02&date_to=2031-05-01",
        "price_min=5&price_max=4",
        "venue=abc",
        "artist=-1",
        "vendor=99999999999999999999999",
        "available=maybe",
        "free=2",
        "sort=random",
        "limit=0",
        "limit=101",
        "search=%00",
        "city=%00",
        "search=" + "x" * 201,
    ],
)
def test_invalid_values_are_named(client: Any, query: str) -> None:
    response = client.get(f"/api/v1/events?{query}")
    assert (response.status_code, response["Content-Type"]) == (422, "application/problem+json")
    assert response.json()["errors"][0]["pointer"].lstrip("/") in query


def test_an_unknown_parameter_is_named(client: Any) -> None:
    response = client.get("/api/v1/events?colour=red")
    assert (response.status_code, response.json()["code"]) == (400, "unknown-parameter")
    assert "colour" in response.json()["detail"]


def test_one_query_a_page(client: Any) -> None:
    for number in range(5):
        make_event(days=number + 1)
    client.get("/api/v1/events")
    with CaptureQueriesContext(connection) as queries:
        assert len(results(client, "?search=event&sort=price_asc&limit=5")) == 5
    assert len(queries) == 1


def test_lists_may_be_kept_and_asked_for_again(client: Any) -> None:
    make_event()
    response = client.get("/api/v1/events")
    assert "public" in response["Cache-Control"]
    assert client.get("/api/v1/events", headers={"If-None-Match": response["ETag"]}).status_code == 304


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_events_are_not_written_here_yet(client: Any, method: str) -> None:
    event = make_event()
    for address in ("/api/v1/events", f"/api/v1/events/{event.pk}"):
        response = getattr(client, method)(address)
        assert (response.status_code, response.json()["code"]) == (405, "method-not-allowed")


# ---- one event


def test_one_event_says_what_its_page_says(client: Any) -> None:
    event = make_event(title="Night", body="<p>Come <b>early</b></p>", policies="<p>No dogs</p>", age_limit=16)
    found = client.get(f"/api/v1/events/{event.pk}").json()
    assert (found["title"], found["age_limit"], found["published"], found["doors"]) == ("Night", 16, True, None)
    assert "<p>Come <b>early</b></p>" in found["body"]
    assert "No dogs" in found["policies"]["text"]
    assert {"ticket_types", "payment_methods", "gallery"} <= set(found)


def test_other_apps_add_to_it(client: Any) -> None:
    event = make_event()
    with registering("tests.details"):
        extensions.event_details.add(
            "tests.details", lambda page: {"policies": {"smoking": "none"}, "gallery": [{"of": page.pk}]}
        )
    try:
        found = client.get(f"/api/v1/events/{event.pk}").json()
    finally:
        extensions.event_details.discard_owner("tests.details")
    assert (found["policies"]["smoking"], found["policies"]["text"]) == ("none", "")
    assert found["gallery"] == [{"of": event.pk}]


def test_a_draft_is_there_for_its_vendor_alone(
    adas: Any, ada: Any, cleo: Any, ben: Any, client: Any, api_of: Any
) -> None:
    address = f"/api/v1/events/{adas.draft.pk}"
    strangers = [client, api_of(cleo), api_of(ben)]
    assert [stranger.get(address).status_code for stranger in strangers] == [404, 404, 404]
    response = api_of(ada).get(address)
    assert (response.status_code, response.json()["title"], response.json()["published"]) == (
        200,
        "SECRET event",
        False,
    )
    assert "public" not in response["Cache-Control"]


def test_an_unpublished_event_is_gone_from_the_list_and_404(client: Any) -> None:
    event = make_event()
    unpublish_event(event)
    assert results(client) == []
    assert client.get(f"/api/v1/events/{event.pk}").status_code == 404


def test_a_deleted_event_is_410_and_a_deleted_draft_404(client: Any) -> None:
    event, draft = make_event(), make_event(publish=False)
    ids = (event.pk, draft.pk)
    event.delete()
    draft.delete()
    assert [client.get(f"/api/v1/events/{pk}").status_code for pk in ids] == [410, 404]


@pytest.mark.parametrize("name", ["0", "4711", "abc", "-1", "1.5", "9" * 40, "%00", "٣"])
@pytest.mark.parametrize("kind", ["events", "venues", "artists"])
def test_ids_that_name_nothing_are_404(client: Any, kind: str, name: str) -> None:
    response = client.get(f"/api/v1/{kind}/{name}")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


# ---- venues and artists


def test_venues_are_listed_searched_and_described(client: Any, adas: Any) -> None:
    venue = make_venue(title="Tonhalle", city="Zürich", latitude="47.36600", longitude="8.53700", capacity=1400)
    found = client.get("/api/v1/venues").json()["results"]
    assert [row["name"] for row in found] == ["Open venue", "Tonhalle"]
    assert [row["name"] for row in client.get("/api/v1/venues?search=ton&city=Z%C3%BCrich").json()["results"]] == [
        "Tonhalle"
    ]
    one = client.get(f"/api/v1/venues/{venue.pk}").json()
    assert (one["coordinates"], one["capacity"], one["areas"]) == ({"latitude": 47.366, "longitude": 8.537}, 1400, [])


def test_artists_are_listed_searched_and_described(client: Any, adas: Any) -> None:
    artist = make_artist(title="Nina", genres="jazz, soul")
    assert [row["name"] for row in client.get("/api/v1/artists").json()["results"]] == ["Nina", "Open artist"]
    one = client.get(f"/api/v1/artists/{artist.pk}").json()
    assert (one["name"], one["genres"], one["links"]) == ("Nina", ["jazz", "soul"], [])


def test_drafts_of_venues_and_artists_are_404(client: Any, adas: Any, ada: Any) -> None:
    assert client.get(f"/api/v1/venues/{adas.venue_draft.pk}").status_code == 404
    assert client.get(f"/api/v1/artists/{adas.artist_draft.pk}").status_code == 404
