"""Calling a whole event off: nothing more is sold, and whoever bought gets everything back, order by order, as a job.

An order is undone in a transaction of its own, which changes it or finds it done: the job may die and run again, and
twice at once.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils.timezone import now

from marketplace.models import EventCancellation, Order, RefundLine, Ticket
from marketplace.services.expire import expire_order
from marketplace.services.lock import lock
from marketplace.services.refund import return_all
from portal.jobs import enqueue
from venues.models import EventPage
from venues.services.events import cancel_event

log = logging.getLogger(__name__)
BATCH = 200  # orders in one task, which has minutes


@dataclass(frozen=True)
class Progress:
    """How far a cancellation is: orders, tickets that bring money back, minor units of that money and of what arrived."""

    orders: int
    open: int
    tickets: int
    amount: int
    returned: int
    failed: int

    @property
    def undone(self) -> int:
        return max(self.orders - self.open, 0)


@transaction.atomic
def call_off(event: EventPage, *, message: str = "") -> EventCancellation:
    """Cancel `event`, and have everybody refunded. `message` is told to its holders. Twice changes nothing."""
    cancellation = _begin(event.pk, message)
    cancel_event(event)
    return cancellation


@transaction.atomic
def follow_cancellation(event_id: int) -> None:
    """However the event came to be canceled, its orders are undone."""
    _begin(event_id, "")
    enqueue("marketplace.services.cancellation.undo_orders", event_id, queue="payment")


def _begin(event_id: int, message: str) -> EventCancellation:
    opened = {"message": message[:500], "orders": open_orders(event_id).count()}
    return EventCancellation.objects.get_or_create(event_id=event_id, defaults=opened)[0]


def resume() -> None:
    """The job that goes on where a task was killed, or an order could not be undone."""
    left = Exists(open_orders(OuterRef("event")))  # also what was ordered in the very moment of the cancellation
    for event_id in EventCancellation.objects.filter(Q(done_at=None) | left).values_list("event", flat=True):
        undo_orders(event_id)


def undo_orders(event_id: int) -> int:
    """Undo open orders of a canceled event; how many. What is too much for one task is left to the next."""
    ids = list(open_orders(event_id).order_by("pk").values_list("pk", flat=True)[:BATCH])
    undone = sum(_try(order_id) for order_id in ids)
    if not open_orders(event_id).exists():
        EventCancellation.objects.filter(event=event_id, done_at=None).update(done_at=now())
    elif undone == BATCH:
        enqueue("marketplace.services.cancellation.undo_orders", event_id, queue="payment")
    return undone


def open_orders(event_id: Any) -> QuerySet[Order]:
    return Order.objects.filter(event=event_id, state__in=[Order.State.PENDING, Order.State.PAID])


def progress_of(cancellation: EventCancellation) -> Progress:
    lines = RefundLine.objects.filter(refund__cancellation=cancellation, amount__gt=0)
    sums = lines.aggregate(
        tickets=Count("ticket", distinct=True),
        returned=Sum("amount", filter=Q(refund__state="done"), default=0),
        amount=Sum("amount", default=0),
        failed=Count("refund", filter=Q(refund__state="failed"), distinct=True),
    )
    return Progress(cancellation.orders, open_orders(cancellation.event_id).count(), **sums)


def worth_of(event: EventPage) -> tuple[int, int]:
    """How many good tickets `event` has, and what was paid for them and would go back."""
    good = Ticket.objects.filter(event=event, state=Ticket.State.VALID)
    paid = good.filter(order__paid_at__isnull=False).aggregate(
        price=Sum("price", default=0), refunded=Sum("refunded", default=0)
    )
    return good.count(), paid["price"] - paid["refunded"]


def _try(order_id: int) -> bool:
    """One that fails does not keep the rest."""
    try:
        return undo_order(order_id)
    except Exception:
        log.exception("order %s of a canceled event could not be undone", order_id)
        return False


@transaction.atomic
def undo_order(order_id: int) -> bool:
    """Give back all that was paid for an order of a canceled event, or drop what it held; False if it was over."""
    order = Order.objects.get(pk=order_id)
    lock(order)
    if not order.event.canceled_at or order.state not in (Order.State.PENDING, Order.State.PAID):
        return False
    if order.state == Order.State.PENDING:
        return expire_order(order, to=Order.State.CANCELED)
    return_all(order, EventCancellation.objects.get(event=order.event_id))
    return True
