"""Refunds through Stripe: one for each that was decided, however often it is asked, lost, or bounced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from marketplace.messages import RefundDone, RefundFailed
from marketplace.models import Order, Payment, Refund
from marketplace.services.reconcile import ask_again, reconcile, send_now, stuck_refunds
from marketplace.services.refund import refund_tickets
from tests.infra.sandbox import Sandbox
from tests.marketplace.pay.refunding import HALF, books
from tests.marketplace.pay.steps import begin, messages
from tests.marketplace.pay.test_reconcile import time_passes

pytestmark = pytest.mark.django_db


@pytest.fixture
def bought(sandbox: Sandbox, order: Order, card: Any) -> Order:
    Order.objects.filter(pk=order.pk).update(refund_policy=HALF)
    order.refresh_from_db()
    begin(order, card, token="pm_card_visa")
    return Order.objects.get(pk=order.pk)


def at_stripe(sandbox: Sandbox) -> list[int]:
    return [made.amount for made in sandbox.client().v1.refunds.list().data]


def run_tasks() -> None:
    """What was enqueued for a worker, here and now."""
    for row in OrmQ.objects.all():
        task = row.task
        row.delete()
        import_string(task["func"])(*task["args"])


def test_the_money_goes_back_once(sandbox: Sandbox, bought: Order) -> None:
    refund_tickets(bought, ticket_ids=[bought.tickets.first().pk])
    refund = Refund.objects.get()
    assert (refund.state, at_stripe(sandbox)) == ("created", [])  # nobody is asked within the transaction
    run_tasks()
    send_now(refund.pk)
    assert reconcile() == 0
    refund.refresh_from_db()
    assert (refund.state, refund.check_at, at_stripe(sandbox)) == ("done", None, [2750])
    assert messages(RefundDone.name, refund_id=refund.pk) == 1
    assert Payment.objects.get().state == "succeeded"
    refund_tickets(bought)
    run_tasks()
    assert (Payment.objects.get().state, at_stripe(sandbox)) == ("refunded", [2750, 2750])
    assert sandbox.client().v1.balance.retrieve().available == []


def test_a_call_that_timed_out_makes_one_refund(sandbox: Sandbox, bought: Order, quick_calls: None) -> None:
    sandbox.control("faults", path="POST /v1/refunds", drop=True, after=True, times=3)
    refund_tickets(bought)
    run_tasks()
    assert Refund.objects.get().state == "created"
    time_passes(minutes=2)
    reconcile()
    assert (Refund.objects.get().state, at_stripe(sandbox)) == ("done", [5500])


def test_a_task_that_died_is_made_up_for(sandbox: Sandbox, bought: Order) -> None:
    refund_tickets(bought)
    OrmQ.objects.all().delete()
    assert reconcile() == 1
    assert (Refund.objects.get().state, at_stripe(sandbox)) == ("done", [5500])


@pytest.mark.parametrize("status", ["succeeded", "pending"])
def test_one_that_fails_later_is_opened_again(
    sandbox: Sandbox, bought: Order, webhook: Callable[..., Any], status: str
) -> None:
    sandbox.control("refund", status=status)
    refund_tickets(bought, ticket_ids=[bought.tickets.first().pk])
    run_tasks()
    refund = Refund.objects.get()
    sold = books(bought)
    sandbox.control("refund", id=refund.external_id, status="failed")
    for _delivery in range(2):
        assert webhook("refund.failed").status_code == 200
    assert list(stuck_refunds()) == [refund]
    assert messages(RefundFailed.name, refund_id=refund.pk, key=str(refund.key)) == 1
    # The money is here again, and the buyer's: nobody else may have it.
    assert books(bought) == {**sold, "provider": 5500, "unallocated": -2750}
    assert Payment.objects.get().refunded == 2750
    sandbox.control("refund", status="succeeded")
    ask_again(stuck_refunds().get())
    reconcile()
    refund.refresh_from_db()
    assert (refund.state, books(bought)) == ("done", sold)
    assert [made.status for made in sandbox.client().v1.refunds.list().data] == ["succeeded", "failed"]
