"""Tell people things: once, through every channel that the kind of notification has."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from portal import extensions
from portal.jobs import enqueue
from portal.notifications.models import Delivery, Notification
from portal.outbox.delivery import pause_after

log = logging.getLogger(__name__)

Attachment = tuple[str, bytes, str]  # filename, content, MIME type

MAX_ATTEMPTS = 10
LEASE = timedelta(minutes=2)  # longer than drawing a PDF and a slow mail server take together
KEEP = timedelta(days=90)


@transaction.atomic
def notify(
    *,
    kind: str,
    cause: str,
    to: str,
    user: Any = None,
    context: Mapping[str, Any],
    attachments: Iterable[Attachment] | str = (),
) -> Notification:
    """Tell `to` (an e-mail address) of `cause`, once however often it is called; a worker delivers it.

    `kind` is a key in ``notices``, `context` JSON values for its templates. `attachments` are (filename, bytes, MIME
    type), or the dotted path of a function that takes the notification and returns them, called in the worker.
    """
    notice = extensions.notices[kind]
    notification, _created = Notification.objects.get_or_create(
        kind=kind,
        cause=cause,
        recipient=to.strip().lower(),
        defaults={"user": user, "context": dict(context), "attachments": _stored(attachments)},
    )
    for channel in notice.channels:
        delivery, created = Delivery.objects.get_or_create(notification=notification, channel=channel)
        if created:
            enqueue("portal.notifications.services.send", delivery.pk)
    return notification


def send(delivery_id: int) -> bool:
    """Try one delivery if it is due. Whatever goes wrong is kept with it, and it is tried again later."""
    delivery = _claim(delivery_id)
    if delivery is None:
        return False
    try:
        # No transaction: a mail server may take its time. One that dies just after taking the mail gets it again, with
        # the same Message-ID.
        extensions.channels[delivery.channel].deliver(delivery.notification)
    except Exception as error:
        _put_off(delivery, error)
        return False
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.SENT, sent_at=timezone.now(), error="")
    return True


def send_due() -> int:
    """Try every delivery that is due, oldest first. Returns how many went out."""
    due = _due().order_by("due_at", "pk").values_list("pk", flat=True)
    return sum(send(pk) for pk in list(due[:500]))


def failed() -> QuerySet[Delivery]:
    """Deliveries that were given up, newest first."""
    return Delivery.objects.filter(state=Delivery.State.FAILED).select_related("notification").order_by("-pk")


def reset(deliveries: QuerySet[Delivery]) -> int:
    """Make `deliveries` due now, as if never tried; the next run of the job takes them. Returns how many."""
    return deliveries.update(state=Delivery.State.WAITING, attempts=0, due_at=timezone.now(), error="")


def purge() -> int:
    """Forget notifications that are older than KEEP. Returns how many."""
    _all, by_model = Notification.objects.filter(created_at__lt=timezone.now() - KEEP).delete()
    return by_model.get(Notification._meta.label, 0)


def attachments_of(notification: Notification) -> list[Attachment]:
    """The attachments of `notification`, made now where they are made late."""
    if isinstance(notification.attachments, str):
        return list(import_string(notification.attachments)(notification))
    return [(name, base64.b64decode(content), mimetype) for name, content, mimetype in notification.attachments]


def _stored(attachments: Iterable[Attachment] | str) -> Any:
    if isinstance(attachments, str):
        return attachments
    return [[name, base64.b64encode(content).decode(), mimetype] for name, content, mimetype in attachments]


def _due() -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=Delivery.State.WAITING, due_at__lte=timezone.now())


def _claim(delivery_id: int) -> Delivery | None:
    """Take the delivery for LEASE, by a compare-and-set: of two workers one gets it."""
    with transaction.atomic():
        if not _due().filter(pk=delivery_id).update(attempts=F("attempts") + 1, due_at=timezone.now() + LEASE):
            return None
        return Delivery.objects.select_related("notification", "notification__user").get(pk=delivery_id)


def _put_off(delivery: Delivery, error: Exception) -> None:
    last = delivery.attempts >= MAX_ATTEMPTS
    log.error("notification %s failed, attempt %s of %s", delivery, delivery.attempts, MAX_ATTEMPTS, exc_info=error)
    Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.WAITING).update(
        state=Delivery.State.FAILED if last else Delivery.State.WAITING,
        due_at=timezone.now() + timedelta(seconds=pause_after(delivery.attempts)),
        error=f"{type(error).__name__}: {error}"[:2000],
    )
