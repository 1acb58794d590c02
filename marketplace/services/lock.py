"""Taking an order's row, so that all that happens to an order happens in turn."""

from __future__ import annotations

from marketplace.models import Order
from marketplace.models.order import EVENT_FIELDS
from portal.prepared import Prepared

CHANGES = ("state", "expires_at", "extensions", "due_at", "paid_at", "total")  # nothing else of an order ever does

ROWS = Order.objects.select_for_update(of=("self",), no_key=True).select_related("event__venue")
LOCKED = Prepared(lambda pk: ROWS.only(*CHANGES, *EVENT_FIELDS).filter(pk=pk))


def lock(order: Order) -> None:
    """Hold the row of `order` until the transaction ends, and read anew what may have changed of it, and its event."""
    row = LOCKED.first(pk=order.pk)
    if row is None:
        raise Order.DoesNotExist
    for name in (*CHANGES, "event"):
        setattr(order, name, getattr(row, name))
