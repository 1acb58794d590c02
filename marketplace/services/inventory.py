"""What an event sells: its terms, quotas and ticket types. Sold places always stay accounted for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from marketplace.messages import StockChanged
from marketplace.models import Cart, EventTerms, Order, PersonLimit, Quota, QuotaTicketType, TicketType
from marketplace.services.cart import release_cart
from marketplace.services.hold import release_lapsed
from marketplace.services.sales import push_sales
from marketplace.services.sold import with_sales
from portal.errors import Rejected
from portal.outbox.services import publish
from venues.models import EventPage
from venues.queries import vendor_of_event

__all__ = [
    "add_quota",
    "add_ticket_type",
    "archive_ticket_type",
    "change_quota",
    "change_terms",
    "change_ticket_type",
    "ensure_terms",
    "forget",
    "push_sales",
    "remove_quota",
    "restore_ticket_type",
]

MAX_AMOUNT = 10**9  # ten million in most currencies; what is above is a slip of the keyboard
MAX_CAPACITY = 1_000_000


def ensure_terms(event: EventPage) -> EventTerms:
    """The event's terms, made with its vendor's currency where there are none."""
    terms = EventTerms.objects.filter(event=event).select_related("vendor").first()
    if terms is None:
        vendor = vendor_of_event(event)
        terms, _made = EventTerms.objects.get_or_create(
            event=event, defaults={"vendor": vendor, "currency": vendor.currency}
        )
    return terms


@transaction.atomic
def change_terms(event: EventPage, **changes: Any) -> EventTerms:
    """Change `max_per_order`, `max_per_person` (None: no limit), `refund_policy` or `currency`.

    Raises Rejected("currency-in-use") once something was ordered, and "invalid-input" with the field's name.
    """
    terms = ensure_terms(event)
    currency = changes.get("currency", terms.currency)
    if currency != terms.currency and Order.objects.filter(event=event).exists():
        raise Rejected("currency-in-use", _("The currency can't change any more: there are orders in it."))
    _check_terms(changes)
    if "max_per_person" in changes and terms.max_per_person is None:
        # Nobody counted while there was no limit; the first order of each person counts anew.
        PersonLimit.objects.filter(event=event).delete()
    _set(terms, changes, allowed=("max_per_order", "max_per_person", "refund_policy", "currency"))
    publish(StockChanged(event.pk))
    return terms


@transaction.atomic
def add_quota(event: EventPage, *, name: str, capacity: int) -> Quota:
    ensure_terms(event)
    _check_number("capacity", capacity, MAX_CAPACITY)
    return Quota.objects.create(event=event, name=_clean_name(name), capacity=capacity)


@transaction.atomic
def change_quota(quota: Quota, *, name: str | None = None, capacity: int | None = None) -> Quota:
    """Rename, or change the number of places. Raises Rejected("below-sold") with the numbers."""
    if name is not None:
        Quota.objects.filter(pk=quota.pk).update(name=_clean_name(name))
    if capacity is not None:
        _check_number("capacity", capacity, MAX_CAPACITY)
        release_lapsed(quota.pk)
        locked = Quota.objects.select_for_update(no_key=True).get(pk=quota.pk)
        if capacity < locked.sold + locked.held:
            raise _below_sold(locked)
        Quota.objects.filter(pk=quota.pk).update(capacity=capacity)
    quota.refresh_from_db()
    publish(StockChanged(quota.event_id))
    return quota


@transaction.atomic
def remove_quota(quota: Quota) -> None:
    """Raises Rejected("in-use") while a ticket type takes its places from it, or has."""
    if quota.held or quota.sold or QuotaTicketType.objects.filter(quota=quota).exists() or quota.holds.exists():
        raise Rejected("in-use", _("Ticket types take their places from this quota."))
    quota.delete()


@transaction.atomic
def add_ticket_type(
    event: EventPage,
    *,
    name: str,
    price: int,
    capacity: int | None = None,
    quotas: Iterable[Quota] = (),
    fee: int = 0,
    description: str = "",
    sales_start: datetime | None = None,
    sales_end: datetime | None = None,
    max_per_order: int | None = None,
) -> TicketType:
    """`price` and `fee` are minor units for one ticket. `capacity` makes a quota of its own, beside the shared `quotas`.

    Raises Rejected("invalid-input") with the field's name.
    """
    ensure_terms(event)
    kind = TicketType(event=event, position=TicketType.objects.filter(event=event).count())
    fields = {"price": price, "fee": fee, "sales_start": sales_start, "sales_end": sales_end}
    _change(kind, {**fields, "name": name, "description": description, "max_per_order": max_per_order})
    own = [] if capacity is None else [add_quota(event, name=kind.name, capacity=capacity)]
    _link(kind, [*quotas, *own])
    publish(StockChanged(event.pk))
    return kind


@transaction.atomic
def change_ticket_type(kind: TicketType, *, quotas: Sequence[Quota] | None = None, **changes: Any) -> TicketType:
    """Change any field that `add_ticket_type` takes, `position` too. Carts keep the price that they were shown.

    Raises Rejected("invalid-input") with the field's name.
    """
    _change(kind, changes)
    if quotas is not None:
        _link(kind, quotas)
    publish(StockChanged(kind.event_id))
    return kind


@transaction.atomic
def archive_ticket_type(kind: TicketType) -> TicketType:
    """Sell it no more. What was sold stays valid; nothing is ever deleted."""
    return _archive(kind, now())


@transaction.atomic
def restore_ticket_type(kind: TicketType) -> TicketType:
    return _archive(kind, None)


def _archive(kind: TicketType, at: datetime | None) -> TicketType:
    kind.archived_at = at
    kind.save(update_fields=["archived_at"])
    publish(StockChanged(kind.event_id))
    return kind


@transaction.atomic
def forget(event: EventPage) -> None:
    """Delete the terms, quotas and ticket types of an event that never sold, so that its page can be deleted.

    Raises Rejected("event-has-sales").
    """
    if with_sales(EventPage.objects.filter(pk=event.pk)).exists():
        raise Rejected("event-has-sales", _("Tickets of this event were ordered; it can't be deleted."))
    for cart in Cart.objects.filter(event=event):
        release_cart(cart)
    Cart.objects.filter(event=event).delete()
    TicketType.objects.filter(event=event).delete()
    Quota.objects.filter(event=event).delete()
    EventTerms.objects.filter(event=event).delete()


TYPE_FIELDS = ("name", "price", "fee", "description", "sales_start", "sales_end", "max_per_order", "position")


def _change(kind: TicketType, changes: dict[str, Any]) -> None:
    for field in ("price", "fee"):
        if field in changes:
            _check_number(field, changes[field], MAX_AMOUNT)
    if changes.get("max_per_order") is not None:
        _check_number("max_per_order", changes["max_per_order"], 1000, least=1)
    if "name" in changes:
        changes = {**changes, "name": _clean_name(changes["name"])}
    if len(changes.get("description") or "") > 300:
        raise invalid("description", _("At most 300 characters."))
    start, end = changes.get("sales_start", kind.sales_start), changes.get("sales_end", kind.sales_end)
    if start and end and end <= start:
        raise invalid("sales_end", _("The sale must end after it starts."))
    _set(kind, changes, allowed=TYPE_FIELDS)


def _link(kind: TicketType, quotas: Sequence[Quota]) -> None:
    """Orders remember where their places came from, so that links may change at any time."""
    if not quotas:
        raise invalid("quotas", _("Give a number of places, or choose a quota that has them."))
    if any(quota.event_id != kind.event_id for quota in quotas):
        raise invalid("quotas", _("That quota is of another event."))
    wanted = {quota.pk for quota in quotas}
    QuotaTicketType.objects.filter(ticket_type=kind).exclude(quota__in=wanted).delete()
    QuotaTicketType.objects.bulk_create(
        [QuotaTicketType(ticket_type=kind, quota_id=quota_id) for quota_id in sorted(wanted)], ignore_conflicts=True
    )


def _check_terms(changes: Mapping[str, Any]) -> None:
    if "max_per_order" in changes:
        _check_number("max_per_order", changes["max_per_order"], 1000, least=1)
    if changes.get("max_per_person") is not None:
        _check_number("max_per_person", changes["max_per_person"], 1000, least=1)
    if "currency" in changes and not (len(changes["currency"]) == 3 and changes["currency"].isalpha()):
        raise invalid("currency", _("Three letters, such as EUR."))
    steps = changes.get("refund_policy", [])
    for step in steps:
        _check_number("refund_policy", step["hours_before"], 24 * 366)
        _check_number("refund_policy", step["percent_bps"], 10_000)
    if len({step["hours_before"] for step in steps}) != len(steps):
        raise invalid("refund_policy", _("Two steps of the refund policy are for the same time."))


def _set(row: Any, changes: Mapping[str, Any], *, allowed: Sequence[str]) -> None:
    for field, value in changes.items():
        if field not in allowed:
            raise TypeError(f"{type(row).__name__} has no {field} to change")
        setattr(row, field, value)
    row.save(update_fields=list(changes) if row.pk else None)


def _check_number(field: str, value: Any, most: int, *, least: int = 0) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        text = _("A whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
        raise invalid(field, text)


def _clean_name(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 80:
        raise invalid("name", _("A name of 1 to 80 characters."))
    return name


def invalid(field: str, message: str) -> Rejected:
    """Bad input, in the form of the API's errors too."""
    errors = [{"pointer": f"/{field}", "code": "invalid", "detail": message}]
    return Rejected("invalid-input", message, status=422, field=field, errors=errors)


def _below_sold(quota: Quota) -> Rejected:
    text = _("%(sold)s places are sold and %(held)s are held, so there can't be fewer than %(least)s.")
    least = quota.sold + quota.held
    numbers = {"sold": quota.sold, "held": quota.held, "least": least}
    return Rejected("below-sold", text % numbers, **numbers)
