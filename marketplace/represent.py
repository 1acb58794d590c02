"""How the API writes ticket types and orders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.timezone import now

from marketplace import answers
from marketplace.models import Adjustment, Order, OrderLine, TicketType
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
        "lines": [_line(line, order.currency) for line in (order.lines.all() if lines is None else lines)],
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
