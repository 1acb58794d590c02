"""What follows the end of tickets: mails to their buyers, each once, and the orders of a canceled event."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils import translation

from marketplace.facts import price_text
from marketplace.messages import RefundCreated, TicketsCanceled
from marketplace.models import EventCancellation, Order, Refund, RefundLine, Ticket
from marketplace.services.cancellation import follow_cancellation
from marketplace.services.settle import by_hand
from marketplace.subscribers import event_context, read_order
from portal.jobs import enqueue
from portal.notifications.services import notify
from venues.messages import EventCanceled


def undo_orders(message: EventCanceled) -> None:
    follow_cancellation(message.event_id)


def forget_documents(message: TicketsCanceled) -> None:
    enqueue("marketplace.documents.discard_of", message.ticket_ids)


def tell_of_refund(message: RefundCreated) -> None:
    """Mail that money is on its way. Money that came too late, and that of canceled events, have mails of their own."""
    refund = Refund.objects.select_related("payment").get(pk=message.refund_id)
    if refund.cancellation_id or not refund.lines.exists():
        return
    order = read_order(refund.payment.order_id)
    with translation.override(_language(order)):
        context = {
            **event_context(order),
            "amount": price_text(refund.amount, refund.payment.currency),
            "reason": refund.reason,
            "by_hand": by_hand(refund.payment),
            "void": refund.lines.exclude(ticket__state=Ticket.State.VALID).count(),
        }
    _tell("refund_created", f"refund:{refund.pk}:created", order, context)


def tell_of_cancellation(message: TicketsCanceled) -> None:
    """Mail that the event is off, or that tickets were canceled; a refund tells of itself."""
    order = read_order(message.order_id)
    lines = RefundLine.objects.filter(ticket__in=map(UUID, message.ticket_ids), amount__gt=0)
    if order.event.canceled_at:
        _tell_event_canceled(order, lines.filter(refund__cancellation__isnull=False).select_related("refund__payment"))
    elif not lines.exists():
        context = {**event_context(order), "tickets": len(message.ticket_ids)}
        _tell("tickets_canceled", f"tickets:{message.ticket_ids[0]}:canceled", order, context)


def _tell_event_canceled(order: Order, lines: Iterable[RefundLine]) -> None:
    """With the calendar entry that takes the one of before away."""
    cancellation = EventCancellation.objects.filter(event=order.event_id).first()
    amount = sum(line.amount for line in lines)
    with translation.override(_language(order)):
        context = {
            **event_context(order),
            "amount": price_text(amount, order.currency) if amount else "",
            "by_hand": any(by_hand(line.refund.payment) for line in lines),
            "unpaid": order.paid_at is None,
            "message": cancellation.message if cancellation else "",
        }
    attachments = "marketplace.attachments.order_calendar"
    _tell("event_canceled", f"order:{order.pk}:event-canceled", order, context, attachments=attachments)


def _language(order: Order) -> str | None:
    return order.user.language if order.user else None


def _tell(kind: str, cause: str, order: Order, context: dict[str, Any], *, attachments: str = "") -> None:
    notify(kind=kind, cause=cause, to=order.email, user=order.user, context=context, attachments=attachments or ())
