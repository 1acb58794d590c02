"""Buying on the site: tickets are chosen on the event's page, paid for on one page more."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marketplace.affiliates import codes_in
from marketplace.fairness import fair_share
from marketplace.forms import CheckoutForm, PayForm
from marketplace.models import AffiliateProgramme, Cart, Order, PaymentMethod
from marketplace.policy import policy_lines
from marketplace.queries import order_for, remember_order
from marketplace.services import prices
from marketplace.services.cart import extend_cart, open_cart, release_cart
from marketplace.services.checkout import extend_order, place_order
from marketplace.services.methods import methods_for
from marketplace.services.pay import refresh_live_payment, start_payment
from marketplace.services.selection import choose_again
from marketplace.storefront import ways_to_pay
from portal.dates import zone_label
from portal.errors import Rejected
from portal.origin import same_origin
from venues.models import EventPage
from venues.privacy import may_see

PREFIX = "type-"
MOST = 1000  # more tickets than any limit lets through; larger numbers are not worth a query


@same_origin
@require_POST
def add(request: HttpRequest, event_id: int) -> HttpResponse:
    """Hold the chosen tickets, and go on to checkout."""
    event = get_object_or_404(EventPage.objects.live(), pk=event_id)
    if not may_see(event, request):
        raise Http404
    items = read_items(request.POST)
    try:
        with fair_share(request, event_id=event.pk, places=sum(items.values())):
            cart = open_cart(
                event,
                items=items,
                user=request.user,
                replaces=_last_cart(request, event),
                codes=codes_in(request),
            )
    except Rejected as refusal:
        return _choose_again(request, event, refusal.message)
    request.session[_cart_key(event)] = str(cart.pk)
    return redirect("marketplace:checkout", cart.pk)


def _cart_key(event: EventPage) -> str:
    return f"cart-{event.pk}"


def _last_cart(request: HttpRequest, event: EventPage) -> Cart | None:
    """What this visitor chose before of the same event, so that a second choice replaces the first."""
    chosen = request.session.get(_cart_key(event))
    return Cart.objects.filter(pk=chosen, event=event).first() if chosen else None


def read_items(data: QueryDict) -> dict[int, int]:
    """Tickets by type id from fields such as type-7=2. What is no number counts as none."""
    items = {}
    for name, value in data.items():
        type_id, quantity = name.removeprefix(PREFIX), str(value).strip() or "0"
        if name.startswith(PREFIX) and _is_number(type_id) and _is_number(quantity) and int(quantity) > 0:
            items[int(type_id)] = min(int(quantity), MOST)
    return items


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _choose_again(request: HttpRequest, event: EventPage, reason: str) -> HttpResponseRedirect:
    messages.error(request, reason)
    chosen = {f"{PREFIX}{type_id}": quantity for type_id, quantity in read_items(request.POST).items()}
    return redirect(f"{event.get_url(request)}?{urlencode(chosen)}#tickets")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest, cart_id: UUID) -> HttpResponse:
    """Who buys and how it is paid, while the places are held."""
    cart = _cart(request, cart_id)
    if cart.state == Cart.State.ORDERED and cart.order:
        return redirect("marketplace:order", cart.order.code)
    if cart.state == Cart.State.RELEASED or cart.expires_at <= now():
        return render(request, "marketplace/checkout/lapsed.html", {"cart": cart, "event": cart.event}, status=410)
    try:
        priced = prices.price(choose_again(cart), user_id=request.user.pk)
    except Rejected as refusal:
        return _choose_again(request, cart.event, refusal.message)
    methods = methods_for(cart.event) if priced.total else []
    posted = request.POST if request.method == "POST" else None
    policy = _policy(cart)
    policy_id = hashlib.sha256("\n".join(policy).encode()).hexdigest()[:16]  # that it is still the one that was shown
    form = CheckoutForm(
        posted,
        methods=methods,
        user=request.user,
        total=priced.total,
        policy=policy_id,
        takes_codes=cart.takes_codes,  # type: ignore[attr-defined]
    )
    if request.method == "POST" and form.is_valid():
        try:
            return _order(request, cart, form.cleaned_data)
        except Rejected as refusal:
            form.take(refusal)
    context = {
        "cart": cart,
        "event": cart.event,
        "form": form,
        "methods": methods,
        "ways": ways_to_pay(methods),
        "total": priced.total,
        "adjustments": [adjustment for _rule, adjustment in priced.adjustments],
        "fees": sum(line.quantity * line.unit_fee for line in cart.lines.all()),
        "policy": policy,
        "policy_id": policy_id,
        "held_zone": zone_label(cart.expires_at, cart.event.zone),  # whoever buys may live by another clock
    }
    return render(request, "marketplace/checkout/checkout.html", context, status=422 if form.errors else 200)


def _order(request: HttpRequest, cart: Cart, data: dict[str, Any]) -> HttpResponse:
    email = request.user.email if request.user.is_authenticated else data["email"]
    placed = place_order(
        cart.event_id,
        cart=cart,
        email=email,
        name=data["name"],
        user=request.user,
        expected_total=data["total"],
        affiliate=data.get("affiliate", ""),
    )
    remember_order(request, placed.order, placed.token)
    return _pay(request, placed.order, data.get("payment_method"))


def _pay(request: HttpRequest, order: Order, method: PaymentMethod | None) -> HttpResponse:
    """Start to pay `order`, whose page also tells what went wrong and offers the other ways."""
    order_page = redirect("marketplace:order", order.code)
    if method is None:
        return order_page
    try:
        step = start_payment(order, method_id=method.pk, return_url=_return_url(request, order))
    except Rejected as refusal:
        messages.error(request, refusal.message)
        return order_page
    return redirect(step.redirect_url) if step.redirect_url else order_page


def _return_url(request: HttpRequest, order: Order) -> str:
    return request.build_absolute_uri(reverse("marketplace:order_return", args=[order.code]))


@require_POST
def more_time(request: HttpRequest, cart_id: UUID) -> HttpResponse:
    """Hold the places for longer."""
    cart = _cart(request, cart_id)
    try:
        with fair_share(request, event_id=cart.event_id, places=_places(cart)):
            extend_cart(cart)
    except Rejected as refusal:
        messages.error(request, refusal.message)
    return redirect("marketplace:checkout", cart_id)


@require_POST
def give_up(request: HttpRequest, cart_id: UUID) -> HttpResponse:
    """Free the places, and go back to the event to choose again."""
    cart = _cart(request, cart_id)
    release_cart(cart)
    return redirect(f"{cart.event.get_url(request)}#tickets")


@require_POST
def pay(request: HttpRequest, code: str) -> HttpResponse:
    """Pay a pending order after all, perhaps in another way."""
    order = order_for(request, code, for_vendor=False)
    form = PayForm(request.POST, methods=methods_for(order.event))
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return redirect("marketplace:order", code)
    return _pay(request, order, form.cleaned_data["payment_method"])


@require_POST
def order_more_time(request: HttpRequest, code: str) -> HttpResponse:
    """Hold a pending order's places for longer."""
    order = order_for(request, code, for_vendor=False)
    try:
        with fair_share(request, event_id=order.event_id, places=_places(order)):
            extend_order(order)
    except Rejected as refusal:
        messages.error(request, refusal.message)
    return redirect("marketplace:order", code)


@never_cache
@require_safe
def back(request: HttpRequest, code: str) -> HttpResponse:
    """Where a provider sends the buyer back to: asks it what came of the payment, and shows the order."""
    refresh_live_payment(order_for(request, code))
    return redirect("marketplace:order", code)


def _places(owner: Cart | Order) -> int:
    return sum(line.quantity for line in owner.lines.all())


def _policy(cart: Cart) -> list[str]:
    return policy_lines(cart.event.terms.refund_policy, start=cart.event.start, zone=cart.event.zone)


def _cart(request: HttpRequest, cart_id: UUID) -> Cart:
    """A visitor's cart: its id is the secret. A signed-in buyer's cart is that buyer's alone."""
    programmes = AffiliateProgramme.objects.filter(vendor=OuterRef("event__terms__vendor"))
    cart = (
        Cart.objects.select_related("event__venue", "event__listing", "event__terms", "order")
        .annotate(takes_codes=Exists(programmes))
        .filter(pk=cart_id)
        .first()
    )
    if cart is None or (cart.user_id and cart.user_id != request.user.pk):
        raise Http404(_("This checkout does not exist."))
    return cart
