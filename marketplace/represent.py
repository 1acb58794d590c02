"""How the API writes ticket types and orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.timezone import now

from marketplace import answers
from marketplace.models import Adjustment, Order, OrderLine, Refund, TicketType
from marketplace.services.refund import Preview
from marketplace.services.sales import Offer
from portal import money
from venues.api.represent import instant


def represent_type(kind: TicketType, offer: Offer | None, *, currency: str, zone: str) -> answers.TicketType:
    """What a buyer sees of a ticket type. Without an `offer` it is in no quota, and so not for sale."""
    on_sale = offer is not None and offer.on_sale(now())
    return {
        "id": str(kind.pk),
        "name": kind.name,
        "description": kind.description,
        "price": money.as_json(kind.price, currency),
        "fees": money.as_json(kind.fee, currency),
        "total": money.as_json(kind.total, currency),
        "sales_start": _instant(kind.sales_start, zone),
        "sales_end": _instant(kind.sales_end, zone),
        "max_per_order": kind.max_per_order,
        "availability": offer.availability if offer and on_sale else "not_on_sale",
        "remaining": offer.left if offer else 0,
    }


def represent_order(
    order: Order, *, lines: Iterable[OrderLine] | None = None, adjustments: Iterable[Adjustment] | None = None
) -> answers.Order:
    """An order without its tickets, for its buyer and its vendor; `lines` and `adjustments` where they are at hand."""
    zone = order.event.zone
    return {
        "code": order.code,
        "state": order.state,
        "event": {
            "id": str(order.event_id),
            "title": order.event.title,
            "start": instant(order.event.start, zone),
            "end": instant(order.event.end, zone),
            "timezone": zone,
        },
        "name": order.name,
        "email": order.email,
        "total": money.as_json(order.total, order.currency),
        "lines": [
            _line(line, order.currency) for line in (order.lines.all() if lines is None else lines) if line.quantity
        ],
        "adjustments": [
            {"label": change.label, "amount": money.as_json(change.amount, order.currency)}
            for change in (order.adjustments.all() if adjustments is None else adjustments)
        ],
        "refund_policy": order.refund_policy,
        "created_at": instant(order.created_at, zone),
        "expires_at": _instant(order.expires_at, zone),
        "due_at": _instant(order.due_at, zone),
        "paid_at": _instant(order.paid_at, zone),
    }


def represent_refunds(refunds: Sequence[Refund], *, zone: str) -> answers.Refund:
    """What was given back at once, perhaps over several payments: its state is that of the slowest of them."""
    first = refunds[0]
    currency = first.payment.currency
    lines = [line for refund in refunds for line in refund.lines.all()]
    amounts: Counter[UUID] = Counter()
    for line in lines:
        amounts[line.ticket_id] += line.amount
    states = [refund.state for refund in refunds]
    return {
        "id": str(first.pk),
        "state": next(state for state in ("failed", "created", "in_transit", "done") if state in states),
        "amount": money.as_json(sum(refund.amount for refund in refunds), currency),
        "reason": first.reason,
        "breakdown": [
            {"ticket": str(ticket), "amount": money.as_json(amount, currency)} for ticket, amount in amounts.items()
        ],
        "created_at": instant(first.created_at, zone),
        "done_at": _instant(max((refund.done_at for refund in refunds if refund.done_at), default=None), zone),
    }


def represent_preview(preview: Preview, order: Order) -> answers.RefundPreview:
    """What would be given back now, and until when that holds; `problem` says why nothing can be."""
    zone, currency = order.event.zone, order.currency
    amounts = {part.ticket.pk: part.amount for part in preview.parts}
    return {
        "refundable": preview.refusal is None,
        "amount": money.as_json(preview.amount, currency),
        "percent": preview.percent_bps / 100,
        "until": _instant(preview.until, zone),
        "breakdown": [
            {
                "ticket": str(claim.ticket.pk),
                "price": money.as_json(claim.ticket.price, currency),
                "refunded": money.as_json(claim.ticket.refunded, currency),
                "amount": money.as_json(amounts.get(claim.ticket.pk, 0), currency),
            }
            for claim in preview.claims
        ],
        "problem": {"code": refusal.code, "detail": str(refusal.message)} if (refusal := preview.refusal) else None,
    }


def _line(line: OrderLine, currency: str) -> answers.OrderLine:
    return {
        "ticket_type": {"id": str(line.ticket_type_id), "name": line.ticket_type.name},
        "quantity": line.quantity,
        "price": money.as_json(line.unit_price, currency),
        "fees": money.as_json(line.unit_fee, currency),
        "total": money.as_json(line.total, currency),
        "attendees": line.attendees,
    }


def _instant(value: datetime | None, zone: str) -> str | None:
    return instant(value, zone) if value else None
