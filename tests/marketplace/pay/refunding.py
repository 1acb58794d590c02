"""What the tests of refunds set up and look at."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from django.utils.timezone import now

from marketplace.models import LedgerEntry, Order, Ticket
from tests.factories import make_order, pay

HALF = [{"hours_before": 48, "percent_bps": 10_000}, {"hours_before": 24, "percent_bps": 5_000}]


def paid_order(kind: Any, *, quantity: int = 2, policy: Any = HALF, **fields: Any) -> Order:
    """Paid by card, with a policy of its own."""
    order = make_order(kind, quantity=quantity, **fields)
    order.refund_policy = policy
    order.save(update_fields=["refund_policy"])
    pay(order)
    return Order.objects.get(pk=order.pk)


def starts_in(event: Any, **span: float) -> None:
    event.start = now() + timedelta(**span)
    event.end = event.start + timedelta(hours=3)
    type(event).objects.filter(pk=event.pk).update(start=event.start, end=event.end)


def states(order: Order) -> list[str]:
    return list(Ticket.objects.filter(order=order).order_by("number").values_list("state", flat=True))


def books(order: Order) -> dict[str, int]:
    """The sum of each account, zeros left out; and how many tickets the books count as sold."""
    sums: Counter[str] = Counter()
    for account, amount, tickets in LedgerEntry.objects.filter(order=order).values_list("account", "amount", "tickets"):
        sums[account] += amount
        sums["tickets"] += tickets
    return {account: amount for account, amount in sorted(sums.items()) if amount}
