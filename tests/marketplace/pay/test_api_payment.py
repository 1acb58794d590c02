"""POST /payment."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.test import Client

from marketplace.services.pay import refresh_live_payment
from tests.infra.sandbox import Sandbox
from tests.marketplace.pay.steps import bought, facts, untouched

pytestmark = pytest.mark.django_db


def pay(client: Client, order: Any, method: Any, /, *, key: str = "", headers: Any = None, **body: Any) -> Any:
    sent = {"order": order.code, "payment_method": str(method.pk), **body}
    given = {"Idempotency-Key": key or uuid.uuid4().hex, **(headers or {})}
    return client.post("/api/v1/payment", sent, content_type="application/json", headers=given)


def problem(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


@pytest.fixture
def bens(ben: Any, api_of: Callable[..., Client]) -> Client:
    return api_of(ben, "payments:write")


def test_a_token_is_charged_at_once(sandbox: Sandbox, bens: Client, order: Any, card: Any) -> None:
    answer = pay(bens, order, card, token="pm_card_visa")
    assert (answer.status_code, answer.json()["state"]) == (200, "succeeded")
    assert (answer.json()["order"]["state"], len(answer.json()["tickets"])) == ("paid", 2)
    assert facts(order) == bought(order)
    assert problem(pay(bens, order, card, token="pm_card_visa")) == (409, "already-paid")
    assert len(sandbox.charges()) == 1


def test_the_same_key_answers_the_same(sandbox: Sandbox, bens: Client, order: Any, card: Any) -> None:
    first = pay(bens, order, card, key="k1", token="pm_card_visa")
    again = pay(bens, order, card, key="k1", token="pm_card_visa")
    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    assert problem(pay(bens, order, card, key="k1", token="pm_card_mastercard")) == (422, "idempotency-key-reused")
    assert len(sandbox.charges()) == 1


def test_the_key_is_needed(bens: Client, order: Any, card: Any) -> None:
    body = {"order": order.code, "payment_method": str(card.pk)}
    answer = bens.post("/api/v1/payment", body, content_type="application/json")
    assert problem(answer) == (400, "idempotency-key-required")


def test_a_declined_card(sandbox: Sandbox, bens: Client, order: Any, card: Any) -> None:
    assert problem(pay(bens, order, card, token="pm_card_chargeDeclined")) == (402, "card-declined")
    assert facts(order) == untouched(order, "failed")
    assert pay(bens, order, card, token="pm_card_visa").json()["state"] == "succeeded"
    assert facts(order) == bought(order, failed=1)


@pytest.mark.parametrize(("answer", "state"), [("confirm", "paid"), ("fail", "pending")])
def test_a_bank_that_asks_first(sandbox: Sandbox, bens: Client, order: Any, card: Any, answer: str, state: str) -> None:
    told = pay(bens, order, card, token="pm_card_authenticationRequired", return_url="https://partner.test/done")
    assert (told.status_code, told.json()["state"]) == (200, "requires_action")
    back = httpx.post(told.json()["redirect_url"], data={"answer": answer})
    assert back.headers["Location"].startswith("https://partner.test/done?payment_intent=")
    refresh_live_payment(order)
    assert facts(order)["state"] == state
    assert pay(bens, order, card, token="pm_card_visa").status_code == (409 if state == "paid" else 200)
    assert len(sandbox.charges()) == 1


def test_a_bank_sends_back_to_the_orders_page_where_the_client_names_none(
    sandbox: Sandbox, bens: Client, order: Any, card: Any
) -> None:
    told = pay(bens, order, card, token="pm_card_authenticationRequired").json()
    assert told["state"] == "requires_action"
    assert told["client_secret"].startswith("pi_")
    back = httpx.post(told["redirect_url"], data={"answer": "confirm"})
    assert f"/orders/{order.code}/" in back.headers["Location"]


def test_a_client_that_confirms_itself(sandbox: Sandbox, bens: Client, order: Any, card: Any) -> None:
    told = pay(bens, order, card).json()
    assert told["state"] == "requires_action"
    intent_id = told["client_secret"].partition("_secret_")[0]
    assert pay(bens, order, card).json()["client_secret"] == told["client_secret"]
    sandbox.client().v1.payment_intents.confirm(intent_id, {"payment_method": "pm_card_visa"})
    assert pay(bens, order, card).json()["state"] == "succeeded"
    assert facts(order) == bought(order)


def test_the_providers_page(sandbox: Sandbox, bens: Client, order: Any, card: Any) -> None:
    told = pay(bens, order, card, return_url="https://partner.test/done").json()
    assert told["state"] == "requires_action"
    assert sandbox.pay_page(told["redirect_url"]).headers["Location"] == "https://partner.test/done"


def test_cash_on_arrival(bens: Client, order: Any, cash: Any) -> None:
    answer = pay(bens, order, cash)
    assert (answer.status_code, answer.json()["state"], len(answer.json()["tickets"])) == (200, "pending", 2)
    again = pay(bens, order, cash)
    assert (again.json()["state"], len(again.json()["tickets"])) == ("pending", 2)


def test_other_cards_after_cash_are_refused(bens: Client, order: Any, cash: Any, card: Any) -> None:
    pay(bens, order, cash)
    assert problem(pay(bens, order, card, token="pm_card_visa")) == (409, "already-confirmed")


def test_a_guest_pays_with_the_orders_token(sandbox: Sandbox, kind: Any, card: Any) -> None:
    from marketplace.services.checkout import place_order

    placed = place_order(kind.event_id, items={kind.pk: 2}, email="guest@example.org")
    assert problem(pay(Client(), placed.order, card, token="pm_card_visa"))[0] in (401, 404)
    wrong = {"Order-Token": "guessed"}
    assert problem(pay(Client(), placed.order, card, headers=wrong, token="pm_card_visa")) == (404, "not-found")
    right = {"Order-Token": placed.token}
    assert pay(Client(), placed.order, card, headers=right, token="pm_card_visa").json()["state"] == "succeeded"
    assert facts(placed.order) == bought(placed.order)


def test_nobody_else_pays_or_sees_it(
    sandbox: Sandbox, order: Any, card: Any, cleo: Any, ada: Any, ben: Any, api_of: Callable[..., Client]
) -> None:
    assert problem(pay(Client(), order, card, token="pm_card_visa"))[0] in (401, 404)
    for stranger in (cleo, ada):
        answer = pay(api_of(stranger, "payments:write"), order, card, token="pm_card_visa")
        assert problem(answer) == (404, "not-found")
    assert problem(pay(api_of(ben, "tickets:read"), order, card)) == (403, "insufficient-scope")
    assert facts(order) == untouched(order)
    assert sandbox.charges() == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"order": None}, "/order"),
        ({"order": ["x"]}, "/order"),
        ({"payment_method": "x"}, "/payment_method"),
        ({"payment_method": "9" * 20}, "/payment_method"),
        ({"payment_method": "-1"}, "/payment_method"),
        ({"payment_method": "٣"}, "/payment_method"),
        ({"payment_method": {}}, "/payment_method"),
        ({"token": 7.5, "return_url": "x"}, "/return_url"),
        ({"token": "x" * 300}, "/token"),
        ({"return_url": "javascript:alert(1)"}, "/return_url"),
        ({"return_url": "http://evil.test/"}, "/return_url"),
        ({"return_url": "https://"}, "/return_url"),
        ({"return_url": "https://[::1"}, "/return_url"),
        ({"return_url": "https://a.test/ b"}, "/return_url"),
        ({"return_url": "https://a.test:80x/"}, "/return_url"),
        ({"return_url": "https://a.test:99999/"}, "/return_url"),
        ({"return_url": "https://localhost@evil.test/"}, "/return_url"),
        ({"return_url": "https://a.test\\@evil.test/"}, "/return_url"),
    ],
)
def test_bad_input_is_named(bens: Client, order: Any, card: Any, changes: dict[str, Any], pointer: str) -> None:
    answer = pay(bens, order, card, **changes)
    assert problem(answer) == (422, "invalid-input")
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert facts(order) == untouched(order)


@pytest.mark.parametrize("code", ["", "NOPE", "../..", "x" * 20, "ÄÖÜ", "'; --"])
def test_an_order_that_is_not_there(bens: Client, order: Any, card: Any, code: str) -> None:
    assert problem(pay(bens, order, card, order=code))[0] in (404, 422)


def test_another_vendors_method(bens: Client, order: Any, card: Any, cleo_vendor: Any) -> None:
    from marketplace.services.methods import add_method

    foreign = add_method(cleo_vendor, provider="cash", title="Cleo's cash")
    answer = pay(bens, order, foreign)
    assert problem(answer) == (422, "method-not-accepted")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/payment_method"]
    assert facts(order) == untouched(order)
