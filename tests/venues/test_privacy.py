"""Private pages: opened by who may see them, and shown on no list, in no search and by no API."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Page, PageViewRestriction, ReferenceIndex

from home.models import HomePage, Pick
from portal.outbox.models import StoredMessage
from tests.factories import make_artist, make_document, make_event, make_ticket_type, make_vendor, make_venue
from tests.venues.test_fence import status
from venues.models import ArtistIndexPage, EventIndexPage, EventListing, EventPage, VenueIndexPage
from venues.services.events import update_event
from venues.services.rebuild import heal, rebuild

pytestmark = pytest.mark.django_db

LOGIN, PASSWORD = PageViewRestriction.LOGIN, PageViewRestriction.PASSWORD


@pytest.fixture
def close(sam: Any, browser_of: Any) -> Any:
    """``close(page)`` asks for a login at `page`, as staff do it in the admin; ``close(page, "none")`` opens it again."""

    def set_privacy(page: Page, kind: str = LOGIN) -> None:
        form = {"restriction_type": kind, "password": "sesame", "groups": []}
        response = browser_of(sam).post(f"/admin/pages/{page.pk}/privacy/", form)
        assert response.json()["step"] == "set_privacy_done"

    return set_privacy


@pytest.fixture
def show() -> EventPage:
    """The Secret Show of Nina's at the Hall, which is picked for the front page."""
    event = make_event(
        make_vendor(name="Owls"),
        title="Secret Show",
        venue=make_venue(title="Hall"),
        artists=[make_artist(title="Nina")],
    )
    home = HomePage.objects.get()
    home.picks = [Pick(event=event)]
    home.save_revision().publish()
    return event


def roads(event: EventPage) -> list[str]:
    """Every address at which a stranger may meet an event."""
    venue, artist = event.venue, event.lineup.get().artist
    return [
        "/",
        "/events/",
        "/events/?search=secret",
        "/events/?date_from=2000-01-01",
        event.get_parent().get_url(),
        venue.get_url(),
        artist.get_url(),
        "/api/v1/events",
        "/api/v1/events?search=secret",
        f"/api/v1/events?venue={venue.pk}",
        f"/api/v1/events?artist={artist.pk}",
        f"/api/v1/events?date_from=2000-01-01&vendor={event.get_parent().specific.vendor_id}",
        f"/api/v1/events/{event.pk}",
        f"/api/v1/events/{event.pk}/tickets",
        event.get_url(),
        "/events.ics?search=secret",
        "/events.json?date_from=2000-01-01",
        f"/events.rss?venue={venue.pk}",
        f"/events/{event.pk}.ics",
        f"/events/{event.pk}/embed/",
        f"/embed/events/{event.pk}/",
        f"/oembed?url={quote(event.get_full_url())}",
        f"/oembed?url={quote(event.get_full_url())}&format=xml",
    ]


def met(client: Any, event: EventPage) -> list[str]:
    """The roads on which the event is met; nobody else's answer is waiting in a cache."""
    found = []
    for road in roads(event):
        caches["shared"].clear()
        if "Secret Show" in client.get(road).content.decode():
            found.append(road)
    return found


@pytest.mark.parametrize("kind", [LOGIN, PASSWORD, PageViewRestriction.GROUPS])
@pytest.mark.parametrize("above", [0, 1, 2])
def test_a_stranger_meets_a_private_event_on_no_road(
    client: Any, show: EventPage, close: Any, kind: str, above: int
) -> None:
    ways = met(client, show)
    assert set(roads(show)) - set(ways) == {f"/api/v1/events/{show.pk}/tickets"}  # which names ticket types alone
    page = [show, *reversed(show.get_ancestors())][above]
    if kind == PageViewRestriction.GROUPS:
        PageViewRestriction.objects.create(page=page, restriction_type=kind)
    else:
        close(page, kind)
    assert met(client, show) == []
    assert [client.get(f"/api/v1/events/{show.pk}{more}").status_code for more in ("", "/tickets")] == [404, 404]

    close(page, "none")
    assert met(client, show) == ways


def test_its_visitors_still_open_it(client: Any, show: EventPage, close: Any, ben: Any, browser_of: Any) -> None:
    close(show)
    response = client.get(show.get_url())
    assert (response.status_code, response["Location"]) == (302, f"/_util/login/?next={show.get_url()}")
    page = browser_of(ben).get(show.get_url())
    assert (page.status_code, "Secret Show" in page.content.decode()) == (200, True)
    assert "private" in page["Cache-Control"]


def test_its_password_opens_it(client: Any, show: EventPage, close: Any) -> None:
    close(show, PASSWORD)
    asked = client.get(show.get_url())
    assert (asked.status_code, "Secret Show" in asked.content.decode()) == (200, False)
    address = asked.context["action_url"]
    assert client.post(address, {"password": "wrong", "return_url": show.get_url()}).status_code == 200
    assert client.post(address, {"password": "sesame", "return_url": show.get_url()}).status_code == 302
    assert "Secret Show" in client.get(show.get_url()).content.decode()


def test_its_vendor_reads_it_through_the_api(ada: Any, cleo: Any, ada_vendor: Any, api_of: Any, close: Any) -> None:
    event = make_event(ada_vendor)
    close(event)
    address = f"/api/v1/events/{event.pk}"
    assert [api_of(person).get(address).status_code for person in (ada, cleo)] == [200, 404]


def test_no_answer_from_before_is_left_for_strangers(client: Any, show: EventPage, close: Any) -> None:
    assert client.get(show.get_url()).status_code == 200
    caches["shared"].clear()  # what was public for five seconds
    close(show)
    assert [client.get(show.get_url()).status_code for _again in range(2)] == [302, 302]


def test_what_happens_to_a_private_event_lists_it_nowhere(show: EventPage, close: Any) -> None:
    close(show)
    update_event(show, title="Secret Show II")
    show.lineup.get().artist.save_revision().publish()
    show.venue.save_revision().publish()
    heal()
    rebuild()
    assert not EventListing.objects.exists()


def test_moving_an_event_to_a_private_place_takes_it_off_the_lists(show: EventPage, close: Any) -> None:
    private = make_vendor(name="Private").page
    close(private)
    old = show.get_parent()
    show.move(Page.objects.get(pk=private.pk), pos="last-child")
    assert not EventListing.objects.exists()
    assert StoredMessage.objects.filter(name="venues.EventWithdrawn", payload={"event_id": show.pk}).count() == 1
    EventPage.objects.get(pk=show.pk).move(Page.objects.get(pk=old.pk), pos="last-child")
    assert EventListing.objects.get().title == "Secret Show"


@pytest.mark.parametrize(
    ("model", "address"),
    [(EventIndexPage, "/events/"), (VenueIndexPage, "/venues/"), (ArtistIndexPage, "/artists/"), (HomePage, "/")],
)
def test_a_private_index_is_for_its_visitors(
    client: Any, close: Any, ben: Any, browser_of: Any, model: type[Page], address: str
) -> None:
    close(model.objects.get())
    assert client.get(address)["Location"].startswith("/_util/login/")
    assert browser_of(ben).get(address).status_code == 200


def test_private_venues_artists_and_vendors_are_in_no_index(client: Any, close: Any) -> None:
    vendor, venue, artist = make_vendor(name="Owls"), make_venue(title="Hall"), make_artist(title="Nina")
    close(make_venue(title="Hidden place"))
    close(make_artist(title="Hidden person"))
    close(make_vendor(name="Hidden firm").page)
    for address, name in (("/vendors/", vendor.name), ("/venues/", venue.title), ("/artists/", artist.title)):
        page = client.get(address).content.decode()
        assert (name in page, "Hidden" in page) == (True, False)
    for kind, page in (("venues", venue), ("artists", artist)):
        assert [row["name"] for row in client.get(f"/api/v1/{kind}").json()["results"]] == [page.title]
        hidden = type(page).objects.get(title__startswith="Hidden")
        assert client.get(f"/api/v1/{kind}/{hidden.pk}").status_code == 404


def test_documents_of_a_private_page_are_for_its_visitors(
    client: Any, ada_vendor: Any, close: Any, ben: Any, browser_of: Any
) -> None:
    document = make_document(ada_vendor)
    event = make_event(ada_vendor, policies=f'<p><a linktype="document" id="{document.pk}">Rules</a></p>')
    ReferenceIndex.create_or_update_for_object(event)  # a task of Wagtail's, after the commit
    assert status(client, document.url) == 200
    close(event)
    assert [status(visitor, document.url) for visitor in (client, browser_of(ben))] == [404, 200]


def test_privacy_costs_browsing_no_query(client: Any, show: EventPage, close: Any) -> None:
    close(make_venue(title="Hidden"))
    client.get("/events/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/events/?sort=newest").context["total"] == 1
    assert len(queries) <= 3


def test_nobody_books_a_private_event_unseen(
    client: Any, ada: Any, ben: Any, api_of: Any, browser_of: Any, close: Any
) -> None:
    event = make_event(ada.vendor_membership.vendor)
    kind = make_ticket_type(event, price=0)
    close(event)
    booking = {"event": str(event.pk), "items": [{"ticket_type": str(kind.pk), "quantity": 1}]}

    def book(caller: Any, **more: str) -> int:
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        body = {**booking, **more}
        return caller.post("/api/v1/tickets/book", body, content_type="application/json", headers=headers).status_code

    assert [book(client, email="eve@example.org"), book(api_of(ben)), book(api_of(ada))] == [404, 404, 201]
    cart = {f"type-{kind.pk}": "1"}
    bought = [visitor.post(f"/events/{event.pk}/cart/", cart).status_code for visitor in (client, browser_of(ben))]
    assert bought == [404, 302]


def test_vendors_choose_no_private_venue_of_anothers(
    ada: Any, cleo: Any, ada_vendor: Any, cleo_vendor: Any, browser_of: Any, close: Any
) -> None:
    venue = make_venue(ada_vendor, title="Hidden hall")
    close(venue)
    offered = [
        "Hidden hall" in browser_of(person).get(reverse("venue_chooser:choose")).content.decode()
        for person in (ada, cleo)
    ]
    assert offered == [True, False]


def test_privacy_is_set_by_staff_alone(ada: Any, sam: Any, ada_vendor: Any, browser_of: Any) -> None:
    """Its form names all groups, and so the other vendors."""
    event = make_event(ada_vendor)
    for person, expected in ((ada, 403), (sam, 200)):
        browser = browser_of(person)
        assert browser.get(f"/admin/pages/{event.pk}/privacy/").status_code == expected
        editor = browser.get(f"/admin/pages/{event.pk}/edit/").content.decode()
        assert ('data-a11y-dialog-show="set-privacy"' in editor) == (expected == 200)
