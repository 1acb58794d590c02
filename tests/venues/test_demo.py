"""Demo events in bulk: as good as those that were made one by one."""

from __future__ import annotations

from typing import Any

import pytest
from wagtail.models import Page

from tests.factories import make_artist, make_event, make_venue
from venues.demo.bulk import add_events
from venues.models import EventListing, EventPage

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(ada_vendor: Any) -> EventPage:
    return make_event(ada_vendor, title="Night", venue=make_venue(ada_vendor), artists=[make_artist(ada_vendor)])


def test_they_are_listed_and_served(client: Any, model: EventPage) -> None:
    add_events(12)
    assert (EventPage.objects.live().count(), EventListing.objects.count()) == (13, 13)
    made = EventPage.objects.exclude(pk=model.pk).order_by("pk")[0]
    assert (made.title, made.venue, made.lineup.get().artist) == ("Night No. 2", model.venue, model.lineup.get().artist)
    assert client.get(made.get_url()).status_code == 200
    assert client.get(made.listing.path).context["page"].pk == made.pk


def test_the_tree_is_sound_and_still_takes_pages(model: EventPage) -> None:
    add_events(3)
    assert [problems for problems in Page.find_problems() if problems] == []
    again = make_event(model.get_parent().specific.vendor, title="After")
    assert again.get_parent() == model.get_parent()


def test_none_are_made_where_none_are_missing(model: EventPage) -> None:
    add_events(0)
    assert EventPage.objects.count() == 1
