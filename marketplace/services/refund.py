"""Giving tickets back: for money, for what the policy says, or because the event does not take place.

A refund moves money, a cancellation moves state. Both lock the order first, as all that happens to an order does, take
their sums by guarded updates, and are over before any provider is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.messages import TicketsCanceled
from marketplace.models import EventCancellation, Order, Refund, Ticket
from marketplace.services import hold, ledger, limits, prices, unpaid
from marketplace.services.claims import Claim, cancel_objection, claims_of, pick, refund_objection
from marketplace.services.lock import lock
from marketplace.services.payback import Part, pay_back, too_large
from marketplace.services.transition import move
from portal import money
from portal.errors import Rejected
from portal.outbox.services import publish


@dataclass(frozen=True)
class Returned:
    """What came of it: a refund for each payment that money is taken from; none where nothing was due."""

    parts: Sequence[Part]
    refunds: Sequence[Refund]

    @property
    def amount(self) -> int:
        return sum(part.amount for part in self.parts)


@dataclass(frozen=True)
class Preview:
    """What would be given back now. `refusal` says why nothing can; the claims are all that were asked about."""

    claims: Sequence[Claim]
    parts: Sequence[Part]
    refusal: Rejected | None = None

    @property
    def amount(self) -> int:
        return sum(part.amount for part in self.parts)

    @property
    def until(self) -> datetime | None:
        """Until when it stays so, if it does not stay for good."""
        given = {part.ticket.pk for part in self.parts if part.amount}
        ends = [claim.step.until for claim in self.claims if claim.ticket.pk in given and claim.step]
        return min((end for end in ends if end), default=None)

    @property
    def percent_bps(self) -> int:
        """The best that any of the tickets gets."""
        given = {part.ticket.pk for part in self.parts}
        return max(
            (claim.step.percent_bps for claim in self.claims if claim.step and claim.ticket.pk in given), default=0
        )


def preview_refund(
    order: Order,
    *,
    ticket_ids: Collection[UUID] | None = None,
    as_vendor: bool = False,
    amount: int | None = None,
) -> Preview:
    """What ``refund_tickets`` would do. Changes nothing."""
    claims = claims_of(order, ticket_ids)
    try:
        chosen = _refundable(claims, named=ticket_ids is not None, as_vendor=as_vendor)
        return Preview(claims, _parts(order, chosen, as_vendor=as_vendor, amount=amount))
    except Rejected as refusal:
        return Preview(claims, [], refusal)


def preview_cancellation(
    order: Order, *, ticket_ids: Collection[UUID] | None = None, as_vendor: bool = False
) -> Preview:
    """What ``cancel_tickets`` would do. Changes nothing."""
    claims = claims_of(order, ticket_ids)
    try:
        chosen = _cancelable(order, claims, named=ticket_ids is not None, as_vendor=as_vendor)
    except Rejected as refusal:
        return Preview(claims, [], refusal)
    return Preview(claims, [Part(claim.ticket, claim.offered) for claim in chosen])


@transaction.atomic
def refund_tickets(
    order: Order,
    *,
    ticket_ids: Collection[UUID] | None = None,
    as_vendor: bool = False,
    amount: int | None = None,
    keep_tickets: bool = False,
    reason: str = "",
    expected: int | None = None,
) -> Returned:
    """Give money back for the tickets named, or for all of `order` that can be: to the buyer what the policy says.

    The vendor (`as_vendor`) gives back all that is left, whatever the policy says. `amount` is less than either; it is
    spread over the tickets. They are no longer good from now on, unless the vendor lets the buyer `keep_tickets`.
    `expected` is what a preview said.

    Raises Rejected, with nothing changed: "already-refunded", "ticket-used", "outside-policy", "nothing-to-refund",
    "amount-too-large", "refund-changed", "unknown-ticket".
    """
    lock(order)
    claims = claims_of(order, ticket_ids, locked=True)
    chosen = _refundable(claims, named=ticket_ids is not None, as_vendor=as_vendor)
    parts = _parts(order, chosen, as_vendor=as_vendor, amount=amount)
    _check_expected(parts, expected)
    return _give_back(order, parts, to=None if keep_tickets else Ticket.State.REFUNDED, reason=reason[:200])


@transaction.atomic
def cancel_tickets(
    order: Order,
    *,
    ticket_ids: Collection[UUID] | None = None,
    as_vendor: bool = False,
    expected: int | None = None,
    to: str = Ticket.State.CANCELED,
) -> Returned:
    """Give the tickets named up, or all of `order` that can be, for what the policy says; unpaid ones for nothing.

    `expected` is what the buyer was shown; `to` the state of those that bring something back.

    Raises Rejected, with nothing changed: "already-refunded", "ticket-used", "outside-policy", "event-over",
    "refund-changed", "unknown-ticket".
    """
    lock(order)
    claims = claims_of(order, ticket_ids, locked=True)
    chosen = _cancelable(order, claims, named=ticket_ids is not None, as_vendor=as_vendor)
    parts = [Part(claim.ticket, claim.offered) for claim in chosen]
    _check_expected(parts, expected)
    return _give_back(order, parts, to=to)


def return_all(order: Order, cancellation: EventCancellation) -> Returned:
    """Give back all that is left of the good tickets of a canceled event, used ones too. For who has locked `order`."""
    parts = [Part(claim.ticket, claim.left) for claim in claims_of(order, locked=True) if claim.good]
    about = {"reason": "event-canceled", "cancellation": cancellation}
    returned = _give_back(order, parts, to=Ticket.State.REFUNDED, **about)
    _end(order)
    return returned


def _refundable(claims: Sequence[Claim], *, named: bool, as_vendor: bool) -> list[Claim]:
    """With a whole order the free tickets that came with the others go too."""
    problems = [refund_objection(claim, as_vendor=as_vendor) for claim in claims]
    free = [claim for claim in claims if claim.good and not claim.used and not claim.ticket.price]
    return [*pick(claims, problems, named=named), *([] if named else free)]


def _cancelable(order: Order, claims: Sequence[Claim], *, named: bool, as_vendor: bool) -> list[Claim]:
    problems = [cancel_objection(claim, order, as_vendor=as_vendor) for claim in claims]
    return pick(claims, problems, named=named)


def _parts(order: Order, claims: Sequence[Claim], *, as_vendor: bool, amount: int | None = None) -> list[Part]:
    most = [claim.left if as_vendor else claim.offered for claim in claims]
    if amount is not None and amount > sum(most):
        raise too_large(sum(most), order.currency)
    shares = most if amount is None else money.split(amount, most)
    return [Part(claim.ticket, share) for claim, share in zip(claims, shares, strict=True)]


def _check_expected(parts: Sequence[Part], expected: int | None) -> None:
    if expected not in (None, sum(part.amount for part in parts)):
        raise Rejected("refund-changed", _("What goes back has just changed. Please look again."))


def _give_back(order: Order, parts: Sequence[Part], *, to: str | None, **about: Any) -> Returned:
    """Everything in its order of locks; the places come last. `to` is what becomes of the tickets; None keeps them."""
    gone = _void(parts, to) if to else []
    refunds = pay_back(order, parts, gone={ticket.pk for ticket in gone}, **about)
    if gone:
        _settle_up(order, gone, refunded=bool(refunds))
        publish(TicketsCanceled(order.pk, [str(ticket.pk) for ticket in gone]))
        limits.count_out(order, tickets=len(gone))
        places = Counter(quota_id for ticket in gone for quota_id in ticket.line.quota_ids)
        hold.give_back(places)
    return Returned(parts, refunds)


def _void(parts: Sequence[Part], to: str) -> list[Ticket]:
    """Bring the tickets to their end; those that were good until now. What brings nothing back is merely canceled."""
    good = [part.ticket for part in parts if part.ticket.state == Ticket.State.VALID]
    for part in parts:
        move(part.ticket, to if part.amount else Ticket.State.CANCELED)
    return good


def _settle_up(order: Order, gone: Sequence[Ticket], *, refunded: bool) -> None:
    """What the end of some tickets means for their order."""
    over = not order.tickets.filter(state=Ticket.State.VALID).exists()
    if order.paid_at:
        if not refunded:
            ledger.book_canceled(order, gone)
    elif over:
        unpaid.stop_collecting(order, "canceled")
    else:
        unpaid.lower_total(order, gone)
    if over:
        _end(order)


def _end(order: Order) -> None:
    returned = order.tickets.filter(refunded__gt=0).exists()
    if move(order, Order.State.REFUNDED if returned else Order.State.CANCELED, due_at=None):
        prices.release_rules(order)
