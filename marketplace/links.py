"""Addresses for mails: a guest's opens the order without an account."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse

from marketplace.models import Order

SALT = "marketplace.order-link"
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
