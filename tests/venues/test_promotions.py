"""Promoted search results: what staff choose in the admin stands above the search's own results."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.contrib.search_promotions.models import SearchPromotion
from wagtail.models import PageViewRestriction
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from tests.factories import make_event, make_venue
from venues.services.events import unpublish_event

pytestmark = pytest.mark.django_db

NOTHING = {"page": "", "external_link_url": "", "external_link_text": "", "description": ""}


@pytest.fixture
def promote(sam: Any, browser_of: Any) -> Any:
    """``promote("jazz", {"page": 7}, …)`` promotes that for "jazz", as staff do it."""

    def add(words: str, *picks: dict[str, Any]) -> None:
        picked = [{**NOTHING, **pick, "ORDER": place} for place, pick in enumerate(picks, start=1)]
        data = nested_form_data({"query_string": words, "editors_picks": inline_formset(picked)})
        assert browser_of(sam).post("/admin/searchpicks/add/", data).status_code == 302
        cache.clear()

    return add


def promoted(client: Any, query: str) -> list[str]:
    return [pick.title for pick in client.get(f"/events/?{query}").context["promoted"]]


def test_a_page_and_a_link_stand_above_the_results(client: Any, promote: Any) -> None:
    event, venue = make_event(title="Jazz Night"), make_venue(title="Blue Hall")
    link = {"external_link_url": "https://jazz.example.org/", "external_link_text": "All about jazz"}
    promote("Jazz", {"page": venue.pk, "description": "Where it is at home."}, link)
    response = client.get("/events/?search=+JAZZ+")
    page = response.content.decode()
    assert [row.pk for row in response.context["page_obj"]] == [event.pk]
    places = [
        page.index(text) for text in ('href="/venues/blue-hall/"', "Where it is at home.", "https://jazz", "Jazz Night")
    ]
    assert places == sorted(places)


def test_other_searches_and_later_pages_have_none(client: Any, promote: Any) -> None:
    for _number in range(25):
        make_event(title="Jazz")
    promote("jazz", {"page": make_venue(title="Blue Hall").pk})
    queries = ("search=jazz", "search=jazz&page=2", "search=jazz+night", "search=", "type=concert")
    assert [promoted(client, query) for query in queries] == [["Blue Hall"], [], [], [], []]


def test_it_is_shown_where_nothing_else_is_found(client: Any, promote: Any) -> None:
    promote("refund", {"page": make_venue(title="Help desk").pk})
    assert promoted(client, "search=refund") == ["Help desk"]


def test_what_is_withdrawn_or_private_is_not_shown(client: Any, promote: Any) -> None:
    gone, private = make_event(title="Gone"), make_event(title="Private")
    promote("show", {"page": gone.pk}, {"page": private.pk})
    assert promoted(client, "search=show") == ["Gone", "Private"]
    unpublish_event(gone)
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    cache.clear()
    assert promoted(client, "search=show") == []


def test_it_costs_a_search_no_query(client: Any, promote: Any) -> None:
    promote("jazz", {"page": make_event(title="Jazz").pk})
    client.get("/events/?search=jazz")
    with CaptureQueriesContext(connection) as queries:
        assert promoted(client, "search=jazz&sort=newest") == ["Jazz"]
    assert len(queries) <= 3


def test_vendors_promote_nothing(cleo: Any, cleo_vendor: Any, browser_of: Any) -> None:
    data = nested_form_data({"query_string": "jazz", "editors_picks": inline_formset([])})
    assert browser_of(cleo).post("/admin/searchpicks/add/", data).status_code in {302, 403}
    assert not SearchPromotion.objects.exists()
