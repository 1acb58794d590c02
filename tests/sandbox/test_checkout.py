"""Checkout Sessions and their hosted page."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
import stripe

from tests.infra.sandbox import Sandbox

SESSION: dict[str, Any] = {
    "mode": "payment",
    "success_url": "https://shop.test/back?session={CHECKOUT_SESSION_ID}",
    "cancel_url": "https://shop.test/canceled",
    "line_items": [
        {"quantity": 2, "price_data": {"currency": "eur", "unit_amount": 1250, "product_data": {"name": "<b>Gig</b>"}}}
    ],
    "metadata": {"payment": "7"},
    "payment_intent_data": {"metadata": {"payment": "7"}},
}


def opened(client: stripe.StripeClient, **changes: Any) -> stripe.checkout.Session:
    return client.v1.checkout.sessions.create({**SESSION, **changes})


def blocked(*brands: str) -> dict[str, Any]:
    return {"payment_method_options": {"card": {"restrictions": {"brands_blocked": list(brands)}}}}


def test_a_customer_pays_on_the_page(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    session = opened(client)
    assert (session.status, session.amount_total, session.payment_intent) == ("open", 2500, None)
    page = httpx.get(session.url or "")
    assert (page.status_code, "€25.00" in page.text, "<b>Gig" in page.text) == (200, True, False)
    assert "Test mode: no money moves" in page.text
    back = sandbox.pay_page(session.url or "")
    assert (back.status_code, back.headers["Location"]) == (303, f"https://shop.test/back?session={session.id}")
    session = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    assert (session.payment_intent.status, session.payment_intent.metadata["payment"]) == ("succeeded", "7")


def test_the_form_sent_twice_pays_once(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    url = opened(client).url or ""
    assert [sandbox.pay_page(url).status_code for _time in range(2)] == [303, 303]
    assert len(sandbox.charges()) == 1


@pytest.mark.parametrize(
    ("typed", "status", "told"),
    [
        ({"number": "4242424242424241"}, 422, "number is invalid"),
        ({"number": "4111111111111111"}, 422, "use a test card"),
        ({"expiry": "01/20"}, 422, "expiry date is in the past"),
        ({"expiry": "soon"}, 422, "expiry date"),
        ({"cvc": "12"}, 422, "three or four digits"),
        ({"email": "nobody"}, 422, "e-mail address is needed"),
        ({"number": "4000000000000002"}, 402, "Your card was declined."),
        ({"number": "4000 0000 0000 9995"}, 402, "insufficient funds"),
        ({"number": "4000000000000069"}, 402, "has expired"),
        ({"number": '"><script>alert(1)</script>'}, 422, "number is invalid"),
    ],
)
def test_the_page_says_what_is_wrong_and_keeps_what_was_typed(
    sandbox: Sandbox, client: stripe.StripeClient, typed: dict[str, str], status: int, told: str
) -> None:
    url = opened(client).url or ""
    answer = sandbox.pay_page(url, **{"number": "4242424242424242", **typed})
    assert (answer.status_code, told in answer.text) == (status, True)
    assert "<script" not in answer.text
    assert 'value="123"' not in answer.text  # the security code is not written back
    assert sandbox.charges() == []
    assert sandbox.pay_page(url).status_code == 303  # and another card still works


def test_blocked_brands_are_refused(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    session = opened(client, **blocked("mastercard", "american_express"))
    assert "Visa, Discover" in httpx.get(session.url or "").text
    answer = sandbox.pay_page(session.url or "", "5555555555554444")
    assert (answer.status_code, "Mastercard is not accepted" in answer.text) == (422, True)
    assert sandbox.pay_page(session.url or "").status_code == 303


@pytest.mark.parametrize(("answer", "status"), [("confirm", "complete"), ("fail", "open")])
def test_a_card_that_asks_the_bank(sandbox: Sandbox, client: stripe.StripeClient, answer: str, status: str) -> None:
    session = opened(client)
    bank = sandbox.pay_page(session.url or "", "4000002500003155").headers["Location"]
    back = httpx.post(bank, data={"answer": answer})
    page = httpx.get(back.headers["Location"])
    assert page.status_code == (303 if status == "complete" else 402)
    assert client.v1.checkout.sessions.retrieve(session.id).status == status
    assert len(sandbox.charges()) == (status == "complete")


def test_an_expired_session_takes_no_money(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    session = opened(client)
    assert client.v1.checkout.sessions.expire(session.id).status == "expired"
    page = sandbox.pay_page(session.url or "")
    assert (page.status_code, "https://shop.test/canceled" in page.text) == (410, True)
    assert sandbox.charges() == []
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.expire(session.id)


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"mode": "subscription"}, "mode"),
        ({"line_items": []}, "line_items"),
        ({"success_url": "nowhere"}, "success_url"),
        ({"expires_at": int(time.time()) + 60}, "expires_at"),
        ({"expires_at": int(time.time()) + 90_000}, "expires_at"),
        ({"payment_intent_data": {"tip": 1}}, "payment_intent_data[tip]"),
        (blocked("maestro"), "payment_method_options[card][restrictions][brands_blocked][0]"),
        ({"line_items": [{"quantity": 1}]}, "line_items[0][price_data]"),
    ],
)
def test_bad_sessions_are_refused(client: stripe.StripeClient, changes: dict[str, Any], param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        opened(client, **changes)
    assert caught.value.param == param


def test_pages_that_are_not_there(sandbox: Sandbox) -> None:
    for path in (
        "/",
        "/c/pay/cs_test_none",
        "/authenticate/pi_none",
        "/c/pay/pi_none",
        "/v1/nothing",
        "/_control/nothing",
    ):
        assert httpx.get(sandbox.url + path).status_code in (401, 404), path
