"""The lists' read model follows what is published."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils.timezone import now
from PIL import Image as Picture
from PIL import ImageDraw

from portal.outbox.models import StoredMessage
from tests.factories import make_artist, make_event, make_image, make_vendor, make_venue
from venues.models import DeletedEvent, EventListing, EventPage
from venues.services import listing
from venues.services.events import cancel_event, publish_event, unpublish_event, update_event
from venues.services.pages import save_page
from venues.services.pictures import accent_of
from venues.services.rebuild import rebuild

pytestmark = pytest.mark.django_db


def messages_of(event_id: int) -> list[str]:
    rows = StoredMessage.objects.filter(payload={"event_id": event_id}).order_by("pk")
    return [row.name.removeprefix("venues.") for row in rows]


def row_of(event: EventPage) -> EventListing:
    return EventListing.objects.get(pk=event.pk)


def test_publishing_lists_an_event_with_all_that_lists_show() -> None:
    vendor = make_vendor(name="Night Owls")
    venue = make_venue(title="Salle Pleyel", city="Paris", country="FR", timezone="Europe/Paris")
    artists = [make_artist(title="Björk"), make_artist(title="Arca")]
    start = datetime(2031, 5, 3, 21, 0, tzinfo=UTC)
    event = make_event(
        vendor,
        title="Spring Night",
        venue=venue,
        artists=artists,
        timezone="",
        start=start,
        end=start + timedelta(hours=4),
        summary="One night.",
        image=make_image(vendor, colour="#cc2244"),
        type="festival",
    )
    row = row_of(event)
    assert (row.title, row.path, row.summary, row.type) == (
        "Spring Night",
        "/vendors/night-owls/spring-night/",
        "One night.",
        "festival",
    )
    assert (row.first_day, row.last_day, row.timezone) == (date(2031, 5, 3), date(2031, 5, 3), "Europe/Paris")
    assert (row.venue_id, row.venue_name, row.city, row.venue_path) == (
        venue.pk,
        "Salle Pleyel",
        "Paris",
        "/venues/salle-pleyel/",
    )
    assert row.artists == [{"id": artist.pk, "name": artist.title} for artist in artists]
    assert [link.artist_id for link in row.artist_links.order_by("artist_id")] == sorted(
        artist.pk for artist in artists
    )
    assert (row.vendor_id, row.vendor_name, row.availability, row.price_from) == (
        vendor.pk,
        "Night Owls",
        "not_on_sale",
        None,
    )
    assert row.image_url.endswith(".webp")
    assert [int(row.accent[place : place + 2], 16) for place in (1, 3, 5)] == pytest.approx([0xCC, 0x22, 0x44], abs=4)
    assert messages_of(event.pk) == ["ListingMade", "EventPublished"]


def test_a_draft_is_on_no_list() -> None:
    event = make_event(publish=False)
    assert not EventListing.objects.exists()
    publish_event(event)
    assert row_of(event).title == event.title


def test_saving_a_draft_of_a_live_event_changes_no_list() -> None:
    event = make_event(title="Old")
    update_event(event, title="New", publish=False)
    assert row_of(event).title == "Old"
    publish_event(event)
    assert row_of(event).title == "New"


def test_unpublishing_takes_it_off_and_says_so() -> None:
    event = make_event()
    unpublish_event(event)
    assert not EventListing.objects.exists()
    assert messages_of(event.pk)[-1] == "EventWithdrawn"


def test_moving_an_event_in_time_or_place_says_so_once() -> None:
    event = make_event()
    update_event(event, title="Only a title")
    assert "EventMoved" not in messages_of(event.pk)
    update_event(event, start=event.start + timedelta(days=1), end=event.end + timedelta(days=1))
    assert messages_of(event.pk).count("EventMoved") == 1
    update_event(event, venue=make_venue())
    assert messages_of(event.pk).count("EventMoved") == 2


def test_publishing_again_keeps_the_sales() -> None:
    event = make_event()
    assert listing.set_sales(event.pk, price_from=2500, currency="EUR", availability="few", popularity=7)
    update_event(event, title="New")
    row = row_of(event)
    assert (row.title, row.price_from, row.currency, row.availability, row.popularity) == ("New", 2500, "EUR", "few", 7)


def test_sales_of_what_is_not_listed_go_nowhere() -> None:
    assert not listing.set_sales(4711, price_from=1, currency="EUR", availability="few")


def test_a_renamed_venue_renames_it_in_lists_and_search() -> None:
    venue = make_venue(title="Old Hall")
    event = make_event(venue=venue)
    venue.title, venue.city, venue.slug = "New Hall", "Hamburg", "new-hall"
    save_page(venue, publish=True)
    row = row_of(event)
    assert (row.venue_name, row.city, row.venue_path) == ("New Hall", "Hamburg", "/venues/new-hall/")
    assert "hamburg" in row.search_text.split()


def test_a_renamed_artist_renames_it_in_lists_and_search() -> None:
    artist = make_artist(title="Prince")
    event = make_event(artists=[artist])
    artist.title = "The Artist"
    save_page(artist, publish=True)
    assert row_of(event).artists == [{"id": artist.pk, "name": "The Artist"}]
    assert row_of(event).search_text.endswith("the artist")


def test_another_address_of_the_vendor_changes_its_events_addresses(django_capture_on_commit_callbacks: Any) -> None:
    vendor = make_vendor(name="Owls")
    event = make_event(vendor, title="Night")
    page = vendor.page
    page.slug = "eagles"
    with django_capture_on_commit_callbacks(execute=True):
        save_page(page, publish=True)
    assert row_of(event).path == "/vendors/eagles/night/"


def test_moving_an_event_to_another_vendor_moves_it_in_lists() -> None:
    event, other = make_event(), make_vendor(name="Other")
    event.move(other.page, pos="last-child")
    row = row_of(event)
    assert (row.vendor_id, row.path) == (other.pk, f"/vendors/other/{event.slug}/")


def test_deleting_a_public_event_leaves_a_tombstone_and_says_so() -> None:
    event = make_event()
    vendor_id = row_of(event).vendor_id
    pk = event.pk
    event.delete()
    assert not EventListing.objects.exists()
    assert DeletedEvent.objects.get(event_id=pk).vendor_id == vendor_id
    assert messages_of(pk)[-1] == "EventWithdrawn"


def test_deleting_a_draft_leaves_no_trace() -> None:
    event = make_event(publish=False)
    pk = event.pk
    event.delete()
    assert (DeletedEvent.objects.count(), messages_of(pk)) == (0, [])


def test_scheduled_events_are_listed_when_their_time_has_come() -> None:
    event = make_event(publish=False)
    event.go_live_at = now() + timedelta(hours=1)
    event.save_revision().publish()
    assert not EventListing.objects.exists()
    later = now() - timedelta(minutes=1)
    event.refresh_from_db()
    event.go_live_at = later
    revision = event.save_revision()
    revision.approved_go_live_at = later
    revision.save()
    call_command("publish_scheduled", verbosity=0)
    assert row_of(event).event_id == event.pk


def test_an_expired_event_leaves_the_lists() -> None:
    event = make_event()
    event.expire_at = now() + timedelta(minutes=1)
    event.save_revision().publish()
    EventPage.objects.filter(pk=event.pk).update(expire_at=now() - timedelta(minutes=1))
    call_command("publish_scheduled", verbosity=0)
    assert not EventListing.objects.exists()


def test_a_copy_is_an_event_of_its_own_and_no_copy_inherits_the_cancellation() -> None:
    event = make_event(title="Show")
    cancel_event(event)
    event.refresh_from_db()
    copy = event.copy(update_attrs={"slug": "show-2", "title": "Show 2"}, keep_live=True)
    assert (row_of(event).canceled, copy.canceled_at) == (True, None)
    rebuild()
    assert {row.title: row.canceled for row in EventListing.objects.all()} == {"Show": True, "Show 2": False}


def test_an_alias_is_not_listed_twice_and_leads_to_the_event(client: Any) -> None:
    event = make_event(title="Show")
    alias = event.create_alias(update_slug="show-again")
    event.save_revision().publish()
    rebuild()
    assert [row.event_id for row in EventListing.objects.all()] == [event.pk]
    assert client.get(alias.get_url())["Location"] == event.get_url()


def test_no_revision_brings_a_cancellation_back_or_takes_it() -> None:
    event = make_event()
    revision = event.get_latest_revision()
    cancel_event(event)
    revision.publish()
    assert EventPage.objects.get(pk=event.pk).canceled_at is not None
    assert row_of(event).canceled


def test_rebuilding_heals_what_went_wrong_and_keeps_the_sales(capsys: Any) -> None:
    right, lost, stale = make_event(title="Right"), make_event(title="Lost"), make_event(title="Stale")
    listing.set_sales(right.pk, price_from=900, currency="EUR", availability="available", popularity=3)
    EventListing.objects.filter(pk=right.pk).update(title="Wrong", search_text="")
    EventListing.objects.filter(pk=lost.pk).delete()
    EventPage.objects.filter(pk=stale.pk).update(live=False)
    call_command("rebuild_listings")
    assert set(EventListing.objects.values_list("title", "price_from")) == {("Right", 900), ("Lost", None)}
    assert messages_of(lost.pk).count("ListingMade") == 2
    assert messages_of(right.pk).count("ListingMade") == 1
    assert "2 events are listed." in capsys.readouterr().out


def test_a_poster_whose_file_is_gone_leaves_the_event_listed() -> None:
    vendor = make_vendor()
    image = make_image(vendor)
    image.file.storage.delete(image.file.name)
    row = row_of(make_event(vendor, image=image))
    assert (row.image_url, row.accent) == ("", "")


def test_an_event_that_ends_in_the_night_belongs_to_the_evening_before() -> None:
    start = datetime(2031, 5, 3, 20, 0, tzinfo=UTC)
    event = make_event(start=start, end=start + timedelta(hours=6), timezone="Europe/Berlin")
    assert (row_of(event).first_day, row_of(event).last_day) == (date(2031, 5, 3), date(2031, 5, 3))


def test_the_accent_is_the_colour_that_stands_out_not_the_paper() -> None:
    """Thin red lines on cream, as on many a poster."""
    poster = Picture.new("RGB", (480, 640), "#fefae0")
    drawing = ImageDraw.Draw(poster)
    for y in range(80, 400, 40):
        drawing.line([(0, y), (480, y)], fill="#c1121f", width=4)
    red, green, blue = (int(accent_of(poster)[place : place + 2], 16) for place in (1, 3, 5))
    assert red > 1.5 * max(green, blue)


def test_a_grey_picture_has_a_grey_accent() -> None:
    assert accent_of(Picture.new("RGB", (480, 640), "#808080")) == "#808080"
