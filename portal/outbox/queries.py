"""Reads of the outbox that several places share."""

from django.db.models import Min, QuerySet
from django.utils import timezone

from portal.outbox.models import MessageDelivery, StoredMessage


def oldest_wait() -> float:
    """How many seconds the longest waiting message or delivery is overdue; 0 when none is."""
    waiting = StoredMessage.objects.filter(dispatched_at__isnull=True).aggregate(at=Min("created_at"))["at"]
    due = MessageDelivery.objects.filter(state=MessageDelivery.State.WAITING).aggregate(at=Min("due_at"))["at"]
    now = timezone.now()
    return max((now - at).total_seconds() for at in (waiting, due, now) if at)


def failed() -> QuerySet[MessageDelivery]:
    """Deliveries that were given up, newest first."""
    return MessageDelivery.objects.filter(state=MessageDelivery.State.FAILED).select_related("message").order_by("-pk")
