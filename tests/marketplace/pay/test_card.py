"""Cards through Stripe: the hosted page on the site, and what comes of it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from marketplace.models import Payment, Refund
from marketplace.services.methods import add_method, attach_method, change_method
from marketplace.services.pay import refresh_live_payment
from portal.errors import Rejected
from tests.infra.sandbox import Sandbox
from tests.marketplace.pay.steps import RETURN, begin, bought, facts, untouched

pytestmark = pytest.mark.django_db


def refused(order: Any, method: Any, **options: Any) -> Rejected:
    with pytest.raises(Rejected) as caught:
        begin(order, method, **options)
    return caught.value


def test_a_buyer_pays_on_the_hosted_page(sandbox: Sandbox, order: Any, card: Any) -> None:
    step = begin(order, card)
    assert (step.kind, step.redirect_url.startswith(f"{sandbox.url}/c/pay/cs_test_")) == ("redirect", True)
    assert facts(order) == untouched(order, "pending")
    assert sandbox.pay_page(step.redirect_url).headers["Location"] == RETURN
    assert refresh_live_payment(order)
    assert facts(order) == bought(order)
    assert [charge.amount for charge in sandbox.charges()] == [5500]
    assert refresh_live_payment(order)  # the return page, loaded again
    assert facts(order) == bought(order)


def test_the_key_is_stored_and_what_is_told_to_stripe_is_ours(sandbox: Sandbox, order: Any, card: Any) -> None:
    step = begin(order, card)
    payment = Payment.objects.get(order=order)
    session = sandbox.client().v1.checkout.sessions.retrieve(payment.external_id)
    assert (session.metadata["payment"], session.client_reference_id) == (str(payment.key), order.code)
    assert session.customer_email == order.email
    assert step.payment.pk == payment.pk


def test_the_same_order_twice_is_one_payment(sandbox: Sandbox, order: Any, card: Any) -> None:
    first, again = begin(order, card), begin(order, card)
    assert again.redirect_url == first.redirect_url
    assert facts(order) == untouched(order, "pending")
    sandbox.pay_page(first.redirect_url)
    assert begin(order, card).kind == "done"  # sent again after paying, before the return page
    assert facts(order) == bought(order)
    assert refused(order, card).code == "already-paid"
    assert len(sandbox.charges()) == 1


def test_a_declined_card_leaves_the_page_open_for_another(sandbox: Sandbox, order: Any, card: Any) -> None:
    step = begin(order, card)
    assert sandbox.pay_page(step.redirect_url, "4000000000000002").status_code == 402
    refresh_live_payment(order)
    assert facts(order) == untouched(order, "pending")
    sandbox.pay_page(step.redirect_url)
    refresh_live_payment(order)
    assert facts(order) == bought(order)


def test_another_way_ends_the_first(sandbox: Sandbox, order: Any, card: Any, cash: Any) -> None:
    page = begin(order, card).redirect_url
    assert begin(order, cash).kind == "wait"
    assert facts(order)["payments"] == ["failed", "pending"]
    assert sandbox.pay_page(page).status_code == 410
    assert sandbox.charges() == []


def test_another_way_chosen_after_paying_finds_it_paid(sandbox: Sandbox, order: Any, card: Any, cash: Any) -> None:
    sandbox.pay_page(begin(order, card).redirect_url)
    assert begin(order, cash).kind == "done"
    assert facts(order) == bought(order)


def test_only_what_the_event_accepts(order: Any, card: Any, cleo_vendor: Any) -> None:
    foreign = add_method(cleo_vendor, provider="stripe", title="Cleo's card")
    own = add_method(card.vendor, provider="stripe", title="Not attached")
    assert [refused(order, method).code for method in (foreign, own)] == ["method-not-accepted"] * 2
    assert facts(order) == untouched(order)


def test_an_order_whose_time_is_over_takes_no_payment(order: Any, card: Any) -> None:
    type(order).objects.filter(pk=order.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    refusal = refused(order, card)
    assert (refusal.code, refusal.status) == ("hold-expired", 410)
    assert facts(order) == untouched(order)


def test_brands_that_the_vendor_chose(sandbox: Sandbox, order: Any, card: Any) -> None:
    change_method(card, config={"brands": ["visa"]})
    card.refresh_from_db()
    assert refused(order, card, token="pm_card_mastercard").code == "card-declined"
    page = begin(order, card).redirect_url
    assert sandbox.pay_page(page, "5555555555554444").status_code == 422
    assert sandbox.pay_page(page).status_code == 303


def test_a_vendor_with_keys_is_paid_into_its_own_account(sandbox: Sandbox, order: Any, card: Any, concert: Any) -> None:
    own = add_method(card.vendor, provider="stripe", title="Own", config={"secret_key": "sk_test_adasown"})
    attach_method(concert, method=own)
    sandbox.pay_page(begin(order, own).redirect_url)
    refresh_live_payment(order)
    assert facts(order) == bought(order)
    assert (len(sandbox.charges("sk_test_adasown")), sandbox.charges()) == (1, [])


def test_a_key_that_stripe_refuses(sandbox: Sandbox, order: Any, card: Any, concert: Any) -> None:
    own = add_method(card.vendor, provider="stripe", title="Own", config={"secret_key": "sk_test_revoked1"})
    attach_method(concert, method=own)
    assert refused(order, own).code == "payment-unavailable"
    assert facts(order) == untouched(order, "failed")
    assert begin(order, card).kind == "redirect"


def test_a_canceled_event_takes_no_money(sandbox: Sandbox, order: Any, card: Any, concert: Any) -> None:
    type(concert).objects.filter(pk=concert.pk).update(canceled_at=timezone.now())
    assert refused(order, card, token="pm_card_visa").code == "order-canceled"
    assert sandbox.charges() == []


@pytest.mark.django_db(transaction=True)
def test_money_for_what_is_gone_meanwhile_goes_back(sandbox: Sandbox, order: Any, card: Any, concert: Any) -> None:
    """The event is canceled while Stripe is at it."""
    sandbox.control("faults", path="POST /v1/payment_intents", delay=1, after=True)

    def charge() -> str:
        try:
            return refused(order, card, token="pm_card_visa").code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(charge)
        while not sandbox.charges():
            time.sleep(0.02)
        type(concert).objects.filter(pk=concert.pk).update(canceled_at=timezone.now())
        assert answer.result() == "hold-expired"
    assert Refund.objects.get().amount == 5500
    assert (facts(order)["state"], facts(order)["tickets"]) == ("pending", 0)


@pytest.mark.parametrize(
    ("token", "code", "status"),
    [
        ("pm_card_chargeDeclined", "card-declined", 402),
        ("pm_card_chargeDeclinedInsufficientFunds", "card-declined", 402),
        ("pm_card_none", "invalid-payment-token", 422),
        ("tok_visa", "invalid-payment-token", 422),
        ("pm_" + "x" * 240, "invalid-payment-token", 422),
    ],
)
def test_a_token_that_is_refused_leaves_the_order_payable(
    sandbox: Sandbox, order: Any, card: Any, token: str, code: str, status: int
) -> None:
    refusal = refused(order, card, token=token)
    assert (refusal.code, refusal.status) == (code, status)
    assert facts(order) == untouched(order, "failed")
    assert begin(order, card, token="pm_card_visa").kind == "done"
    assert facts(order) == bought(order, failed=1)
    assert len(sandbox.charges()) == 1
