"""The frame on other sites' pages, the widget's script, and the page that explains both."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from marketplace.models import Cart
from tests.factories import make_event, make_order, make_ticket_type
from tests.look.reading import Reading
from tests.venues.sharing.conftest import HOSTILE
from venues.services.events import cancel_event

pytestmark = pytest.mark.django_db


def frame(client: Client, event: Any, query: str = "") -> str:
    answer = client.get(f"/embed/events/{event.pk}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_may_be_framed_anywhere_and_knows_no_cookies(client: Client, concert: Any) -> None:
    answer = client.get(f"/embed/events/{concert.pk}/")
    policy = answer["Content-Security-Policy"].split("; ")
    assert ("frame-ancestors *" in policy, "script-src 'self'" in policy) == (True, True)
    assert ("X-Frame-Options" in answer, dict(answer.cookies), answer["Vary"]) == (False, {}, "Accept-Language")
    reading = Reading(answer.content.decode())
    assert (reading.headings, reading.nameless, reading.inline) == ([1], [], [])


def test_nothing_else_may_be_framed_elsewhere(client: Client, concert: Any) -> None:
    for path in ("/", "/events/", concert.url, f"/events/{concert.pk}/embed/", "/account/login/", "/embed/events/0/"):
        answer = client.get(path)
        assert answer["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in answer["Content-Security-Policy"].split("; ")


def test_it_is_the_same_for_whoever_is_signed_in(client: Client, concert: Any, ben: Any, browser_of: Any) -> None:
    assert frame(browser_of(ben), concert) == frame(client, concert)


def test_strangers_share_it(client: Client, concert: Any, settings: Any) -> None:
    settings.SHARED_CACHE_SECONDS = 5
    assert client.get(f"/embed/events/{concert.pk}/")["Cache-Control"] == "public, max-age=5"


def test_what_is_chosen_comes_to_the_event_s_page_and_nothing_is_held_yet(client: Client, concert: Any) -> None:
    kind = concert.ticket_types.get()
    html = frame(client, concert, "?via=PRESS7")
    assert (
        f'<form class="stack" method="get" action="{concert.full_url}#tickets" target="_blank" rel="noopener"' in html
    )
    assert '<input type="hidden" name="via" value="PRESS7">' in html
    assert f'name="type-{kind.pk}"' in html
    page = client.get(concert.url, {f"type-{kind.pk}": "2", "via": "PRESS7"}).content.decode()
    assert f'name="type-{kind.pk}" id="type-{kind.pk}" value="2"' in page
    assert Cart.objects.count() == 0


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://partner.example"}, {"Origin": "null"}], ids=str
)
def test_another_site_can_t_post_for_a_visitor(client: Client, concert: Any, headers: dict[str, str]) -> None:
    kind = concert.ticket_types.get()
    answer = client.post(f"/events/{concert.pk}/cart/", {f"type-{kind.pk}": "2"}, headers=headers)
    assert (answer.status_code, Cart.objects.count()) == (403, 0)


def test_it_says_how_the_sale_stands(client: Client, ada_vendor: Any) -> None:
    full, off, over, free = (make_event(ada_vendor, days=days) for days in (3, 4, -5, 6))
    make_order(make_ticket_type(full, price=0, capacity=1))
    make_ticket_type(off)
    cancel_event(off)
    make_ticket_type(over)
    said = ("Sold out", "This event was canceled.", "This event is over.", "Get tickets")
    found = [[text for text in said if text in frame(client, event)] for event in (full, off, over, free)]
    assert found == [["Sold out"], ["This event was canceled."], ["This event is over."], []]
    assert "All about the event" in frame(client, free)


@pytest.mark.parametrize(("theme", "marked"), [("light", True), ("dark", True), ("", False)])
def test_its_colours_can_be_chosen(client: Client, concert: Any, theme: str, marked: bool) -> None:
    assert (f'data-theme="{theme}"' in frame(client, concert, f"?theme={theme}")) is marked


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("?theme=pink", "theme: Select a valid choice. pink is not one of the available choices."),
        ("?via=a%20b", "via: Use up to 20 letters, digits and hyphens."),
        ("?via=%22%3E%3Cscript%3E", "via: Use up to 20 letters, digits and hyphens."),
        (f"?via={'x' * 21}", "via: Use up to 20 letters, digits and hyphens."),
    ],
)
def test_bad_input_is_named(client: Client, concert: Any, query: str, says: str) -> None:
    answer = client.get(f"/embed/events/{concert.pk}/{query}")
    assert (answer.status_code, answer.json()["detail"]) == (422, says)
    page = client.get(f"/events/{concert.pk}/embed/{query}")
    assert (page.status_code, says.partition(": ")[2] in page.content.decode()) == (422, True)


def test_what_nobody_may_see_has_neither_frame_nor_explanation(
    client: Client, hidden: list[Any], ada: Any, cleo: Any, browser_of: Any
) -> None:
    for event in hidden:
        for visitor in (client, browser_of(cleo), browser_of(ada)):
            for path in (f"/embed/events/{event.pk}/", f"/events/{event.pk}/embed/"):
                assert visitor.get(path).status_code == 404


def test_hostile_words_stay_words(client: Client, ada_vendor: Any) -> None:
    event = make_event(ada_vendor, title=HOSTILE)
    make_ticket_type(event, name=HOSTILE[:80])
    for html in (frame(client, event), client.get(f"/events/{event.pk}/embed/").content.decode()):
        assert ("<script>alert" in html, Reading(html).inline) == (False, [])


def test_the_code_to_copy_says_a_title_as_words(client: Client, ada_vendor: Any) -> None:
    event = make_event(ada_vendor, title=HOSTILE)
    page = client.get(f"/events/{event.pk}/embed/?theme=dark&via=PRESS7")
    for code in (page.context["script"], page.context["frame"]):
        assert ("<script>alert" in code, "via=PRESS7" in code) == (False, True)
    assert (
        page.context["script"]
        .splitlines()[0]
        .startswith(
            f'<a href="{event.full_url}?via=PRESS7" data-foyer-event="{event.pk}" data-theme="dark" data-via="PRESS7">'
        )
    )
    assert page.context["script"].splitlines()[-1] == f'<script src="{settings.BASE_URL}/widget.js" async></script>'


def test_the_widget_s_script_is_small_and_may_be_loaded_anywhere(client: Client) -> None:
    answer = client.get("/widget.js")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert (answer["Access-Control-Allow-Origin"], answer["Cache-Control"]) == ("*", "public, max-age=3600")
    assert len(answer.content) < 3072
    assert len(gzip.compress(answer.content)) < 1024
