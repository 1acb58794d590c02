"""Redis is away: slower, and everything works."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.cache import cache, caches
from django.test import Client

from portal.accounts.models import User
from tests.infra.servers import hanging_up
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def no_redis(settings: Any) -> Iterator[None]:
    yield from without_redis(settings, NOWHERE)


def without_redis(settings: Any, address: str) -> Iterator[None]:
    options = {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 0.25, "SOCKET_TIMEOUT": 0.25}
    cut_off = {"BACKEND": "portal.cache.RedisOrLocalCache", "LOCATION": address, "OPTIONS": options}
    plain = {**cut_off, "BACKEND": "django_redis.cache.RedisCache", "LOCATION": NOWHERE}
    settings.CACHES = {"default": cut_off, "shared": cut_off, "sessions": plain}
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
    settings.SESSION_CACHE_ALIAS = "sessions"
    yield
    caches["default"]._local.clear()


def test_people_log_in_with_their_second_factor(no_redis: None, ben: User) -> None:
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(ben, secret)
    browser, code = Client(), format_hotp_value(hotp_value(secret, int(time.time()) // 30))

    page = browser.post("/account/login/", {"login": ben.email, "password": PASSWORD})["Location"]
    assert browser.post(page, {"code": code})["Location"] == "/account/"

    assert browser.get("/account/").status_code == 200


def test_a_redis_that_does_not_answer_is_asked_once_and_then_left_alone(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.cache.PAUSE", 3600.0)
    with hanging_up() as (address, calls):
        for _ in without_redis(settings, address):
            for turn in range(20):
                cache.set("turn", turn)
                assert cache.get("turn") == turn
    assert len(calls) == 1


def test_a_code_still_works_once_and_guessing_is_still_limited(no_redis: None, ben: User) -> None:
    assert (cache.add("used", 1), cache.add("used", 1)) == (True, False)
    cache.set("seen", [1, 2])
    assert (cache.get("seen"), cache.get("unseen", "default"), cache.delete("seen"), cache.get("seen")) == (
        [1, 2], "default", True, None,
    )  # fmt: skip
    pages = [Client().post("/account/password/reset/", {"email": f"{n}@example.org"}) for n in range(25)]
    assert pages[-1].status_code == 429


def test_an_ended_session_is_ended(no_redis: None, ben: User) -> None:
    browser = Client()
    browser.post("/account/login/", {"login": ben.email, "password": PASSWORD})
    stolen = browser.cookies["sessionid"].value

    browser.post("/account/logout/")

    assert Client(headers={"Cookie": f"sessionid={stolen}"}).get("/account/").status_code == 302


def test_the_api_answers(no_redis: None, client: Client) -> None:
    assert client.get("/api/v1/events").status_code == 200


def test_with_redis_processes_share_what_is_kept(settings: Any, redis_url: str) -> None:
    settings.CACHES = {"default": {"BACKEND": "portal.cache.RedisOrLocalCache", "LOCATION": redis_url}}
    plain = {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": redis_url}
    settings.CACHES["other"] = plain

    assert cache.add("lock", 1) is True
    assert caches["other"].add("lock", 1) is False
    assert cache.get("lock") == 1
