"""Many demo events put on sale at once, for benchmarks: what the services would write, in bulk."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import islice

from django.db import transaction
from django.db.models import QuerySet

from marketplace.models import EventTerms, PaymentMethod, Quota, QuotaTicketType, TicketType
from marketplace.services.sales import push_all
from venues.models import EventPage, Vendor

PRICES = {"concert": 3200, "conference": 14900, "gaming": 1800, "educational": 900, "theatre": 2600, "sports": 2200, "festival": 5900, "workshop": 4500}  # fmt: skip
POLICY = [{"hours_before": 168, "percent_bps": 10_000}, {"hours_before": 48, "percent_bps": 5_000}]
BATCH = 500


def price_of(event: EventPage, number: int, chance: random.Random) -> int:
    """In minor units; one event in 13 is free."""
    price = PRICES[event.type.slug] * chance.choice([8, 9, 10, 11, 13]) // 10 // 100 * 100
    return 0 if number % 13 == 5 else price


def fee_of(price: int) -> int:
    return price // 2000 * 100


def capacity_of(event: EventPage) -> int:
    return (event.venue.capacity or 200) if event.venue else 200


def put_on_sale(events: QuerySet[EventPage], methods: dict[int, list[PaymentMethod]]) -> None:
    """Give each of `events` terms, its vendor's payment methods (by vendor id), a quota and one ticket type."""
    vendors = {vendor.page.path: vendor for vendor in Vendor.objects.select_related("page")}
    found = iter(list(events))
    number = 0
    while batch := list(islice(found, BATCH)):
        with transaction.atomic():
            terms = _terms(batch, vendors)
            _accept(terms, methods)
            _offer(batch, number)
        number += len(batch)
    if number:
        with transaction.atomic():  # one commit instead of thousands
            push_all()


def _terms(events: Sequence[EventPage], vendors: dict[str, Vendor]) -> list[EventTerms]:
    owners = [vendors[event.path[: -event.steplen]] for event in events]
    return EventTerms.objects.bulk_create(
        [
            EventTerms(event=event, vendor=owner, currency=owner.currency, refund_policy=POLICY, max_per_order=8)
            for event, owner in zip(events, owners, strict=True)
        ]
    )


def _accept(terms: Sequence[EventTerms], methods: dict[int, list[PaymentMethod]]) -> None:
    link = EventTerms.payment_methods.through
    link.objects.bulk_create(
        [link(eventterms_id=row.pk, paymentmethod_id=method.pk) for row in terms for method in methods[row.vendor_id]]
    )


def _offer(events: Sequence[EventPage], first: int) -> None:
    quotas = Quota.objects.bulk_create(
        [Quota(event=event, name="Standard", capacity=capacity_of(event)) for event in events]
    )
    kinds = TicketType.objects.bulk_create([_kind(event, number) for number, event in enumerate(events, start=first)])
    QuotaTicketType.objects.bulk_create(
        [QuotaTicketType(quota=quota, ticket_type=kind) for quota, kind in zip(quotas, kinds, strict=True)]
    )


def _kind(event: EventPage, number: int) -> TicketType:
    price = price_of(event, number, random.Random(f"sale {event.title}"))
    return TicketType(
        event=event, name="Standard", description="Free choice of places.", price=price, fee=fee_of(price)
    )
