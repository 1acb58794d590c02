"""Where money becomes a confirmed order: the one place that all news of a payment goes through.

Webhook, return page, reconciler, and the door may all bring the same news at once. The order's row is locked first, then
the payment's state is compared and set; exactly one of them wins, and the others read what it did.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from django.db import connection, transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from marketplace.extensions import PaymentUpdate, payment_providers
from marketplace.messages import OrderConfirmed, OrderPaid, PaymentRefused, RefundCreated, RefundDone, RefundFailed
from marketplace.models import Order, Payment, Refund
from marketplace.services import hold, ledger, limits, prices
from marketplace.services.allocation import Bought, bought_of
from marketplace.services.expire import expire_order
from marketplace.services.issue import give_out
from marketplace.services.lock import lock
from marketplace.services.refusal import gone
from marketplace.services.selection import check_event, read_terms
from marketplace.services.transition import move
from portal.errors import Rejected
from portal.outbox.services import publish

log = logging.getLogger(__name__)

# Every sale in cash runs it, and Django would write it anew each time.
KEEP = """
    UPDATE marketplace_order SET expires_at = NULL, due_at = %s
    WHERE id = %s AND state = 'pending' AND expires_at IS NOT NULL
"""
Outcome = Literal["confirmed", "already", "late_honoured", "refund_due", "failed", "pending"]


@dataclass(frozen=True)
class Settlement:
    """What the news of a payment led to. "already" changed nothing; "refund_due" means that the money goes back."""

    outcome: Outcome
    order: Order


@transaction.atomic
def settle_payment(payment_key: uuid.UUID | str, update: PaymentUpdate) -> Settlement:
    """Take in what a provider says of the payment with the key `payment_key`. Raises Rejected("unknown-payment")."""
    payment = _lock(payment_key)
    if update.state == "pending":
        moved = move(payment, Payment.State.PENDING, **_notes(payment, update))
        return Settlement("pending" if moved else "already", payment.order)
    if update.state == "failed":
        return _fail(payment, update)
    return _receive(payment, update)


@transaction.atomic
def confirm_unpaid(payment: Payment, *, due_at: datetime | None = None, **notes: Any) -> Order:
    """Give the tickets out before the money comes: cash on arrival. They are kept until `due_at`, or the event's end.

    `notes` are fields of the payment, set with its state. Raises Rejected("hold-expired"), or "order-closed" for an
    order that isn't pending. Twice changes nothing.
    """
    order = payment.order
    lock(order)
    if order.state != Order.State.PENDING:
        raise Rejected("order-closed", _("This order is no longer open."))
    if order.expires_at is not None:
        move(payment, Payment.State.PENDING, **notes)
        keep_until(order, due_at=due_at)
        give_unpaid(order)
    return order


def keep_until(order: Order, *, due_at: datetime | None) -> bool:
    """Stop the clock of a pending order's hold: its places are kept until `due_at`, or the event's end.

    A compare-and-set that locks the order. False, with nothing changed, where it was paid, ended or kept before.
    """
    due_at = due_at or order.event.end
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [connection.ops.adapt_datetimefield_value(due_at), order.pk])
        if not cursor.rowcount:
            return False
    order.expires_at, order.due_at = None, due_at
    return True


def give_unpaid(order: Order, *, before_places: Callable[[Bought], None] = lambda _bought: None) -> None:
    """Give the tickets of a kept order out, in the transaction that has locked it. Raises Rejected("hold-expired").

    `before_places` is called just before the places are taken: what else is to be written is written there.
    """
    _give_places(order, bought_of(order), before_places)


@transaction.atomic
def take_cash(order: Order, *, user: Any) -> Settlement:
    """The door takes the money that is due for an order with unpaid tickets; `user` is who took it.

    Raises Rejected("nothing-due") where no cash is expected: paid already, expired, or another way to pay.
    """
    payment = Payment.objects.filter(
        order=order, order__state=Order.State.PENDING, provider="cash", state=Payment.State.PENDING
    ).first()
    if payment is None:
        raise Rejected("nothing-due", _("No cash is due for this order."), state=order.state)
    update = PaymentUpdate(str(payment.key), "succeeded", amount=payment.amount, data={"taken_by": user.pk})
    return settle_payment(payment.key, update)


@transaction.atomic
def settle_refund(refund_key: uuid.UUID | str, update: PaymentUpdate) -> Refund:
    """Take in what a provider says of the refund with the key `refund_key`. Raises Rejected("unknown-refund")."""
    rows = Refund.objects.select_for_update(of=("self", "payment"), no_key=True).select_related("payment__order")
    try:
        refund = rows.get(key=refund_key)
    except Refund.DoesNotExist:
        raise Rejected("unknown-refund", _("There is no such refund."), status=404) from None
    notes = {"external_id": update.external_id} if update.external_id else {}
    if update.state in ("done", "succeeded"):
        if move(refund, Refund.State.DONE, done_at=now(), check_at=None, **notes):
            ledger.book_returned(refund)
            publish(RefundDone(refund.pk))
            if _returned(refund.payment) >= refund.payment.amount:
                move(refund.payment, Payment.State.REFUNDED)
    elif update.state in ("in_transit", "pending"):
        _travel(refund, notes)
    elif update.state == "failed":
        _reopen_refund(refund, update)
    return refund


def _travel(refund: Refund, notes: dict[str, Any]) -> None:
    """Where the vendor hands the money over, only the vendor can say when that is done: nobody else is asked."""
    if by_hand(refund.payment):
        notes = {**notes, "check_at": None}
    move(refund, Refund.State.IN_TRANSIT, **notes)


def handed_over() -> list[str]:
    """The providers whose refunds are handed over by the vendor, who says so: nobody else can know."""
    return [entry.key for entry in payment_providers.entries if getattr(entry.item, "refunds_by_hand", False)]


def by_hand(payment: Payment) -> bool:
    return payment.provider in handed_over()


@transaction.atomic
def confirm_handed_back(refund: Refund) -> Refund:
    """The vendor has handed the money over. Raises Rejected("nothing-due") where there is nothing to hand over."""
    underway = (Refund.State.CREATED, Refund.State.IN_TRANSIT)
    if not by_hand(refund.payment) or refund.state not in underway:
        raise Rejected("nothing-due", _("This money was given back already, or goes another way."), state=refund.state)
    update = PaymentUpdate(str(refund.key), "done", kind="refund", amount=refund.amount)
    return settle_refund(refund.key, update)


def _returned(payment: Payment) -> int:
    return sum(payment.refunds.filter(state=Refund.State.DONE).values_list("amount", flat=True))


def _reopen_refund(refund: Refund, update: PaymentUpdate) -> None:
    """The money is owed again: staff find it among what to look at, and the vendor is told."""
    was_done = refund.state == Refund.State.DONE
    if not move(refund, Refund.State.FAILED, failure=update.failure[:200], done_at=None, check_at=None):
        return
    ledger.book_bounced(refund)
    if was_done and refund.payment.state == Payment.State.REFUNDED:
        move(refund.payment, Payment.State.SUCCEEDED)
    publish(RefundFailed(refund.pk, str(refund.key)))


def _lock(key: uuid.UUID | str) -> Payment:
    """The payment, with its order's row locked: all that happens to an order happens in turn."""
    order = (
        Order.objects.lean("vendor__commission_bps")
        .select_for_update(of=("self",), no_key=True)
        .filter(payments__key=key)
        .first()
    )
    if order is None:
        raise Rejected("unknown-payment", _("There is no such payment."), status=404)
    payment = Payment.objects.get(key=key)
    payment.order = order
    return payment


def _notes(payment: Payment, update: PaymentUpdate) -> dict[str, Any]:
    notes: dict[str, Any] = {"data": {**payment.data, **update.data}} if update.data else {}
    if update.external_id:
        notes["external_id"] = update.external_id
    return notes


def _fail(payment: Payment, update: PaymentUpdate) -> Settlement:
    failed = move(payment, Payment.State.FAILED, failure=update.failure[:200], check_at=None, **_notes(payment, update))
    return Settlement("failed" if failed else "already", payment.order)


def _receive(payment: Payment, update: PaymentUpdate) -> Settlement:
    amount = payment.amount if update.amount is None else update.amount
    currency = update.currency or payment.currency
    if amount <= 0:
        return _fail(payment, replace(update, failure="amount-mismatch"))
    as_agreed = (amount, currency) == (payment.amount, payment.currency)
    notes = _notes(payment, update)
    if not as_agreed:
        agreed = {"agreed_amount": payment.amount, "agreed_currency": payment.currency}
        notes["data"] = {**payment.data, **update.data, **agreed}
    received = {"amount": amount, "currency": currency, "settled_at": now(), "check_at": None, "failure": ""}
    if not move(payment, Payment.State.SUCCEEDED, unless=[Payment.State.REFUNDED], **received, **notes):
        return Settlement("already", payment.order)
    if not as_agreed or payment.order.total != amount:
        log.error("Payment %s brought %s %s, which is not what was agreed", payment.pk, amount, currency)
        return _send_back(payment, "amount-mismatch")
    try:
        return Settlement(_honour(payment), payment.order)
    except (Rejected, hold.SoldOut) as refusal:
        return _send_back(payment, getattr(refusal, "code", "sold-out"))


@transaction.atomic
def _honour(payment: Payment) -> Outcome:
    """Make the order a paid one, if it can be: its places are still held, or still free. Else raises, changing nothing."""
    order = payment.order
    if order.state not in (Order.State.PENDING, Order.State.EXPIRED) or order.event.canceled_at:
        raise Rejected("order-closed", _("This order takes no more money."), state=order.state)
    expired = order.state == Order.State.EXPIRED
    if expired:
        _revive(order)
    waited = order.expires_at is not None
    if not move(order, Order.State.PAID, paid_at=now(), expires_at=None, due_at=None):
        raise Rejected("order-closed", _("This order takes no more money."))
    bought = bought_of(order)
    ledger.book_sale(payment, bought.lines, adjustment=bought.adjustment)
    publish(OrderPaid(order.pk))
    if not waited:  # its tickets were given out before the money came
        order.payments.filter(state=Payment.State.PENDING, provider="cash").update(
            state=Payment.State.FAILED, failure="paid-otherwise"
        )
        return "confirmed"
    return "confirmed" if _give_places(order, bought) and not expired else "late_honoured"


def _revive(order: Order) -> None:
    """An expired order may be paid after all, if nothing but time stood against it. Raises Rejected."""
    if order.tickets.exists():
        raise Rejected("order-closed", _("This order's tickets were canceled."))
    terms = read_terms(order.event_id)
    check_event(terms)
    limits.count_in(terms, email=order.email, tickets=_tickets_in(order), order=order)
    prices.commit_rules(order)


def _tickets_in(order: Order) -> int:
    return sum(order.lines.values_list("quantity", flat=True))


def _give_places(order: Order, bought: Bought, before_places: Callable[[Bought], None] = lambda _bought: None) -> bool:
    """Tickets for the places that the order holds, or can still get. Says whether it held them all. Raises Rejected.

    The last thing in its transaction: the quotas' rows are touched here.
    """
    needs = hold.needs_of(bought.lines)
    had = hold.drop_holds(order)
    give_out(order, bought.lines, adjustment=bought.adjustment)
    publish(OrderConfirmed(order.pk))
    before_places(bought)
    try:
        hold.acquire(needs, had=had, sold=True)
    except hold.SoldOut:
        order.given_out = None
        raise gone() from None
    return had == needs


def _send_back(payment: Payment, why: str) -> Settlement:
    """Money that nothing can be given for: booked as such, and due to go back in full."""
    order = payment.order
    order.refresh_from_db(fields=["state", "expires_at", "due_at", "paid_at"])  # what was tried was rolled back
    if order.state == Order.State.PENDING and order.expires_at and order.expires_at <= now():
        expire_order(order)
    Payment.objects.filter(pk=payment.pk).update(refunded=payment.amount)
    payment.refunded = payment.amount
    refund = Refund.objects.create(payment=payment, amount=payment.amount, reason=why, check_at=now())
    ledger.book_unallocated(payment)
    publish(RefundCreated(refund.pk))
    publish(PaymentRefused(payment.pk))
    return Settlement("refund_due", order)
