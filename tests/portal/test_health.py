"""Health: alive as long as it answers, ready while the database is usable, degraded where it works with less."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from portal import health
from portal.outbox.models import StoredMessage
from tests.infra.prepared import ROOT

OK = {"database": "ok", "migrations": "ok", "outbox": "ok", "cache": "ok"}


@pytest.fixture(autouse=True)
def _unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health._Migrations, "applied", False)


def test_alive_asks_nothing_of_the_database(client: Client) -> None:
    answer = client.get("/health/live")  # the test has no database: a query would fail
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_ready(client: Client) -> None:
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "checks": OK})
    head = client.head("/health/ready")
    assert (head.status_code, head.content) == (200, b"")
    assert client.post("/health/ready").status_code == 405


@pytest.mark.django_db
def test_not_ready_while_migrations_are_missing(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'outbox'")
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "checks": {**OK, "migrations": "missing"}}


@pytest.mark.django_db
def test_not_ready_without_a_database(client: Client, monkeypatch) -> None:
    from django.db import OperationalError

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert (answer.json()["status"], answer.json()["checks"]["database"]) == ("unavailable", "unreachable")


# A process whose pool would wait for an hour.
ASK = """
import json
import django
from django.conf import settings
settings.DATABASES["default"]["OPTIONS"]["pool"]["timeout"] = 3600
django.setup()
from django.test import Client
answers = [Client(headers={"host": "localhost"}).get(f"/health/{name}") for name in ("ready", "live")]
print(json.dumps([[answer.status_code, answer.json()["status"]] for answer in answers]))
"""


@pytest.fixture(params=["refuses", "says nothing"])
def lost_server(request) -> Iterator[str]:
    """The address of a database server that is away, or that takes connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if request.param == "says nothing":
            server.listen()
        yield f"postgres://foyer@127.0.0.1:{server.getsockname()[1]}/foyer"


@pytest.mark.once
def test_a_server_that_is_away_is_not_waited_for(lost_server: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": lost_server, "REDIS_URL": ""},
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [[503, "unavailable"], [200, "ok"]]


@pytest.mark.django_db
def test_a_late_outbox_degrades(client: Client) -> None:
    StoredMessage.objects.create(name="x", payload={}, created_at=timezone.now() - timedelta(seconds=90))
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["checks"]["outbox"] in ("behind by 90 s", "behind by 91 s")


@pytest.mark.django_db
def test_a_missing_redis_degrades(client: Client, settings) -> None:
    options = {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 0.25}
    away = {"BACKEND": "portal.cache.RedisOrLocalCache", "LOCATION": "redis://127.0.0.1:1/0", "OPTIONS": options}
    plain = {**away, "BACKEND": "django_redis.cache.RedisCache"}
    settings.CACHES = {"default": away, "shared": away, "sessions": plain}
    settings.SESSION_CACHE_ALIAS = "sessions"
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["checks"]["cache"] == "unreachable"
