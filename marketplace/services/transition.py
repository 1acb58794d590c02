"""The one way to change the state of an order, a payment, a refund, a cart or a ticket."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Model


def move(row: Model, to: str, *, unless: Collection[str] = (), **fields: Any) -> bool:
    """Bring `row` to the state `to`, and set `fields` with it, if its TRANSITIONS allow that from the stored state.

    From the states `unless` it is not for this caller. A compare-and-set: of several callers exactly one gets True.
    """
    model: Any = type(row)
    sources = [state for state, targets in model.TRANSITIONS.items() if to in targets and state not in unless]
    changes = {"state": to, **fields}
    if not model.objects.filter(pk=row.pk, state__in=sources).update(**changes):
        return False
    for name, value in changes.items():
        setattr(row, name, value)
    return True
