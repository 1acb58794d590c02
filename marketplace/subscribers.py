"""What follows marketplace's own messages: mails. Each is sent once, however often its message comes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from marketplace.facts import address_of, is_unpaid, price_text
from marketplace.links import order_link
from marketplace.messages import OrderConfirmed, PaymentRefused, RefundFailed
from marketplace.models import Order, Payment, Refund
from marketplace.policy import policy_lines
from portal import money
from portal.dates import clock_text, when_text
from portal.notifications.services import notify


def send_confirmation(message: OrderConfirmed) -> None:
    """Mail the tickets, as PDF and calendar entry. Both are made when the mail is sent, outside any transaction."""
    order = read_order(message.order_id)
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
    """Mail that money goes back which no ticket can be given for, and why."""
    payment = Payment.objects.get(pk=message.payment_id)
    order = read_order(payment.order_id)
    amount = money.text(payment.refunded or payment.amount, payment.currency)
    context = {**event_context(order), "amount": amount, "why": _why_refused(order, payment)}
    notify(
        kind="payment_refused",
        cause=f"payment:{payment.pk}:refused",
        to=order.email,
        user=order.user,
        context=context,
    )


def _why_refused(order: Order, payment: Payment) -> str:
    """ "paid", "canceled", "amount", "closed", or "gone": its places were given back."""
    if order.state in (Order.State.PAID, Order.State.REFUNDED):
        return "paid"
    if order.state == Order.State.CANCELED or order.event.canceled_at:
        return "canceled"
    reasons = set(payment.refunds.values_list("reason", flat=True))
    if "amount-mismatch" in reasons:
        return "amount"
    return "gone" if reasons & {"hold-expired", "sold-out"} else "closed"


def tell_of_failed_refund(message: RefundFailed) -> None:
    """Mail everyone who works for the vendor that a buyer still has money to come."""
    refund = Refund.objects.select_related("payment").get(pk=message.refund_id)
    order = read_order(refund.payment.order_id)
    for membership in order.vendor.memberships.select_related("user"):
        member = membership.user
        with translation.override(member.language):
            context = {
                **event_context(order),
                "name": member.name,
                "buyer": order.name or order.email,
                "email": order.email,
                "amount": money.text(refund.amount, refund.payment.currency),
                "failure": refund.failure,
                "url": settings.BASE_URL + reverse("marketplace:order", args=[order.code]),
            }
        notify(
            kind="refund_failed", cause=f"refund:{message.key}:failed", to=member.email, user=member, context=context
        )


def confirmation_context(order: Order) -> dict[str, Any]:
    """JSON values for the mail's templates: plain text for people."""
    event = order.event
    return {
        **event_context(order),
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


def event_context(order: Order) -> dict[str, Any]:
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


def read_order(order_id: int) -> Order:
    return (
        Order.objects.select_related("event__venue", "vendor", "user")
        .defer("event__body", "event__policies", "event__venue__body")
        .prefetch_related("lines__ticket_type", "adjustments")
        .get(pk=order_id)
    )
