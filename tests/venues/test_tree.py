"""The site's tree, which migrating makes."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from wagtail.models import Page, Site

from home.models import HomePage
from tests.factories import make_event
from venues.models import EventIndexPage, EventType, VenueIndexPage
from venues.services.tree import ensure_tree

pytestmark = pytest.mark.django_db


def test_a_migrated_database_has_the_whole_tree() -> None:
    addresses = {page.get_url() for page in Page.objects.filter(depth__gt=1).specific()}
    assert addresses == {"/", "/events/", "/venues/", "/artists/", "/vendors/"}
    assert not Page.objects.filter(title__contains="Welcome").exists()
    assert [kind.slug for kind in EventType.objects.all()] == [
        "concert",
        "conference",
        "gaming",
        "educational",
        "theatre",
        "sports",
        "festival",
        "workshop",
    ]


def test_making_it_again_changes_nothing() -> None:
    before = list(Page.objects.order_by("pk").values_list("pk", "title", "path", "url_path"))
    call_command("setup_site", verbosity=0)
    call_command("migrate", verbosity=0)
    assert list(Page.objects.order_by("pk").values_list("pk", "title", "path", "url_path")) == before
    assert Site.objects.count() == 1


def test_what_staff_renamed_stays_and_what_is_missing_comes_back() -> None:
    events = EventIndexPage.objects.get()
    events.title, events.slug = "What's on", "whats-on"
    events.save()
    VenueIndexPage.objects.get().delete()
    EventType.objects.filter(slug="sports").delete()
    ensure_tree()
    assert EventIndexPage.objects.get().slug == "whats-on"
    assert VenueIndexPage.objects.get().get_url() == "/venues/"
    assert not EventType.objects.filter(slug="sports").exists()


def test_an_emptied_database_gets_a_tree_again() -> None:
    Site.objects.all().delete()
    Page.objects.all().delete()
    root = ensure_tree()
    assert (root.depth, root.title) == (2, settings.WAGTAIL_SITE_NAME)
    assert EventIndexPage.objects.get().get_url() == "/events/"
    assert Page.find_problems() == ([], [], [], [], [])


def test_full_links_follow_base_url_and_no_port_is_stored(settings: Any, ada_vendor: Any) -> None:
    event = make_event(ada_vendor, title="Link")
    settings.BASE_URL = "https://tickets.example.org"
    assert event.full_url == "https://tickets.example.org/vendors/adas-hall/link/"
    assert Site.objects.get().port == 80


def test_without_home_the_root_leads_to_the_events(client: Any) -> None:
    """What `home` leaves behind when it is taken out: a page whose model nobody knows."""
    gone = ContentType.objects.create(app_label="gone", model="frontpage")
    Page.objects.filter(pk=HomePage.objects.get().pk).update(content_type=gone)
    assert client.get("/")["Location"] == "/events/"
    assert client.get("/events/").status_code == 200
