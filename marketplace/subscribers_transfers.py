"""What follows a ticket that changed hands: mails to both, and to its new holder also when it ends."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import translation

from marketplace.facts import FACTS
from marketplace.links import order_link, ticket_link
from marketplace.messages import TicketsCanceled, TicketTransferred
from marketplace.models import Ticket, Transfer
from marketplace.subscribers import event_context
from portal.accounts.queries import owner_of_address
from portal.jobs import enqueue
from portal.notifications.services import notify


def tell_of_transfer(message: TicketTransferred) -> None:
    """Mail the giver that it is done, and who was given the ticket its link and documents."""
    transfer = Transfer.objects.get(pk=message.transfer_id)
    ticket = _ticket(transfer.ticket_id)
    enqueue("marketplace.documents.discard_of", [str(ticket.pk)])
    _tell("ticket_given", transfer, ticket, to=transfer.giver_email)
    if ticket.generation == transfer.generation:  # who has given it on meanwhile has nothing to open
        documents = "marketplace.attachments.ticket_documents"
        _tell("ticket_received", transfer, ticket, to=transfer.email, url=_link(ticket), attachments=documents)


def tell_holders_of_cancellation(message: TicketsCanceled) -> None:
    """The mails about an order go to its buyer alone."""
    given = Ticket.objects.filter(pk__in=map(UUID, message.ticket_ids)).exclude(holder_email="")
    for ticket in given.select_related(*FACTS, "order"):
        transfer = ticket.transfers.order_by("generation").last()
        if transfer:
            _tell("given_ticket_ended", transfer, ticket, to=ticket.holder_email, off=bool(ticket.event.canceled_at))


def _link(ticket: Ticket) -> str:
    return ticket_link(ticket) if ticket.holder_email else order_link(ticket.order)


def _tell(kind: str, transfer: Transfer, ticket: Ticket, *, to: str, attachments: str = "", **more: Any) -> None:
    user = owner_of_address(to)
    with translation.override(user.language if user else None):
        event = event_context(ticket.order)
        shown = {name: event[name] for name in ("title", "event_url", "starts", "zone", "venue", "address", "vendor")}
        context = {
            **shown,
            "ticket_id": str(ticket.pk),
            "generation": transfer.generation,
            "ticket_type": ticket.ticket_type.name,
            "giver": transfer.giver_name or transfer.giver_email,
            "name": transfer.name,
            "email": transfer.email,
            **more,
        }
    notify(kind=kind, cause=f"transfer:{transfer.pk}", to=to, user=user, context=context, attachments=attachments or ())


def _ticket(ticket_id: UUID) -> Ticket:
    return Ticket.objects.select_related(*FACTS, "order").get(pk=ticket_id)
