"""The servers that journeys stand on really run."""

from __future__ import annotations

import httpx
import psycopg
import pytest
import redis
from playwright.sync_api import Page

from tests import people
from tests.infra.site import Site


def test_the_site_and_the_test_share_a_database(site: Site) -> None:
    assert httpx.get(f"{site.url}/health/ready").json()["checks"]["database"] == "ok"
    people.ben()
    answer = httpx.post(
        f"{site.url}/api/v1/login", json={"email": "ben@example.org", "password": people.PASSWORD}, timeout=20
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_finds_the_running_site_as_migrated(site: Site, turn: int) -> None:
    people.ben()  # would be a duplicate if the first turn's were still there
    assert httpx.get(f"{site.url}/health/ready").status_code == 200


@pytest.mark.browser
def test_a_browser_opens_the_site(site: Site, page: Page) -> None:
    answer = page.goto("/events/")
    assert answer
    assert answer.status == 200


def test_extra_servers_are_real(postgres_url: str, redis_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        row = connection.execute("SELECT count(*) FROM wagtailcore_site").fetchone()
    assert row == (1,)
    assert redis.Redis.from_url(redis_url).ping() is True
