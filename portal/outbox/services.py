"""Publish messages, and see to it that each subscriber gets each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal import extensions
from portal.extensions import Subscriber
from portal.outbox.delivery import deliver_next, fan_out
from portal.outbox.messages import Message
from portal.outbox.models import MessageDelivery, StoredMessage
from portal.prepared import insert

_silent: ContextVar[bool] = ContextVar("silent", default=False)


def publish(message: Message) -> StoredMessage:
    """Store `message` in the current transaction; its subscribers get it after the commit."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{message.name} must be published inside the transaction of what it tells of.")
    dispatched_at = timezone.now() if _silent.get() else None
    stored = StoredMessage(name=message.name, payload=message.payload(), dispatched_at=dispatched_at)
    return insert([stored])[0]


@contextmanager
def silence() -> Iterator[None]:
    """Store what is published meanwhile without delivering it. `replay` can still bring it to a subscriber."""
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)


def deliver_due(*, stop: Callable[[], bool] = lambda: False) -> int:
    """Deliver all that is due, with what its subscribers publish in turn, until `stop()`.

    Returns how many deliveries were tried.
    """
    tried = 0
    while not stop():
        fanned_out = fan_out()
        if deliver_next():
            tried += 1
        elif not fanned_out:
            break
    return tried


def replay(*, subscriber: str = "", name: str = "", done: bool = False) -> int:
    """Deliver again what failed, and to `subscriber` also what it never had, such as all from before it was installed.

    `name` limits it to one type of message. With `done`, what was delivered well goes out again too. Returns how many
    deliveries are due now. Raises LookupError when no such subscriber is installed.
    """
    again = [MessageDelivery.State.FAILED, *([MessageDelivery.State.DONE] if done else [])]
    due = MessageDelivery.objects.filter(state__in=again)
    if subscriber:
        due = due.filter(subscriber=subscriber)
    if name:
        due = due.filter(message__name=name)
    with transaction.atomic():
        made = _make_missing(subscriber, name) if subscriber else 0
        return made + reset(due)


def reset(deliveries: QuerySet[MessageDelivery]) -> int:
    """Make `deliveries` due now, as if never tried."""
    return deliveries.update(
        state=MessageDelivery.State.WAITING, attempts=0, due_at=timezone.now(), error="", done_at=None
    )


def purge() -> int:
    """Forget messages older than OUTBOX_KEEP_DAYS that every subscriber has had. Returns how many."""
    old = timezone.now() - timedelta(days=settings.OUTBOX_KEEP_DAYS)
    unfinished = MessageDelivery.objects.exclude(state=MessageDelivery.State.DONE).values("message")
    _all, by_model = (
        StoredMessage.objects.filter(created_at__lt=old, dispatched_at__isnull=False)
        .exclude(pk__in=unfinished)
        .delete()
    )
    return by_model.get(StoredMessage._meta.label, 0)


def _make_missing(subscriber: str, name: str) -> int:
    item: Subscriber | None = extensions.subscribers.get(subscriber)
    if item is None:
        raise LookupError(f"No subscriber '{subscriber}' is installed.")
    if name not in ("", item.message):
        return 0
    missing = (
        StoredMessage.objects.filter(name=item.message, dispatched_at__isnull=False)
        .exclude(deliveries__subscriber=subscriber)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    rows = [MessageDelivery(message_id=pk, subscriber=subscriber) for pk in missing]
    return len(MessageDelivery.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True))
