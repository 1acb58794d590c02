"""The page editor, as vendors use it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils.timezone import now
from wagtail.models import Page, Workflow
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from tests.factories import make_artist, make_document, make_event, make_image, make_venue
from venues.models import ArtistPage, EventListing, EventPage, EventType, VenuePage

MEDIA_BLOCK = '<embed embedtype="image" id="{id}" alt="x" format="left"/>'


def event_form(**changes: Any) -> dict[str, Any]:
    data = {
        "title": "Night",
        "slug": "night",
        "summary": "",
        "type": EventType.objects.get(slug="concert").pk,
        "age_limit": "",
        "image": "",
        "venue": "",
        "timezone": "Europe/Berlin",
        "start": "2031-07-03 20:30",
        "end": "2031-07-03 23:00",
        "doors": "",
        "lineup": inline_formset([]),
        "body": streamfield([]),
        "policies": rich_text(""),
        "seo_title": "",
        "search_description": "",
        "go_live_at": "",
        "expire_at": "",
        "comments": inline_formset([]),
    }
    return nested_form_data({**data, **changes})


@pytest.fixture
def editor(ada: Any, browser_of: Any) -> Any:
    return browser_of(ada)


@pytest.fixture
def add(editor: Any, ada_vendor: Any) -> Any:
    """``add(start=…)`` saves a new event as Ada; ``add(publish=True)`` publishes it."""

    def post(*, publish: bool = False, **changes: Any) -> Any:
        data = event_form(**changes)
        if publish:
            data["action-publish"] = "1"
        return editor.post(f"/admin/pages/add/venues/eventpage/{ada_vendor.page.pk}/", data)

    return post


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200, response.get("Location")
    return {name: list(found) for name, found in response.context["form"].errors.items()}


# ---- times


def test_times_are_typed_as_the_venues_clock_and_stored_as_instants(add: Any, editor: Any) -> None:
    venue = make_venue(timezone="America/New_York")
    add(publish=True, venue=venue.pk, timezone="", doors="2031-07-03 19:00")
    event = EventPage.objects.get()
    assert (event.start, event.doors) == (
        datetime(2031, 7, 4, 0, 30, tzinfo=UTC),
        datetime(2031, 7, 3, 23, 0, tzinfo=UTC),
    )
    page = editor.get(f"/admin/pages/{event.pk}/edit/").content.decode()
    assert 'value="2031-07-03 20:30"' in page
    assert "America/New York" in page


def test_the_zone_typed_goes_before_the_venues(add: Any) -> None:
    venue = make_venue(timezone="America/New_York")
    add(venue=venue.pk, timezone="Asia/Tokyo")
    assert EventPage.objects.get().start == datetime(2031, 7, 3, 11, 30, tzinfo=UTC)


def test_saving_without_a_change_keeps_the_instant(add: Any, editor: Any) -> None:
    add(publish=True)
    event = EventPage.objects.get()
    editor.post(f"/admin/pages/{event.pk}/edit/", {**event_form(), "action-publish": "1"})
    assert EventPage.objects.get().start == event.start


def test_another_zone_keeps_the_clock(add: Any, editor: Any) -> None:
    add(publish=True)
    event = EventPage.objects.get()
    editor.post(f"/admin/pages/{event.pk}/edit/", {**event_form(timezone="Asia/Tokyo"), "action-publish": "1"})
    assert EventPage.objects.get().start == datetime(2031, 7, 3, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"timezone": ""}, "timezone"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"end": "2031-07-03 20:30"}, "end"),
        ({"end": "2031-07-03 20:00"}, "end"),
        ({"doors": "2031-07-03 21:00"}, "doors"),
        ({"start": "tomorrow"}, "start"),
        ({"start": "2031-13-45 20:30"}, "start"),
        ({"start": ""}, "start"),
        ({"start": "2031-03-30 02:30", "end": "2031-03-30 05:00"}, "start"),
        ({"type": "4711"}, "type"),
        ({"title": ""}, "title"),
        ({"slug": "a b"}, "slug"),
        ({"venue": "4711"}, "venue"),
        ({"age_limit": "-1"}, "age_limit"),
    ],
)
def test_an_error_names_its_field(add: Any, changes: dict[str, Any], field: str) -> None:
    assert field in errors(add(publish=True, **changes))
    assert not EventPage.objects.exists()


def test_a_title_without_a_slug_gets_one_of_its_own(add: Any) -> None:
    """As when it was typed before the editor's script had loaded."""
    for _again in range(3):
        add(slug="", title="Night Ferry")
    assert [event.slug for event in EventPage.objects.order_by("pk")] == [
        "night-ferry",
        "night-ferry-2",
        "night-ferry-3",
    ]
    assert "slug" in errors(add(slug="", title="!!!"))


# ---- what a vendor may choose


def test_another_vendors_picture_is_refused_wherever_it_is_put(add: Any, cleo_vendor: Any) -> None:
    """The choosers don't offer it; these are ids posted by hand."""
    foreign = make_image(cleo_vendor).pk
    in_text = f"<p>Look</p>{MEDIA_BLOCK.format(id=foreign)}"
    block = {"image": foreign, "alt_text": "x", "decorative": False}
    tries = {
        "image": {"image": foreign},
        "body": {"body": streamfield([("image", block)])},
        "policies": {"policies": rich_text(in_text, features=["image"])},
    }
    for field, changes in tries.items():
        for publish in (False, True):
            assert field in errors(add(publish=publish, **changes)), field
    gallery = streamfield([("gallery", streamfield([("item", block)]))])
    gallery["0"]["value"] = {"count": "1", "0": {"deleted": "", "order": "0", "type": "item", "id": "", "value": block}}
    assert "body" in errors(add(body=gallery))
    document = f'<p><a linktype="document" id="{make_document(cleo_vendor).pk}">x</a></p>'
    text = streamfield([("text", rich_text(document, features=["document-link"]))])
    assert "body" in errors(add(body=text))
    assert not EventPage.objects.exists()


def test_a_picture_in_a_text_that_takes_none_is_dropped(add: Any, cleo_vendor: Any) -> None:
    in_text = MEDIA_BLOCK.format(id=make_image(cleo_vendor).pk)
    add(publish=True, body=streamfield([("text", rich_text(f"<p>Look</p>{in_text}", features=["image"]))]))
    assert "embed" not in str(EventPage.objects.get().body.raw_data[0]["value"])


def test_another_vendors_draft_is_refused_and_what_is_published_is_not(add: Any, cleos: Any) -> None:
    assert "venue" in errors(add(venue=cleos.venue_draft.pk))
    refused = add(lineup=inline_formset([{"artist": cleos.artist_draft.pk, "note": ""}]))
    assert "__all__" in errors(refused)
    link = f'<p><a linktype="page" id="{cleos.draft.pk}">x</a></p>'
    assert "policies" in errors(add(policies=rich_text(link)))
    mine = EventPage.objects.exclude(pk__in=[cleos.draft.pk, cleos.event.pk])
    assert not mine.exists()
    lineup = inline_formset([{"artist": cleos.artist.pk, "note": "headliner"}])
    add(publish=True, venue=cleos.venue.pk, lineup=lineup)
    assert [entry.artist_id for entry in mine.get().lineup.all()] == [cleos.artist.pk]


def test_ones_own_picture_is_welcome_everywhere(add: Any, ada_vendor: Any) -> None:
    own = make_image(ada_vendor).pk
    block = {"image": own, "alt_text": "A stage", "decorative": False}
    add(publish=True, image=own, body=streamfield([("image", block)]))
    assert EventPage.objects.get().image_id == own


def test_what_staff_put_into_a_page_may_stay(editor: Any, ada_vendor: Any, cleo_vendor: Any) -> None:
    image = make_image(cleo_vendor)
    event = make_event(ada_vendor, image=image)
    response = editor.post(f"/admin/pages/{event.pk}/edit/", event_form(slug=event.slug, image=image.pk, summary="New"))
    assert response.status_code == 302
    event.refresh_from_db()
    assert event.get_latest_revision_as_object().summary == "New"


# ---- previews, drafts, workflow


def test_every_kind_of_page_can_be_previewed(adas: Any, ada_vendor: Any, sam: Any, browser_of: Any) -> None:
    browser = browser_of(sam)
    for page in Page.objects.filter(depth__gt=1).specific():
        response = browser.get(f"/admin/pages/{page.pk}/view_draft/")
        assert response.status_code == 200, page


def test_a_new_event_can_be_previewed_before_it_is_saved(editor: Any, ada_vendor: Any) -> None:
    artist = make_artist(title="Nina Simone")
    address = f"/admin/pages/add/venues/eventpage/{ada_vendor.page.pk}/preview/"
    data = event_form(title="Only typed", lineup=inline_formset([{"artist": artist.pk, "note": ""}]))
    assert editor.post(address, data).json()["is_valid"] is True
    page = editor.get(f"{address}?mode=").content.decode()
    assert "Only typed" in page
    assert "Nina Simone" in page
    assert not EventPage.objects.exists()


def test_a_draft_shows_nowhere_and_its_revisions_come_back(add: Any, editor: Any, client: Any) -> None:
    add()
    event = EventPage.objects.get()
    assert (event.live, EventListing.objects.count(), client.get("/vendors/adas-hall/night/").status_code) == (
        False,
        0,
        404,
    )
    editor.post(f"/admin/pages/{event.pk}/edit/", {**event_form(title="Better night"), "action-publish": "1"})
    assert client.get("/vendors/adas-hall/night/").status_code == 200
    first = event.revisions.order_by("pk").first()
    assert b'value="Night"' in editor.get(f"/admin/pages/{event.pk}/revisions/{first.pk}/revert/").content


def test_a_publication_can_be_put_off(add: Any) -> None:
    add(publish=True, go_live_at=(now() + timedelta(days=1)).strftime("%Y-%m-%d %H:%M"))
    event = EventPage.objects.get()
    assert (event.live, event.approved_schedule, EventListing.objects.count()) == (False, True, 0)


def test_a_draft_goes_through_moderation(add: Any, editor: Any, sam: Any, ada_vendor: Any, browser_of: Any) -> None:
    Workflow.objects.get().workflow_pages.get_or_create(page=Page.get_first_root_node())
    add()
    event = EventPage.objects.get()
    editor.post(f"/admin/pages/{event.pk}/edit/", {**event_form(), "action-submit": "1"})
    event.refresh_from_db()
    state = event.current_workflow_task_state
    assert (state is not None, event.live) == (True, False)
    browser_of(sam).post(f"/admin/pages/workflow/action/{event.pk}/approve/{state.pk}/", {"comment": ""})
    event.refresh_from_db()
    assert (event.live, EventListing.objects.get().title) == (True, "Night")


def test_search_and_social_fields_are_there(editor: Any, adas: Any) -> None:
    page = editor.get(f"/admin/pages/{adas.draft.pk}/edit/").content
    for name in (b'name="seo_title"', b'name="search_description"', b'name="go_live_at"', b'name="slug"'):
        assert name in page


def test_pages_are_in_wagtails_search(adas: Any) -> None:
    call_command("update_index", verbosity=0)  # otherwise a worker's task, after each save
    assert [page.title for page in EventPage.objects.live().search("open")] == ["Open event"]
    assert [page.title for page in VenuePage.objects.search("berlin")] != []
    assert [page.title for page in ArtistPage.objects.live().search("artist")] == ["Open artist"]


# ---- venues


def venue_form(**changes: Any) -> dict[str, Any]:
    data = {
        "title": "Hall",
        "slug": "hall",
        "summary": "",
        "image": "",
        "address": "Street 1",
        "postcode": "",
        "city": "Berlin",
        "country": "DE",
        "latitude": "",
        "longitude": "",
        "timezone": "Europe/Berlin",
        "capacity": "",
        "areas": inline_formset([]),
        "accessibility": rich_text(""),
        "transport": rich_text(""),
        "directions": rich_text(""),
        "body": streamfield([]),
        "comments": inline_formset([]),
    }
    return nested_form_data({**data, **changes})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"timezone": "Berlin"}, "timezone"),
        ({"country": "Germany"}, "country"),
        ({"country": "de"}, "country"),
        ({"latitude": "52.5"}, "longitude"),
        ({"latitude": "91", "longitude": "0"}, "latitude"),
        ({"latitude": "0", "longitude": "-180.5"}, "longitude"),
        ({"capacity": "many"}, "capacity"),
        ({"city": ""}, "city"),
    ],
)
def test_a_venues_error_names_its_field(editor: Any, ada_vendor: Any, changes: dict[str, Any], field: str) -> None:
    data = {**venue_form(**changes), "action-publish": "1"}
    assert field in errors(editor.post(f"/admin/pages/add/venues/venuepage/{ada_vendor.page.pk}/", data))


def test_a_venue_with_areas_is_published(editor: Any, ada_vendor: Any, client: Any) -> None:
    areas = inline_formset([{"name": "Balcony", "capacity": "80", "accessible": "on"}])
    data = {**venue_form(areas=areas, latitude="52.5", longitude="13.4"), "action-publish": "1"}
    editor.post(f"/admin/pages/add/venues/venuepage/{ada_vendor.page.pk}/", data)
    venue = VenuePage.objects.get()
    assert [area.name for area in venue.areas.all()] == ["Balcony"]
    assert client.get(venue.get_url()).status_code == 200


# ---- the vendor's home


def test_a_vendors_home_shows_its_events_and_what_they_lack(editor: Any, adas: Any, cleos: Any) -> None:
    page = editor.get("/admin/").content.decode()
    assert "SECRET event" in page
    assert "a poster, a venue, a sentence for lists, a description" in page
    assert "Private event" not in page
    assert "My event" not in page
