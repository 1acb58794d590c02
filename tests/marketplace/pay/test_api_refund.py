"""POST /tickets/refund, DELETE /tickets/{id}, their previews, and POST /events/{id}/cancel."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from marketplace.models import CheckIn, EventCancellation, Order, Payment, Refund, Ticket
from marketplace.services.cancellation import undo_orders
from marketplace.services.checkout import place_order
from marketplace.services.settle import settle_refund
from tests.factories import make_order, pay
from tests.marketplace.pay.refunding import paid_order, starts_in, states
from tests.marketplace.pay.steps import begin
from tests.marketplace.pay.test_api_payment import problem

pytestmark = pytest.mark.django_db


def eur(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def refund(client: Client, *, key: str = "", headers: Any = None, **body: Any) -> Any:
    given = {"Idempotency-Key": key or uuid.uuid4().hex, **(headers or {})}
    return client.post("/api/v1/tickets/refund", body, content_type="application/json", headers=given)


@pytest.fixture
def bought(kind: Any, ben: Any) -> Order:
    return paid_order(kind, user=ben, email=ben.email, name=ben.name)


@pytest.fixture
def bens(ben: Any, api_of: Callable[..., Client]) -> Client:
    return api_of(ben, "tickets:refund tickets:read")


@pytest.fixture
def adas(ada: Any, api_of: Callable[..., Client]) -> Client:
    return api_of(ada, "tickets:refund tickets:read events:write")


@pytest.fixture
def cleos(cleo: Any, api_of: Callable[..., Client]) -> Client:
    return api_of(cleo, "tickets:refund tickets:read events:write")


def ids(order: Order) -> list[str]:
    return [str(pk) for pk in order.tickets.order_by("number").values_list("pk", flat=True)]


class TestRefund:
    def test_one_ticket(self, bens: Client, bought: Order) -> None:
        one, other = ids(bought)
        answer = refund(bens, tickets=[one], reason="Ill")
        assert answer.status_code == 201
        told = answer.json()["refund"]
        made = Refund.objects.get()
        assert told.pop("created_at")
        assert told == {
            "id": str(made.pk),
            "state": "created",
            "amount": eur(2750),
            "reason": "Ill",
            "breakdown": [{"ticket": one, "amount": eur(2750)}],
            "done_at": None,
        }
        assert {ticket["id"]: (ticket["state"], bool(ticket["qr"])) for ticket in answer.json()["tickets"]} == {
            one: ("refunded", False),
            other: ("valid", True),
        }
        settle_refund(made.key, update_of(made))
        (shown,) = bens.get(f"/api/v1/orders/{bought.code}").json()["refunds"]
        assert (shown["id"], shown["state"], bool(shown["done_at"])) == (str(made.pk), "done", True)

    def test_the_same_key_has_one_effect_and_one_answer(self, bens: Client, bought: Order) -> None:
        first = refund(bens, key="k", tickets=ids(bought)[:1])
        again = refund(bens, key="k", tickets=ids(bought)[:1])
        assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
        assert problem(refund(bens, key="k", tickets=ids(bought)[1:])) == (422, "idempotency-key-reused")
        assert Refund.objects.count() == 1

    def test_the_key_is_needed(self, bens: Client, bought: Order) -> None:
        answer = bens.post("/api/v1/tickets/refund", {"order": bought.code}, content_type="application/json")
        assert problem(answer) == (400, "idempotency-key-required")

    def test_a_whole_order_by_its_guest(self, client: Client, kind: Any) -> None:
        placed = place_order(kind.event_id, items={kind.pk: 2}, email="guest@example.org")
        Order.objects.update(refund_policy=[{"hours_before": 1, "percent_bps": 10_000}])
        placed.order.refresh_from_db()
        pay(placed.order)
        token = {"Order-Token": placed.token}
        assert problem(refund(client, order=placed.order.code)) == (401, "unauthorized")
        assert problem(refund(client, order=placed.order.code, headers={"Order-Token": "x" * 40})) == (404, "not-found")
        answer = refund(client, order=placed.order.code, headers=token)
        assert (answer.status_code, answer.json()["refund"]["amount"]) == (201, eur(5500))

    def test_the_vendor_gives_what_it_likes(self, adas: Client, bought: Order, concert: Any) -> None:
        starts_in(concert, hours=1)
        answer = refund(adas, order=bought.code, amount=eur(1000), keep_tickets=True)
        assert (answer.status_code, states(bought)) == (201, ["valid", "valid"])
        assert answer.json()["tickets"][0]["qr"] is None  # never the vendor's
        answer = refund(adas, order=bought.code, amount=4501)
        assert problem(answer) == (422, "amount-too-large")
        assert (answer.json()["refundable"], answer.json()["errors"][0]["pointer"]) == (eur(4500), "/amount")
        assert refund(adas, order=bought.code).json()["refund"]["amount"] == eur(4500)

    def test_what_is_refused(self, bens: Client, bought: Order, concert: Any, kind: Any, ben: Any) -> None:
        one, other = ids(bought)
        CheckIn.objects.create(ticket_id=one, at=concert.start)
        assert problem(refund(bens, tickets=[one])) == (409, "ticket-used")
        assert problem(refund(bens, tickets=[other], amount=2751)) == (422, "amount-too-large")
        refund(bens, tickets=[other])
        assert problem(refund(bens, tickets=[other])) == (409, "already-refunded")
        late = paid_order(kind, user=ben, email=ben.email)
        starts_in(concert, hours=1)
        answer = refund(bens, order=late.code)
        assert problem(answer) == (409, "outside-policy")
        assert answer.json()["refund_policy"] == late.refund_policy
        unpaid = make_order(kind, user=ben, email=ben.email)
        assert problem(refund(bens, order=unpaid.code)) == (409, "nothing-to-refund")

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"order": "X"}, "/tickets"),
            ({"tickets": None}, "/tickets"),
            ({"amount": eur(0)}, "/amount"),
            ({"amount": {"amount": 5, "currency": "USD"}}, "/amount/currency"),
            ({"keep_tickets": True}, "/keep_tickets"),
            ({"reason": "x" * 201}, "/reason"),
        ],
    )
    def test_bad_input(self, bens: Client, bought: Order, change: Any, pointer: str) -> None:
        body = {"tickets": ids(bought), **change}
        answer = refund(bens, **{name: value for name, value in body.items() if value is not None})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
        assert Refund.objects.count() == 0

    def test_tickets_of_several_orders(self, bens: Client, bought: Order, kind: Any, ben: Any) -> None:
        other = paid_order(kind, user=ben, email=ben.email)
        assert refund(bens, tickets=[*ids(bought), *ids(other)]).json()["errors"][0]["pointer"] == "/tickets"

    def test_nobody_elses(self, cleos: Client, bought: Order, kind: Any, cleo: Any) -> None:
        own = paid_order(kind, user=cleo, email=cleo.email)
        assert problem(refund(cleos, tickets=ids(bought))) == (404, "not-found")
        assert problem(refund(cleos, order=bought.code)) == (404, "not-found")
        assert problem(cleos.delete(f"/api/v1/tickets/{ids(bought)[0]}")) == (404, "not-found")
        assert problem(cleos.get(f"/api/v1/orders/{bought.code}/refund")) == (404, "not-found")
        assert problem(refund(cleos, tickets=[ids(own)[0], str(uuid.uuid4())])) == (404, "unknown-ticket")
        assert Refund.objects.count() == 0

    def test_the_scope_is_needed(self, ben: Any, api_of: Callable[..., Client], bought: Order) -> None:
        reader = api_of(ben, "tickets:read")
        assert problem(refund(reader, order=bought.code)) == (403, "insufficient-scope")
        assert problem(reader.delete(f"/api/v1/tickets/{ids(bought)[0]}")) == (403, "insufficient-scope")


def update_of(made: Refund) -> Any:
    from marketplace.extensions import PaymentUpdate

    return PaymentUpdate(str(made.key), "done", kind="refund")


class TestPreview:
    def test_says_what_and_until_when(self, bens: Client, bought: Order, concert: Any) -> None:
        starts_in(concert, hours=30)
        one, _other = ids(bought)
        told = bens.get(f"/api/v1/tickets/{one}/refund").json()
        assert datetime.fromisoformat(told.pop("until")) == concert.start - timedelta(hours=24)
        assert told == {
            "refundable": True,
            "amount": eur(1375),
            "percent": 50,
            "breakdown": [{"ticket": one, "price": eur(2750), "refunded": eur(0), "amount": eur(1375)}],
            "problem": None,
        }
        assert bens.get(f"/api/v1/orders/{bought.code}/refund").json()["amount"] == eur(2750)
        assert (Refund.objects.count(), states(bought)) == (0, ["valid", "valid"])

    def test_says_why_not(self, bens: Client, adas: Client, bought: Order, concert: Any) -> None:
        starts_in(concert, hours=1)
        told = bens.get(f"/api/v1/orders/{bought.code}/refund").json()
        assert (told["refundable"], told["amount"], told["problem"]["code"]) == (False, eur(0), "outside-policy")
        assert adas.get(f"/api/v1/orders/{bought.code}/refund").json()["amount"] == eur(5500)

    def test_of_no_ticket(self, bens: Client) -> None:
        assert problem(bens.get(f"/api/v1/tickets/{uuid.uuid4()}/refund")) == (404, "not-found")


class TestCancel:
    def test_gives_what_the_policy_says(self, bens: Client, bought: Order, concert: Any) -> None:
        starts_in(concert, hours=30)
        one = ids(bought)[0]
        answer = bens.delete(f"/api/v1/tickets/{one}")
        assert (answer.status_code, answer.json()["ticket"]["state"]) == (200, "canceled")
        assert answer.json()["refund"]["amount"] == eur(1375)
        again = bens.delete(f"/api/v1/tickets/{one}")
        assert (again.status_code, again.json()) == (200, answer.json())
        assert bens.head(f"/api/v1/tickets/{one}")["X-Ticket-State"] == "canceled"
        assert Refund.objects.count() == 1

    def test_unpaid_tickets_cost_nothing(self, bens: Client, order: Order, cash: Any) -> None:
        begin(order, cash)
        answer = bens.delete(f"/api/v1/tickets/{ids(order)[0]}")
        assert (answer.json()["ticket"]["state"], answer.json()["refund"]) == ("canceled", None)
        shown = bens.get(f"/api/v1/orders/{order.code}").json()
        assert (shown["total"], shown["lines"][0]["quantity"]) == (eur(2750), 1)

    def test_what_is_refused(self, bens: Client, adas: Client, bought: Order, concert: Any) -> None:
        one, other = ids(bought)
        CheckIn.objects.create(ticket_id=one, at=concert.start)
        starts_in(concert, hours=1)
        assert problem(bens.delete(f"/api/v1/tickets/{one}")) == (409, "ticket-used")
        assert problem(bens.delete(f"/api/v1/tickets/{other}")) == (409, "outside-policy")
        vendors = adas.delete(f"/api/v1/tickets/{other}")
        assert (vendors.status_code, vendors.json()["refund"]) == (200, None)

    def test_of_what_it_was_when_it_was_read(self, bens: Client, bought: Order) -> None:
        path = f"/api/v1/tickets/{ids(bought)[0]}"
        etag = bens.get(path)["ETag"]
        assert problem(bens.delete(path, headers={"If-Match": '"other"'})) == (412, "precondition-failed")
        assert bens.delete(path, headers={"If-Match": etag}).status_code == 200


class TestWholeEvents:
    def test_everybody_is_refunded(self, adas: Client, bought: Order, concert: Any, kind: Any, client: Client) -> None:
        path = f"/api/v1/events/{concert.pk}/cancel"
        assert problem(adas.get(path)) == (404, "not-found")
        answer = adas.post(path, {"message": "Rain"}, content_type="application/json")
        assert (answer.status_code, answer["Location"].endswith(path)) == (202, True)
        assert (answer.json()["state"], answer.json()["orders"]) == ("running", {"total": 1, "undone": 0})
        undo_orders(concert.pk)
        told = adas.get(path).json()
        assert (told["state"], told["message"], told["orders"]) == ("done", "Rain", {"total": 1, "undone": 1})
        assert told["refunds"] == {"tickets": 2, "amount": eur(5500), "done": eur(0), "failed": 0}
        settle_refund(Refund.objects.get().key, update_of(Refund.objects.get()))
        assert adas.get(path).json()["refunds"]["done"] == eur(5500)
        assert adas.post(path, {}, content_type="application/json").json()["state"] == "done"
        assert client.get(f"/api/v1/events/{concert.pk}/tickets")["Availability"] == "not-on-sale"
        late = {
            "event": str(concert.pk),
            "items": [{"ticket_type": str(kind.pk), "quantity": 1}],
            "email": "x@example.org",
        }
        headers = {"Idempotency-Key": "k"}
        assert (
            client.post("/api/v1/tickets/book", late, content_type="application/json", headers=headers).status_code
            == 409
        )

    def test_only_by_its_vendor(self, cleos: Client, bens: Client, concert: Any, bought: Order) -> None:
        path = f"/api/v1/events/{concert.pk}/cancel"
        assert problem(cleos.post(path, {}, content_type="application/json")) == (404, "not-found")
        assert problem(bens.post(path, {}, content_type="application/json")) == (403, "insufficient-scope")
        concert.refresh_from_db()
        assert (concert.canceled_at, EventCancellation.objects.count(), Payment.objects.get().refunded) == (None, 0, 0)
        assert Ticket.objects.filter(state="valid").count() == 2
