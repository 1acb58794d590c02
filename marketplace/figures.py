"""The numbers of an event's sale, as its vendor sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils.timezone import now
from django.utils.translation import gettext as _

from marketplace.models import EventTerms, Quota, TicketType
from marketplace.services.sales import Offer, left_in
from marketplace.stock import Figures
from venues.models import EventPage


@dataclass(frozen=True)
class TypeRow:
    """One ticket type. `left` is that of its tightest quota; `state` is for people."""

    kind: TicketType
    sold: int
    left: int
    quotas: list[Quota]
    state: str


@dataclass(frozen=True)
class MarketFigures:
    terms: EventTerms | None
    types: list[TypeRow]
    quotas: list[Quota]

    @property
    def sold(self) -> int:
        return sum(row.sold for row in self.types)

    @property
    def held(self) -> int:
        return sum(quota.held for quota in self.quotas)

    @property
    def left(self) -> int:
        """Of all that is offered; places that several types share are counted once."""
        return left_in(_offer(row) for row in self.current if row.quotas)

    @property
    def archived(self) -> list[TypeRow]:
        return [row for row in self.types if row.kind.archived_at]

    @property
    def current(self) -> list[TypeRow]:
        return [row for row in self.types if not row.kind.archived_at]


def figures_of(event: EventPage) -> MarketFigures:
    terms = EventTerms.objects.filter(event=event).prefetch_related("payment_methods").first()
    kinds = TicketType.objects.filter(event=event).prefetch_related("quotas")
    valid = Count("tickets", filter=Q(tickets__state="valid"))
    at = now()
    types = [_row(kind, at) for kind in kinds.annotate(sold=valid)]
    quotas: Any = Quota.objects.filter(event=event).annotate(types=Count("ticket_types"))
    return MarketFigures(terms, types, list(quotas))


def _offer(row: TypeRow) -> Offer:
    counts = {quota.pk: Figures(quota.capacity, quota.held, quota.sold) for quota in row.quotas}
    return Offer(row.kind.pk, row.kind.total, None, None, counts)


def _row(kind: Any, at: datetime) -> TypeRow:
    quotas = list(kind.quotas.all())
    left = min((quota.left for quota in quotas), default=0)
    return TypeRow(kind, kind.sold, left, quotas, _state(kind, left, at))


def _state(kind: TicketType, left: int, at: datetime) -> str:
    if kind.archived_at:
        return _("archived")
    if kind.sales_end and kind.sales_end <= at:
        return _("sale ended")
    if left <= 0:
        return _("sold out")
    if kind.sales_start and kind.sales_start > at:
        return _("not on sale yet")
    return _("on sale")
