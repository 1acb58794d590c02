"""What nobody told us of: lost webhooks, interrupted calls, late money, refunds. The reconciler finds it out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from marketplace.models import LedgerEntry, Order, Payment, Refund
from marketplace.services.expire import expire_orders
from marketplace.services.inventory import change_quota
from marketplace.services.pay import Attempt, reserve
from marketplace.services.reconcile import PAUSES, ask_again, reconcile, stuck_payments, stuck_refunds
from portal.errors import Rejected
from tests.infra.sandbox import Sandbox
from tests.marketplace.pay.steps import RETURN, begin, bought, facts, messages, untouched

pytestmark = pytest.mark.django_db


def time_passes(**span: float) -> None:
    """Everything that waits was begun and is due earlier by `span`."""
    ago = timedelta(**span)
    Payment.objects.update(created_at=F("created_at") - ago, check_at=F("check_at") - ago)
    Refund.objects.update(check_at=F("check_at") - ago)
    Order.objects.update(expires_at=F("expires_at") - ago)


def test_a_lost_webhook_costs_minutes(sandbox: Sandbox, order: Any, card: Any) -> None:
    sandbox.pay_page(begin(order, card).redirect_url)
    assert reconcile() == 0  # it is not due yet
    time_passes(minutes=2)
    assert reconcile() == 1
    assert facts(order) == bought(order)
    assert reconcile() == 0


def test_an_answer_that_was_lost_is_found(sandbox: Sandbox, order: Any, card: Any, quick_calls: None) -> None:
    """The charge happened; the connection broke each time before we heard of it."""
    sandbox.control("faults", path="POST /v1/payment_intents", drop=True, after=True, times=3)
    with pytest.raises(Rejected) as caught:
        begin(order, card, token="pm_card_visa")
    assert caught.value.code == "payment-unavailable"
    assert facts(order) == untouched(order, "created")
    time_passes(minutes=1.5)
    assert reconcile() == 1
    assert facts(order) == bought(order)
    assert len(sandbox.charges()) == 1


def test_trying_again_after_a_lost_answer_charges_once(
    sandbox: Sandbox, order: Any, card: Any, quick_calls: None
) -> None:
    sandbox.control("faults", path="POST /v1/payment_intents", drop=True, after=True, times=3)
    with pytest.raises(Rejected):
        begin(order, card, token="pm_card_visa")
    assert begin(order, card, token="pm_card_visa").kind == "done"
    assert facts(order) == bought(order)
    assert len(sandbox.charges()) == 1


def test_a_payment_that_never_reached_stripe_is_given_up(sandbox: Sandbox, order: Any, card: Any) -> None:
    """The process died between storing the key and the call: nothing is charged afterwards."""
    reserve(order, Attempt(card, RETURN, "pm_card_visa"))
    time_passes(minutes=1.5)
    assert reconcile() == 0  # a call might still be on its way
    assert facts(order) == untouched(order, "pending")
    time_passes(minutes=2)
    assert reconcile() == 1
    assert facts(order) == untouched(order, "failed")
    assert sandbox.charges() == []


def test_an_order_that_is_over_can_not_be_paid_any_more(sandbox: Sandbox, order: Any, card: Any) -> None:
    page = begin(order, card).redirect_url
    time_passes(minutes=16)
    assert expire_orders() == 1
    assert reconcile() == 1
    assert sandbox.pay_page(page).status_code == 410
    assert sandbox.charges() == []
    assert facts(order)["payments"] == ["failed"]


def test_late_money_is_honoured_while_there_is_room(sandbox: Sandbox, order: Any, card: Any) -> None:
    sandbox.pay_page(begin(order, card).redirect_url)
    time_passes(minutes=16)
    expire_orders()
    assert reconcile() == 1
    assert facts(order) == bought(order)


def test_late_money_without_room_goes_back(sandbox: Sandbox, order: Any, card: Any, kind: Any) -> None:
    sandbox.pay_page(begin(order, card).redirect_url)
    time_passes(minutes=16)
    expire_orders()
    change_quota(kind.quotas.get(), capacity=1)
    reconcile()
    order.refresh_from_db()
    payment, refund = Payment.objects.get(order=order), Refund.objects.get()
    assert (order.state, payment.state, refund.amount) == (
        "expired",
        "succeeded" if refund.state == "created" else "refunded",
        5500,
    )
    assert messages("marketplace.PaymentRefused", payment_id=payment.pk) == 1
    reconcile()
    refund.refresh_from_db()
    payment.refresh_from_db()
    assert (refund.state, payment.state) == ("done", "refunded")
    assert sandbox.client().v1.balance.retrieve().available == []
    assert sum(LedgerEntry.objects.values_list("amount", flat=True)) == 0
    assert reconcile() == 0


def test_another_amount_than_agreed_goes_back(
    sandbox: Sandbox, order: Any, card: Any, webhook: Callable[..., Any]
) -> None:
    begin(order, card)
    Payment.objects.filter(order=order).update(amount=4000)
    page = sandbox.client().v1.checkout.sessions.retrieve(Payment.objects.get(order=order).external_id).url
    sandbox.pay_page(page or "")
    assert webhook("checkout.session.completed").status_code == 200
    assert (facts(order)["state"], facts(order)["tickets"]) == ("pending", 0)
    reconcile()
    assert Refund.objects.get().state == "done"
    assert sandbox.client().v1.balance.retrieve().available == []


class TestRefunds:
    @pytest.fixture
    def refund(self, sandbox: Sandbox, order: Any, card: Any, kind: Any) -> Refund:
        """Late money, not sent back yet."""
        sandbox.pay_page(begin(order, card).redirect_url)
        time_passes(minutes=16)
        expire_orders()
        change_quota(kind.quotas.get(), capacity=1)
        sandbox.control("faults", path="/v1/refunds", status=500, times=1000)
        reconcile()
        sandbox.control("faults")
        return Refund.objects.get()

    def test_a_call_that_timed_out_makes_one_refund(self, sandbox: Sandbox, refund: Refund, quick_calls: None) -> None:
        sandbox.control("faults", path="POST /v1/refunds", drop=True, after=True, times=3)
        for _minute in range(3):
            time_passes(minutes=3)
            reconcile()
        refund.refresh_from_db()
        assert refund.state == "done"
        assert [made.amount for made in sandbox.client().v1.refunds.list().data] == [5500]

    def test_one_that_takes_days(self, sandbox: Sandbox, refund: Refund, webhook: Callable[..., Any]) -> None:
        sandbox.control("refund", status="pending")
        time_passes(minutes=3)
        reconcile()
        refund.refresh_from_db()
        assert refund.state == "in_transit"
        sandbox.control("refund", id=refund.external_id, status="succeeded")
        assert webhook("refund.updated").status_code == 200
        assert webhook("refund.updated").status_code == 200
        refund.refresh_from_db()
        assert refund.state == "done"

    def test_one_that_bounces_after_it_was_done(
        self, sandbox: Sandbox, refund: Refund, webhook: Callable[..., Any]
    ) -> None:
        time_passes(minutes=3)
        reconcile()
        refund.refresh_from_db()
        assert (refund.state, refund.payment.state) == ("done", "refunded")
        sandbox.control("refund", id=refund.external_id, status="failed")
        for _delivery in range(2):
            assert webhook("refund.failed").status_code == 200
        payment = Payment.objects.get(pk=refund.payment_id)
        assert (payment.state, list(stuck_refunds())) == ("succeeded", [refund])
        assert messages("marketplace.RefundFailed", refund_id=refund.pk, key=str(refund.key)) == 1
        assert webhook("payment_intent.succeeded").status_code == 200
        assert facts(payment.order)["state"] == "expired"
        ask_again(stuck_refunds().get())
        reconcile()
        payment.refresh_from_db()
        assert payment.state == "refunded"
        assert sandbox.client().v1.balance.retrieve().available == []

    def test_one_that_fails_is_listed_and_can_be_sent_again(
        self, sandbox: Sandbox, refund: Refund, webhook: Callable[..., Any]
    ) -> None:
        sandbox.control("refund", status="pending")
        time_passes(minutes=3)
        reconcile()
        refund.refresh_from_db()
        sandbox.control("refund", id=refund.external_id, status="failed")
        webhook("refund.failed")
        assert list(stuck_refunds()) == [refund]
        sandbox.control("refund", status="succeeded")
        ask_again(stuck_refunds().get())
        reconcile()
        refund.refresh_from_db()
        assert refund.state == "done"
        assert sandbox.client().v1.balance.retrieve().available == []


def test_a_payment_without_end_is_left_to_staff(sandbox: Sandbox, order: Any, card: Any) -> None:
    begin(order, card)
    sandbox.control("faults", path="/v1/checkout", status=400, times=1000)
    for _question in PAUSES:
        time_passes(days=2)
        assert reconcile() == 0
    assert list(stuck_payments().values_list("order", flat=True)) == [order.pk]
    sandbox.control("faults")
    ask_again(stuck_payments().get())
    assert list(stuck_payments()) == []
    reconcile()
    assert facts(order)["payments"] == ["failed"]


def test_two_reconcilers_ask_once(sandbox: Sandbox, order: Any, card: Any) -> None:
    from marketplace.services.reconcile import _claim

    begin(order, card)
    time_passes(minutes=2)
    rows = [Payment.objects.get(order=order) for _process in range(2)]
    assert [_claim(row) for row in rows] == [True, False]


def test_one_that_breaks_does_not_keep_the_rest(sandbox: Sandbox, order: Any, card: Any, kind: Any) -> None:
    from tests.factories import make_order, make_payment

    make_payment(make_order(kind), provider="gone", check_at=timezone.now())
    sandbox.pay_page(begin(order, card).redirect_url)
    time_passes(minutes=2)
    assert reconcile() == 1
    assert facts(order) == bought(order)
