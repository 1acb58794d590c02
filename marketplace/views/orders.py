"""An order's page in all its states, and a person's bookings."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from marketplace.codes import qr_svg
from marketplace.facts import facts_of, state_of
from marketplace.forms import PayForm
from marketplace.models import Order, Refund, Ticket
from marketplace.policy import policy_lines
from marketplace.queries import order_for, remember_guest
from marketplace.services.methods import usable_for
from marketplace.services.settle import by_hand
from marketplace.status import Standing, standing_of
from marketplace.storefront import ways_to_pay
from marketplace.tickets import Seen, holds, tickets
from marketplace.tickets import bookings as bookings_of
from portal.dates import zone_label


def private(response: HttpResponse) -> HttpResponse:
    """Nobody else learns this address: not the next page, not a cache, not a search engine."""
    # "no-referrer" would make browsers send "Origin: null" with the page's own forms, which then look forged.
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response


@never_cache
@require_safe
def order(request: HttpRequest, code: str) -> HttpResponse:
    """A guest's link carries the token once; from then on the session knows it and the address is clean."""
    if "token" in request.GET:
        remember_guest(request, code, request.GET["token"])
        response = redirect("marketplace:order", code)
        response["Referrer-Policy"] = "no-referrer"
        return response
    found = order_for(request, code)
    standing = standing_of(found)
    page = render(request, "marketplace/orders/order.html", _context(request, found, standing))
    page["X-Order-Status"] = standing.status
    return private(page)


def _context(request: HttpRequest, order: Order, standing: Standing) -> dict[str, Any]:
    event, mine = order.event, holds(request, order)
    methods = usable_for(order) if mine and standing.can_pay else []
    lines = list(order.lines.filter(quantity__gt=0).select_related("ticket_type"))
    return {
        "order": order,
        "event": event,
        "standing": standing,
        "mine": mine,
        "lines": lines,
        "fees": sum(line.quantity * line.unit_fee for line in lines),
        "adjustments": order.adjustments.all(),
        "refunds": refunds_of(order),
        "tickets": shown_tickets(order) if mine else [],
        "policy": policy_lines(order.refund_policy, start=event.start, zone=event.zone),
        "ways": ways_to_pay(methods),
        "held_zone": zone_label(order.expires_at, event.zone) if order.expires_at else "",
        "form": PayForm(methods=methods) if methods else None,
    }


def refunds_of(order: Order) -> list[tuple[Refund, bool]]:
    """What was given back for tickets of `order`, newest first, and whether it is handed over rather than sent."""
    refunds = Refund.objects.filter(payment__order=order, lines__isnull=False).distinct().select_related("payment")
    return [(refund, by_hand(refund.payment)) for refund in refunds]


def shown_tickets(order: Order) -> list[dict[str, Any]]:
    return [shown(ticket) for ticket in tickets().filter(order=order)]


def shown(ticket: Ticket, *, given: bool = False) -> dict[str, Any]:
    """What a page shows of `ticket`. One that is no longer good, or was given away, shows no code."""
    facts, state = facts_of(ticket), state_of(ticket)
    live = ticket.state == Ticket.State.VALID and not facts.canceled
    if live and Seen(ticket, given).away:
        live, state = False, "transferred"
    label = f"QR {facts.hand_code}"
    return {
        "ticket": ticket,
        "facts": facts,
        "state": state,
        "live": live,
        "qr": qr_svg(facts.code, label=label) if live else "",
    }


@never_cache
@login_required
@require_safe
def bookings(request: HttpRequest) -> HttpResponse:
    """Upcoming, soonest first; then what was, newest first."""
    booked, now = bookings_of(request.user), timezone.now()
    coming = booked.filter(event__end__gt=now, state__in=(Order.State.PENDING, Order.State.PAID))
    upcoming = coming.order_by("event__start", "pk")[:200]
    past = booked.exclude(pk__in=coming.values("pk")).order_by("-event__start", "-pk")
    page_obj = Paginator(past, 20).get_page(request.GET.get("page"))
    context = {
        "upcoming": [(item, standing_of(item)) for item in upcoming],
        "past": [(item, standing_of(item)) for item in page_obj],
        "page_obj": page_obj,
    }
    return render(request, "marketplace/orders/bookings.html", context)
