"""Where an order stands, in the words of its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils import timezone

from marketplace.models import Order, Payment, Refund

Status = Literal[
    "pending", "processing", "confirmed", "cash_due", "expired", "canceled", "refunded", "returning", "returned"
]


@dataclass(frozen=True)
class Standing:
    """`payment` is the one that is under way, or whose money goes back."""

    status: Status
    payment: Payment | None = None

    @property
    def waits(self) -> bool:
        """Whether it will change by itself, so that its page looks again."""
        return self.status in ("processing", "returning")

    @property
    def can_pay(self) -> bool:
        return self.status in ("pending", "processing")

    @property
    def has_tickets(self) -> bool:
        return self.status in ("confirmed", "cash_due")


def standing_of(order: Order, *, at: datetime | None = None) -> Standing:
    """Reads the order's payments and their refunds (prefetch them for lists)."""
    if order.state == Order.State.PAID:
        return Standing("confirmed")
    payments = list(order.payments.all())
    if order.state == Order.State.PENDING:
        return _pending(order, payments, at or timezone.now())
    if order.state == Order.State.REFUNDED:
        return Standing("refunded")
    return _closed(order, payments)


def _pending(order: Order, payments: list[Payment], at: datetime) -> Standing:
    if order.expires_at is None:
        return Standing("cash_due")
    live = next((item for item in payments if item.state in (Payment.State.CREATED, Payment.State.PENDING)), None)
    if live:
        return Standing("processing", live)
    if order.expires_at <= at:
        return _closed(order, payments)
    return Standing("pending")


def _closed(order: Order, payments: list[Payment]) -> Standing:
    going_back = [payment for payment in payments if payment.refunded]
    if not going_back:
        return Standing("canceled" if order.state == Order.State.CANCELED else "expired")
    refunds = [refund for payment in going_back for refund in payment.refunds.all()]
    done = all(refund.state == Refund.State.DONE for refund in refunds)
    return Standing("returned" if done else "returning", going_back[0])
