"""What time ends: orders that nobody paid, carts that nobody ordered, holds that nobody came back for."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.timezone import now

from marketplace.messages import OrderExpired, TicketsCanceled
from marketplace.models import Cart, Order, Payment, Ticket
from marketplace.services import hold, limits, prices
from marketplace.services.cart import release_cart
from marketplace.services.transition import move
from portal.outbox.services import publish

log = logging.getLogger(__name__)

BATCH = 2000
KEEP_CARTS = timedelta(days=2)


def expire_orders() -> int:
    """Close orders whose time to pay is over; how many."""
    over = Q(expires_at__lte=now()) | Q(due_at__lte=now())
    late = Order.objects.filter(over, state=Order.State.PENDING).order_by("pk")[:BATCH]
    return _each(late, _expire_if_late)


def sweep() -> int:
    """Release carts that lapsed, and forget old ones; how many were released."""
    lapsed = Cart.objects.filter(state=Cart.State.OPEN, expires_at__lte=now()).order_by("pk")[:BATCH]
    released = _each(lapsed, _release_if_lapsed)
    old = Cart.objects.filter(state=Cart.State.RELEASED, expires_at__lt=now() - KEEP_CARTS)
    Cart.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH])).delete()
    return released


def _each(rows: Iterable[Any], end: Callable[[Any], bool]) -> int:
    """End each in a transaction of its own, so that one that fails does not keep the rest."""
    ended = 0
    for row in rows:
        try:
            ended += end(row)
        except Exception:
            log.exception("%s %s could not be ended", type(row).__name__, row.pk)
    return ended


def expire_order(order: Order, *, to: str = Order.State.EXPIRED) -> bool:
    """Close a pending order that was not paid in time, and free what it held or was given. In a transaction.

    `to` is its end where it was not time that ended it.
    """
    given_out = order.expires_at is None
    if not move(order, to):
        return False
    lines = list(order.lines.all())
    limits.count_out(order, tickets=sum(line.quantity for line in lines))
    prices.release_rules(order)
    publish(OrderExpired(order.pk))
    if given_out:
        _take_tickets_back(order)
    else:
        hold.release(hold.drop_holds(order))
    return True


@transaction.atomic
def _expire_if_late(order: Order) -> bool:
    """Locks the order first, as settling does: it may have been paid or extended in this instant."""
    locked = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    deadlines = [at for at in (locked.expires_at, locked.due_at) if at is not None]
    if locked.state != Order.State.PENDING or not deadlines or min(deadlines) > now():
        return False
    return expire_order(locked)


@transaction.atomic
def _release_if_lapsed(cart: Cart) -> bool:
    locked = Cart.objects.select_for_update(no_key=True).get(pk=cart.pk)
    if locked.state != Cart.State.OPEN or locked.expires_at > now():
        return False
    release_cart(locked)
    return True


def _take_tickets_back(order: Order) -> None:
    """Cash that never came: the tickets are void and their places free."""
    for payment in order.payments.filter(state__in=[Payment.State.CREATED, Payment.State.PENDING], provider="cash"):
        move(payment, Payment.State.FAILED, failure="not-paid-in-time" if order.state == "expired" else "canceled")
    valid = order.tickets.filter(state=Ticket.State.VALID).select_related("line").order_by("pk")
    void = [ticket for ticket in valid if move(ticket, Ticket.State.CANCELED, generation=F("generation") + 1)]
    places = Counter(quota_id for ticket in void for quota_id in ticket.line.quota_ids)
    if void and order.state == Order.State.CANCELED:
        publish(TicketsCanceled(order.pk, [str(ticket.pk) for ticket in void]))
    hold.give_back(places)
