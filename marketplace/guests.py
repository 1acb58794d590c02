"""Who comes to an event: its tickets, as its vendor sees them. Never a code."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.facts import state_of
from marketplace.models import CheckIn, Order, Ticket
from marketplace.spreadsheet import harmless
from portal import money
from portal.dates import local
from venues.models import EventPage

GOOD = Q(state=Ticket.State.VALID)
# What the list can be narrowed to: its name for people, and its tickets.
GROUPS: dict[str, tuple[Any, Q]] = {
    "expected": (gettext_lazy("Still to come"), GOOD & Q(check_in=None)),
    "in": (gettext_lazy("Let in"), GOOD & Q(check_in__isnull=False)),
    "unpaid": (gettext_lazy("To pay at the door"), GOOD & Q(order__state=Order.State.PENDING)),
    "void": (gettext_lazy("No longer good"), ~GOOD),
}
STATES = {
    "valid": gettext_lazy("valid"),
    "unpaid": gettext_lazy("to pay at the door"),
    "used": gettext_lazy("let in"),
    "canceled": gettext_lazy("canceled"),
    "refunded": gettext_lazy("refunded"),
    "expired": gettext_lazy("valid"),  # the event is over; who did not come still has had a place
}


def guests_of(event: EventPage, *, search: str = "", group: str = "") -> QuerySet[Ticket]:
    """The event's tickets by their holders' names; `search` looks at names, e-mail addresses and orders' codes."""
    found = Ticket.objects.filter(event=event).select_related("order", "ticket_type", "check_in")
    if group in GROUPS:
        found = found.filter(GROUPS[group][1])
    for word in search.replace("\0", "").split()[:5]:
        names = Q(attendee__icontains=word) | Q(order__name__icontains=word)
        names |= Q(holder_email__icontains=word)
        found = found.filter(names | Q(order__email__icontains=word) | Q(order__code__istartswith=word))
    return found.order_by(Lower("attendee"), "order", "line", "number")


def guest(ticket: Ticket, event: EventPage) -> dict[str, Any]:
    """What the list says of one ticket."""
    ticket.event = event
    check_in: CheckIn | None = getattr(ticket, "check_in", None)
    return {
        "name": ticket.attendee or ticket.order.name,
        "email": ticket.holder_email or ticket.order.email,
        "type": ticket.ticket_type.name,
        "order": ticket.order,
        "price": money.text(ticket.price, ticket.order.currency),
        "state": STATES[state_of(ticket)],
        "check_in": check_in,
        "ticket": ticket,
        "returnable": ticket.state == Ticket.State.VALID
        or bool(ticket.order.paid_at and ticket.price > ticket.refunded),
    }


def write_csv(event: EventPage, tickets: QuerySet[Ticket], file: Any) -> None:
    """`tickets` as CSV for spreadsheets: times on the venue's clock, and no cell that would be a formula."""
    writer = csv.writer(file)
    writer.writerow(
        [_("Name"), _("E-mail address"), _("Ticket"), _("State"), _("Price"), _("Currency"), _("Order"), _("Ordered"),
         _("Let in"), _("Gate")]
    )  # fmt: skip
    writer.writerows([harmless(cell) for cell in row] for row in _rows(event, tickets))


def _rows(event: EventPage, tickets: QuerySet[Ticket]) -> Iterator[list[Any]]:
    for ticket in tickets.iterator(chunk_size=1000):
        told, order = guest(ticket, event), ticket.order
        entered = told["check_in"]
        yield [
            told["name"],
            told["email"],
            told["type"],
            str(told["state"]),
            money.as_decimal(ticket.price, order.currency),
            order.currency,
            order.code,
            local(order.created_at, event.zone).strftime("%Y-%m-%d %H:%M"),
            local(entered.at, event.zone).strftime("%Y-%m-%d %H:%M") if entered else "",
            entered.gate if entered else "",
        ]
