"""The same POST under the same Idempotency-Key has one effect and one answer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import Application

from portal.accounts.models import User
from portal.api import idempotency
from portal.api.idempotency import KEPT, forget_old_keys
from portal.api.models import IdempotencyKey

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.endpoints")]
MAKE = "/api/v1/make"


def make(client: Client, name: str = "a", *, key: str | None = "key-1", email: str = "", path: str = MAKE) -> Any:
    body = {"name": name, **({"email": email} if email else {})}
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(path, body, content_type="application/json", headers=headers)


def made() -> list[str]:
    return list(Application.objects.exclude(client_id="foyer").order_by("pk").values_list("name", flat=True))


def test_the_first_answer_comes_again(client: Client) -> None:
    first, again = make(client), make(client)

    assert (first.status_code, "Idempotency-Replayed" in first) == (201, False)
    assert (again.status_code, again.json(), again["Location"]) == (201, first.json(), first["Location"])
    assert (again["Idempotency-Replayed"], again["Content-Type"]) == ("true", "application/json")
    assert made() == ["a"]


def test_another_key_is_another_effect(client: Client) -> None:
    make(client, key="one")
    make(client, key="two")

    assert made() == ["a", "a"]


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "idempotency-key-required"),
        ("", "idempotency-key-invalid"),
        ("x" * 256, "idempotency-key-invalid"),
        ("a\tb", "idempotency-key-invalid"),
        ("schlüssel", "idempotency-key-invalid"),
    ],
)
def test_a_key_is_required_and_checked(client: Client, key: str | None, code: str) -> None:
    response = make(client, key=key)

    assert (response.status_code, response.json()["code"], made()) == (400, code, [])


def test_another_body_or_path_under_the_same_key_is_refused(client: Client) -> None:
    make(client, email="ben@example.org")

    for other in (
        make(client, "b", email="ben@example.org"),
        make(client, email="ben@example.org", path="/api/v1/make-also"),
    ):
        assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert made() == ["a"]


def test_a_key_is_its_owners_alone(ben: User, cleo: User, api_of: Callable[..., Client], client: Client) -> None:
    mine = make(api_of(ben))

    assert make(api_of(ben)).json() == mine.json()  # another token of the same person
    for stranger in (api_of(cleo), client):
        assert "Idempotency-Replayed" not in make(stranger)
    assert made() == ["a", "a", "a"]


def test_guests_are_told_apart_by_their_address(client: Client) -> None:
    mine = make(client, email="ben@example.org")

    assert make(client, email="ben@example.org").json() == mine.json()
    other = make(client, email="cleo@example.org")
    assert "Idempotency-Replayed" not in other
    assert len(made()) == 2


def test_guests_of_an_order_are_told_apart_by_its_token(client: Client) -> None:
    _mine, again, stranger = [
        client.post(MAKE, {"name": "a"}, "application/json", headers={"Idempotency-Key": "k", "Order-Token": token})
        for token in ("mine", "mine", "hers")
    ]

    assert (again["Idempotency-Replayed"], "Idempotency-Replayed" in stranger) == ("true", False)
    assert len(made()) == 2


def test_a_final_refusal_comes_again_and_has_no_effect(client: Client) -> None:
    first, again = make(client, "sold out"), make(client, "sold out")

    assert (first.status_code, again.status_code, again["Idempotency-Replayed"]) == (409, 409, "true")
    assert (again.json(), again["Content-Type"]) == (first.json(), "application/problem+json")
    assert made() == []


def test_after_an_error_the_key_is_free_again(client: Client) -> None:
    client.raise_request_exception = False

    assert [make(client, "broken").status_code, make(client, "").status_code] == [500, 422]
    assert (made(), IdempotencyKey.objects.count()) == ([], 0)
    assert make(client).status_code == 201


def test_while_the_first_runs_the_second_waits(client: Client) -> None:
    make(client)
    IdempotencyKey.objects.update(answer=None, locked_until=timezone.now() + timedelta(seconds=30))

    response = make(client)

    assert (response.status_code, response.json()["code"], response["Retry-After"]) == (
        409,
        "idempotency-key-running",
        "1",
    )
    assert made() == ["a"]


def test_a_dead_process_leaves_the_key_to_the_next(client: Client) -> None:
    make(client)
    Application.objects.all().delete()  # its transaction was never committed
    IdempotencyKey.objects.update(answer=None, locked_until=timezone.now() - timedelta(seconds=1))

    response = make(client)

    assert (response.status_code, "Idempotency-Replayed" in response, made()) == (201, False, ["a"])


def test_a_process_that_was_given_up_commits_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    store = idempotency._store

    def taken_over(claim: IdempotencyKey, response: Any) -> None:
        IdempotencyKey.objects.filter(pk=claim.pk).update(lease="f" * 32)  # by another process, meanwhile
        store(claim, response)

    monkeypatch.setattr(idempotency, "_store", taken_over)

    response = make(client)

    assert (response.status_code, response.json()["code"], made()) == (409, "idempotency-key-running", [])


def test_keys_are_kept_for_three_days(client: Client) -> None:
    make(client)
    IdempotencyKey.objects.update(created_at=timezone.now() - KEPT - timedelta(minutes=1))

    assert "Idempotency-Replayed" not in make(client, "b")
    assert made() == ["a", "b"]
    IdempotencyKey.objects.update(created_at=timezone.now() - KEPT - timedelta(minutes=1))
    forget_old_keys()
    assert not IdempotencyKey.objects.exists()


def test_what_is_kept_can_not_be_read_in_the_database(client: Client) -> None:
    make(client, "a secret name", key="a-secret-key", email="ben@example.org")

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM api_idempotencykey")
        stored = str(cursor.fetchall())
    for secret in ("secret", "ben@example", "made"):
        assert secret not in stored


# ---- in parallel, with connections of their own


def at_once(count: int, call: Callable[[], Any]) -> list[Any]:
    """`count` calls from threads that start together; each closes its connection."""
    ready = Barrier(count)

    def run(_number: int) -> Any:
        ready.wait()
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_have_one_effect() -> None:
    answers = at_once(10, lambda: make(Client()))

    codes = sorted(answer.status_code for answer in answers)
    assert set(codes) <= {201, 409}
    assert 201 in codes
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"idempotency-key-running"}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert made() == ["a"]
    assert make(Client())["Idempotency-Replayed"] == "true"


@pytest.mark.django_db(transaction=True)
def test_control_without_the_claim_ten_at_once_have_ten_effects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "_once", lambda work, request, key: work.run())

    at_once(10, lambda: make(Client()))

    assert made() == ["a"] * 10


@pytest.mark.django_db(transaction=True)
def test_ten_that_find_a_dead_lease_have_one_effect() -> None:
    make(Client())
    with transaction.atomic():
        Application.objects.all().delete()
        IdempotencyKey.objects.update(answer=None, locked_until=timezone.now() - timedelta(seconds=1))

    answers = at_once(10, lambda: make(Client()))

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert made() == ["a"]
