"""Lists come in pages, each row exactly once whatever the order, forwards and back."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.test import Client
from oauth2_provider.models import Application

from portal.accounts.models import User
from portal.api.models import IdempotencyKey
from portal.api.pagination import CursorPagination
from portal.api.problems import Problem
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.endpoints")]


def names(answer: dict[str, Any]) -> list[str]:
    return [row["name"] for row in answer["results"]]


def test_pages_follow_each_other_and_lead_back(client: Client) -> None:
    Application.objects.all().delete()
    for name in ["b", "a", "c", "a", "a", "d", "b"]:
        Application.objects.create(name=name)

    first = client.get("/api/v1/things").json()
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()

    assert [names(page) for page in (first, second, third)] == [["a", "a", "a"], ["b", "b", "c"], ["d"]]
    assert (first["previous"], third["next"]) == (None, None)
    assert client.get(third["previous"]).json()["results"] == second["results"]
    assert client.get(client.get(third["previous"]).json()["previous"]).json()["results"] == first["results"]


def test_a_page_has_as_many_rows_as_asked_for(client: Client) -> None:
    Application.objects.bulk_create(Application(name=f"{n:03}", client_id=str(n)) for n in range(120))

    answer = client.get("/api/v1/things?limit=100").json()

    assert len(answer["results"]) == 100
    assert "limit=100" in answer["next"]


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "1e9"])
def test_a_senseless_limit_is_refused(client: Client, limit: str) -> None:
    assert client.get(f"/api/v1/things?limit={limit}").status_code == 422


def cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "sent",
    [
        "x",
        "é",
        cursor(),
        cursor(0),
        cursor(0, "a"),
        cursor(0, "a", "b"),
        cursor(0, "a", 1, 2),
        cursor(2, "a", 1),
        cursor(0, "a", 10**30),
        cursor(0, "a\0", 1),
        cursor(0, None, 1),
        cursor(0, ["a"], 1),
        cursor(0, "a", {"b": 1}),
        cursor({}, "a", 1),
        base64.urlsafe_b64encode(b"[" * 700).decode(),
    ],
)
def test_a_made_up_cursor_is_refused(client: Client, sent: str) -> None:
    response = client.get(f"/api/v1/things?cursor={sent}")

    assert (response.status_code, response.json()["code"]) == (400, "invalid-cursor")


@pytest.mark.parametrize("ordering", [("last_login",), ("-last_login",), ("-last_login", "name"), ("name", "-pk")])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_rows_without_a_value_come_last_and_once(ordering: tuple[str, ...], limit: int) -> None:
    for day, name in [(None, "a"), ("2026-01-02", "b"), (None, "a"), ("2026-01-01", "a"), ("2026-01-02", "a")]:
        make_user(name=name, last_login=f"{day}T00:00:00Z" if day else None)
    pages = CursorPagination(ordering, limit)

    forwards, page = [], pages.page(User.objects.all())
    while True:
        forwards += [user.pk for user in page.rows]
        if page.next is None:
            break
        page = pages.page(User.objects.all(), page.next)
    back = [user.pk for user in page.rows]
    while page.previous is not None:
        page = pages.page(User.objects.all(), page.previous)
        back = [user.pk for user in page.rows] + back

    assert sorted(forwards) == sorted(User.objects.values_list("pk", flat=True))
    assert back == forwards
    if "last_login" in ordering[0]:
        assert set(User.objects.filter(last_login=None).values_list("pk", flat=True)) == set(forwards[-2:])


def test_a_thousand_equal_rows_are_no_trap() -> None:
    IdempotencyKey.objects.bulk_create(
        IdempotencyKey(scope=f"s{n}", key="k", fingerprint="same", lease="0" * 32, locked_until="2026-01-01T00:00:00Z")
        for n in range(1500)
    )
    pages, seen, sent = CursorPagination(("fingerprint",), 100), [], None
    for _page in range(15):
        page = pages.page(IdempotencyKey.objects.all(), sent)
        seen += [row.pk for row in page.rows]
        sent = page.next

    assert (len(set(seen)), sent) == (1500, None)


def test_a_cursor_of_another_type_is_refused() -> None:
    with pytest.raises(Problem, match="cursor"):
        CursorPagination(("last_login",)).page(User.objects.all(), cursor(0, "yesterday", 1))
