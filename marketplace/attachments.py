"""What goes along with the confirmation mail: a PDF for each ticket, and an entry for the calendar."""

from __future__ import annotations

from typing import Any

from marketplace.documents import ticket_pdf
from marketplace.facts import FACTS
from marketplace.invitations import order_ics, ticket_ics
from marketplace.models import Order, Ticket
from portal.errors import Rejected


def order_documents(notification: Any) -> list[tuple[str, bytes, str]]:
    """(filename, content, MIME type) of each document of the order that `notification` is about."""
    order = Order.objects.select_related("event__venue").get(pk=notification.context["order_id"])
    return [*_pdfs(order), (f"{order.code}.ics", order_ics(order), "text/calendar")]


def order_calendar(notification: Any) -> list[tuple[str, bytes, str]]:
    """The calendar entry alone: of an event that was canceled, it takes the one sent before away."""
    order = Order.objects.select_related("event__venue").get(pk=notification.context["order_id"])
    return [(f"{order.code}.ics", order_ics(order), "text/calendar")]


def ticket_documents(notification: Any) -> list[tuple[str, bytes, str]]:
    """Those of the ticket that `notification` says was given; none where it was given on, or ended, meanwhile."""
    told = notification.context
    good = Ticket.objects.filter(pk=told["ticket_id"], generation=told["generation"], state=Ticket.State.VALID)
    ticket = good.select_related(*FACTS).first()
    if ticket is None:
        return []
    calendar = ("event.ics", ticket_ics(ticket), "text/calendar")
    try:
        return [("ticket.pdf", ticket_pdf(ticket), "application/pdf"), calendar]
    except Rejected:
        return [calendar]


def _pdfs(order: Order) -> list[tuple[str, bytes, str]]:
    """Without Pango the mail goes without them: the tickets' pages show the same codes."""
    tickets = order.tickets.filter(state=Ticket.State.VALID, holder_email="").select_related(*FACTS)
    try:
        return [
            (f"ticket-{order.code}-{place}.pdf", ticket_pdf(ticket), "application/pdf")
            for place, ticket in enumerate(tickets, start=1)
        ]
    except Rejected:
        return []
