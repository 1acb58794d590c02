"""GET and HEAD /tickets/{id}, its documents, GET /tickets, POST /checkins."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar

from marketplace.codes import code_of
from marketplace.models import CheckIn, CheckInAttempt, Ticket
from marketplace.services.admit import check_in

BASE = "/api/v1"


def path(ticket: Ticket, suffix: str = "") -> str:
    return f"{BASE}/tickets/{ticket.pk}{suffix}"


def test_the_buyer_reads_the_whole_ticket(ticket: Any, ben: Any, api_of: Any) -> None:
    answer = api_of(ben, "tickets:read").get(path(ticket))
    assert answer.status_code == 200
    assert answer["X-Ticket-State"] == "valid"
    body = answer.json()
    assert body == {
        "id": str(ticket.pk),
        "order": ticket.order.code,
        "event": str(ticket.event_id),
        "ticket_type": {"id": str(ticket.ticket_type_id), "name": "Standing"},
        "attendee": "Ben Brook",
        "state": "valid",
        "price": {"amount": 2750, "currency": "EUR"},
        "qr": code_of(ticket),
        "pdf": body["pdf"],
        "ics": body["ics"],
    }
    assert body["pdf"].endswith(path(ticket, ".pdf"))
    assert body["ics"].endswith(path(ticket, ".ics"))


def test_head_answers_what_get_would_without_the_body(ticket: Any, ben: Any, api_of: Any) -> None:
    answer = api_of(ben, "tickets:read").head(path(ticket))
    assert (answer.status_code, answer["X-Ticket-State"], answer.content) == (200, "valid", b"")


@pytest.mark.parametrize("state", ["canceled", "refunded"])
def test_the_state_follows_the_ticket(ticket: Any, ben: Any, api_of: Any, state: str) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(state=state)
    client = api_of(ben, "tickets:read")
    answer = client.get(path(ticket))
    assert answer["X-Ticket-State"] == answer.json()["state"] == state
    assert (answer.json()["qr"], answer.json()["pdf"]) == (None, None)
    assert client.get(path(ticket, ".pdf")).status_code == 404


def test_used_and_unpaid_are_states_too(
    ticket: Any, cash_order: Any, concert: Any, ada: Any, ben: Any, api_of: Any
) -> None:
    check_in(concert, code=code_of(ticket), user=ada)
    client = api_of(ben, "tickets:read")
    assert client.head(path(ticket))["X-Ticket-State"] == "used"
    assert client.head(path(cash_order.tickets.first()))["X-Ticket-State"] == "unpaid"


def test_the_vendor_reads_it_without_the_code(ticket: Any, ada: Any, api_of: Any) -> None:
    for scope in ("checkin", "tickets:read"):
        body = api_of(ada, scope).get(path(ticket)).json()
        assert (body["state"], body["qr"], body["pdf"], body["ics"]) == ("valid", None, None, None)
    for suffix in (".pdf", ".ics", "/qr.svg"):
        assert api_of(ada, "checkin").get(path(ticket, suffix)).status_code == 404


@pytest.mark.parametrize("suffix", ["", ".pdf", ".ics", "/qr.svg"])
def test_strangers_get_404_and_the_anonymous_401(ticket: Any, cleo: Any, api_of: Any, suffix: str) -> None:
    for scope in ("tickets:read", "checkin"):
        answer = api_of(cleo, scope).get(path(ticket, suffix))
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"
        assert "X-Ticket-State" not in answer
    assert Client().get(path(ticket, suffix)).status_code == 401
    assert Client().head(path(ticket, suffix)).status_code == 401


def test_another_scope_is_not_enough(ticket: Any, ben: Any, ada: Any, api_of: Any) -> None:
    assert api_of(ben, "profile").get(path(ticket)).status_code == 403
    assert api_of(ben, "checkin").get(path(ticket)).status_code == 403
    assert api_of(ada, "profile").get(path(ticket)).status_code == 403


def test_a_guest_reads_it_with_the_orders_token(guest_order: Any) -> None:
    order, token = guest_order
    ticket = order.tickets.get()
    answer = Client(headers={"Order-Token": token}).get(path(ticket))
    assert answer.status_code == 200
    assert answer.json()["qr"] == code_of(ticket)
    assert Client(headers={"Order-Token": token + "x"}).get(path(ticket)).status_code == 401


def test_the_documents_are_what_they_say(ticket: Any, ben: Any, api_of: Any) -> None:
    client = api_of(ben, "tickets:read")
    pdf, ics, svg = (client.get(path(ticket, suffix)) for suffix in (".pdf", ".ics", "/qr.svg"))
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert len(Calendar.from_ical(ics.content).walk("VEVENT")) == 1
    assert svg["Content-Type"] == "image/svg+xml"
    assert client.head(path(ticket, ".pdf")).content == b""


@pytest.mark.parametrize("name", ["x", "1", str(uuid.UUID(int=0)), "../orders", "%00"])
def test_a_ticket_that_does_not_exist_is_a_404_problem(ben: Any, api_of: Any, name: str) -> None:
    answer = api_of(ben, "tickets:read").get(f"{BASE}/tickets/{name}")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_other_methods_and_parameters_are_refused(ticket: Any, ben: Any, api_of: Any) -> None:
    client = api_of(ben, "tickets:read")
    assert client.put(path(ticket), {}, content_type="application/json").status_code == 405
    assert client.get(path(ticket), {"colour": "red"}).status_code == 400


def test_the_list_holds_ones_own_tickets_alone(
    order: Any, guest_order: Any, ben: Any, ada: Any, cleo: Any, api_of: Any
) -> None:
    body = api_of(ben, "tickets:read").get(f"{BASE}/tickets").json()
    assert {row["id"] for row in body["results"]} == {str(ticket.pk) for ticket in order.tickets.all()}
    for stranger in (ada, cleo):
        assert api_of(stranger, "tickets:read").get(f"{BASE}/tickets").json()["results"] == []
    assert Client().get(f"{BASE}/tickets").status_code == 401


def test_the_list_pages_and_filters(order: Any, ben: Any, api_of: Any) -> None:
    client = api_of(ben, "tickets:read")
    first = client.get(f"{BASE}/tickets", {"limit": 1}).json()
    assert len(first["results"]) == 1
    second = client.get(first["next"]).json()
    assert first["results"] != second["results"]
    assert client.get(f"{BASE}/tickets", {"event": order.event_id}).json()["results"] != []
    assert client.get(f"{BASE}/tickets", {"event": order.event_id + 1}).json()["results"] == []
    for bad in ("x", "0", "-1", "9" * 30):
        assert client.get(f"{BASE}/tickets", {"event": bad}).status_code == 422
    assert client.get(f"{BASE}/tickets", {"evnet": 1}).status_code == 400


def test_a_list_costs_few_queries(
    order: Any, cash_order: Any, ben: Any, api_of: Any, django_assert_max_num_queries: Any
) -> None:
    client = api_of(ben, "tickets:read")
    with django_assert_max_num_queries(10):
        assert len(client.get(f"{BASE}/tickets").json()["results"]) == 4


# ---- check-in


def scan(client: Client, event: Any, code: str, **body: Any) -> Any:
    payload = {"code": code, "event": str(event.pk), **body}
    return client.post(f"{BASE}/checkins", payload, content_type="application/json")


def test_a_code_is_admitted_once(ticket: Any, concert: Any, ada: Any, api_of: Any) -> None:
    client = api_of(ada, "checkin")
    first = scan(client, concert, code_of(ticket), gate="North", nonce="one")
    assert first.status_code == 200
    body = first.json()
    assert body["result"] == "valid"
    assert (body["ticket"]["id"], body["ticket"]["state"], body["ticket"]["qr"]) == (str(ticket.pk), "used", None)
    second = scan(client, concert, code_of(ticket), gate="South", nonce="two").json()
    assert second["result"] == "used"
    assert second["first_used"]["gate"] == "North"
    assert second["first_used"]["timezone"] == "Europe/Berlin"
    assert scan(client, concert, code_of(ticket), nonce="one").json()["result"] == "valid"
    assert CheckIn.objects.count() == 1
    assert CheckInAttempt.objects.count() == 3


def test_an_unpaid_ticket_tells_what_is_due(cash_order: Any, concert: Any, ada: Any, api_of: Any) -> None:
    client = api_of(ada, "checkin")
    code = code_of(cash_order.tickets.first())
    asked = scan(client, concert, code).json()
    assert (asked["result"], asked["due"]) == ("unpaid", {"amount": 5500, "currency": "EUR"})
    assert scan(client, concert, code, take_cash=True).json()["result"] == "valid"


def test_an_idempotency_key_gives_the_first_answer_again(ticket: Any, concert: Any, ada: Any, api_of: Any) -> None:
    client = api_of(ada, "checkin")
    payload = {"code": code_of(ticket), "event": str(concert.pk)}
    answers = [
        client.post(f"{BASE}/checkins", payload, content_type="application/json", headers={"Idempotency-Key": "k1"})
        for _ in range(2)
    ]
    assert [answer.json()["result"] for answer in answers] == ["valid", "valid"]
    assert answers[1]["Idempotency-Replayed"] == "true"
    assert CheckInAttempt.objects.count() == 1


def test_strangers_do_not_work_at_this_door(
    ticket: Any, concert: Any, cleo: Any, ben: Any, ada: Any, api_of: Any
) -> None:
    for person in (cleo, ben):
        assert scan(api_of(person, "checkin"), concert, code_of(ticket)).status_code == 404
    assert scan(api_of(ada, "tickets:read"), concert, code_of(ticket)).status_code == 403
    assert scan(Client(), concert, code_of(ticket)).status_code == 401
    assert CheckInAttempt.objects.count() == 0


@pytest.mark.parametrize("code", ["x", "A" * 152, "A" * 2000, "Ü" * 152, "🎫"])
def test_hostile_codes_are_unknown(concert: Any, ada: Any, api_of: Any, code: str) -> None:
    answer = scan(api_of(ada, "checkin"), concert, code)
    assert (answer.status_code, answer.json()["result"]) == (200, "unknown")
    assert "ticket" not in answer.json()


BAD = [
    {},
    {"code": "x"},
    {"code": "", "event": "1"},
    {"code": "A" * 2001, "event": "1"},
    {"code": ["x"], "event": "1"},
    {"code": {"a": 1}, "event": "1"},
    {"code": None, "event": "1"},
    {"code": "x", "event": "-1"},
    {"code": "x", "event": "1; DROP"},
    {"code": "x", "event": "9" * 40},
    {"code": "x", "event": "1", "nonce": "n" * 65},
    {"code": "x", "event": "1", "gate": "g" * 61},
    {"code": "x", "event": "1", "take_cash": "perhaps"},
]


@pytest.mark.parametrize("body", BAD, ids=str)
def test_bad_input_names_the_field(ada: Any, api_of: Any, body: dict[str, Any]) -> None:
    answer = api_of(ada, "checkin").post(f"{BASE}/checkins", body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].split("/")[1] in ("code", "event", "nonce", "gate", "take_cash")


@pytest.mark.parametrize(("raw", "status"), [("{", 400), ("[]", 422), ("null", 422), ('"x"', 422), ("", 400)])
def test_what_is_no_object_is_refused(ada: Any, api_of: Any, raw: str, status: int) -> None:
    answer = api_of(ada, "checkin").post(f"{BASE}/checkins", raw, content_type="application/json")
    assert answer.status_code in (status, 422)
    assert answer["Content-Type"] == "application/problem+json"
