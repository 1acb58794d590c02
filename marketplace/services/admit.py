"""The door: of everyone who holds a ticket's code, one person gets in."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.codes import CODE_LENGTH, Claim, CodeInvalid, opens_at, read_code, ticket_of_hand_code
from marketplace.facts import is_unpaid
from marketplace.messages import TicketUsed
from marketplace.models import CheckIn, CheckInAttempt, Ticket
from marketplace.services import settle
from portal.errors import Rejected
from portal.outbox.services import publish
from venues.models import EventPage
from venues.queries import vendor_of_event

Result = CheckInAttempt.Result


@dataclass(frozen=True)
class CheckInResult:
    """What the door shows. `ticket` is left out when it is another vendor's. `due` is in minor units, for the whole order."""

    result: str
    message: str
    ticket: Ticket | None = None
    first_used: CheckIn | None = None
    due: int = 0

    @property
    def admitted(self) -> bool:
        return self.result == Result.VALID


@dataclass(frozen=True)
class Scan:
    """One look at a code. `nonce` is the scan's own id: the same scan again is no second entry."""

    event: EventPage
    user: Any
    gate: str
    nonce: str
    at: datetime


def check_in(
    event: EventPage,
    *,
    code: str,
    user: Any,
    gate: str = "",
    nonce: str = "",
    at: datetime | None = None,
    take_cash: bool = False,
) -> CheckInResult:
    """Admit the holder of `code` to `event`, once, and keep the attempt whatever came of it.

    With `take_cash` what is due for the ticket's order has been taken by `user`, and is booked in the same
    transaction. Whether `user` may work at this door is for the caller to have checked.
    """
    scan = Scan(event, user, gate[:60], nonce[:64], at or timezone.now())
    with transaction.atomic():
        ticket, problem = _found(code, event)
        if ticket and take_cash:
            _take_cash(ticket, scan)
        result = _judged(scan, ticket) if ticket else CheckInResult(Result.UNKNOWN, problem)
        CheckInAttempt.objects.create(
            event=event, ticket=ticket, result=result.result, at=scan.at, gate=scan.gate, nonce=scan.nonce, by=user
        )
    return result


def _take_cash(ticket: Ticket, scan: Scan) -> None:
    """Book what is due for the ticket's order, unless the ticket is not to be admitted anyway."""
    good = ticket.event_id == scan.event.pk and ticket.state == Ticket.State.VALID and not scan.event.canceled_at
    if good and is_unpaid(ticket.order) and scan.at >= opens_at(scan.event):
        with suppress(Rejected):  # another gate took it just now, or it is not to be paid in cash: judged by what is
            settle.take_cash(ticket.order, user=scan.user)


def _found(code: str, event: EventPage) -> tuple[Ticket | None, str]:
    """The ticket that `code` names, or why there is none."""
    if len(code) < CODE_LENGTH // 4:
        ticket = ticket_of_hand_code(code, event.pk)
        return ticket, "" if ticket else _("No ticket of this event has this code.")
    try:
        return _claimed(read_code(code))
    except CodeInvalid:
        return None, _("This is no ticket from here.")


def _claimed(claim: Claim) -> tuple[Ticket | None, str]:
    ticket = Ticket.objects.select_related("order").filter(pk=claim.ticket_id, event_id=claim.event_id).first()
    if ticket is None:
        return None, _("This is no ticket from here.")
    if ticket.generation != claim.generation:
        return None, _replaced()
    return ticket, ""


def _replaced() -> str:
    return _("This code was replaced by a newer one. Ask for the newest mail, or the ticket's page.")


def _judged(scan: Scan, found: Ticket) -> CheckInResult:
    # The lock makes a refund or a transfer wait that is under way at the same time, or shows what it did; the unique key
    # is what admits only one.
    rows = Ticket.objects.select_for_update(of=("self",)).select_related("order", "event", "ticket_type")
    ticket = rows.get(pk=found.pk)
    if ticket.generation != found.generation:
        return CheckInResult(Result.UNKNOWN, _replaced())
    return _refused(scan, ticket) or _seen(scan, ticket) or _blocked(scan, ticket) or _admitted(scan, ticket)


def _refused(scan: Scan, ticket: Ticket) -> CheckInResult | None:
    if ticket.event_id != scan.event.pk:
        return _wrong_event(scan, ticket)
    if ticket.state == Ticket.State.REFUNDED:
        return CheckInResult(Result.REFUNDED, _("The money for this ticket was given back."), ticket)
    if ticket.state == Ticket.State.CANCELED or scan.event.canceled_at:
        return CheckInResult(Result.CANCELED, _("This ticket was canceled."), ticket)
    return None


def _wrong_event(scan: Scan, ticket: Ticket) -> CheckInResult:
    """Names the other event only to those whose event it is."""
    if vendor_of_event(scan.event).pk != ticket.order.vendor_id:
        return CheckInResult(Result.WRONG_EVENT, _("This ticket is for another event."))
    return CheckInResult(Result.WRONG_EVENT, _("This ticket is for %(event)s.") % {"event": ticket.event.title}, ticket)


def _seen(scan: Scan, ticket: Ticket) -> CheckInResult | None:
    first = CheckIn.objects.filter(ticket=ticket).first()
    if first is None:
        return None
    if scan.nonce and scan.nonce == first.nonce:
        return CheckInResult(Result.VALID, _("Let in."), ticket, first)
    return CheckInResult(Result.USED, _("Somebody came in with this ticket before."), ticket, first)


def _blocked(scan: Scan, ticket: Ticket) -> CheckInResult | None:
    if scan.at < opens_at(scan.event):
        return CheckInResult(Result.TOO_EARLY, _("This event is not open yet."), ticket)
    if is_unpaid(ticket.order):
        return CheckInResult(Result.UNPAID, _("To be paid before going in."), ticket, due=ticket.order.total)
    return None


def _admitted(scan: Scan, ticket: Ticket) -> CheckInResult:
    check_in, created = CheckIn.objects.get_or_create(
        ticket=ticket, defaults={"at": scan.at, "gate": scan.gate, "nonce": scan.nonce, "by": scan.user}
    )
    if not created:  # another gate was first, by less than the time this one took
        return CheckInResult(Result.USED, _("Somebody came in with this ticket before."), ticket, check_in)
    publish(TicketUsed(ticket_id=str(ticket.pk)))
    return CheckInResult(Result.VALID, _("Let in."), ticket, check_in)
