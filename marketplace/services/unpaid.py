"""Tickets that were given out before the money came, and are given up: the door asks for that much less."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F
from django.utils.timezone import now
from django.utils.translation import gettext as _

from marketplace.messages import OrderPaid
from marketplace.models import Adjustment, Order, OrderLine, Payment, Ticket
from marketplace.services import ledger
from marketplace.services.allocation import bought_of
from marketplace.services.transition import move
from portal.outbox.services import publish

LIVE = (Payment.State.CREATED, Payment.State.PENDING)


def lower_total(order: Order, tickets: Sequence[Ticket]) -> None:
    """Take `tickets` off what is due for the pending `order`, which keeps others. In the transaction that locked it."""
    worth = sum(ticket.price for ticket in tickets)
    Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets]).update(price=0)  # nothing is paid for them
    for ticket in tickets:
        OrderLine.objects.filter(pk=ticket.line_id).update(quantity=F("quantity") - 1)
    # Their share of the order's discounts goes with them, so that the lines still add up to the total.
    discount = sum(ticket.line.unit_price + ticket.line.unit_fee for ticket in tickets) - worth
    if discount:
        Adjustment.objects.create(order=order, rule="", label=_("Discount of canceled tickets"), amount=discount)
    order.total -= worth
    Order.objects.filter(pk=order.pk).update(total=order.total)
    order.payments.filter(state__in=LIVE).update(amount=order.total)
    if not order.total:
        _nothing_due(order)


def stop_collecting(order: Order, why: str) -> None:
    for payment in order.payments.filter(state__in=LIVE):
        move(payment, Payment.State.FAILED, failure=why, check_at=None)


def _nothing_due(order: Order) -> None:
    """What is left is free, and so nobody waits for money any more."""
    stop_collecting(order, "nothing-due")
    if move(order, Order.State.PAID, paid_at=now(), due_at=None):
        bought = bought_of(order)
        ledger.book_free(order, bought.lines, adjustment=bought.adjustment)
        publish(OrderPaid(order.pk))
