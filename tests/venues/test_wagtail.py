"""What Wagtail's users know works here as they know it, in Wagtail's own screens: previews, revisions, moderation, SEO."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils.safestring import mark_safe
from django.utils.timezone import now
from freezegun import freeze_time
from laces.components import Component
from wagtail.models import Page, Workflow
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from home.models import HomePage
from portal import extensions
from portal.plugins import registering
from tests.factories import make_artist, make_event, make_image, make_venue
from tests.venues.test_editor import event_form
from venues.models import EventListing, EventPage, EventType

pytestmark = pytest.mark.django_db

PUBLISH = {"action-publish": "1"}
SUBMIT = {"action-submit": "1"}


@pytest.fixture
def editor(ada: Any, browser_of: Any) -> Client:
    return browser_of(ada)


@pytest.fixture
def staff(sam: Any, browser_of: Any) -> Client:
    return browser_of(sam)


@pytest.fixture
def edit(editor: Client) -> Any:
    """``edit(event, PUBLISH, title=…)`` saves the event's form as Ada and presses a button."""

    def post(event: EventPage, button: dict[str, str] | None = None, **changes: Any) -> None:
        data = {**event_form(slug=event.slug, **changes), **(button or {})}
        assert editor.post(f"/admin/pages/{event.pk}/edit/", data).status_code == 302
        event.refresh_from_db()

    return post


def listed() -> list[str]:
    return sorted(EventListing.objects.values_list("title", flat=True))


def html_of(client: Client, page: Page) -> str:
    response = client.get(page.get_url())
    assert response.status_code == 200
    return unescape(response.content.decode())


# ---- previews and revisions


def test_a_live_events_preview_shows_what_is_typed_and_changes_nothing(
    editor: Client, client: Client, ada_vendor: Any
) -> None:
    event = make_event(ada_vendor, title="Old title")
    address = f"/admin/pages/{event.pk}/edit/preview/"
    assert editor.post(address, event_form(title="New title", slug=event.slug)).json()["is_valid"] is True
    assert "New title" in editor.get(f"{address}?in_preview_panel=true").content.decode()
    assert ("New title" in html_of(client, event), listed()) == (False, ["Old title"])


def test_an_old_revision_is_compared_brought_back_and_published(editor: Client, edit: Any, ada_vendor: Any) -> None:
    event = make_event(ada_vendor, title="First", summary="As it was")
    first = event.latest_revision
    edit(event, PUBLISH, title="Second", summary="As it is")
    compared = editor.get(f"/admin/pages/{event.pk}/revisions/compare/{first.pk}...live/").content.decode()
    assert [word in compared for word in ("First", "Second")] == [True, True]
    shown = editor.get(f"/admin/pages/{event.pk}/revisions/{first.pk}/revert/").content.decode()
    assert [f'value="{title}"' in shown for title in ("First", "Second")] == [True, False]
    edit(event, {**PUBLISH, "revision": str(first.pk)}, title="First", summary="As it was")
    assert (event.summary, listed(), event.revisions.count()) == ("As it was", ["First"], 3)


# ---- the clock


def test_what_is_scheduled_in_the_editor_goes_live_and_can_be_called_off(
    editor: Client, edit: Any, client: Client, ada_vendor: Any
) -> None:
    tomorrow = (now() + timedelta(days=1)).strftime("%Y-%m-%d %H:%M")
    called_off, kept = (make_event(ada_vendor, publish=False) for _number in range(2))
    for event in (called_off, kept):
        edit(event, PUBLISH, title="Show", go_live_at=tomorrow)
        assert (event.live, event.approved_schedule) == (False, True)
    revision = called_off.scheduled_revision
    editor.post(f"/admin/pages/{called_off.pk}/revisions/{revision.pk}/unschedule/")
    with freeze_time(now() + timedelta(days=2)):
        call_command("publish_scheduled", verbosity=0)
    assert [EventPage.objects.get(pk=event.pk).live for event in (called_off, kept)] == [False, True]
    assert (listed(), client.get(kept.get_url()).status_code) == (["Show"], 200)


# ---- moderation


@pytest.fixture
def moderated(ada_vendor: Any) -> EventPage:
    """A draft of Ada's, on a site whose pages staff look at before they are published."""
    Workflow.objects.get().workflow_pages.get_or_create(page=Page.get_first_root_node())
    return make_event(ada_vendor, title="Draft", publish=False)


def decide(moderator: Client, event: EventPage, verdict: str) -> int:
    state = event.current_workflow_task_state
    address = f"/admin/pages/workflow/action/{event.pk}/{verdict}/{state.pk}/"
    status = moderator.post(address, {"comment": "Please add a poster."}).status_code
    event.refresh_from_db()
    return status


def test_what_moderators_send_back_is_changed_and_then_approved(
    edit: Any, staff: Client, client: Client, moderated: EventPage
) -> None:
    edit(moderated, SUBMIT, title="Show")
    decide(staff, moderated, "reject")
    assert (moderated.live, listed(), moderated.current_workflow_state.status) == (False, [], "needs_changes")
    edit(moderated, SUBMIT, title="Better show")
    assert client.get(moderated.get_url()).status_code == 404
    decide(staff, moderated, "approve")
    assert (moderated.live, listed()) == (True, ["Better show"])


def test_changes_to_a_live_event_wait_for_approval(edit: Any, staff: Client, moderated: EventPage) -> None:
    edit(moderated, PUBLISH, title="Show")
    edit(moderated, SUBMIT, title="Changed show")
    assert listed() == ["Show"]
    decide(staff, moderated, "approve")
    assert listed() == ["Changed show"]


def test_no_other_vendor_approves_or_reads_it(
    edit: Any, cleo: Any, cleo_vendor: Any, browser_of: Any, moderated: EventPage
) -> None:
    edit(moderated, SUBMIT)
    assert decide(browser_of(cleo), moderated, "approve") in {403, 404}
    assert (moderated.live, listed()) == (False, [])


# ---- search engines, and the site's own search


def test_the_fields_for_search_engines_are_in_the_page(edit: Any, client: Client, ada_vendor: Any) -> None:
    event = make_event(ada_vendor, summary="For lists")
    assert '<meta name="description" content="For lists">' in html_of(client, event)
    edit(event, PUBLISH, title="Show", seo_title="Show in Berlin | Tickets", search_description="See & hear it.")
    page = html_of(client, event)
    assert re.search(r"<title>(.*?) ·", page)[1] == "Show in Berlin | Tickets"  # type: ignore[index]
    assert '<meta name="description" content="See & hear it.">' in page
    assert re.search(r"<h1[^>]*>Show</h1>", page)


def test_every_kind_of_page_has_them(client: Client, adas: Any, ada_vendor: Any) -> None:
    pages = [page for page in Page.objects.filter(depth__gt=1).live().specific() if not isinstance(page, EventPage)]
    assert len(pages) == 8
    for page in pages:
        page.seo_title, page.search_description = f"Search for {page.slug}", f"About {page.slug}"
        page.save_revision().publish()
        shown = html_of(client, page)
        assert f"<title>Search for {page.slug} ·" in shown, page
        assert f'content="About {page.slug}"' in shown, page


def test_all_pages_are_in_the_search_index(staff: Client, adas: Any) -> None:
    home = HomePage.objects.get()
    home.title = "Open house"
    home.save_revision().publish()
    call_command("update_index", verbosity=0)  # otherwise a worker's task, after each save
    found = Page.objects.live().search("open")
    assert {page.specific_class.__name__ for page in found} == {"EventPage", "VenuePage", "ArtistPage", "HomePage"}
    everything = {
        page.pk for word in ("events", "venues", "artists", "organisers", "hall") for page in Page.objects.search(word)
    }
    assert everything >= {page.pk for page in Page.objects.filter(depth=3)}
    shown = staff.get("/admin/pages/search/?q=secret").content.decode()
    assert [f"SECRET {kind}" in shown for kind in ("event", "venue", "artist")] == [True, True, True]


# ---- bodies and types


def items(*values: Any) -> Any:
    """The form of a list of blocks."""
    form: dict[str, Any] = {"count": str(len(values))}
    for place, value in enumerate(values):
        form[str(place)] = {"deleted": "", "order": str(place), "type": "item", "id": "", "value": value}
    return form


class Drawing(Component):
    def render_html(self, parent_context: Any = None) -> str:
        return mark_safe("<i>From a plugin</i>")


def test_a_body_of_all_blocks_is_typed_and_shown(edit: Any, client: Client, ada_vendor: Any) -> None:
    event = make_event(ada_vendor)
    picture = {"image": make_image(ada_vendor).pk, "alt_text": "A stage", "decorative": False}
    body = streamfield(
        [
            ("text", rich_text("<h2>All night</h2><p>Come <b>early</b>.</p>")),
            ("image", picture),
            ("gallery", items({**picture, "alt_text": "First"}, {**picture, "alt_text": "Second"})),
            ("video", "https://vimeo.com/76979871"),
            ("quote", {"text": "Unforgettable.", "source": "Nobody"}),
            (
                "programme",
                {"day": "2031-07-03", "items": items({"time": "20:30", "title": "Overture", "place": "Hall"})},
            ),
            ("faq", items({"question": "Dogs?", "answer": rich_text("<p>No.</p>")})),
            ("plugin", {"key": "tests"}),
        ]
    )
    with registering("tests.body"):
        extensions.slots.add("tests.body", extensions.SlotItem("block.tests", lambda _values: Drawing()))
    try:
        edit(event, PUBLISH, body=body)
        page = html_of(client, event)
    finally:
        extensions.slots.discard_owner("tests.body")
    expected = [
        "All night",
        'alt="A stage"',
        'alt="First"',
        'alt="Second"',
        "https://player.vimeo.com/video/76979871",
        "Unforgettable.",
        "Overture",
        "Dogs?",
        "From a plugin",
    ]
    places = [page.find(text) for text in expected]
    assert places == sorted(places)
    assert -1 not in places


def test_a_line_up_keeps_its_order(edit: Any, client: Client, ada_vendor: Any) -> None:
    event = make_event(ada_vendor)
    artists = [make_artist(title=title) for title in ("Zoe", "Anna", "Mia")]
    rows = [{"artist": artist.pk, "note": "", "ORDER": place} for place, artist in enumerate(artists)]
    edit(event, PUBLISH, lineup=inline_formset(rows))
    page = html_of(client, event)
    assert page.index("Zoe") < page.index("Anna") < page.index("Mia")
    assert [artist["name"] for artist in EventListing.objects.get().artists] == ["Zoe", "Anna", "Mia"]


def test_an_events_page_shows_when_where_for_whom_and_on_which_terms(
    edit: Any, client: Client, ada_vendor: Any
) -> None:
    venue = make_venue(title="Hall", city="New York", country="US", timezone="America/New_York")
    event = make_event(ada_vendor)
    fields = {
        "venue": venue.pk,
        "timezone": "",
        "doors": "2031-07-03 19:15",
        "age_limit": "16",
        "image": make_image(ada_vendor).pk,
    }
    edit(event, PUBLISH, **fields, policies=rich_text("<p>No umbrellas.</p>"))
    page = html_of(client, event)
    for text in (
        "19:15",
        "20:30",
        "16 and over",
        "No umbrellas.",
        venue.get_url(),
        venue.address,
        ".webp",
        ada_vendor.name,
    ):
        assert text in page, text


def test_a_site_adds_a_type_that_editors_choose_and_visitors_filter_by(
    staff: Client, edit: Any, editor: Client, client: Client, ada_vendor: Any
) -> None:
    new = {"title": "Circus", "slug": "circus", "position": "90"}
    assert staff.post("/admin/snippets/venues/eventtype/add/", new).status_code == 302
    assert editor.post("/admin/snippets/venues/eventtype/add/", {**new, "slug": "mine"}).status_code == 403
    event = make_event(ada_vendor)
    edit(event, PUBLISH, title="Big top", type=EventType.objects.get(slug="circus").pk)
    make_event(title="Other")
    assert [row.title for row in client.get("/events/?type=circus").context["page_obj"]] == ["Big top"]
    assert "Circus" in html_of(client, event)


def test_venues_and_artists_show_all_that_was_typed(editor: Client, client: Client, ada_vendor: Any) -> None:
    venue = make_venue(
        ada_vendor,
        title="Hall",
        capacity=420,
        latitude="52.50010",
        longitude="13.44780",
        accessibility="<p>A ramp</p>",
        transport="<p>Bus 9</p>",
        directions="<p>Under the arch</p>",
    )
    page = html_of(client, venue)
    for text in ("Lindenstr. 1", "Berlin", "420", "A ramp", "Bus 9", "Under the arch", "52.5001", "13.4478"):
        assert text in page, text
    form = {
        "title": "Nina",
        "slug": "nina",
        "summary": "",
        "image": "",
        "genres": "jazz, soul",
        "biography": rich_text("<p>Born in Tryon.</p>"),
        "links": inline_formset([{"title": "Her site", "url": "https://nina.example.org/"}]),
        "body": streamfield([]),
        "comments": inline_formset([]),
    }
    editor.post(f"/admin/pages/add/venues/artistpage/{ada_vendor.page.pk}/", {**nested_form_data(form), **PUBLISH})
    page = html_of(client, Page.objects.get(slug="nina"))
    for text in ("Born in Tryon.", "jazz", "soul", 'href="https://nina.example.org/"', "Her site"):
        assert text in page, text
