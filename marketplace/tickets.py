"""Reads of tickets and bookings: by whoever holds them, and by the door."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone

from marketplace.facts import FACTS
from marketplace.links import opens_ticket, pass_of
from marketplace.models import CheckIn, CheckInAttempt, Order, Payment, Ticket
from marketplace.queries import SESSION_KEY, orders_of
from portal.accounts.queries import confirmed_addresses
from venues.models import EventPage
from venues.queries import vendor_of

LARGEST_ID = 2**31 - 1  # of a page; beyond it a database fails rather than finding nothing
TOLD = (
    *("order", "event", "attendee", "state", "generation", "price", "holder_email", "ticket_type__name"),
    "check_in__ticket",
)
PASSES = "held_tickets"  # in a session: of tickets that were given to its visitor
UNREAD = ("event__body", "event__policies", "event__venue__body")


def tickets() -> QuerySet[Ticket]:
    """Tickets with all that showing one reads."""
    return Ticket.objects.select_related(*FACTS, "order", "check_in").defer(*UNREAD)


def tickets_of(order: Order) -> list[Ticket]:
    """An order's tickets with all that the API says of them, in one narrow read: the order and its event are at hand."""
    found = order.given_out
    if found is None:
        found = list(order.tickets.select_related("ticket_type", "check_in").only(*TOLD))
    for ticket in found:
        ticket.event = order.event
    return found


class Seen(NamedTuple):
    """A ticket, and as whom somebody sees it: as its buyer, or as who was `given` it."""

    ticket: Ticket
    given: bool

    @property
    def away(self) -> bool:
        """It was given away, and its buyer looks at it."""
        return bool(self.ticket.holder_email) and not self.given


def ticket_for(request: HttpRequest, ticket_id: uuid.UUID) -> Seen:
    """The ticket for its order's buyer, a guest whose session knows the order, or who was given it. Else Http404.

    Not its vendor: a vendor sees who comes, but never a code.
    """
    ticket = tickets().filter(pk=ticket_id).first()
    if ticket is None:
        raise Http404
    if was_given(ticket, request.user) or _has_pass(request, ticket):
        return Seen(ticket, given=True)
    if holds(request, ticket.order):
        return Seen(ticket, given=False)
    raise Http404


def was_given(ticket: Ticket, user: Any) -> bool:
    """Whether it was given to an address that is the account's."""
    return bool(ticket.holder_email) and ticket.holder_email in confirmed_addresses(user)


def _has_pass(request: HttpRequest, ticket: Ticket) -> bool:
    return bool(ticket.holder_email) and pass_of(ticket) in request.session.get(PASSES, [])


def remember_holder(request: HttpRequest, ticket_id: uuid.UUID, key: str) -> None:
    """Let this session see the ticket from now on, if `key` is from its link."""
    ticket = Ticket.objects.filter(pk=ticket_id).first()
    if ticket is not None and opens_ticket(key, ticket):
        others = [known for known in request.session.get(PASSES, []) if known != pass_of(ticket)]
        request.session[PASSES] = [*others[-49:], pass_of(ticket)]


def held_by(user: Any) -> Q:
    """The tickets that `user` bought and kept, or was given."""
    return Q(order__user=user, holder_email="") | Q(holder_email__in=confirmed_addresses(user))


def holds(request: HttpRequest, order: Order) -> bool:
    """Whether the order's tickets are this visitor's."""
    if order.user_id and order.user_id == request.user.pk:
        return True
    return order.code in request.session.get(SESSION_KEY, [])


def bookings(user: Any) -> QuerySet[Order]:
    """What `user` booked, with all that a list of bookings reads. Orders that lapsed unpaid are left out."""
    payments = Prefetch("payments", Payment.objects.prefetch_related("refunds"))
    paid_late = Payment.objects.filter(order=OuterRef("pk"), refunded__gt=0)
    return (
        orders_of(user)
        .select_related("event__venue", "event__listing", "vendor")
        .defer(*UNREAD)
        .filter(~Q(state=Order.State.EXPIRED) | Exists(paid_late))
        .prefetch_related(payments, "lines__ticket_type")
    )


def was_there(user: Any, event_id: int) -> bool:
    """Whether `user` was at the event: let in at the door, or holding a good ticket for one that is over."""
    if not user.is_authenticated:
        return False
    held = Ticket.objects.filter(held_by(user), event_id=event_id)
    if held.filter(check_in__isnull=False).exists():
        return True
    past = {"state": Ticket.State.VALID, "order__state": Order.State.PAID, "event__end__lt": timezone.now()}
    return held.filter(**past, event__canceled_at=None).exists()


def door_events(user: Any, *, at: datetime | None = None) -> QuerySet[EventPage]:
    """The events of the vendor that `user` works for and that are not over, soonest first."""
    vendor = vendor_of(user)
    if vendor is None:
        raise Http404
    now = at or timezone.now()
    events = EventPage.objects.descendant_of(vendor.page).filter(end__gt=now - timedelta(hours=24))
    return events.select_related("venue", "listing").defer("body", "policies").order_by("start", "pk")


def door_event(user: Any, event_id: int) -> EventPage:
    """The event, for who works for its vendor. Else Http404."""
    vendor = vendor_of(user)
    if vendor is None or event_id > LARGEST_ID:
        raise Http404
    events = EventPage.objects.descendant_of(vendor.page).select_related("venue", "listing")
    event = events.defer("body", "policies").filter(pk=event_id).first()
    if event is None:
        raise Http404
    return event


def tally(event: EventPage) -> dict[str, int]:
    """How many were let in, and how many tickets are good."""
    return {
        "admitted": CheckIn.objects.filter(ticket__event=event).count(),
        "expected": Ticket.objects.filter(event=event, state=Ticket.State.VALID).count(),
    }


def last_scans(event: EventPage, *, count: int = 8) -> QuerySet[CheckInAttempt]:
    return (
        CheckInAttempt.objects.filter(event=event)
        .select_related("ticket__ticket_type", "ticket__order", "by")
        .order_by("-at", "-pk")[:count]
    )
