"""A ticket type and the places of its own, changed together as people think of them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Count

from marketplace.models import Quota, TicketType
from marketplace.services.inventory import add_quota, change_quota, change_ticket_type


def own_quota(kind: TicketType) -> Quota | None:
    """The quota that only this type takes its places from."""
    return (
        Quota.objects.annotate(types=Count("ticket_types")).filter(types=1, ticket_types=kind.pk).order_by("pk").first()
    )


@transaction.atomic
def save_type(kind: TicketType, *, capacity: int | None, shared: list[Quota], **changes: Any) -> TicketType:
    """Change a type, its number of own places (None: it has none any more) and the shared quotas that it takes from.

    Raises Rejected: "below-sold" with the numbers, or "invalid-input".
    """
    own = own_quota(kind)
    if capacity is not None:
        own = change_quota(own, capacity=capacity) if own else add_quota(kind.event, name=kind.name, capacity=capacity)
        shared = [*shared, own]
    return change_ticket_type(kind, quotas=shared, **changes)
