"""What pages say of themselves to networks and search engines, and how their readers share them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from django.utils.html import escape
from PIL import Image

from tests.factories import make_artist, make_event, make_image, make_venue
from tests.venues.sharing.conftest import HOSTILE
from venues.models import EventListing
from venues.sharing.pictures import picture_path

pytestmark = pytest.mark.django_db


def told(html: str) -> dict[str, str]:
    """The properties of the head's meta elements."""
    return dict(re.findall(r'<meta (?:property|name)="((?:og|twitter):[\w:]+)" content="([^"]*)">', html))


def test_an_event_s_page_has_a_card(client: Client, concert: Any) -> None:
    html = client.get(concert.url).content.decode()
    picture = settings.BASE_URL + picture_path(EventListing.objects.get(pk=concert.pk))
    assert told(html) == {
        "og:type": "website",
        "og:site_name": "Foyer",
        "og:title": "Tidewater Tour",
        "og:description": "Loud.",
        "og:url": concert.full_url,
        "og:image": picture,
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": "Tidewater Tour",
        "twitter:card": "summary_large_image",
    }
    assert f'<link rel="canonical" href="{concert.full_url}">' in html


def test_a_venue_s_and_an_artist_s_page_have_one(client: Client, ada_vendor: Any) -> None:
    venue = make_venue(ada_vendor, title=HOSTILE, image=make_image(ada_vendor))
    artist = make_artist(ada_vendor, title=HOSTILE)
    shown = told(client.get(venue.url).content.decode())
    assert (shown["og:title"], shown["og:url"], shown["twitter:card"]) == (
        escape(HOSTILE),
        venue.full_url,
        "summary_large_image",
    )
    picture = settings.MEDIA_ROOT / shown["og:image"].removeprefix(f"{settings.BASE_URL}/media/")
    with Image.open(picture) as opened:
        assert (opened.format, opened.size) == ("JPEG", (60, 32))  # as large as the small upload allows
    plain = told(client.get(artist.url).content.decode())
    assert ("og:image" in plain, plain["twitter:card"]) == (False, "summary")


def test_an_event_s_page_is_shared_without_scripts_and_third_parties(client: Client, concert: Any) -> None:
    html = client.get(f"{concert.url}?utm_source=x").content.decode()
    section = html.partition('<section class="share"')[2].partition("</section>")[0]
    assert f'value="{concert.full_url}" readonly' in section
    assert f'href="mailto:?subject=Tidewater%20Tour&amp;body={quote(concert.full_url, safe="")}"' in section
    assert f'href="/events/{concert.pk}.ics"' in section
    assert f'href="/events/{concert.pk}/embed/"' in section
    assert re.findall(r'(?:href|src)="https?://(?!localhost)', section) == []


def test_a_draft_offers_nothing_to_share(hidden: list[Any], ada: Any, browser_of: Any) -> None:
    draft, closed, _withdrawn = hidden
    for path in (f"/admin/pages/{draft.pk}/view_draft/", closed.url):
        answer = browser_of(ada).get(path)
        assert (answer.status_code, 'class="share"' in answer.content.decode()) == (200, False)


def test_search_engines_find_every_public_page_and_no_other(client: Client, hidden: list[Any], concert: Any) -> None:
    robots = client.get("/robots.txt")
    assert (robots.status_code, robots["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert f"Sitemap: {settings.BASE_URL}/sitemap.xml" in robots.content.decode().splitlines()
    [section] = re.findall(r"<loc>https?://[^/]+(/[^<]+)</loc>", client.get("/sitemap.xml").content.decode())
    sitemap = client.get(section)
    found = re.findall(r"<loc>([^<]+)</loc>", sitemap.content.decode())
    pages = (concert, concert.venue, concert.get_parent().specific, *(entry.artist for entry in concert.lineup.all()))
    assert {page.full_url for page in pages} - set(found) == set()
    assert ("secret" in sitemap.content.decode().lower(), len(found) == len(set(found))) == (False, True)
    assert {client.get(url.removeprefix(settings.BASE_URL)).status_code for url in found} == {200}
    assert client.get("/sitemap-nothing.xml").status_code == 404
    assert [client.get(f"{section}?p={page}").status_code for page in ("2", "0", "x")] == [404, 404, 404]


def test_a_sitemap_takes_few_queries(client: Client, ada_vendor: Any, django_assert_max_num_queries: Any) -> None:
    for _number in range(5):
        make_event(ada_vendor)
    client.get("/sitemap-pages.xml")
    with django_assert_max_num_queries(12):
        client.get("/sitemap-pages.xml")
