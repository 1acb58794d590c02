"""A partner's program, written against the client that is generated from the API's description. mypy reads it with that."""

from __future__ import annotations

import uuid
from typing import Self, TypeVar

from foyer_client import AuthenticatedClient
from foyer_client.api.events import get_event, list_event_tickets, list_events
from foyer_client.api.orders import get_order, pay_order
from foyer_client.api.tickets import book_tickets, get_ticket, get_ticket_pdf
from foyer_client.models import (
    Booking,
    BookInput,
    Event,
    ItemInput,
    ListingPage,
    OrderDetails,
    Paid,
    PaymentInput,
    Problem,
    Ticket,
    TicketTypeList,
)

Kind = TypeVar("Kind")


class Partner:
    """Sells tickets of a site to the person whose token it has."""

    def __init__(self, site: str, token: str) -> None:
        self.client = AuthenticatedClient(base_url=f"{site}/api/v1", token=token)

    def __enter__(self) -> Self:
        self.client.__enter__()
        return self

    def __exit__(self, *why: object) -> None:
        self.client.__exit__(*why)

    def find(self, search: str) -> Event:
        found = expect(ListingPage, list_events.sync(client=self.client, search=search, available=True))
        return expect(Event, get_event.sync(found.results[0].id, client=self.client))

    def book(self, event: Event, quantity: int) -> Booking | Problem | None:
        kind = expect(TicketTypeList, list_event_tickets.sync(event.id, client=self.client)).results[0]
        wanted = BookInput(event=event.id, items=[ItemInput(ticket_type=kind.id, quantity=quantity)])
        return book_tickets.sync(client=self.client, body=wanted, idempotency_key=uuid.uuid4().hex)

    def pay(self, booking: Booking, token: str) -> Paid:
        card = next(method for method in booking.payment_methods if method.provider == "stripe")
        body = PaymentInput(order=booking.order.code, payment_method=card.id, token=token)
        return expect(Paid, pay_order.sync(client=self.client, body=body, idempotency_key=uuid.uuid4().hex))

    def order(self, code: str) -> OrderDetails:
        return expect(OrderDetails, get_order.sync(code, client=self.client))

    def ticket(self, ticket: Ticket) -> tuple[Ticket, bytes]:
        """The ticket as it is now, and its PDF."""
        pdf = get_ticket_pdf.sync_detailed(ticket.id, client=self.client)
        return expect(Ticket, get_ticket.sync(ticket.id, client=self.client)), pdf.content


def expect(kind: type[Kind], answer: object) -> Kind:
    assert isinstance(answer, kind), answer
    return answer
