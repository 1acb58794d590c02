"""Addresses for mails: a guest's opens the order without an account, a new holder's the ticket."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse

from marketplace.models import Order, Ticket

SALT = "marketplace.order-link"
TICKET_SALT = "marketplace.ticket-link"
MAX_AGE = 400 * 86400  # seconds; longer than any event is on sale


def order_link(order: Order) -> str:
    """The order's page. Buyers with an account sign in; a guest's address carries a signed token."""
    url = settings.BASE_URL + reverse("marketplace:order", args=[order.code])
    return url if order.user_id else f"{url}?token={signing.dumps(order.pk, salt=SALT)}"


def opens(token: str, order: Order) -> bool:
    """Whether `token` is one that `order_link` made for `order`."""
    try:
        return signing.loads(token, salt=SALT, max_age=MAX_AGE) == order.pk
    except signing.BadSignature:
        return False


def ticket_link(ticket: Ticket) -> str:
    """The page of a ticket that was given to somebody; dead once it is given on."""
    url = settings.BASE_URL + reverse("marketplace:ticket", args=[ticket.pk])
    return f"{url}?key={signing.dumps(pass_of(ticket), salt=TICKET_SALT)}"


def pass_of(ticket: Ticket) -> str:
    """What a session keeps of whoever opened the ticket by its link."""
    return f"{ticket.pk}:{ticket.generation}"


def opens_ticket(key: str, ticket: Ticket) -> bool:
    """Whether `key` is one that `ticket_link` made for `ticket` since it was last given away."""
    try:
        return signing.loads(key, salt=TICKET_SALT, max_age=MAX_AGE) == pass_of(ticket)
    except signing.BadSignature:
        return False
