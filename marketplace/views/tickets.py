"""A ticket's page and its documents, for who holds it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from marketplace.codes import qr_svg
from marketplace.documents import ticket_pdf
from marketplace.facts import facts_of
from marketplace.forms import TransferForm
from marketplace.invitations import ticket_ics
from marketplace.models import Ticket
from marketplace.services.transfer import transfer_ticket
from marketplace.tickets import Seen, remember_holder, ticket_for
from marketplace.views.orders import private, shown
from portal.errors import Rejected


@never_cache
@require_safe
def ticket(request: HttpRequest, ticket_id: uuid.UUID) -> HttpResponse:
    """The code, as large as the screen. A link from a mail carries its key once; from then on the session knows it."""
    if "key" in request.GET:
        remember_holder(request, ticket_id, request.GET["key"])
        response = redirect("marketplace:ticket", ticket_id)
        response["Referrer-Policy"] = "no-referrer"
        return response
    seen = ticket_for(request, ticket_id)
    return _page(request, seen, TransferForm())


@never_cache
@require_POST
def transfer(request: HttpRequest, ticket_id: uuid.UUID) -> HttpResponse:
    """Give it to somebody else."""
    seen = ticket_for(request, ticket_id)
    if seen.away:
        raise Http404
    form = TransferForm(request.POST)
    if form.is_valid():
        try:
            made = transfer_ticket(seen.ticket, **form.cleaned_data)
        except Rejected as refusal:
            field = refusal.data.get("field")
            form.add_error(field if field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("The ticket is %(name)s's now, and on its way by mail.") % {"name": made.name})
            return redirect("marketplace:ticket", ticket_id) if not seen.given else redirect("/")
    return _page(request, seen, form, status=422)


def _page(request: HttpRequest, seen: Seen, form: TransferForm, *, status: int = 200) -> HttpResponse:
    found = seen.ticket
    context = {**shown(found, given=seen.given), "given": seen.given, "event": found.event, "form": form}
    if not seen.given:
        siblings = list(found.order.tickets.values_list("pk", flat=True))
        place = siblings.index(found.pk)
        context |= {
            "order": found.order,
            "previous": siblings[place - 1] if place else None,
            "next": siblings[place + 1] if place + 1 < len(siblings) else None,
        }
    return private(render(request, "marketplace/tickets/ticket.html", context, status=status))


@never_cache
@require_safe
def pdf(request: HttpRequest, ticket_id: uuid.UUID) -> HttpResponse:
    found = live_ticket(request, ticket_id)
    try:
        content = ticket_pdf(found)
    except Rejected as refusal:
        context = {"ticket": found, "reason": refusal.message}
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
    seen = ticket_for(request, ticket_id)
    if seen.away:
        raise Http404
    return document(ticket_ics(seen.ticket), "text/calendar; charset=utf-8", "event.ics")


def live_ticket(request: HttpRequest, ticket_id: uuid.UUID) -> Ticket:
    """Of a ticket that was canceled, given back or given away, nothing can be had that looks like one."""
    seen = ticket_for(request, ticket_id)
    if seen.away or seen.ticket.state != Ticket.State.VALID:
        raise Http404
    return seen.ticket


def document(content: bytes, content_type: str, filename: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    if filename:
        response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return private(response)
