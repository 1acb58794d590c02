"""Doors without a network: what they take along, what changes meanwhile, and what they tell of afterwards."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.test import Client
from django.utils.timezone import now
from freezegun import freeze_time

from marketplace import sync
from marketplace.codes import BODY, code_of
from marketplace.models import CheckIn, CheckInAttempt, Ticket
from marketplace.services.admit import check_in
from marketplace.services.keys import revoke_key, rotate_key
from marketplace.services.settle import take_cash
from marketplace.services.transfer import transfer_ticket

SYNC, SCAN = "/api/v1/checkins/sync", "/api/v1/checkins"
LATER = timedelta(minutes=4)  # longer than answers overlap, and three of them shorter than a token lives


@pytest.fixture
def adas(ada: Any, api_of: Any) -> Client:
    return api_of(ada, "checkin")


def ask(client: Client, event: Any, since: str = "") -> dict[str, Any]:
    answer = client.get(SYNC, {"event": event.pk, **({"since": since} if since else {})})
    assert answer.status_code == 200, answer.json()
    return answer.json()


def states(answer: dict[str, Any]) -> dict[str, tuple[str, int]]:
    return {row["id"]: (row["state"], row["generation"]) for row in answer["tickets"]}


def test_a_scanner_takes_along_keys_and_tickets_and_no_person(
    order: Any, cash_order: Any, concert: Any, adas: Client
) -> None:
    answer = ask(adas, concert)
    assert states(answer) == {
        **{str(ticket.pk): ("valid", 1) for ticket in order.tickets.all()},
        **{str(ticket.pk): ("unpaid", 1) for ticket in cash_order.tickets.all()},
    }
    assert {name for row in answer["tickets"] for name in row} == {"id", "generation", "state"}
    assert (answer["event"]["id"], answer["event"]["canceled"], answer["more"]) == (str(concert.pk), False, False)
    raw = base64.b32hexdecode(code_of(order.tickets.first()))
    (key,) = answer["keys"]
    public = base64.urlsafe_b64decode(key["x"] + "==")
    Ed25519PublicKey.from_public_bytes(public).verify(raw[BODY.size :], raw[: BODY.size])
    assert "private" not in str(answer)


def test_only_what_changed_comes_again(
    order: Any, cash_order: Any, guest_order: Any, concert: Any, ada: Any, adas: Client
) -> None:
    first, second = order.tickets.all()
    due = list(cash_order.tickets.all())
    guests = guest_order[0].tickets.get()
    with freeze_time(now() + LATER, tick=True):
        cursor = ask(adas, concert)["cursor"]
    with freeze_time(now() + 2 * LATER, tick=True):
        assert states(ask(adas, concert, cursor)) == {}
        check_in(concert, code=code_of(first), user=ada, at=now() - 2 * LATER)  # scanned long before it was told
        transfer_ticket(second, name="Dora", email="dora@example.org")
        take_cash(cash_order, user=ada)
        Ticket.objects.filter(pk=guests.pk).update(state=Ticket.State.REFUNDED)
        answer = ask(adas, concert, cursor)
    assert states(answer) == {
        str(first.pk): ("used", 1),
        str(second.pk): ("valid", 2),
        **{str(ticket.pk): ("valid", 1) for ticket in due},
        str(guests.pk): ("refunded", 1),
    }
    with freeze_time(now() + 3 * LATER, tick=True):
        assert states(ask(adas, concert, answer["cursor"])) == states(answer)  # may have been committed late
        assert states(ask(adas, concert, ask(adas, concert, answer["cursor"])["cursor"])) == {}


def test_many_tickets_come_in_parts_however_equal_their_times(
    order: Any, cash_order: Any, concert: Any, adas: Client, monkeypatch: Any
) -> None:
    monkeypatch.setattr(sync, "PAGE", 1)
    Ticket.objects.update(changed_at=now())
    seen, cursor, more = [], "", True
    while more:
        answer = ask(adas, concert, cursor)
        seen += [row["id"] for row in answer["tickets"]]
        cursor, more = answer["cursor"], answer["more"]
        assert len(seen) <= 4
    assert sorted(seen) == sorted(str(ticket.pk) for ticket in Ticket.objects.all())


def test_revoked_keys_are_left_out(order: Any, concert: Any, adas: Client) -> None:
    old = ask(adas, concert)["keys"][0]["kid"]
    new = rotate_key()
    assert [key["kid"] for key in ask(adas, concert)["keys"]] == [old, str(new.pk)]
    revoke_key(int(old))
    assert [key["kid"] for key in ask(adas, concert)["keys"]] == [str(new.pk)]


@pytest.mark.parametrize("since", ["x", "1", "-", "1-2", "9" * 59, "\0", f"{'9' * 18}-{'0' * 32}", f"1-{'g' * 32}"])
def test_a_cursor_of_somebody_else_is_refused(concert: Any, adas: Client, since: str) -> None:
    assert adas.get(SYNC, {"event": concert.pk, "since": since}).status_code in (400, 422)


def test_it_is_for_those_who_work_at_this_door(
    concert: Any, ada: Any, ben: Any, cleo: Any, adas: Client, api_of: Any
) -> None:
    for person in (ben, cleo):
        assert api_of(person, "checkin").get(SYNC, {"event": concert.pk}).status_code == 404
    assert api_of(ada, "tickets:read").get(SYNC, {"event": concert.pk}).status_code == 403
    assert Client().get(SYNC, {"event": concert.pk}).status_code == 401
    assert [adas.get(SYNC, query).status_code for query in ({}, {"event": "x"}, {"event": 2**31 - 1})] == [
        422,
        422,
        404,
    ]


def test_it_costs_few_queries(
    order: Any, cash_order: Any, concert: Any, adas: Client, django_assert_max_num_queries: Any
) -> None:
    ask(adas, concert)
    with django_assert_max_num_queries(8):
        ask(adas, concert)


# ---- scans that were queued


def tell(client: Client, event: Any, code: str, **body: Any) -> Any:
    return client.post(SCAN, {"code": code, "event": str(event.pk), **body}, content_type="application/json")


def test_a_queued_scan_counts_from_when_it_was_scanned(ticket: Any, concert: Any, adas: Client) -> None:
    scanned = (now() - timedelta(minutes=40)).replace(microsecond=0)
    scan = {"nonce": "scan-1", "at": scanned.isoformat(), "gate": "North"}
    assert [tell(adas, concert, code_of(ticket), **scan).json()["result"] for _upload in range(3)] == ["valid"] * 3
    assert (CheckIn.objects.get().at, CheckInAttempt.objects.count()) == (scanned, 3)
    conflict = tell(adas, concert, code_of(ticket), nonce="scan-2", at=scanned.isoformat()).json()
    assert (conflict["result"], conflict["first_used"]["gate"]) == ("used", "North")


def test_it_is_judged_by_that_time(ticket: Any, concert: Any, adas: Client) -> None:
    early = (concert.start - timedelta(days=3)).isoformat()
    assert tell(adas, concert, code_of(ticket), nonce="scan-1", at=early).json()["result"] == "too_early"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"at": "2026-01-01T10:00:00Z"}, "/nonce"),
        ({"at": "2026-01-01T10:00:00Z", "nonce": ""}, "/nonce"),
        ({"at": "yesterday", "nonce": "n"}, "/at"),
        ({"at": "2999-01-01T10:00:00Z", "nonce": "n"}, "/at"),
        ({"at": 5, "nonce": "n"}, "/at"),
    ],
    ids=str,
)
def test_bad_times_are_named(ticket: Any, concert: Any, adas: Client, body: Any, pointer: str) -> None:
    answer = tell(adas, concert, code_of(ticket), **body)
    assert (answer.status_code, [row["pointer"] for row in answer.json()["errors"]]) == (422, [pointer])
    assert not CheckInAttempt.objects.exists()
