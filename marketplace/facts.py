"""What a ticket says to people, on its page, on paper and in mails; and the state it is in."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.codes import MARGIN, code_of, hand_code
from marketplace.models import Order, Ticket
from marketplace.policy import policy_lines
from portal import money
from portal.accent import hue_of
from portal.dates import clock_text, date_parts, days_text, when_text
from venues.models import EventPage, VenuePage


@dataclass(frozen=True)
class TicketFacts:
    """All text is for people, in the language that was active. Times are on the venue's wall clock."""

    code: str
    hand_code: str
    order: str
    place: str
    attendee: str
    ticket_type: str
    title: str
    vendor: str
    weekday: str
    day: str
    month: str
    year: str
    days: str
    starts: str
    doors: str
    zone: str
    venue: str
    address: tuple[str, ...]
    price: str
    due: str
    policy: tuple[str, ...]
    age_limit: int | None
    hue: str
    canceled: bool

    @property
    def digest(self) -> str:
        """Changes whenever something on the ticket does, and so names what was rendered from these facts."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:24]


def facts_of(ticket: Ticket) -> TicketFacts:
    """Read with the ticket's order, line, type, event, its venue and listing, and the order's vendor (`with_facts`)."""
    order, event = ticket.order, ticket.event
    given = bool(ticket.holder_email)  # the order and its money are no business of whom it was given to
    parts = date_parts(event.start, event.end, event.zone)
    return TicketFacts(
        code=code_of(ticket),
        hand_code=hand_code(ticket),
        order="" if given else order.code,
        place=_("Ticket %(number)s of %(quantity)s")
        % {"number": ticket.number, "quantity": max(ticket.line.quantity, ticket.number)},
        attendee=ticket.attendee or order.name,
        ticket_type=ticket.ticket_type.name,
        title=event.title,
        vendor=order.vendor.name,
        weekday=parts.weekday,
        day=parts.day,
        month=parts.month,
        year=parts.year or str(event.start.year),
        days=days_text(event.start, event.end, event.zone),
        starts=when_text(event.start, event.zone),
        doors=clock_text(event.doors, event.zone) if event.doors else "",
        zone=event.zone,
        venue=event.venue.title if event.venue else "",
        address=address_of(event.venue),
        price="" if given else price_text(ticket.price, order.currency),
        due=money.text(order.total, order.currency) if is_unpaid(order) else "",
        policy=() if given else tuple(policy_lines(ticket.refund_policy, start=event.start, zone=event.zone)),
        age_limit=event.age_limit,
        hue=hue_of(getattr(getattr(event, "listing", None), "accent", "")),
        canceled=event.canceled_at is not None,
    )


FACTS = ("order__vendor", "line", "ticket_type", "event__venue", "event__listing")


def address_of(venue: VenuePage | None) -> tuple[str, ...]:
    """The lines of a venue's address."""
    if venue is None:
        return ()
    return tuple(line for line in (venue.address, f"{venue.postcode} {venue.city}".strip()) if line)


def price_text(amount: int, currency: str) -> str:
    return money.text(amount, currency) if amount else _("Free")


def is_unpaid(order: Order) -> bool:
    """Its tickets are to be paid at the door."""
    return order.state == Order.State.PENDING and order.total > 0


def is_over(event: EventPage, *, at: datetime | None = None) -> bool:
    return event.end + MARGIN < (at or timezone.now())


def state_of(ticket: Ticket, *, at: datetime | None = None) -> str:
    """ "valid", "unpaid", "used", "canceled", "refunded" or "expired". Reads the ticket's order, event and check-in."""
    if ticket.state != Ticket.State.VALID:
        return str(ticket.state)
    if hasattr(ticket, "check_in"):
        return "used"
    if ticket.event.canceled_at:
        return "canceled"
    if is_over(ticket.event, at=at):
        return "expired"
    return "unpaid" if is_unpaid(ticket.order) else "valid"
