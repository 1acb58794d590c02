"""Caching, HEAD, CORS, limits, and what every answer carries."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, override_settings
from oauth2_provider.models import AccessToken, Application

from portal.accounts.models import User
from portal.api.throttling import LocalCounter, RedisCounter

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.endpoints")]


def test_an_etag_saves_the_second_transfer(client: Client) -> None:
    first = client.get("/api/v1/public?size=3")

    for tag in (first["ETag"], f"W/{first['ETag']}", f'"other", {first["ETag"]}', "*"):
        again = client.get("/api/v1/public?size=3", headers={"If-None-Match": tag})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    changed = client.get("/api/v1/public?size=4", headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200


def test_if_match_guards_a_change(client: Client) -> None:
    tag = client.get("/api/v1/public")["ETag"]

    assert client.put("/api/v1/public", headers={"If-Match": tag}).status_code == 200
    assert client.put("/api/v1/public", headers={"If-Match": "*"}).status_code == 200
    assert client.put("/api/v1/public").status_code == 200
    refused = client.put("/api/v1/public", headers={"If-Match": '"other"'})
    assert (refused.status_code, refused.json()["code"], refused.json()["current"]) == (412, "precondition-failed", tag)


@pytest.mark.parametrize("path", ["/api/v1/public", "/api/v1/private", "/api/v1/nowhere", "/api/v1/public?colour=red"])
def test_head_is_get_without_the_body(client: Client, path: str) -> None:
    headers = {"Request-Id": "the-same-for-both"}
    got, head = client.get(path, headers=headers), client.head(path, headers=headers)

    assert (head.status_code, head.content) == (got.status_code, b"")
    counted = {"RateLimit"}
    assert {k: v for k, v in head.items() if k not in counted} == {k: v for k, v in got.items() if k not in counted}


def test_public_answers_may_be_kept_and_personal_ones_not(
    client: Client, ben: User, api_of: Callable[..., Client]
) -> None:
    assert client.get("/api/v1/public")["Cache-Control"] == "public, max-age=30"
    assert api_of(ben).get("/api/v1/public")["Cache-Control"] == "private, no-cache"
    assert api_of(ben).get("/api/v1/private")["Cache-Control"] == "private, no-cache"
    assert client.get("/api/v1/private")["Cache-Control"] == "no-store"
    assert "Authorization" in client.get("/api/v1/public")["Vary"]


PAGE = "https://app.partner.example"


def allowed(response: Any) -> str | None:
    return response.get("Access-Control-Allow-Origin")


def test_public_reads_are_open_to_every_origin(client: Client) -> None:
    assert allowed(client.get("/api/v1/public", headers={"Origin": PAGE})) == "*"
    assert allowed(client.options("/api/v1/public", headers={"Access-Control-Request-Method": "GET"})) == "*"


@pytest.mark.parametrize(
    ("origin", "answered"),
    [
        (PAGE, PAGE),
        ("https://evil.example", None),
        ("https://partner.example", None),
        ("https://app.partner.example.evil.example", None),
        ("https://app.partner", None),
        ("http://app.partner.example", None),
        ("https://", None),
        ("null", None),
        ("", None),
        ("x" * 5000, None),
    ],
)
def test_the_rest_is_open_to_origins_that_an_app_has_registered(
    client: Client, ben: Any, api_of: Callable[..., Client], origin: str, answered: str | None
) -> None:
    app = Application.objects.create(name="P", client_type="public", allowed_origins=f"https://b.example {PAGE}")
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}

    asked = client.options("/api/v1/private", headers=headers)

    assert (asked.status_code, allowed(asked), "Origin" in asked["Vary"]) == (204, answered, True)
    if answered:
        assert "Authorization" in asked["Access-Control-Allow-Headers"]
        assert asked["Access-Control-Allow-Methods"] == "GET, POST, HEAD, OPTIONS"
    assert "Access-Control-Allow-Credentials" not in asked
    reads = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    assert allowed(client.options("/api/v1/public", headers={"Origin": origin, **reads})) == answered
    # With a token it is that app's origins alone that count: another app's page must not read for this one.
    caller = api_of(ben)
    assert allowed(caller.get("/api/v1/private", headers={"Origin": origin})) is None
    AccessToken.objects.update(application=app)
    assert allowed(caller.get("/api/v1/private", headers={"Origin": origin})) == answered
    assert allowed(caller.get("/api/v1/public", headers={"Origin": origin})) == answered


def test_every_answer_says_what_is_left(client: Client) -> None:
    response = client.get("/api/v1/public", REMOTE_ADDR="192.0.2.7")  # nobody else's

    assert response["RateLimit-Policy"] == '"read";q=6000;w=60'
    assert response["RateLimit"].startswith('"read";r=5999;')


@override_settings(API_QUOTAS={"read": 3, "write": 1})
def test_too_many_calls_are_refused(
    client: Client, ben: User, api_of: Callable[..., Client], quiet_minute: None
) -> None:
    answers = [client.get("/api/v1/public", REMOTE_ADDR="192.0.2.1") for _call in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert (answers[3].json()["code"], answers[3]["RateLimit"][:11]) == ("too-many-requests", '"read";r=0;')
    assert 1 <= int(answers[3]["Retry-After"]) <= 60
    assert client.get("/api/v1/public", REMOTE_ADDR="192.0.2.2").status_code == 200
    assert api_of(ben).get("/api/v1/public", REMOTE_ADDR="192.0.2.1").status_code == 200
    writes = [client.post("/api/v1/private", REMOTE_ADDR="192.0.2.1").status_code for _call in range(2)]
    assert writes == [200, 429]


@override_settings(API_QUOTAS={"read": 2, "write": 1})
def test_an_ipv6_house_counts_as_one_caller(client: Client, quiet_minute: None) -> None:
    asked = [client.get("/api/v1/public", REMOTE_ADDR=f"2001:db8:1:2::{n}").status_code for n in range(3)]

    assert asked == [200, 200, 429]
    assert client.get("/api/v1/public", REMOTE_ADDR="2001:db8:1:3::1").status_code == 200


@override_settings(API_QUOTAS={"read": 2, "write": 1})
def test_a_forwarded_address_is_believed_only_from_trusted_proxies(client: Client, quiet_minute: None) -> None:
    def ask(forwarded: str) -> int:
        headers = {"X-Forwarded-For": forwarded}
        return client.get("/api/v1/public", REMOTE_ADDR="192.0.2.9", headers=headers).status_code

    assert [ask(f"198.51.100.{n}") for n in range(3)] == [200, 200, 429]
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
        assert [ask(f"203.0.113.{n}, 198.51.100.7") for n in range(3)] == [200, 200, 429]
        assert ask("nonsense") == 429  # then it is the proxy's own address


@pytest.fixture
def quiet_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute of the test's own, so that neither other tests nor the clock's minute hand interfere."""
    monkeypatch.setattr("portal.api.throttling._counter", LocalCounter())
    monkeypatch.setattr("portal.api.throttling.time.time", lambda: 1_800_000_000.0)


def test_counting_is_exact_in_parallel() -> None:
    counter, seen = LocalCounter(), []

    def call() -> None:
        seen.extend(counter.increment(["me"], 1)[0] for _call in range(200))

    threads = [threading.Thread(target=call) for _thread in range(8)]
    _run(threads)
    assert sorted(seen) == list(range(1, 1601))


def test_without_redis_the_process_counts(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://127.0.0.1:1/0", "OPTIONS": {}}
    }
    counter = RedisCounter(LocalCounter())

    assert [counter.increment(["me", "us"], 1) for _call in range(3)] == [[1, 1], [2, 2], [3, 3]]


def test_processes_share_the_count_in_redis(settings: Any, redis_url: str) -> None:
    settings.CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": redis_url}}
    counters, seen = [RedisCounter(LocalCounter()) for _process in range(4)], []
    threads = [
        threading.Thread(target=lambda c=counter: seen.extend(c.increment(["me"], 7)[0] for _call in range(50)))
        for counter in counters
    ]
    _run(threads)
    assert sorted(seen) == list(range(1, 201))


def _run(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
