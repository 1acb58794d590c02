"""The oEmbed provider, by https://oembed.com."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client

from tests.factories import make_event
from tests.venues.sharing.conftest import HOSTILE

pytestmark = pytest.mark.django_db


def ask(client: Client, url: str, **more: str) -> Any:
    return client.get("/oembed", {"url": url, **more})


class Frame(HTMLParser):
    """The one element of an answer's HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.append((tag, dict(attrs)))


def test_an_event_s_address_gives_its_frame(client: Client, concert: Any) -> None:
    answer = ask(client, concert.full_url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert (answer["Access-Control-Allow-Origin"], answer["Cache-Control"]) == ("*", "public, max-age=3600")
    said = answer.json()
    [(tag, frame)] = Frame(said.pop("html")).found
    picture = urlsplit(said.pop("thumbnail_url"))
    assert said == {
        "version": "1.0",
        "type": "rich",
        "title": "Tidewater Tour",
        "author_name": "Ada's Hall",
        "provider_name": "Foyer",
        "provider_url": settings.BASE_URL,
        "cache_age": 3600,
        "width": 480,
        "height": 520,
        "thumbnail_width": 1200,
        "thumbnail_height": 630,
    }
    assert (tag, frame["src"], frame["width"], frame["height"], frame["title"]) == (
        "iframe",
        f"{settings.BASE_URL}/embed/events/{concert.pk}/",
        "480",
        "520",
        "Tickets: Tidewater Tour",
    )
    assert client.get(urlsplit(frame["src"]).path).status_code == 200
    assert client.get(picture.path).status_code == 200


def test_it_keeps_to_the_room_that_there_is(client: Client, concert: Any) -> None:
    said = ask(client, concert.full_url, maxwidth="320", maxheight="9000").json()
    assert (said["width"], said["height"], "thumbnail_url" in said) == (320, 520, False)
    assert 'width="320" height="520"' in said["html"]


def test_xml_says_the_same(client: Client, ada_vendor: Any) -> None:
    event = make_event(ada_vendor, title=HOSTILE)
    answer = ask(client, event.full_url, format="xml")
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    read = {element.tag: element.text for element in ET.fromstring(answer.content)}
    said = {name: str(value).replace("\x0b", "") for name, value in ask(client, event.full_url).json().items()}
    assert read == said
    assert [tag for tag, _attributes in Frame(read["html"] or "").found] == ["iframe"]


@pytest.mark.parametrize(
    "form", ["{url}", "{bare}", "{url}?utm_source=x#tickets", "{frame}", "{https}"], ids=lambda form: form.strip("{}")
)
def test_every_address_of_an_event_is_known(client: Client, concert: Any, form: str) -> None:
    url = concert.full_url
    names = {"url": url, "bare": url.rstrip("/"), "https": url.replace("http:", "https:")}
    names["frame"] = f"{settings.BASE_URL}/embed/events/{concert.pk}/?theme=dark"
    assert ask(client, form.format(**names)).json()["title"] == "Tidewater Tour"


def test_an_affiliate_s_code_goes_along(client: Client, concert: Any) -> None:
    [(_tag, frame)] = Frame(ask(client, f"{concert.full_url}?via=PRESS7").json()["html"]).found
    assert parse_qs(urlsplit(frame["src"] or "").query) == {"via": ["PRESS7"]}
    [(_tag, frame)] = Frame(ask(client, f"{concert.full_url}?via=%22%3E%3Cb%3E").json()["html"]).found
    assert urlsplit(frame["src"] or "").query == ""


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ({}, 400, "url: give the address of an event's page."),
        ({"maxwidth": "0"}, 400, "url: give the address of an event's page."),
        ({"url": "{url}", "maxwidth": "wide"}, 400, "maxwidth: use a whole number of pixels, from 1 to 99999."),
        ({"url": "{url}", "maxheight": "0"}, 400, "maxheight: use a whole number of pixels, from 1 to 99999."),
        ({"url": "{url}", "maxheight": "-1"}, 400, "maxheight: use a whole number of pixels, from 1 to 99999."),
        ({"url": "{url}", "maxwidth": "٣٢٠"}, 400, "maxwidth: use a whole number of pixels, from 1 to 99999."),
        ({"url": "{url}", "format": "yaml"}, 501, "format: use json or xml."),
    ],
)
def test_bad_input_is_named(client: Client, concert: Any, query: dict[str, str], status: int, says: str) -> None:
    asked = {name: value.format(url=concert.full_url) for name, value in query.items()}
    answer = client.get("/oembed", asked)
    assert (answer.status_code, answer.json()["detail"]) == (status, says)


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example{path}",
        "{path}",
        "javascript:alert(1)//{host}{path}",
        "{base}@evil.example{path}",
        "{base}/",
        "{base}/events/",
        "{base}/vendors/nobody{path}",
        "{base}/embed/events/999999999/",
        "{base}/embed/events/99999999999999999999/",
        "http://[",
        "{base}/%00/",
        "{base}/a\0b/",
        "x" * 5000,
    ],
)
def test_what_is_no_event_of_ours_is_not_found(client: Client, concert: Any, url: str) -> None:
    host = urlsplit(settings.BASE_URL).netloc
    answer = ask(client, url.format(path=concert.url, base=settings.BASE_URL, host=host))
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_what_nobody_may_see_is_not_found(
    client: Client, hidden: list[Any], ada: Any, cleo: Any, browser_of: Any
) -> None:
    for event in hidden:
        for visitor in (client, browser_of(cleo), browser_of(ada)):
            for url in (event.full_url, f"{settings.BASE_URL}/embed/events/{event.pk}/"):
                answer = ask(visitor, url)
                assert (answer.status_code, "SECRET" in answer.content.decode()) == (404, False)


def test_an_event_s_page_names_where_to_ask(client: Client, concert: Any) -> None:
    html = client.get(concert.url).content.decode()
    for kind, form in (("application/json+oembed", "json"), ("text/xml+oembed", "xml")):
        href = html.partition(f'<link rel="alternate" type="{kind}" href="')[2].partition('"')[0].replace("&amp;", "&")
        assert client.get(href.removeprefix(settings.BASE_URL)).status_code == 200
        assert href.endswith(f"format={form}")
