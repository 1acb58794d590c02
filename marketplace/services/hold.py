"""Places: taken, held, given out and given back. The only writer of ``Quota.held`` and ``Quota.sold``, and of Holds.

Locks are taken in one order everywhere: order, payment, cart, person's limit, holds, then quotas by id. Quotas come
last, because a hot quota's row is what all buyers of an event wait for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import connection
from django.db.models import F, QuerySet
from django.utils.timezone import now

from marketplace.messages import StockChanged
from marketplace.models import Cart, Hold, Order, Quota
from marketplace.stock import Figures
from portal.outbox.services import publish
from portal.prepared import insert

HOLD_TIME = timedelta(minutes=15)
MAX_EXTENSIONS = 10

# One statement tests, counts and tells: whoever gets no row gets no place.
SHIFT = """
    UPDATE marketplace_quota SET held = held + %(held)s, sold = sold + %(sold)s
    WHERE id = %(quota)s AND held + sold + %(held)s + %(sold)s <= capacity
    RETURNING event_id, capacity, held, sold
"""
DROP = "DELETE FROM marketplace_hold WHERE {} = %s RETURNING quota_id, quantity"


class SoldOut(Exception):
    """A quota has too few places left. Raised within the transaction, which has to be rolled back."""

    def __init__(self, quota_id: int) -> None:
        super().__init__(f"Quota {quota_id} has too few places left.")
        self.quota_id = quota_id


class Places(Protocol):
    """A line of a cart or an order."""

    quantity: int
    quota_ids: list[int]


def needs_of(lines: Iterable[Places]) -> dict[int, int]:
    """How many places `lines` take of each quota, by quota id."""
    needs: Counter[int] = Counter()
    for line in lines:
        for quota_id in line.quota_ids:
            needs[quota_id] += line.quantity
    return dict(needs)


def acquire(needs: Mapping[int, int], *, had: Mapping[int, int] | None = None, sold: bool = False) -> None:
    """Take `needs` (places by quota id) as held, or as `sold`; `had` are places that the taker held already.

    Raises SoldOut. The last thing to do in a transaction.
    """
    had = had or {}
    for quota_id in sorted({*needs, *had}):
        need, held = needs.get(quota_id, 0), had.get(quota_id, 0)
        change = {"held": -held, "sold": need} if sold else {"held": need - held, "sold": 0}
        if any(change.values()) and not shift(quota_id, **change) and not _shift_once_freed(quota_id, **change):
            raise SoldOut(quota_id)


def give_back(sold: Mapping[int, int]) -> None:
    """Free places that were given out: the number by quota id."""
    for quota_id in sorted(sold):
        shift(quota_id, sold=-sold[quota_id])


def shift(quota_id: int, *, held: int = 0, sold: int = 0) -> bool:
    """Change a quota's counts if its capacity allows; says whether. Tells the listing when that changes what it shows."""
    with connection.cursor() as cursor:
        cursor.execute(SHIFT, {"quota": quota_id, "held": held, "sold": sold})
        row = cursor.fetchone()
    if row is None:
        return False
    event_id, *counts = row
    after = Figures(*counts)
    before = Figures(after.capacity, after.held - held, after.sold - sold)
    if after.availability != before.availability:
        publish(StockChanged(event_id))
    return True


def _shift_once_freed(quota_id: int, **change: int) -> bool:
    release_lapsed(quota_id)
    return shift(quota_id, **change)


def release_lapsed(quota_id: int) -> None:
    """Free the places of a quota whose holds have lapsed, whoever held them; nobody needs to wait for the sweeper."""
    lapsed = Hold.objects.filter(quota_id=quota_id, expires_at__lte=now())
    if not lapsed.exists():
        return
    # Who frees them has the quota's row; others wait here, and then find the places free. Holds that somebody is
    # converting or extending right now are left alone, so waiting for them can't close a circle.
    Quota.objects.select_for_update(no_key=True).get(pk=quota_id)
    found = list(lapsed.select_for_update(skip_locked=True).values_list("pk", "quantity"))
    if found:
        Hold.objects.filter(pk__in=[pk for pk, _quantity in found]).delete()
        shift(quota_id, held=-sum(quantity for _pk, quantity in found))


def make_holds(needs: Mapping[int, int], *, expires_at: datetime, **owner: Any) -> None:
    """Write the holds of `owner` (cart=… or order=…). Whoever calls acquires the same `needs` at its end."""
    insert(
        [
            Hold(quota_id=quota_id, quantity=needs[quota_id], expires_at=expires_at, **owner)
            for quota_id in sorted(needs)
        ]
    )


def drop_holds(owner: Cart | Order) -> dict[int, int]:
    """Delete the holds of `owner`; the places by quota id, which the caller has to acquire or give back at its end."""
    field: Any = Hold._meta.get_field("cart" if isinstance(owner, Cart) else "order")
    with connection.cursor() as cursor:
        cursor.execute(DROP.format(field.column), [field.get_db_prep_value(owner.pk, connection)])
        return dict(cursor.fetchall())


def release(had: Mapping[int, int]) -> None:
    """Free the places of dropped holds."""
    acquire({}, had=had)


def hand_over(cart: Cart, order: Order, *, needs: Mapping[int, int]) -> bool:
    """Make the cart's holds the order's. False, with the holds left to the caller, if one of them has lapsed."""
    holds: QuerySet[Hold] = Hold.objects.filter(cart=cart, expires_at__gt=now())
    return holds.update(cart=None, order=order, expires_at=order.expires_at) == len(needs)


def extend(owner: Cart | Order, *, needs: Mapping[int, int]) -> bool:
    """Hold the places of `owner` for HOLD_TIME from now. False if one of its holds has lapsed, or it may have no more time.

    To be rolled back when False.
    """
    model: Any = type(owner)
    waiting = model.objects.filter(
        pk=owner.pk, state__in=["open", "pending"], extensions__lt=MAX_EXTENSIONS, expires_at__gt=now()
    )
    until = now() + HOLD_TIME
    if not waiting.update(expires_at=until, extensions=F("extensions") + 1):
        return False
    if owner.holds.filter(expires_at__gt=now()).update(expires_at=until) != len(needs):
        return False
    owner.expires_at, owner.extensions = until, owner.extensions + 1
    return True
