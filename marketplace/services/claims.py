"""What each ticket of an order can still bring back, and why it can't."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.timezone import now
from django.utils.translation import gettext as _

from marketplace.models import CheckIn, Order, Ticket
from marketplace.policy import ALL, Step, step_now
from portal import money
from portal.errors import Rejected


@dataclass(frozen=True)
class Claim:
    """One ticket: `left` is what was paid for it less what went back, `offered` what its policy gives of that now."""

    ticket: Ticket
    left: int
    offered: int
    step: Step | None
    used: bool

    @property
    def good(self) -> bool:
        return self.ticket.state == Ticket.State.VALID


def claims_of(order: Order, ticket_ids: Collection[UUID] | None = None, *, locked: bool = False) -> list[Claim]:
    """The claims of all tickets of `order`, or of those named. Raises Rejected("unknown-ticket", status=404).

    `locked` for the transaction that goes on to use them: the door waits meanwhile, or was first and is seen here.
    """
    rows = order.tickets.select_related("line", "ticket_type")
    if ticket_ids is not None:
        rows = rows.filter(pk__in=ticket_ids)
    tickets = list(rows.select_for_update(of=("self",)) if locked else rows)
    if ticket_ids is not None and len(tickets) < len(set(ticket_ids)):
        raise Rejected("unknown-ticket", _("This is no ticket of the order."), status=404)
    used = set(CheckIn.objects.filter(ticket__in=tickets).values_list("ticket", flat=True))
    return [_claim(order, ticket, used=ticket.pk in used) for ticket in tickets]


def _claim(order: Order, ticket: Ticket, *, used: bool) -> Claim:
    left = ticket.price - ticket.refunded if order.paid_at else 0
    step = _step(order, ticket)
    offered = min(money.share(ticket.price, step.percent_bps), left) if step else 0
    return Claim(ticket, left, offered, step, used)


def _step(order: Order, ticket: Ticket) -> Step | None:
    """What does not take place is given back in full, whatever was agreed."""
    if order.event.canceled_at:
        return Step(ALL, None)
    return step_now(ticket.refund_policy, start=order.event.start, at=now())


def refund_objection(claim: Claim, *, as_vendor: bool) -> Rejected | None:
    """Why nothing of the ticket's price can be given back: the vendor may do so whatever policy and door say."""
    if not as_vendor and (problem := _dead(claim)):
        return problem
    if not claim.left:
        return _returned() if claim.ticket.refunded else _nothing()
    return None if as_vendor or claim.offered else _outside(claim)


def cancel_objection(claim: Claim, order: Order, *, as_vendor: bool) -> Rejected | None:
    """Why the ticket can't be given up for what its policy says."""
    if problem := _dead(claim):
        return problem
    if as_vendor:
        return None
    if claim.left:
        return None if claim.offered else _outside(claim)
    over = order.event.end <= now()
    return Rejected("event-over", _("This event is over.")) if over else None


def pick(claims: Sequence[Claim], problems: Sequence[Rejected | None], *, named: bool) -> list[Claim]:
    """The claims without a problem. Raises the first problem where tickets were named, or where none is without."""
    fine = [claim for claim, problem in zip(claims, problems, strict=True) if problem is None]
    if len(fine) < len(claims) and (named or not fine):
        raise next(problem for problem in problems if problem)
    if not fine:
        raise _nothing()
    return fine


def _dead(claim: Claim) -> Rejected | None:
    if not claim.good:
        return _returned()
    return Rejected("ticket-used", _("Somebody came in with this ticket.")) if claim.used else None


def _returned() -> Rejected:
    return Rejected("already-refunded", _("This ticket was canceled or refunded already."))


def _nothing() -> Rejected:
    return Rejected("nothing-to-refund", _("Nothing was paid that could be given back. The ticket can be canceled."))


def _outside(claim: Claim) -> Rejected:
    text = _("The refund policy gives nothing back for this ticket, or no longer. The organiser may still do so.")
    return Rejected("outside-policy", text, refund_policy=claim.ticket.refund_policy)
