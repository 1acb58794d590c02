"""What somebody wants to buy: read, and checked against everything but stock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.models import Cart, EventTerms, QuotaTicketType, TicketType
from marketplace.models.order import EVENT_FIELDS
from marketplace.services.hold import needs_of
from marketplace.stock import Figures
from portal.errors import Rejected
from portal.prepared import Prepared
from venues.models import EventListing, EventPage

MAX_QUANTITY = 1000
TERMS = Prepared(
    lambda event: (
        EventTerms.objects.filter(event=event)
        .select_related("event__venue")
        .only("vendor", "currency", "max_per_order", "max_per_person", "refund_policy", *EVENT_FIELDS)
        .annotate(listed=Exists(EventListing.objects.filter(event=OuterRef("event"))))
    )
)
LINKS = Prepared(
    lambda event: (
        QuotaTicketType.objects.filter(ticket_type__event=event)
        .select_related("ticket_type", "quota")
        .order_by("ticket_type__position", "ticket_type", "quota")
    )
)


@dataclass
class Line:
    """Some tickets of one type at the price that is charged for them."""

    ticket_type: TicketType
    quantity: int
    unit_price: int
    unit_fee: int
    quota_ids: list[int]
    figures: list[Figures] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.quantity * (self.unit_price + self.unit_fee)


@dataclass
class Selection:
    terms: EventTerms
    lines: list[Line]

    @property
    def listed(self) -> bool:
        """Whether everybody may see the event."""
        terms: Any = self.terms
        return terms.listed

    @property
    def needs(self) -> dict[int, int]:
        return needs_of(self.lines)

    @property
    def subtotal(self) -> int:
        return sum(line.total for line in self.lines)


def choose(event_id: int, items: Mapping[int, int]) -> Selection:
    """`items` (quantity by ticket type id) at today's prices. Raises Rejected unless they are on sale now."""
    terms = read_terms(event_id)
    check_event(terms)
    _check_quantities(items)
    lines = _lines(event_id, items)
    _check_lines(items, lines, terms)
    return Selection(terms, lines)


def choose_again(cart: Cart) -> Selection:
    """The cart's tickets at the prices that were shown, which hold as long as its places do."""
    terms = read_terms(cart.event_id)
    check_event(terms)
    lines = [
        Line(line.ticket_type, line.quantity, line.unit_price, line.unit_fee, line.quota_ids)
        for line in cart.lines.select_related("ticket_type")
    ]
    return Selection(terms, lines)


def read_terms(event_id: int) -> EventTerms:
    terms = TERMS.first(event=event_id)
    if terms is None:
        raise not_on_sale(_("This event sells no tickets here."))
    return terms


def check_event(terms: EventTerms) -> None:
    """Raises Rejected where the event can't be sold, whatever its stock is."""
    event = terms.event
    if event.canceled_at:
        raise Rejected("event-canceled", _("This event was canceled."))
    if not event.live:
        raise not_on_sale(_("This event isn't published."))
    if event.end <= now():
        raise Rejected("event-over", _("This event is over."))


def not_on_sale(message: str, **data: Any) -> Rejected:
    return Rejected("not-on-sale", message, **data)


def _check_quantities(items: Mapping[int, int]) -> None:
    if not items:
        raise Rejected("nothing-chosen", _("Choose at least one ticket."), status=422)
    for quantity in items.values():
        if not 1 <= quantity <= MAX_QUANTITY:
            raise Rejected("invalid-quantity", _("Choose at least one ticket of each type."), status=422)


def _lines(event_id: int, items: Mapping[int, int]) -> list[Line]:
    """One read for types, quotas and their counts. A type in no quota is not among them."""
    lines: dict[int, Line] = {}
    for link in LINKS(event=event_id):
        kind, quota = link.ticket_type, link.quota
        if kind.pk not in items:
            continue
        line = lines.setdefault(kind.pk, Line(kind, items[kind.pk], kind.price, kind.fee, []))
        line.quota_ids.append(quota.pk)
        line.figures.append(Figures(quota.capacity, quota.held, quota.sold))
    return list(lines.values())


def _check_lines(items: Mapping[int, int], lines: Iterable[Line], terms: EventTerms) -> None:
    found = {line.ticket_type.pk for line in lines}
    missing = [pk for pk in items if pk not in found]
    if missing:
        raise _unknown(terms.event, missing)
    for line in lines:
        _check_period(line.ticket_type)
        _check_limit(line.quantity, line.ticket_type.max_per_order, name=line.ticket_type.name)
    _check_limit(sum(items.values()), terms.max_per_order)


def _unknown(event: EventPage, ids: list[int]) -> Rejected:
    exists = TicketType.objects.filter(pk__in=ids, event=event.pk).count() == len(set(ids))
    if exists:
        return not_on_sale(_("This ticket isn't on sale."), ticket_types=[str(pk) for pk in ids])
    return Rejected(
        "unknown-ticket-type",
        _("This event has no such ticket type."),
        status=422,
        ticket_types=[str(pk) for pk in ids],
    )


def _check_period(kind: TicketType) -> None:
    data = {"ticket_type": str(kind.pk)}
    if kind.archived_at:
        raise not_on_sale(_("%(name)s is no longer sold.") % {"name": kind.name}, **data)
    if kind.sales_start and kind.sales_start > now():
        raise not_on_sale(
            _("%(name)s is not on sale yet.") % {"name": kind.name}, sales_start=kind.sales_start.isoformat(), **data
        )
    if kind.sales_end and kind.sales_end <= now():
        raise not_on_sale(_("The sale of %(name)s has ended.") % {"name": kind.name}, **data)


def _check_limit(quantity: int, limit: int | None, *, name: str = "") -> None:
    if limit is None or quantity <= limit:
        return
    text = ngettext("At most %(limit)s ticket an order.", "At most %(limit)s tickets an order.", limit) % {
        "limit": limit
    }
    raise Rejected("limit-per-order", f"{name}: {text}" if name else text, limit=limit)
