"""What caches, logs and mails must not carry further."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from portal.logs import JsonFormatter
from tests.security.world import World

pytestmark = pytest.mark.django_db
EVIL = "https://evil.example/"


# ---- caches and logs


def test_a_shared_page_is_nobodys_own(world: World, settings: Any) -> None:
    settings.SHARED_CACHE_SECONDS = 5
    caches["shared"].clear()
    stranger = Client()
    for headers in (
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Proto": "gopher"},
        {"X-Original-URL": "/admin/"},
    ):
        assert stranger.get("/events/", headers=headers).status_code == 200
    page = stranger.get("/events/")
    assert ("evil.example" in page.content.decode(), "csrfmiddlewaretoken" in page.content.decode(), page.cookies) == (
        False,
        False,
        {},
    )
    mine = world.browser("ben").get("/events/")
    assert ("Ben" in mine.content.decode(), "public" in mine.get("Cache-Control", "")) == (True, False)
    assert "Ben" not in Client().get("/events/").content.decode()


def test_query_cookie_host_and_language_tell_shared_pages_apart(world: World, settings: Any) -> None:
    settings.SHARED_CACHE_SECONDS = 5
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    caches["shared"].clear()
    first = Client().get("/events/?search=nothing-there").content
    assert Client().get("/events/?search=").content != first
    assert Client().get("/api/v1/events?limit=1", headers={"Host": "other.example"}).json()["results"]
    assert "other.example" not in Client().get("/api/v1/events?limit=1").content.decode()


def test_nothing_private_is_ever_called_public(world: World, settings: Any) -> None:
    settings.SHARED_CACHE_SECONDS = 5
    ben, token = world.browser("ben"), world.api("ben")
    for path in (
        f"/orders/{world.order.code}/",
        f"/tickets/{world.ticket.pk}/",
        "/account/",
        f"/checkout/{world.cart.pk}/",
        "/account/login/",
    ):
        assert "public" not in ben.get(path).get("Cache-Control", ""), path
    for path in (
        f"/orders/{world.order.code}",
        f"/tickets/{world.ticket.pk}",
        "/orders",
        "/tickets",
        f"/events/{world.draft.pk}",
    ):
        assert "public" not in token.get(f"/api/v1{path}").get("Cache-Control", ""), path
        assert "public" not in Client().get(f"/api/v1{path}", headers={"Order-Token": "x"}).get("Cache-Control", ""), (
            path
        )
    owner = world.api("ada").get(f"/api/v1/events/{world.draft.pk}")
    assert (owner.status_code, owner["Cache-Control"]) == (200, "private, no-cache")


def test_a_log_line_stays_one_line_and_keeps_no_secret(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        client.get("/nowhere%0a%7b%22level%22:%22forged%22%7d/?token=sesame-open", headers={"Request-Id": "x\n{}"})
        client.post("/account/login/", {"login": "ben@example.org", "password": "sesame-open"})
        client.get("/api/v1/orders", headers={"Authorization": "Bearer sesame-open-sesame"})
    lines = [JsonFormatter().format(record) for record in caplog.records]
    assert lines
    for line in lines:
        assert ("\n" in line, "sesame" in line, "ben@example.org" in line) == (False, False, False), line
        assert json.loads(line)["level"] != "forged"


# ---- mails and spreadsheets


def test_a_name_puts_no_lines_into_mails(world: World) -> None:
    from marketplace.services.checkout import place_order

    order = place_order(
        world.event.pk,
        items={world.kind.pk: 1},
        email="a@example.org",
        name="A\r\nBcc: all@example.org\n\nYou won",
        attendees=["B\nC"],
    ).order
    assert (order.name, order.lines.get().attendees) == ("A Bcc: all@example.org You won", ["B C"])


def test_an_events_title_is_no_template_and_no_header(world: World) -> None:
    from django.template.loader import render_to_string

    title = "{{ settings.SECRET_KEY }}{% debug %}\r\nBcc: all@example.org"
    subject = render_to_string("notices/order_confirmed.subject.txt", {"title": title, "code": "X"})
    assert "{{ settings.SECRET_KEY }}" in subject
