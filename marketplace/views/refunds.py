"""Giving tickets back on the site: first what comes back and until when, then the deed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from marketplace.forms_refunds import amount_shown
from marketplace.models import Order, Ticket
from marketplace.policy import policy_lines
from marketplace.queries import order_for
from marketplace.services.refund import Returned, cancel_tickets, preview_cancellation
from marketplace.services.settle import by_hand
from marketplace.tickets import ticket_for
from marketplace.views.orders import private
from portal import money
from portal.errors import Rejected


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def order_refund(request: HttpRequest, code: str) -> HttpResponse:
    """All tickets of an order that can be given back."""
    return _answer(request, order_for(request, code, for_vendor=False), None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ticket_refund(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    """One ticket."""
    seen = ticket_for(request, ticket_id)
    if seen.given:  # the refund stays the buyer's
        raise Http404
    return _answer(request, seen.ticket.order, [ticket_id])


def _answer(request: HttpRequest, order: Order, ticket_ids: Collection[UUID] | None) -> HttpResponse:
    if request.method != "POST":
        return _page(request, order, ticket_ids)
    expected = amount_shown(request.POST.get("amount", ""))
    try:
        returned = cancel_tickets(order, ticket_ids=ticket_ids, expected=expected, to=Ticket.State.REFUNDED)
    except Rejected as refusal:
        messages.error(request, refusal.message)
        return _page(request, order, ticket_ids, status=409)
    messages.success(request, _done(order, returned))
    return redirect("marketplace:order", order.code)


def _done(order: Order, returned: Returned) -> str:
    if returned.amount:
        amount = money.text(returned.amount, order.currency)
        return _("%(amount)s goes back to you. A mail about it is on its way.") % {"amount": amount}
    return ngettext("The ticket is canceled.", "The tickets are canceled.", len(returned.parts))


def _page(
    request: HttpRequest, order: Order, ticket_ids: Collection[UUID] | None, *, status: int = 200
) -> HttpResponse:
    preview, event = preview_cancellation(order, ticket_ids=ticket_ids), order.event
    good = sum(claim.good for claim in preview.claims)
    context: dict[str, Any] = {
        "order": order,
        "event": event,
        "preview": preview,
        "due": 0 if order.paid_at else sum(part.ticket.price for part in preview.parts),
        "kept": good - len(preview.parts),
        "by_hand": bool(preview.amount)
        and any(by_hand(payment) for payment in order.payments.filter(state="succeeded")),
        "policy": policy_lines(order.refund_policy, start=event.start, zone=event.zone),
        "back": reverse("marketplace:order", args=[order.code]),
    }
    return private(render(request, "marketplace/orders/refund.html", context, status=status))
