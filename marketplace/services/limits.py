"""How many tickets of an event one person may have."""

from __future__ import annotations

from django.db.models import F, Sum
from django.utils.translation import gettext as _

from marketplace.models import EventTerms, Order, OrderLine, PersonLimit, Ticket
from portal.errors import Rejected


def count_in(terms: EventTerms, *, email: str, tickets: int, order: Order | None = None) -> None:
    """Count `tickets` for the person behind `email`. Raises Rejected above the event's limit.

    A guarded counter: it holds when one person buys in many tabs at once. `order` is the one that they are for, if it
    is stored already.
    """
    limit = terms.max_per_person
    if limit is None:
        return
    person = email.lower()
    row = PersonLimit.objects.filter(event=terms.event_id, person=person)
    if not row.exists():
        start = _tickets_of(terms, person, apart_from=order)
        PersonLimit.objects.bulk_create(
            [PersonLimit(event_id=terms.event_id, person=person, tickets=start)], ignore_conflicts=True
        )
    if not row.filter(tickets__lte=limit - tickets).update(tickets=F("tickets") + tickets):
        text = _("At most %(limit)s tickets a person, those of earlier orders included.") % {"limit": limit}
        raise Rejected("limit-per-person", text, limit=limit)


def count_out(order: Order, *, tickets: int) -> None:
    """Give back what `order`, or some of its tickets, counted."""
    row = PersonLimit.objects.filter(event=order.event_id, person=order.email.lower())
    row.filter(tickets__gte=tickets).update(tickets=F("tickets") - tickets)


def _tickets_of(terms: EventTerms, person: str, *, apart_from: Order | None) -> int:
    live = Order.objects.filter(event=terms.event_id, email=person, state__in=[Order.State.PENDING, Order.State.PAID])
    if apart_from:
        live = live.exclude(pk=apart_from.pk)
    ordered = OrderLine.objects.filter(order__in=live).aggregate(tickets=Sum("quantity"))["tickets"] or 0
    # Of a paid order's line some may be gone; from a pending one's they are taken off.
    return ordered - Ticket.objects.filter(order__in=live, order__state=Order.State.PAID).exclude(state="valid").count()
