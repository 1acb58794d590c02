"""Reads that several callers share."""

from __future__ import annotations

import hmac
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from marketplace.links import opens
from marketplace.models import Order
from marketplace.services.checkout import token_hash
from portal.api.auth import challenge
from portal.api.problems import Problem
from portal.prepared import Prepared
from venues.queries import vendor_of

SESSION_KEY = "guest_orders"
TOKEN_HEADER = "HTTP_ORDER_TOKEN"  # noqa: S105 - the name of a header
WITH_EVENT = Prepared(lambda code: Order.objects.lean().filter(code=code))


def orders() -> QuerySet[Order]:
    """Orders with what showing one needs beside its lines and tickets."""
    return Order.objects.select_related("event", "vendor", "user").defer("event__body", "event__policies")


def orders_of(user: Any) -> QuerySet[Order]:
    """What `user` bought, newest first."""
    return orders().filter(user=user) if user.is_authenticated else orders().none()


def order_for(request: HttpRequest, code: str, *, for_vendor: bool = True) -> Order:
    """The order `code` for who may see it on the site: its buyer, a guest whose session knows its token, its vendor.

    ``for_vendor=False`` leaves the vendor out, where paying or changing is meant. Raises Http404 for everyone else.
    """
    order = orders().filter(code=code.upper()).first()
    if order is None:
        raise Http404
    as_guest = code.upper() in request.session.get(SESSION_KEY, [])
    if as_guest or _owns(request.user, order) or (for_vendor and _sells(request.user, order)):
        return order
    raise Http404


def order_for_client(request: Any, code: str, *, for_vendor: bool = True) -> Order:
    """The order `code` for who may see it through the API: its buyer or its vendor by access token, or a guest who sends
    the order's own token in the header Order-Token. Raises Http404 for everyone else. Sessions don't count here.
    """
    order = WITH_EVENT.first(code=code.upper())
    if order is None:
        raise Http404
    as_guest = knows_token(order, request.META.get(TOKEN_HEADER, ""))
    if as_guest or _owns(request.user, order) or (for_vendor and _sells(request.user, order)):
        return order
    raise Http404


def order_and_side(request: Any, code: str) -> tuple[Order, bool]:
    """The order `code` as ``order_for_client``, and whether the caller is its vendor rather than its buyer.

    Raises Http404, and a 401 problem where nobody says who calls.
    """
    token = request.META.get(TOKEN_HEADER, "")
    if request.auth is None and not token:
        text = "This needs an access token, or a guest's Order-Token."
        raise Problem(401, "unauthorized", text, headers=challenge())
    order = order_for_client(request, code)
    return order, not knows_token(order, token) and _sells(request.user, order)


def remember_guest(request: HttpRequest, code: str, token: str) -> bool:
    """Let this session see the guest's order `code` from now on, if `token` is the order's; says whether."""
    order = Order.objects.filter(code=code.upper()).first()
    if order is None or not knows_token(order, token):
        return False
    known = request.session.get(SESSION_KEY, [])
    if order.code not in known:
        request.session[SESSION_KEY] = [*known[-49:], order.code]
    return True


def remember_order(request: HttpRequest, order: Order, token: str) -> bool:
    """`remember_guest` for an order at hand."""
    return remember_guest(request, order.code, token)


def knows_token(order: Order, token: str) -> bool:
    """Whether `token` opens the guest's `order`: the one that was told when it was placed, or one from its mails."""
    if not (order.token_hash and token):
        return False
    return hmac.compare_digest(order.token_hash, token_hash(token)) or opens(token, order)


def _owns(user: Any, order: Order) -> bool:
    return bool(user.is_authenticated and order.user_id == user.pk)


def _sells(user: Any, order: Order) -> bool:
    vendor = vendor_of(user)
    return vendor is not None and vendor.pk == order.vendor_id
