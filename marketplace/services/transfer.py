"""Giving a ticket to another person: the codes of before are dead at once, the refund stays its buyer's."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.facts import is_over, is_unpaid
from marketplace.messages import TicketTransferred
from marketplace.models import CheckIn, Ticket, Transfer
from portal.errors import Rejected
from portal.outbox.services import publish

MOST = 5  # times that one ticket is given on: enough for friends, too few for sending mails to strangers


@transaction.atomic
def transfer_ticket(ticket: Ticket, *, name: str, email: str) -> Transfer:
    """Give `ticket`, as its holder read it, to the person `name` with the address `email`.

    Given to its buyer's own address, it is the buyer's again. Whether the caller holds it is for the caller to have
    checked. Raises Rejected.
    """
    locked = Ticket.objects.select_for_update(of=("self",)).select_related("order", "event").get(pk=ticket.pk)
    if locked.generation != ticket.generation:
        raise Rejected("ticket-transferred", _("This ticket was given away a moment ago."))
    email = email.strip().lower()
    _check(locked, email)
    order, generation = locked.order, locked.generation + 1
    transfer = Transfer.objects.create(
        ticket=locked,
        generation=generation,
        giver_name=locked.attendee or order.name,
        giver_email=locked.holder_email or order.email,
        name=name,
        email=email,
    )
    holder = "" if email == order.email.lower() else email
    Ticket.objects.filter(pk=locked.pk).update(generation=generation, holder_email=holder, attendee=name)
    publish(TicketTransferred(transfer_id=transfer.pk))
    return transfer


def _check(ticket: Ticket, email: str) -> None:
    if ticket.state != Ticket.State.VALID:
        raise Rejected("ticket-void", _("This ticket lets nobody in any more."))
    if ticket.event.canceled_at:
        raise Rejected("event-canceled", _("This event was canceled."))
    if CheckIn.objects.filter(ticket=ticket).exists():
        raise Rejected("ticket-used", _("Somebody came in with this ticket before."))
    if is_over(ticket.event):
        raise Rejected("event-over", _("This event is over."))
    if is_unpaid(ticket.order):
        raise Rejected("ticket-unpaid", _("This ticket can be given away once it is paid."))
    if email == (ticket.holder_email or ticket.order.email.lower()):
        raise Rejected("same-holder", _("This person has the ticket already."), status=422, field="email")
    if ticket.transfers.count() >= MOST:
        raise Rejected("transfer-limit", _("This ticket was given on too often."))
