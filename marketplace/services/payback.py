"""Money on its way back: taken from an order's payments and tickets, split over them, and booked, all in one transaction.

The database guards both sums: of two refunds at once the second finds too little left, whoever forgot to lock.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.timezone import now
from django.utils.translation import gettext as _

from marketplace.messages import RefundCreated
from marketplace.models import Order, Payment, Refund, RefundLine, Ticket
from marketplace.services import ledger
from portal import money
from portal.errors import Rejected
from portal.jobs import enqueue
from portal.outbox.services import publish


@dataclass(frozen=True)
class Part:
    """What one ticket gets back, in minor units."""

    ticket: Ticket
    amount: int


def pay_back(order: Order, parts: Sequence[Part], *, gone: Collection[UUID], **about: Any) -> list[Refund]:
    """Refunds of `parts`, one for each payment that they are taken from; their providers are asked after the commit.

    `gone` are the tickets that are no longer good from now on, for the books; `about` are fields of the refunds. Raises
    Rejected("amount-too-large").
    """
    total = sum(part.amount for part in parts)
    if not total:
        return []
    payments = list(order.payments.filter(state=Payment.State.SUCCEEDED, refunded__lt=F("amount")).order_by("pk"))
    left = [payment.amount - payment.refunded for payment in payments]
    if sum(left) < total:
        raise too_large(sum(left), order.currency)
    for part in parts:
        _take_from_ticket(part)
    taken = [(payment, share) for payment, share in zip(payments, money.split(total, left), strict=True) if share]
    filled = _pour(parts, [share for _payment, share in taken])
    uncounted = set(gone)
    return [_refund(payment, own, uncounted, about) for (payment, _share), own in zip(taken, filled, strict=True)]


def too_large(most: int, currency: str) -> Rejected:
    text = _("At most %(most)s can be given back.") % {"most": money.text(most, currency)}
    return Rejected("amount-too-large", text, status=422, field="amount", refundable=money.as_json(most, currency))


def _pour(parts: Sequence[Part], shares: Sequence[int]) -> list[list[Part]]:
    """The parts in their order, cut where a payment's share is full; each list adds up to its share."""
    filled: list[list[Part]] = [[] for _share in shares]
    place, room = 0, shares[0]
    for part in parts:
        rest = part.amount
        while rest > room:
            if room:
                filled[place].append(Part(part.ticket, room))
            rest, place = rest - room, place + 1
            room = shares[place]
        filled[place].append(Part(part.ticket, rest))
        room -= rest
    return filled


def _refund(payment: Payment, parts: Sequence[Part], uncounted: set[UUID], about: dict[str, Any]) -> Refund:
    amount = sum(part.amount for part in parts)
    take_from_payment(payment, amount)
    refund = Refund.objects.create(payment=payment, amount=amount, check_at=now(), **about)
    RefundLine.objects.bulk_create(
        [RefundLine(refund=refund, ticket=part.ticket, amount=part.amount) for part in parts]
    )
    counted = {part.ticket.pk for part in parts} & uncounted
    uncounted -= counted
    ledger.book_refund(refund, [(part.ticket, part.amount) for part in parts], gone=counted)
    publish(RefundCreated(refund.pk))
    enqueue("marketplace.services.reconcile.send_now", refund.pk, queue="payment")
    return refund


def take_from_payment(payment: Payment, amount: int) -> None:
    """Count `amount` as going back. A guarded update: what was taken in this instant is seen."""
    row = Payment.objects.filter(pk=payment.pk, state=Payment.State.SUCCEEDED, refunded__lte=F("amount") - amount)
    if not row.update(refunded=F("refunded") + amount):
        raise too_large(0, payment.currency)


def _take_from_ticket(part: Part) -> None:
    row = Ticket.objects.filter(pk=part.ticket.pk, refunded__lte=F("price") - part.amount)
    if part.amount and not row.update(refunded=F("refunded") + part.amount):
        raise too_large(0, part.ticket.order.currency)
    part.ticket.refunded += part.amount
