"""Giving tickets out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from marketplace.models import Order, OrderLine, Ticket
from marketplace.services.allocation import nets_of
from portal import money
from portal.prepared import insert

TYPE: Any = OrderLine._meta.get_field("ticket_type")
CHECK_IN: Any = Ticket._meta.get_field("check_in")


def give_out(order: Order, lines: Sequence[OrderLine], *, adjustment: int) -> list[Ticket]:
    """Write the order's tickets, each with its share of what is paid. The unique place in the line forbids a second set.

    `adjustment` is what price rules changed of the order's total.
    """
    tickets = [
        ticket
        for line, net in zip(lines, nets_of(lines, adjustment), strict=True)
        for ticket in _tickets(order, line, net.total)
    ]
    order.given_out = list(insert(tickets))
    return order.given_out


def _tickets(order: Order, line: OrderLine, paid: int) -> Iterable[Ticket]:
    names = [*line.attendees, *[""] * line.quantity]
    for place, price in enumerate(money.split(paid, [1] * line.quantity)):
        ticket = Ticket(
            order=order,
            line=line,
            number=place + 1,
            event_id=order.event_id,
            ticket_type_id=line.ticket_type_id,
            attendee=names[place] or order.name,
            price=price,
            refund_policy=order.refund_policy,
        )
        if TYPE.is_cached(line):
            ticket.ticket_type = line.ticket_type
        CHECK_IN.set_cached_value(ticket, None)  # nobody was let in with it yet, and nobody has to ask
        yield ticket
