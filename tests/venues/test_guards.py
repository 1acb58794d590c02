"""What events need can't be deleted, and the refusal says why."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from wagtail.models import Page

from tests.factories import make_artist, make_event, make_venue
from venues.models import VenuePage


def said(response: Any) -> str:
    return unescape(" ".join(str(message) for message in response.context["messages"]))


@pytest.fixture
def used(ada_vendor: Any, cleo_vendor: Any) -> VenuePage:
    """Ada's venue, with an event of Cleo's."""
    venue = make_venue(ada_vendor, title="Hall")
    make_event(cleo_vendor, venue=venue)
    return venue


@pytest.mark.parametrize("ask", ["get", "post"])
def test_a_venue_with_events_stays_and_says_why(used: Any, ada: Any, browser_of: Any, ask: str) -> None:
    response = getattr(browser_of(ada), ask)(f"/admin/pages/{used.pk}/delete/", follow=True)
    assert "1 event" in said(response)
    assert VenuePage.objects.filter(pk=used.pk).exists()


def test_so_does_an_artist_of_a_line_up(ada_vendor: Any, ada: Any, browser_of: Any) -> None:
    artist = make_artist(ada_vendor)
    make_event(artists=[artist])
    assert "line-up" in said(browser_of(ada).post(f"/admin/pages/{artist.pk}/delete/", follow=True))
    assert Page.objects.filter(pk=artist.pk).exists()


def test_bulk_deletes_are_refused_alike(used: Any, ada: Any, browser_of: Any) -> None:
    address = f"/admin/bulk/wagtailcore/page/delete/?id={used.pk}&next=/admin/"
    response = browser_of(ada).post(address, follow=True)
    assert "1 event" in said(response)
    assert VenuePage.objects.filter(pk=used.pk).exists()


def test_so_are_deletes_of_what_is_above(used: Any, sam: Any, browser_of: Any) -> None:
    for page in (used.get_parent(), used.get_parent().get_parent()):
        response = browser_of(sam).post(f"/admin/pages/{page.pk}/delete/", {"confirm_site_name": "Foyer"}, follow=True)
        assert "can't be deleted" in said(response)
    assert VenuePage.objects.filter(pk=used.pk).exists()


def test_what_nothing_needs_is_deleted(ada_vendor: Any, ada: Any, browser_of: Any) -> None:
    venue = make_venue(ada_vendor)
    browser_of(ada).post(f"/admin/pages/{venue.pk}/delete/")
    assert not VenuePage.objects.filter(pk=venue.pk).exists()


def test_another_vendors_page_can_be_deleted_by_nobody_else(used: Any, cleo: Any, browser_of: Any) -> None:
    assert browser_of(cleo).post(f"/admin/pages/{used.pk}/delete/").status_code == 404
    assert VenuePage.objects.filter(pk=used.pk).exists()


def test_a_vendors_page_can_not_be_copied(ada_vendor: Any, sam: Any, browser_of: Any) -> None:
    parent = ada_vendor.page.get_parent()
    data = {"new_title": "Copy", "new_slug": "copy", "new_parent_page": parent.pk}
    for page in (ada_vendor.page, parent):
        response = browser_of(sam).post(f"/admin/pages/{page.pk}/copy/", data, follow=True)
        assert "can't be copied" in said(response)
    assert parent.get_children().count() == 1
