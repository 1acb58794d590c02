"""An event's life in Wagtail's own screens and by its clock: the lists are true after every step, whatever breaks off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils.timezone import now
from wagtail.models import Page
from wagtail.signals import page_unpublished

from portal.outbox.models import StoredMessage
from tests.factories import make_event, make_vendor, make_venue
from venues.models import DeletedEvent, EventListing, EventPage
from venues.services.rebuild import heal

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(sam: Any, browser_of: Any) -> Client:
    return browser_of(sam)


def listed() -> list[str]:
    return sorted(EventListing.objects.values_list("title", flat=True))


def past(event: EventPage, field: str) -> None:
    """Let the hour come that `field` names."""
    EventPage.objects.filter(pk=event.pk).update(**{field: now() - timedelta(minutes=1)})


# ---- withdrawing


@pytest.fixture
def breaks_off() -> Iterator[None]:
    """Nothing that follows Wagtail's signal happens, as when the process dies there."""

    def die(**_kwargs: Any) -> None:
        raise SystemError("the process died")

    others = page_unpublished.receivers
    page_unpublished.receivers = []
    page_unpublished.connect(die)
    yield
    page_unpublished.receivers = others
    page_unpublished.sender_receivers_cache.clear()


def by_editor(event: EventPage, staff: Client) -> None:
    staff.post(f"/admin/pages/{event.pk}/unpublish/")


def in_bulk(event: EventPage, staff: Client) -> None:
    staff.post(f"/admin/bulk/wagtailcore/page/unpublish/?id={event.pk}&next=/admin/", {"include_descendants": ""})


def by_the_clock(event: EventPage, staff: Client) -> None:
    past(event, "expire_at")
    call_command("publish_scheduled", verbosity=0)


def with_its_vendor(event: EventPage, staff: Client) -> None:
    staff.post(f"/admin/pages/{event.get_parent().pk}/unpublish/", {"include_descendants": "on"})


WAYS = [by_editor, in_bulk, by_the_clock, with_its_vendor]


@pytest.mark.parametrize("way", WAYS)
def test_what_is_withdrawn_leaves_the_lists(staff: Client, way: Any) -> None:
    event = make_event()
    make_event(title="Stays")
    way(event, staff)
    assert (EventPage.objects.get(pk=event.pk).live, listed()) == (False, ["Stays"])
    assert StoredMessage.objects.filter(name="venues.EventWithdrawn", payload={"event_id": event.pk}).count() == 1


@pytest.mark.usefixtures("breaks_off")
@pytest.mark.parametrize("way", WAYS)
def test_a_withdrawal_that_breaks_off_leaves_page_and_lists_as_one(staff: Client, way: Any) -> None:
    event = make_event(title="Show")
    staff.raise_request_exception = False
    try:
        way(event, staff)
    except SystemError:
        assert way is by_the_clock
    assert EventPage.objects.get(pk=event.pk).live == (listed() == ["Show"])


def test_what_a_dead_process_left_is_healed() -> None:
    make_event(title="Right")
    stale, lost = make_event(title="Stale"), make_event(title="Lost")
    EventPage.objects.filter(pk=stale.pk).update(live=False)
    EventListing.objects.filter(pk=lost.pk).delete()
    EventListing.objects.filter(title="Right").update(summary="Kept")
    heal()
    assert listed() == ["Lost", "Right"]
    assert EventListing.objects.get(title="Right").summary == "Kept"


# ---- publishing


def test_what_was_withdrawn_comes_back(staff: Client) -> None:
    event = make_event(title="Show")
    by_editor(event, staff)
    staff.post(f"/admin/bulk/wagtailcore/page/publish/?id={event.pk}&next=/admin/", {"include_descendants": ""})
    assert listed() == ["Show"]


# ---- moving, copying, deleting


def test_a_moved_event_is_listed_at_its_new_address(staff: Client, client: Client) -> None:
    event, other = make_event(title="Show"), make_vendor(name="Other")
    staff.post(f"/admin/pages/{event.pk}/move/{other.page.pk}/confirm/")
    row = EventListing.objects.get()
    assert (row.path, row.vendor_name) == ("/vendors/other/show/", "Other")
    assert client.get(row.path).status_code == 200


def test_a_copy_is_listed_once_it_is_published(staff: Client) -> None:
    event = make_event(title="Show")
    parent = event.get_parent().pk
    form = {"new_title": "Show again", "new_slug": "show-again", "new_parent_page": parent}
    staff.post(f"/admin/pages/{event.pk}/copy/", form)
    assert listed() == ["Show"]
    staff.post(f"/admin/pages/{event.pk}/copy/", {**form, "new_slug": "show-2", "publish_copies": "on"})
    assert listed() == ["Show", "Show again"]


def test_an_alias_is_not_listed_beside_its_event(staff: Client) -> None:
    event = make_event(title="Show")
    form = {"new_title": "Show", "new_slug": "alias", "new_parent_page": event.get_parent().pk, "alias": "on"}
    staff.post(f"/admin/pages/{event.pk}/copy/", {**form, "publish_copies": "on"})
    assert (EventPage.objects.count(), [row.event_id for row in EventListing.objects.all()]) == (2, [event.pk])


@pytest.mark.parametrize(
    "address", ["/admin/pages/{}/delete/", "/admin/bulk/wagtailcore/page/delete/?id={}&next=/admin/"]
)
def test_a_deleted_event_leaves_the_lists_and_a_tombstone(staff: Client, address: str) -> None:
    event = make_event()
    staff.post(address.format(event.pk))
    assert (Page.objects.filter(pk=event.pk).exists(), listed()) == (False, [])
    assert DeletedEvent.objects.filter(event_id=event.pk).exists()


def test_events_below_what_is_deleted_leave_the_lists_with_it() -> None:
    """The screens refuse it while the vendor exists; this is a delete by hand."""
    vendor = make_vendor()
    event = make_event(vendor)
    page = vendor.page
    page.delete()
    assert (EventPage.objects.count(), listed()) == (0, [])
    assert DeletedEvent.objects.get().event_id == event.pk


def test_a_withdrawn_venue_is_named_without_a_link(staff: Client) -> None:
    venue = make_venue(title="Hall")
    make_event(venue=venue)
    staff.post(f"/admin/pages/{venue.pk}/unpublish/")
    assert EventListing.objects.values_list("venue_name", "venue_path").get() == ("Hall", "")
