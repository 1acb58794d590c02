"""Demo data of the marketplace: what the demo's events sell, how they are paid for, and who bought."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from marketplace.demo_bulk import POLICY, capacity_of, fee_of, price_of, put_on_sale
from marketplace.models import EventTerms, Order, PaymentMethod, TicketType
from marketplace.services.checkout import place_order
from marketplace.services.inventory import add_ticket_type, change_terms, push_sales
from marketplace.services.methods import add_method, choose_methods, methods_for
from marketplace.services.pay import start_payment
from marketplace.services.settle import take_cash
from portal.accounts.models import User
from portal.demo import ATTENDEE
from venues.models import EventPage, Vendor

DEMO_EVENTS = 200  # those with orders; `--scale` makes more events, not more buyers
STATES = {3: "sold out", 8: "few left", 12: "soon", 17: "few left"}
NAMES = ["Mika Brandt", "Sofia Reis", "Jonah Weiss", "Leila Haddad", "Oskar Lund", "Priya Nair", "Tomás Faria", "Wren Ellis"]  # fmt: skip


def seed(*, scale: int, say: Callable[[str], None]) -> None:
    """Put every event without terms on sale, and sell some tickets of the first 200."""
    methods = {vendor.pk: _methods(vendor) for vendor in Vendor.objects.all()}
    events = EventPage.objects.filter(live=True).select_related("type", "venue").defer("body", "policies")
    first = list(events.filter(pk__in=events.order_by("pk").values("pk")[:DEMO_EVENTS]).order_by("pk"))
    sold = set(EventTerms.objects.values_list("event", flat=True))
    for number, event in enumerate(first):
        if event.pk not in sold:
            _put_on_sale(event, number, methods)
    put_on_sale(events.filter(terms=None).order_by("pk"), methods)
    say(f"{TicketType.objects.count()} ticket types, {Order.objects.count()} orders")


def _methods(vendor: Vendor) -> list[PaymentMethod]:
    existing = list(PaymentMethod.objects.filter(vendor=vendor, removed_at=None))
    return existing or [
        add_method(vendor, provider="stripe", title="Card", config={}),
        add_method(vendor, provider="cash", title="Cash on arrival", config={}),
    ]


@transaction.atomic
def _put_on_sale(event: EventPage, number: int, methods: dict[int, list[PaymentMethod]]) -> None:
    chance = random.Random(f"sale {event.title}")
    terms = change_terms(event, refund_policy=POLICY, max_per_order=8)
    choose_methods(event, methods=methods[terms.vendor_id])
    price = price_of(event, number, chance)
    capacity = capacity_of(event)
    state = STATES.get(number % 20, "plain")
    if state in ("sold out", "few left"):
        capacity = 24
    soon = now() + timedelta(days=chance.randrange(2, 12)) if state == "soon" else None
    first = add_ticket_type(
        event, name="Standard", price=price, fee=fee_of(price), capacity=capacity, description="Free choice of places.", sales_start=soon
    )  # fmt: skip
    if price and state == "plain":
        house = first.quotas.get()
        add_ticket_type(event, name="Reduced", price=price * 6 // 1000 * 100, quotas=[house], description="Students, pensioners and the unemployed, with proof.", sales_start=soon)  # fmt: skip
        add_ticket_type(event, name="Supporter", price=price * 2, capacity=40, description="The best places, and our thanks in print.", sales_start=soon)  # fmt: skip
    if event.end > now() and not event.canceled_at and not soon:
        wanted = {"sold out": 24, "few left": 21}.get(state, chance.randrange(2, 9))
        _sell(event, first, wanted, chance)
    push_sales(event.pk)


def _sell(event: EventPage, kind: TicketType, wanted: int, chance: random.Random) -> None:
    """Real orders of people who pay in cash, some of them in advance."""
    while wanted > 0:
        quantity = min(wanted, chance.randrange(1, 5))
        wanted -= quantity
        name = chance.choice(NAMES)
        buyer: dict[str, Any] = {"email": f"{name.split()[0].lower()}@example.org", "name": name}
        if chance.random() < 0.02:
            user = User.objects.get(email=ATTENDEE)
            buyer = {"email": user.email, "name": user.name, "user": user}
        order = place_order(event.pk, items={kind.pk: quantity}, **buyer).order
        if order.total:
            cash = next(method for method in methods_for(event) if method.provider == "cash")
            start_payment(order, method_id=cash.pk, return_url="")
            if chance.random() < 0.6:
                take_cash(order, user=vendor_user(event))


def vendor_user(event: EventPage) -> User:
    return event.terms.vendor.members.get()
