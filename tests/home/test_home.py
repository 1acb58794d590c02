"""The front page."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from home.models import HomePage, Pick, PlainPage
from home.queries import front, weekend
from home.services import ensure_home
from tests.factories import make_event, make_venue
from venues.services import listing
from venues.services.events import cancel_event, unpublish_event

pytestmark = pytest.mark.django_db


def test_the_front_page_is_the_sites_root_and_stays_it(client: Any) -> None:
    home = HomePage.objects.get()
    assert (home.depth, home.get_url(), client.get("/").status_code) == (2, "/", 200)
    home.title = "Our house"
    home.save()
    assert (ensure_home().pk, HomePage.objects.get().title) == (home.pk, "Our house")


@pytest.mark.parametrize(
    ("today", "days"),
    [
        (date(2026, 11, 23), (date(2026, 11, 27), date(2026, 11, 29))),
        (date(2026, 11, 27), (date(2026, 11, 27), date(2026, 11, 29))),
        (date(2026, 11, 28), (date(2026, 11, 28), date(2026, 11, 29))),
        (date(2026, 11, 29), (date(2026, 11, 29), date(2026, 11, 29))),
    ],
)
def test_the_weekend_is_friday_to_sunday(today: date, days: tuple[date, date]) -> None:
    assert weekend(today) == days


def test_the_front_page_shows_what_is_on(client: Any) -> None:
    venue = make_venue(city="Lyon")
    make_event(title="Far", days=20, venue=venue)
    make_event(title="Farther", days=30)
    cancel_event(make_event(title="Off", days=12))
    make_event(title="Over", days=-3)
    context = client.get("/").context
    assert [row.title for row in context["soon"]] == ["Far", "Farther"]
    assert (context["weekend"], context["cities"]) == ([], ["Lyon"])
    assert len(context["types"]) == 8


def test_picks_come_in_the_editors_order_and_only_while_they_are_on() -> None:
    first, second, gone = make_event(title="First"), make_event(title="Second", days=2), make_event(title="Gone")
    home = HomePage.objects.get()
    home.picks = [Pick(event=event, sort_order=place) for place, event in enumerate((second, gone, first))]
    home.save()
    unpublish_event(gone)
    assert [row.title for row in front([pick.event_id for pick in home.picks.all()])["picks"]] == ["Second", "First"]


def test_without_picks_what_most_people_go_to_and_can_be_bought_is_shown() -> None:
    for title, days, availability, sold in (
        ("Few", 30, "available", 2),
        ("Many", 40, "few", 90),
        ("Gone", 5, "sold_out", 99),
    ):
        sales = {"price_from": 1, "currency": "EUR", "availability": availability, "popularity": sold}
        listing.set_sales(make_event(title=title, days=days).pk, **sales)
    assert [row.title for row in front([])["picks"]] == ["Many", "Few"]


def test_a_picked_event_can_be_deleted() -> None:
    event = make_event()
    Pick.objects.create(page=HomePage.objects.get(), event=event)
    event.delete()
    assert Pick.objects.count() == 0


def test_the_lists_take_three_queries_and_the_badges_one() -> None:
    for day in range(12):
        make_event(days=day + 1)
    front([])
    with CaptureQueriesContext(connection) as queries:
        front([])
    assert len(queries) <= 4


def test_plain_pages_are_served(client: Any) -> None:
    page = HomePage.objects.get().add_child(
        instance=PlainPage(title="Help", body=[("quote", {"text": "Ask us.", "source": ""})])
    )
    response = client.get(page.get_url())
    assert response.status_code == 200
    assert "Ask us." in response.content.decode()
