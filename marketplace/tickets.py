"""Reads of tickets and bookings: by whoever holds them, and by the door."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone

from marketplace.facts import FACTS
from marketplace.models import CheckIn, CheckInAttempt, Order, Payment, Ticket
from marketplace.queries import SESSION_KEY, orders_of
from venues.models import EventPage
from venues.queries import vendor_of

LARGEST_ID = 2**31 - 1  # of a page; beyond it a database fails rather than finding nothing
TOLD = ("order", "event", "attendee", "state", "generation", "price", "ticket_type__name", "check_in__ticket")
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


def ticket_for(request: HttpRequest, ticket_id: uuid.UUID) -> Ticket:
    """The ticket for who holds it: its order's buyer, or a guest whose session knows the order. Else Http404.

    Not its vendor: a vendor sees who comes, but never a code.
    """
    ticket = tickets().filter(pk=ticket_id).first()
    if ticket is None or not holds(request, ticket.order):
        raise Http404
    return ticket


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
    held = Ticket.objects.filter(order__user=user, event_id=event_id)
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
