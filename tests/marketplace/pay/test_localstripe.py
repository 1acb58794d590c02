"""What pays through our own sandbox also pays through localstripe, which others wrote: we did not agree with ourselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from marketplace.models import Payment, Refund
from marketplace.services.pay import refresh_live_payment
from marketplace.services.reconcile import reconcile, send_refund
from portal.errors import Rejected
from tests.infra.localstripe import running_localstripe
from tests.marketplace.pay.steps import begin, bought, facts, untouched
from tests.marketplace.pay.test_reconcile import time_passes

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def _localstripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_localstripe(tmp_path_factory.mktemp("localstripe")) as url:
        yield url


@pytest.fixture(autouse=True)
def stripe(_localstripe: str, settings: Any) -> Any:
    """``stripe("payment_methods", type="card", …)`` is a call to its API, as a browser's or a bank's."""
    settings.STRIPE_API_BASE = _localstripe

    def call(path: str, **sent: str) -> dict[str, Any]:
        answer = httpx.post(f"{_localstripe}/v1/{path}", data=sent, auth=("sk_test_sandbox", ""))
        return answer.raise_for_status().json()

    return call


def intent(payment: Payment, base: str) -> dict[str, Any]:
    return httpx.get(f"{base}/v1/payment_intents/{payment.external_id}", auth=("sk_test_sandbox", "")).json()


def test_a_token_is_charged_at_once(order: Any, card: Any, settings: Any) -> None:
    assert begin(order, card, token="pm_card_visa").kind == "done"
    assert facts(order) == bought(order)
    charged = intent(Payment.objects.get(order=order), settings.STRIPE_API_BASE)
    assert (charged["status"], charged["amount"], charged["currency"]) == ("succeeded", 5500, "eur")
    assert charged["metadata"]["order"] == order.code


def test_a_declined_card_leaves_the_order_payable(order: Any, card: Any) -> None:
    with pytest.raises(Rejected) as caught:
        begin(order, card, token="pm_card_chargeCustomerFail")
    assert (caught.value.code, caught.value.status) == ("card-declined", 402)
    assert facts(order) == untouched(order, "failed")
    assert begin(order, card, token="pm_card_visa").kind == "done"
    assert facts(order) == bought(order, failed=1)


@pytest.mark.parametrize(("success", "state"), [("true", "paid"), ("false", "pending")])
def test_a_bank_that_asks_first(order: Any, card: Any, stripe: Any, success: str, state: str) -> None:
    number = {"card[number]": "4000002500003155", "card[exp_month]": "12", "card[exp_year]": "2040", "card[cvc]": "123"}
    token = stripe("payment_methods", type="card", **number)["id"]
    step = begin(order, card, token=token)
    assert (step.kind, facts(order)) == ("redirect", untouched(order, "pending"))
    payment = Payment.objects.get(order=order)
    stripe(f"payment_intents/{payment.external_id}/_authenticate", client_secret=step.client_secret, success=success)
    assert refresh_live_payment(order)
    assert facts(order)["state"] == state


def test_a_client_that_confirms_itself_and_does_not(order: Any, card: Any) -> None:
    step = begin(order, card, return_url="")
    assert step.client_secret.startswith(Payment.objects.get(order=order).external_id)
    assert refresh_live_payment(order)
    assert facts(order) == untouched(order, "pending")
    time_passes(minutes=20)
    reconcile()  # nobody can pay an order that is over: the intent is canceled
    assert facts(order)["payments"] == ["failed"]
    with pytest.raises(Rejected) as caught:
        begin(order, card, token="pm_card_visa")
    assert caught.value.code == "hold-expired"


def test_another_token_replaces_an_intent_that_waits(order: Any, card: Any, settings: Any) -> None:
    begin(order, card, return_url="")
    first = Payment.objects.get(order=order)
    assert begin(order, card, token="pm_card_visa").kind == "done"
    assert intent(first, settings.STRIPE_API_BASE)["status"] == "canceled"
    assert facts(order) == bought(order, failed=1)


def test_money_that_no_place_is_left_for_goes_back(order: Any, card: Any, settings: Any) -> None:
    begin(order, card, token="pm_card_visa")
    refund = Refund.objects.create(payment=Payment.objects.get(order=order), amount=5500)
    Payment.objects.update(refunded=5500)
    assert send_refund(refund)
    refund.refresh_from_db()
    assert (refund.state, refund.payment.state) == ("done", "refunded")
    auth = ("sk_test_sandbox", "")
    made = httpx.get(f"{settings.STRIPE_API_BASE}/v1/refunds/{refund.external_id}", auth=auth).json()
    assert (made["amount"], made["metadata"]["refund"]) == (5500, str(refund.key))


def test_a_token_that_nobody_made(order: Any, card: Any) -> None:
    with pytest.raises(Rejected) as caught:
        begin(order, card, token="pm_nothing_like_it")
    assert caught.value.status in (422, 503)
    assert facts(order) == untouched(order, "failed")
