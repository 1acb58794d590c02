"""Giving tickets out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from marketplace.models import Order, OrderLine, Ticket
from marketplace.services.allocation import nets_of
from portal import money


def give_out(order: Order, lines: Sequence[OrderLine], *, adjustment: int) -> list[Ticket]:
    """Write the order's tickets, each with its share of what is paid. The unique place in the line forbids a second set.

    `adjustment` is what price rules changed of the order's total.
    """
    tickets = [
        ticket
        for line, net in zip(lines, nets_of(lines, adjustment), strict=True)
        for ticket in _tickets(order, line, net.total)
    ]
    return Ticket.objects.bulk_create(tickets)


def _tickets(order: Order, line: OrderLine, paid: int) -> Iterable[Ticket]:
    names = [*line.attendees, *[""] * line.quantity]
    for place, price in enumerate(money.split(paid, [1] * line.quantity)):
        yield Ticket(
            order=order,
            line=line,
            number=place + 1,
            event_id=order.event_id,
            ticket_type_id=line.ticket_type_id,
            attendee=names[place] or order.name,
            price=price,
            refund_policy=order.refund_policy,
        )
