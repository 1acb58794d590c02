"""What offline scanners know of an event's tickets, and what has changed since they last asked."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils.timezone import now

from marketplace.facts import is_unpaid
from marketplace.models import Ticket
from portal.api.pagination import InvalidCursor
from venues.models import EventPage

PAGE = 2000
# What was changed shortly before an answer may be committed after it, so the next answer begins that much earlier.
OVERLAP = timedelta(minutes=2)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CURSOR = re.compile(r"([0-9]{1,17})-([0-9a-f]{32})")


@dataclass(frozen=True)
class Changes:
    """Tickets in the order of their changes. `cursor` is where to go on; at once, where there are `more`."""

    tickets: list[Ticket]
    cursor: str
    more: bool


def changes_since(event: EventPage, cursor: str) -> Changes:
    """The tickets of `event` that changed after `cursor`, PAGE at most; without one, all. Raises InvalidCursor."""
    at = now()
    rows = _with_changes(event)
    if cursor:
        since, last = _read(cursor)
        rows = rows.filter(Q(changed__gt=since) | Q(changed=since, pk__gt=last))
    found: list[Any] = list(rows[: PAGE + 1])
    if len(found) > PAGE:
        return Changes(found[:PAGE], _write(found[PAGE - 1].changed, found[PAGE - 1].pk), more=True)
    return Changes(found, _write(at - OVERLAP, uuid.UUID(int=0)), more=False)


def state_at_door(ticket: Ticket) -> str:
    """ "valid", "unpaid", "used", "canceled" or "refunded". Reads the ticket's order and check-in."""
    if ticket.state != Ticket.State.VALID:
        return str(ticket.state)
    if hasattr(ticket, "check_in"):
        return "used"
    return "unpaid" if is_unpaid(ticket.order) else "valid"


def _with_changes(event: EventPage) -> QuerySet[Ticket]:
    """With `changed`: when the ticket, its order or its entry last changed."""
    paid, entered = (Coalesce(name, F("changed_at")) for name in ("order__paid_at", "check_in__received_at"))
    rows = Ticket.objects.filter(event=event).annotate(changed=Greatest("changed_at", paid, entered))
    narrow = ("state", "generation", "order__state", "order__total", "check_in__ticket")
    return rows.select_related("order", "check_in").only(*narrow).order_by("changed", "pk")


def _write(at: datetime, last: uuid.UUID) -> str:
    return f"{(at - EPOCH) // timedelta(microseconds=1)}-{last.hex}"


def _read(cursor: str) -> tuple[datetime, uuid.UUID]:
    match = CURSOR.fullmatch(cursor)
    if match is None:
        raise InvalidCursor
    return EPOCH + timedelta(microseconds=int(match[1])), uuid.UUID(match[2])
