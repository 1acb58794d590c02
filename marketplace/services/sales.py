"""What lists show of an event's sale, pushed into venues' read model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count
from django.utils.timezone import now

from marketplace.models import EventTerms, Ticket, TicketType
from marketplace.stock import Availability, Figures
from venues.models import EventListing
from venues.services.listing import set_sales

CHUNK = 1000

# In SQL, because for this one Django takes longer to write the statement than the database to answer it, and it is what
# HEAD /events/{id}/tickets and every event's page wait for.
OFFERS = """
    SELECT kind.id, kind.event_id, kind.price, kind.fee, kind.sales_start, kind.sales_end,
        quota.id AS quota_id, quota.capacity, quota.held, quota.sold,
        COALESCE((SELECT SUM(hold.quantity) FROM marketplace_hold hold
            WHERE hold.quota_id = quota.id AND hold.expires_at <= %s), 0) AS lapsed,
        EXISTS (SELECT 1 FROM venues_eventlisting listing
            WHERE listing.event_id = kind.event_id AND NOT listing.canceled AND listing."end" > %s) AS listed
    FROM marketplace_quotatickettype link
    JOIN marketplace_tickettype kind ON kind.id = link.ticket_type_id
    JOIN marketplace_quota quota ON quota.id = link.quota_id
    WHERE kind.archived_at IS NULL AND kind.event_id IN ({})
    ORDER BY kind.position, kind.id, quota.id
"""


@dataclass(frozen=True)
class Offer:
    """One ticket type that is not archived, with the live counts of its quotas by id."""

    id: int
    total: int
    sales_start: datetime | None
    sales_end: datetime | None
    quotas: dict[int, Figures] = field(default_factory=dict)
    listed: bool = False  # its event is published, and neither over nor canceled

    @property
    def left(self) -> int:
        return max(min(figures.left for figures in self.quotas.values()), 0)

    @property
    def availability(self) -> Availability:
        """By its tightest quota."""
        return min(self.quotas.values(), key=lambda figures: figures.left).availability

    @property
    def may_return(self) -> bool:
        """Whether places that are not to be had now are only held: in a cart, or for an order that is not paid yet."""
        return all(figures.sold < figures.capacity for figures in self.quotas.values())

    def starts_later(self, at: datetime) -> bool:
        return self.sales_start is not None and self.sales_start > at

    def has_ended(self, at: datetime) -> bool:
        return self.sales_end is not None and self.sales_end <= at

    def on_sale(self, at: datetime) -> bool:
        return not self.starts_later(at) and not self.has_ended(at)


@dataclass(frozen=True)
class Sales:
    """`price_from` is all-in; it is empty where nothing can be bought now or later. `left` counts shared places once."""

    price_from: int | None
    availability: Availability
    on_sale_at: datetime | None
    left: int


def sales_of(event_id: int) -> Sales:
    return summarize(offers_of([event_id]).get(event_id, []))


def offers_of(event_ids: Iterable[int]) -> dict[int, list[Offer]]:
    """The offers of events, in their order, in one query. Holds that have lapsed count as free."""
    ids = list(event_ids)
    if not ids:
        return {}
    at = connection.ops.adapt_datetimefield_value(now())
    rows: Any = TicketType.objects.raw(OFFERS.format(", ".join(["%s"] * len(ids))), [at, at, *ids])
    offers: dict[int, dict[int, Offer]] = defaultdict(dict)
    for row in rows:
        offer = offers[row.event_id].setdefault(
            row.pk, Offer(row.pk, row.total, row.sales_start, row.sales_end, listed=bool(row.listed))
        )
        offer.quotas[row.quota_id] = Figures(row.capacity, row.held - row.lapsed, row.sold)
    return {event_id: list(found.values()) for event_id, found in offers.items()}


def summarize(offers: list[Offer], *, at: datetime | None = None) -> Sales:
    at = at or now()
    open_now = [offer for offer in offers if offer.on_sale(at)]
    later = [offer for offer in offers if offer.starts_later(at) and offer.left]
    buyable = [offer for offer in open_now if offer.left] or later
    return Sales(
        price_from=min((offer.total for offer in buyable), default=None),
        availability=_availability(offers, open_now, later),
        on_sale_at=min((offer.sales_start for offer in later if offer.sales_start), default=None),
        left=left_in(open_now),
    )


def _availability(offers: list[Offer], open_now: list[Offer], later: list[Offer]) -> Availability:
    """The best of the types that are on sale now."""
    states = {offer.availability for offer in open_now}
    for state in ("available", "few"):
        if state in states:
            return state
    if later:
        return "not_on_sale"
    if states or (offers and not any(offer.left for offer in offers)):
        return "sold_out"
    return "not_on_sale"


def left_in(offers: Iterable[Offer]) -> int:
    """How many tickets could be bought in all. Exact where quotas are apart or nested (a room within a house)."""
    offers = list(offers)
    left = {quota_id: figures.left for offer in offers for quota_id, figures in offer.quotas.items()}
    total = 0
    for offer in offers:
        places = max(min(left[quota_id] for quota_id in offer.quotas), 0)
        total += places
        for quota_id in offer.quotas:
            left[quota_id] -= places
    return total


def push_sales(event_id: int) -> None:
    """Bring the event's listing up to date; nothing is written where nothing changed."""
    _push([event_id])


def push_all() -> int:
    """The job that sees sales start and end, which no message tells of: all upcoming listings. How many changed."""
    upcoming = list(EventListing.objects.filter(end__gt=now()).values_list("pk", flat=True))
    return sum(_push(upcoming[start : start + CHUNK]) for start in range(0, len(upcoming), CHUNK))


def _push(event_ids: list[int]) -> int:
    offers = offers_of(event_ids)
    currencies = dict(EventTerms.objects.filter(event__in=event_ids).values_list("event", "currency"))
    tickets = Ticket.objects.filter(event__in=event_ids, state=Ticket.State.VALID)
    sold = dict(tickets.order_by().values_list("event").annotate(Count("pk")))
    changed = 0
    for listing in EventListing.objects.filter(pk__in=event_ids):
        sales = summarize([] if listing.canceled else offers.get(listing.pk, []))
        figures = {
            "price_from": sales.price_from,
            "currency": currencies.get(listing.pk, ""),
            "availability": sales.availability,
            "on_sale_at": sales.on_sale_at,
            "popularity": sold.get(listing.pk, 0),
        }
        if any(getattr(listing, name) != value for name, value in figures.items()):
            changed += set_sales(listing.pk, **figures)
    return changed
