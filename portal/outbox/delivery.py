"""How one message reaches one subscriber: fan out, claim, handle, and try again later.

A delivery is claimed by a short transaction that counts the attempt and hides the row for LEASE. The handler then runs
in a second one, which also marks the delivery done: what the handler writes and that it was delivered are one fact. A
process that dies between the two leaves a row that is due again after LEASE; a second process never gets a row that is
being handled, because the handler's transaction holds it.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from portal import extensions
from portal.outbox.messages import Message
from portal.outbox.models import MessageDelivery, StoredMessage

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
LEASE = timedelta(seconds=5)
BATCH = 200
LONGEST_PAUSE = 3600  # seconds


def fan_out() -> int:
    """Make out a delivery for each subscriber of the messages that have none yet. Returns the number of messages."""
    waiting = StoredMessage.objects.filter(dispatched_at__isnull=True)
    if not waiting.exists():  # reads only, so that an idle loop takes no lock
        return 0
    with transaction.atomic():
        messages = list(_locked(waiting.order_by("pk"))[:BATCH])
        rows = [MessageDelivery(message=message, subscriber=key) for message in messages for key in _keys(message.name)]
        MessageDelivery.objects.bulk_create(rows, ignore_conflicts=True)
        StoredMessage.objects.filter(pk__in=[message.pk for message in messages]).update(dispatched_at=timezone.now())
    return len(messages)


def deliver_next() -> bool:
    """Try the delivery that is due longest. False when none is due."""
    delivery = _claim()
    if delivery is None:
        return False
    try:
        _handle(delivery)
    except Exception as error:
        _put_off(delivery, error)
    return True


def pause_after(attempts: int) -> float:
    """Seconds until the next try: full jitter below a bound that grows fourfold from 2 s to an hour."""
    return random.uniform(0, min(LONGEST_PAUSE, 2 * 4 ** (attempts - 1)))  # noqa: S311 - no secret


def _keys(name: str) -> list[str]:
    return [entry.key for entry in extensions.subscribers.entries if entry.item.message == name]


def _locked(rows: QuerySet) -> QuerySet:
    """`rows` for this transaction alone. SQLite has one writer at a time, so there the transaction is the lock."""
    if connection.features.has_select_for_update_skip_locked:
        return rows.select_for_update(skip_locked=True, of=("self",))
    return rows


def _due() -> QuerySet[MessageDelivery]:
    return MessageDelivery.objects.filter(state=MessageDelivery.State.WAITING, due_at__lte=timezone.now())


def _claim() -> MessageDelivery | None:
    if not _due().exists():
        return None
    with transaction.atomic():
        delivery = _locked(_due().select_related("message").order_by("due_at", "pk")).first()
        if delivery is None:
            return None
        claimed = MessageDelivery.objects.filter(
            pk=delivery.pk, state=MessageDelivery.State.WAITING, attempts=delivery.attempts
        ).update(attempts=F("attempts") + 1, due_at=timezone.now() + LEASE)
        delivery.attempts += 1
    return delivery if claimed else None


def _handle(delivery: MessageDelivery) -> None:
    with transaction.atomic():
        mine = _locked(MessageDelivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts))
        if mine.filter(state=MessageDelivery.State.WAITING).first() is None:
            return  # another process was faster
        _handler(delivery.subscriber)(Message.restore(delivery.message.name, delivery.message.payload))
        MessageDelivery.objects.filter(pk=delivery.pk).update(
            state=MessageDelivery.State.DONE, done_at=timezone.now(), error=""
        )


def _handler(subscriber: str) -> Callable[[Message], object]:
    item = extensions.subscribers.get(subscriber)
    if item is None:
        raise LookupError(f"No subscriber '{subscriber}' is installed.")
    return import_string(item.handler)


def _put_off(delivery: MessageDelivery, error: Exception) -> None:
    last = delivery.attempts >= MAX_ATTEMPTS
    log.error(
        "%s %s, attempt %s of %s",
        delivery,
        "failed for good" if last else "failed and is tried again",
        delivery.attempts,
        MAX_ATTEMPTS,
        exc_info=error,
        extra={"subscriber": delivery.subscriber, "message_name": delivery.message.name},
    )
    MessageDelivery.objects.filter(
        pk=delivery.pk, state=MessageDelivery.State.WAITING, attempts=delivery.attempts
    ).update(
        state=MessageDelivery.State.FAILED if last else MessageDelivery.State.WAITING,
        due_at=timezone.now() + timedelta(seconds=pause_after(delivery.attempts)),
        error=f"{type(error).__name__}: {error}"[:2000],
    )
