"""A ticket's page and its documents, for who holds it."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from marketplace.codes import qr_svg
from marketplace.documents import ticket_pdf
from marketplace.facts import facts_of
from marketplace.invitations import order_ics
from marketplace.models import Ticket
from marketplace.tickets import ticket_for
from marketplace.views.orders import private, shown
from portal.errors import Rejected


@never_cache
@require_safe
def ticket(request: HttpRequest, ticket_id: uuid.UUID) -> HttpResponse:
    """The code, as large as the screen."""
    found = ticket_for(request, ticket_id)
    siblings = list(found.order.tickets.values_list("pk", flat=True))
    place = siblings.index(found.pk)
    context = {
        **shown(found),
        "order": found.order,
        "event": found.event,
        "previous": siblings[place - 1] if place else None,
        "next": siblings[place + 1] if place + 1 < len(siblings) else None,
    }
    return private(render(request, "marketplace/tickets/ticket.html", context))


@never_cache
@require_safe
def pdf(request: HttpRequest, ticket_id: uuid.UUID) -> HttpResponse:
    found = live_ticket(request, ticket_id)
    try:
        content = ticket_pdf(found)
    except Rejected as refusal:
        context = {"order": found.order, "reason": refusal.message}
        return private(render(request, "marketplace/tickets/no_pdf.html", context, status=refusal.status))
    return document(content, "application/pdf", f"ticket-{found.order.code}-{found.number}.pdf")


@never_cache
@require_safe
def svg(request: HttpRequest, ticket_id: uuid.UUID) -> HttpResponse:
    found = live_ticket(request, ticket_id)
    return document(qr_svg(facts_of(found).code).encode(), "image/svg+xml", "")


@never_cache
@require_safe
def ics(request: HttpRequest, ticket_id: uuid.UUID) -> HttpResponse:
    found = ticket_for(request, ticket_id)
    return document(order_ics(found.order), "text/calendar; charset=utf-8", f"{found.order.code}.ics")


def live_ticket(request: HttpRequest, ticket_id: uuid.UUID) -> Ticket:
    """Of a ticket that was canceled or given back, nothing can be had that looks like one."""
    found = ticket_for(request, ticket_id)
    if found.state != Ticket.State.VALID:
        raise Http404
    return found


def document(content: bytes, content_type: str, filename: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    if filename:
        response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return private(response)
