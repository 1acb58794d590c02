"""What follows marketplace's own messages: mails. Each is sent once, however often its message comes."""

from __future__ import annotations

from typing import Any

from django.utils import translation

from marketplace.facts import address_of, is_unpaid, price_text
from marketplace.links import order_link
from marketplace.messages import OrderConfirmed, PaymentRefused
from marketplace.models import Order, Payment
from marketplace.policy import policy_lines
from portal import money
from portal.dates import clock_text, when_text
from portal.notifications.services import notify


def send_confirmation(message: OrderConfirmed) -> None:
    """Mail the tickets, as PDF and calendar entry. Both are made when the mail is sent, outside any transaction."""
    order = _order(message.order_id)
    with translation.override(order.user.language if order.user else None):
        context = confirmation_context(order)
    notify(
        kind="order_confirmed",
        cause=f"order:{order.pk}:confirmed",
        to=order.email,
        user=order.user,
        context=context,
        attachments="marketplace.attachments.order_documents",
    )


def send_refusal(message: PaymentRefused) -> None:
    """Mail that money came too late and goes back."""
    payment = Payment.objects.get(pk=message.payment_id)
    order = _order(payment.order_id)
    context = {**_event_context(order), "amount": money.text(payment.refunded or payment.amount, payment.currency)}
    notify(
        kind="payment_refused",
        cause=f"payment:{payment.pk}:refused",
        to=order.email,
        user=order.user,
        context=context,
    )


def confirmation_context(order: Order) -> dict[str, Any]:
    """JSON values for the mail's templates: plain text for people."""
    event = order.event
    return {
        **_event_context(order),
        "doors": clock_text(event.doors, event.zone) if event.doors else "",
        "lines": [
            {"quantity": line.quantity, "name": line.ticket_type.name, "total": price_text(line.total, order.currency)}
            for line in order.lines.all()
        ],
        "adjustments": [
            {"label": item.label, "amount": money.text(item.amount, order.currency)} for item in order.adjustments.all()
        ],
        "total": price_text(order.total, order.currency),
        "due": money.text(order.total, order.currency) if is_unpaid(order) else "",
        "due_until": when_text(order.due_at, event.zone) if is_unpaid(order) and order.due_at else "",
        "policy": policy_lines(order.refund_policy, start=event.start, zone=event.zone),
        "tickets": sum(line.quantity for line in order.lines.all()),
    }


def _event_context(order: Order) -> dict[str, Any]:
    event = order.event
    return {
        "order_id": order.pk,
        "code": order.code,
        "name": order.name,
        "url": order_link(order),
        "title": event.title,
        "event_url": event.full_url or "",
        "starts": when_text(event.start, event.zone),
        "zone": event.zone,
        "venue": event.venue.title if event.venue else "",
        "address": list(address_of(event.venue)),
        "vendor": order.vendor.name,
    }


def _order(order_id: int) -> Order:
    return (
        Order.objects.select_related("event__venue", "vendor", "user")
        .defer("event__body", "event__policies", "event__venue__body")
        .prefetch_related("lines__ticket_type", "adjustments")
        .get(pk=order_id)
    )
