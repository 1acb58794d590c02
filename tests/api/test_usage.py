"""What apps of partners did: counted for each day, and the last calls, without a row for each call for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from oauth2_provider.models import AccessToken, Application

from portal.accounts.models import User
from portal.accounts.tokens import issue_tokens
from portal.api import throttling, usage
from portal.api.models import AppCall, AppUsage
from portal.api.throttling import LocalCounter

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.endpoints")]


def app(name: str = "Radar", **fields: Any) -> Application:
    return Application.objects.create(name=name, client_id=name, client_type="public", **fields)


def caller(user: User | None, application: Application | None) -> Client:
    """A client with a token that `application` has, of `user` or of its own."""
    made = issue_tokens(user or User.objects.first()).access_token
    row = AccessToken.objects.order_by("pk").last()
    AccessToken.objects.filter(pk=row.pk).update(
        user=user, scope="profile", **({"application": application} if application else {})
    )
    return Client(headers={"Authorization": f"Bearer {made}"})


def counted() -> list[tuple[str, int, int]]:
    usage.write()
    return list(AppUsage.objects.order_by("application").values_list("application__name", "calls", "errors"))


def test_calls_and_errors_are_counted_and_the_last_ones_kept(ben: User) -> None:
    client = caller(ben, app())
    first = client.get("/api/v1/public?size=3")
    wrong = client.get("/api/v1/public?nonsense=1")
    client.get("/api/v1/nowhere")

    assert not AppUsage.objects.exists()  # the requests wrote nothing themselves
    assert counted() == [("Radar", 2, 1)]
    assert list(AppCall.objects.order_by("pk").values_list("method", "path", "status", "request_id")) == [
        ("GET", "/api/v1/public", 200, first["Request-Id"]),
        ("GET", "/api/v1/public", 400, wrong["Request-Id"]),
    ]
    client.get("/api/v1/private")
    assert counted() == [("Radar", 3, 1)]


def test_only_calls_of_partners_apps_are_noted(ben: User, api_of: Callable[..., Client]) -> None:
    api_of(ben).get("/api/v1/private")
    Client().get("/api/v1/public")
    Client(headers={"Authorization": "Bearer wrong"}).get("/api/v1/private")
    assert counted() == []


def test_what_is_kept_of_an_app_is_bounded(ben: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "KEPT_CALLS", 3)
    busy, quiet = app(), app("Quiet")
    caller(ben, quiet).get("/api/v1/private")
    client, ids = caller(ben, busy), []
    for call in range(7):
        ids.append(client.get("/api/v1/private")["Request-Id"])
        if call in (1, 4):
            usage.write()
    assert sorted(counted()) == [("Quiet", 1, 0), ("Radar", 7, 0)]
    assert [call.request_id for call in AppCall.objects.filter(application=busy).order_by("pk")] == ids[-3:]
    assert AppCall.objects.filter(application=quiet).count() == 1


def test_memory_is_bounded_too() -> None:
    notes = usage.Notes()
    for _call in range(3 * usage.KEPT_CALLS):
        notes.add(AppCall(application_id=1, at=datetime.now(UTC), status=200))
    days, _errors, calls = notes.take()
    assert (sum(days.values()), len(calls[1])) == (3 * usage.KEPT_CALLS, usage.KEPT_CALLS)
    assert not notes.pending


def test_an_app_that_is_gone_meanwhile_is_nobodys_trouble(ben: User) -> None:
    gone, kept = app(), app("Kept")
    for application in (gone, kept):
        caller(ben, application).get("/api/v1/private")
    gone.delete()
    assert counted() == [("Kept", 1, 0)]


def test_days_long_past_are_forgotten() -> None:
    today, made = datetime.now(UTC).date(), app()
    for days in (0, usage.KEPT_DAYS, usage.KEPT_DAYS + 1):
        AppUsage.objects.create(application=made, day=today - timedelta(days=days), calls=1)
    usage.forget_old_usage()
    assert AppUsage.objects.count() == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_processes_that_write_at_once_lose_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    made, both = app(), threading.Barrier(4)
    today = datetime.now(UTC)

    def write(_process: int) -> None:
        both.wait(10)
        usage._count(made.pk, today.date(), calls=5, errors=1)
        connection.close()

    threads = [threading.Thread(target=write, args=(process,)) for process in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(AppUsage.objects.values_list("calls", "errors")) == [(20, 4)]


# ---- limits


@pytest.fixture
def quiet_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttling, "_counter", LocalCounter())
    monkeypatch.setattr("portal.api.throttling.time.time", lambda: 1_800_000_000.0)


def statuses(clients: list[Client], path: str = "/api/v1/private") -> list[int]:
    return [client.get(path).status_code for client in clients]


@override_settings(API_QUOTAS={"read": 3, "write": 1}, API_APP_FACTOR=2)
def test_a_person_is_limited_whatever_app_calls(ben: User, cleo: User, quiet_minute: None) -> None:
    one, two = caller(ben, app("One")), caller(ben, app("Two"))
    own = caller(ben, None)

    assert statuses([one, one, two]) == [200, 200, 200]
    assert statuses([one, two]) == [429, 429]
    assert statuses([own, own]) == [200, 200]  # no app locks a person out of the portal's own clients
    assert statuses([caller(cleo, Application.objects.get(name="Two"))]) == [200]


@override_settings(API_QUOTAS={"read": 3, "write": 1}, API_APP_FACTOR=1)
def test_an_app_is_limited_whoever_it_calls_for(ben: User, ada: User, cleo: User, quiet_minute: None) -> None:
    one, two = app("One"), app("Two")
    bens, adas, cleos = (caller(person, one) for person in (ben, ada, cleo))

    assert statuses([bens, bens, adas]) == [200, 200, 200]
    refused = cleos.get("/api/v1/private")
    assert (refused.status_code, refused["RateLimit"]) == (429, '"read";r=0;t=60')
    assert statuses([caller(cleo, two)]) == [200]


@override_settings(API_QUOTAS={"read": 2, "write": 1})
def test_an_apps_own_tokens_share_its_limit(ben: User, quiet_minute: None) -> None:
    made = app()
    first, second = caller(None, made), caller(None, made)
    assert statuses([first, second, first, second], "/api/v1/client") == [200, 200, 429, 429]
    assert statuses([caller(ben, made)], "/api/v1/client") == [200]
