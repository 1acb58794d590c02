"""The documentation's pages: all of the description, all guides, all errors; every link leads somewhere."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from typing import Any
from urllib.parse import urldefrag, urljoin

import pytest
from django.conf import settings
from django.test import Client
from django.utils.html import escape

from portal.api.catalogue import KINDS
from portal.api.docs import GUIDES
from portal.api.schema import description
from tests.look.reading import Reading

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def read(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def pages(client: Client) -> dict[str, str]:
    """Every page below /api/docs/ that links lead to, by its path."""
    found, waiting = {}, ["/api/docs/"]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path] = read(client, path)
            waiting += [link for link in links(path, found[path]) if link.startswith("/api/docs/")]
    return found


def links(path: str, html: str) -> set[str]:
    targets = {urljoin(path, unescape(target)) for target in re.findall(r'href="([^"]+)"', html)}
    return {urldefrag(target.removeprefix(settings.BASE_URL)).url for target in targets}


def test_links_lead_to_every_page_and_every_page_is_sound(client: Client) -> None:
    found = pages(client)

    tags = {"/api/docs/operations/" + tag["name"].replace(" ", "-") for tag in description()["tags"]}
    guides = {f"/api/docs/guides/{guide}" for guide in GUIDES}
    problems = {f"/api/docs/problems/{code}" for code in KINDS}
    assert found.keys() == {"/api/docs/", "/api/docs/problems", *tags, *guides, *problems}
    for path, html in found.items():
        reading = Reading(html)
        assert (reading.headings.count(1), reading.inline, reading.nameless) == (1, [], []), path
        assert all(
            after - before <= 1 for before, after in zip(reading.headings, reading.headings[1:], strict=False)
        ), path
        assert len(reading.ids) == len(set(reading.ids)), path


def test_anchors_that_are_linked_exist(client: Client) -> None:
    @cache
    def ids(path: str) -> set[str]:
        return set(Reading(read(client, path)).ids)

    for path in ("/api/docs/", "/api/docs/operations/tickets", "/api/docs/problems/sold-out"):
        for target in re.findall(r'href="([^"]*#[^"]+)"', read(client, path)):
            page, anchor = urldefrag(urljoin(path, target))
            assert anchor in ids(page), target


def test_an_operation_is_shown_whole(client: Client) -> None:
    html = read(client, "/api/docs/operations/tickets")

    booking = html[html.index('id="book_tickets"') :]
    assert "Their places are held for 15 minutes" in booking
    for told in (
        "Idempotency-Key",
        "items[].quantity",
        "from 1, to 1000",
        "sold-out",
        "tickets:book",
        "Idempotency-Replayed",
    ):
        assert f"{told}" in booking, told
    for call in ("curl -X POST", "httpx.post(", "method: &quot;POST&quot;"):
        assert call in booking, call
    assert escape('"code": "K7PX2M9QRT"') in booking
    for operation in (told for path in description()["paths"].values() for told in path.values()):
        page = "/api/docs/operations/" + operation["tags"][0].replace(" ", "-")
        assert f'id="{operation["operationId"]}"' in read(client, page)


def test_a_guide_is_rendered_with_this_sites_address(client: Client) -> None:
    html = read(client, "/api/docs/guides/buying")

    assert "foyer.example" not in html
    assert escape(f"API={settings.BASE_URL}/api/v1") in html
    assert 'href="/api/docs/problems/sold-out"' in html
    assert 'href="signing-in"' in html
    assert [html.count(f"<summary>{language}</summary>") for language in ("curl", "Python", "JavaScript")] == [4, 4, 4]


def test_an_error_says_when_it_comes_what_to_do_and_how_it_looks(client: Client) -> None:
    html = read(client, "/api/docs/problems/sold-out")

    kind = KINDS["sold-out"]
    assert kind.when in unescape(html)
    assert "says how many of each there are" in html
    assert f"{settings.BASE_URL}/api/docs/problems/sold-out" in html
    assert escape('"reason": "pending"') in html
    assert "/api/docs/operations/tickets#book_tickets" in html
    listed = read(client, "/api/docs/problems")
    assert [code for code, kind in KINDS.items() if escape(kind.title) not in listed] == []


def test_a_plugins_own_error_has_a_page(client: Client) -> None:
    assert "A plugins own" in read(client, "/api/docs/problems/a-plugins-own")


@pytest.mark.parametrize("path", ["guides/nothing", "guides/..", "operations/nothing", "nothing", "problems/<b>"])
def test_what_there_is_not_is_a_problem(client: Client, path: str) -> None:
    response = client.get(f"/api/docs/{path}")

    assert (response.status_code, response.json()["code"]) == (404, "not-found")


def test_pages_are_read_only(client: Client) -> None:
    for path in ("", "guides/buying", "operations/events", "problems", "problems/gone"):
        response = client.post(f"/api/docs/{path}")
        assert (response.status_code, response["Allow"], response.json()["code"]) == (
            405,
            "GET, HEAD",
            "method-not-allowed",
        )
    assert client.head("/api/docs/").content == b""


def test_the_policy_is_strict(client: Client) -> None:
    policy: Any = client.get("/api/docs/").headers["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
