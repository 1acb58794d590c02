"""GET and HEAD /tickets/{id} with its documents, and GET /tickets."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework import serializers
from rest_framework.response import Response

from marketplace.codes import code_of, qr_svg
from marketplace.documents import ticket_pdf
from marketplace.facts import state_of
from marketplace.invitations import ticket_ics
from marketplace.models import Order, Refund, SigningKey, Ticket
from marketplace.queries import TOKEN_HEADER, knows_token, order_and_side
from marketplace.represent import represent_refunds
from marketplace.services.keys import current_key
from marketplace.services.refund import cancel_tickets
from marketplace.tickets import Seen, held_by, tickets, tickets_of, was_given
from portal import money
from portal.api.auth import challenge
from portal.api.problems import Problem
from portal.api.views import ApiView, ListView
from portal.errors import Rejected
from venues.queries import vendor_of

READ, DOOR = "tickets:read", "checkin"


def represent_tickets(order: Order, *, holder: bool) -> list[dict[str, Any]]:
    """All tickets of an order whose event is at hand."""
    found = tickets_of(order)
    key = current_key() if found and holder else None
    return [represent_ticket(ticket, holder=holder, key=key) for ticket in found]


def represent_ticket(
    ticket: Ticket, *, holder: bool, key: SigningKey | None = None, given: bool = False
) -> dict[str, Any]:
    """`ticket` (read by ``marketplace.tickets``); the code and what carries it for its `holder` alone.

    That is its buyer or, `given` it, another person, who sees nothing of the order and its money.
    """
    away = holder and Seen(ticket, given).away
    holder = holder and not away
    live = ticket.state == Ticket.State.VALID
    return {
        "id": str(ticket.pk),
        "order": None if given else ticket.order.code,
        "event": str(ticket.event_id),
        "ticket_type": {"id": str(ticket.ticket_type_id), "name": ticket.ticket_type.name},
        "attendee": ticket.attendee or ticket.order.name,
        "state": "transferred" if away and live else state_of(ticket),
        "price": None if given else money.as_json(ticket.price, ticket.order.currency),
        "qr": code_of(ticket, key) if holder and live else None,
        "pdf": _url(ticket, ".pdf") if holder and live else None,
        "ics": _url(ticket, ".ics") if holder else None,
    }


def _url(ticket: Ticket, suffix: str) -> str:
    return f"{settings.BASE_URL}{reverse('api:ticket', args=[ticket.pk])}{suffix}"


class TicketView(ApiView):
    """One ticket: for its buyer (`tickets:read`), a guest with the order's token, or its vendor and its doors.

    DELETE cancels it: its place is free, and what its policy says goes back. Again gives the same answer.
    """

    scopes: ClassVar[dict[str, str | None]] = {"GET": "", "DELETE": "tickets:refund"}
    guests: ClassVar[set[str]] = {"GET", "HEAD", "DELETE"}

    def get(self, request: Any, ticket_id: uuid.UUID) -> HttpResponse:
        (ticket, given), holder = find_ticket(request, ticket_id)
        shown = represent_ticket(ticket, holder=holder, given=given)
        return Response(shown, headers={"X-Ticket-State": shown["state"]})

    def delete(self, request: Any, ticket_id: uuid.UUID) -> Response:
        ticket = get_object_or_404(tickets(), pk=ticket_id)
        order, as_vendor = order_and_side(request, ticket.order.code)
        self.check_match(represent_ticket(ticket, holder=not as_vendor))
        _cancel_once(order, ticket_id, as_vendor=as_vendor)
        refunds = list(Refund.objects.filter(lines__ticket=ticket_id).select_related("payment").order_by("pk"))
        return Response(
            {
                "ticket": represent_ticket(tickets().get(pk=ticket_id), holder=not as_vendor),
                "refund": represent_refunds(refunds, zone=order.event.zone) if refunds else None,
            }
        )


def _cancel_once(order: Order, ticket_id: uuid.UUID, *, as_vendor: bool) -> None:
    """Whoever comes second, or again, finds it done."""
    try:
        cancel_tickets(order, ticket_ids=[ticket_id], as_vendor=as_vendor)
    except Rejected as refusal:
        if refusal.code != "already-refunded":
            raise


class DocumentView(ApiView):
    """What carries a ticket's code: for its holder alone, while the ticket is good."""

    scopes: ClassVar[dict[str, str | None]] = {"GET": ""}
    guests: ClassVar[set[str]] = {"GET", "HEAD"}
    content_type: ClassVar[str]
    for_dead: ClassVar[bool] = False

    def content(self, ticket: Ticket) -> bytes:
        raise NotImplementedError

    def get(self, request: Any, ticket_id: uuid.UUID) -> HttpResponse:
        seen, holder = find_ticket(request, ticket_id)
        ticket = seen.ticket
        if not holder or seen.away or (ticket.state != Ticket.State.VALID and not self.for_dead):
            raise Http404
        headers = {"X-Ticket-State": state_of(ticket)}
        return HttpResponse(self.content(ticket), content_type=self.content_type, headers=headers)


class PdfView(DocumentView):
    content_type = "application/pdf"

    def content(self, ticket: Ticket) -> bytes:
        return ticket_pdf(ticket)


class QrView(DocumentView):
    content_type = "image/svg+xml"

    def content(self, ticket: Ticket) -> bytes:
        return qr_svg(code_of(ticket)).encode()


class CalendarView(DocumentView):
    content_type = "text/calendar; charset=utf-8"
    for_dead = True

    def content(self, ticket: Ticket) -> bytes:
        return ticket_ics(ticket)


class TicketsQuery(serializers.Serializer):
    event = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class TicketsView(ListView):
    """The caller's own tickets, those that were given to the caller too, newest first."""

    scopes: ClassVar[dict[str, str | None]] = {"GET": READ}
    query = TicketsQuery
    ordering = ("-created_at",)

    def rows(self, params: dict[str, Any]) -> QuerySet[Ticket]:
        mine = tickets().filter(held_by(self.actor))
        return mine.filter(event_id=params["event"]) if "event" in params else mine

    def represent(self, row: Ticket) -> dict[str, Any]:
        return represent_ticket(row, holder=True, given=bool(row.holder_email))


def find_ticket(request: Any, ticket_id: uuid.UUID, *, scope: str = READ) -> tuple[Seen, bool]:
    """The ticket, and whether the caller is its buyer or who was given it, whose token needs `scope`.

    Raises Http404 for those whom it is no business of.
    """
    ticket = tickets().filter(pk=ticket_id).first()
    if ticket is None:
        raise Http404
    if knows_token(ticket.order, request.META.get(TOKEN_HEADER, "")):
        return Seen(ticket, given=False), True
    if request.auth is None:
        raise Problem(401, "unauthorized", "This needs an access token, or a guest's Order-Token.", headers=challenge())
    given = was_given(ticket, request.user)
    if given or ticket.order.user_id == request.user.pk:
        _need(request.auth, scope)
        return Seen(ticket, given), True
    vendor = vendor_of(request.user)
    if vendor is None or vendor.pk != ticket.order.vendor_id:
        raise Http404
    _need(request.auth, DOOR, READ)
    return Seen(ticket, given=False), False


def _need(token: Any, *scopes: str) -> None:
    """One of `scopes`. Raises a 403 problem."""
    if not set(scopes) & set(token.scope.split()):
        headers = challenge(error="insufficient_scope", scope=scopes[0])
        raise Problem(
            403, "insufficient-scope", f"The token lacks the scope {scopes[0]}.", headers=headers, scope=scopes[0]
        )
