"""What marketplace draws in the site's slots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from laces.components import Component

from marketplace.models import Affiliate, Order
from marketplace.tickets import bookings


class BookingsLink(Component):
    """The way from the account's page to what the person booked."""

    template_name = "marketplace/orders/account_link.html"

    def __init__(self, upcoming: int) -> None:
        self.upcoming = upcoming

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        return {"upcoming": self.upcoming}


def bookings_link(context: Mapping[str, Any]) -> BookingsLink | None:
    """For the slot "account.home"."""
    user = context["request"].user
    if not user.is_authenticated:
        return None
    coming = {"state__in": (Order.State.PENDING, Order.State.PAID), "event__end__gt": timezone.now()}
    return BookingsLink(bookings(user).filter(**coming).count())


class AffiliateLink(Component):
    """The way from the account's page to what a person's recommendations earned."""

    template_name = "marketplace/affiliates/account_link.html"


def affiliate_link(context: Mapping[str, Any]) -> AffiliateLink | None:
    """For the slot "account.home", for who is or was an affiliate."""
    user = context["request"].user
    return AffiliateLink() if user.is_authenticated and Affiliate.objects.filter(user=user).exists() else None
