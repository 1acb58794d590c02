"""What an event's page shows of its tickets, and what buyers choose among."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import now
from laces.components import Component

from marketplace.models import EventTerms, PaymentMethod, TicketType
from marketplace.policy import policy_lines
from marketplace.services.methods import brands_of
from marketplace.services.sales import Offer, offers_of
from venues.models import EventPage


@dataclass(frozen=True)
class Choice:
    """One ticket type as it is offered now. `state` is "open", "few", "taken", "sold_out", "soon" or "ended"."""

    ticket_type: TicketType
    state: str
    most: int
    chosen: int

    @property
    def open(self) -> bool:
        return self.state in ("open", "few")


class TicketBox(Component):
    """The ticket types of an event with their quantities, and the button that holds them."""

    template_name = "marketplace/ticket_box.html"

    def __init__(self, event: EventPage, terms: EventTerms, request: Any) -> None:
        self.event, self.terms, self.request = event, terms, request

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        event, choices = self.event, choices_of(self.terms, self.request.GET)
        return {
            "event": event,
            "currency": self.terms.currency,
            "choices": choices,
            "any_open": any(choice.open for choice in choices),
            "over": event.end <= now(),
            "policy": policy_lines(self.terms.refund_policy, start=event.start, zone=event.zone),
            "request": self.request,
            "via": self.request.GET.get("via", "")[:20],
        }


def ticket_box(context: Mapping[str, Any]) -> TicketBox | None:
    """For the slot "event.tickets". Nothing where an event sells nothing here."""
    event = context["page"]
    terms = EventTerms.objects.filter(event=event.pk).first()
    return TicketBox(event, terms, context["request"]) if terms else None


def choices_of(terms: EventTerms, chosen: Mapping[str, str]) -> list[Choice]:
    """What `terms` offer in their order, in two queries. `chosen` are the quantities of a visitor who was sent back."""
    offers = {offer.id: offer for offer in offers_of([terms.event_id]).get(terms.event_id, [])}
    at = now()
    return [
        _choice(kind, offers[kind.pk], terms, chosen.get(f"type-{kind.pk}", ""), at)
        for kind in TicketType.objects.filter(pk__in=offers)
    ]


def _choice(kind: TicketType, offer: Offer, terms: EventTerms, chosen: str, at: datetime) -> Choice:
    most = max(0, min(offer.left, terms.max_per_order, kind.max_per_order or terms.max_per_order))
    wanted = min(int(chosen), most) if chosen.isascii() and chosen.isdigit() and len(chosen) < 5 else 0
    return Choice(kind, _state(offer, at), most, wanted)


def _state(offer: Offer, at: datetime) -> str:
    if offer.has_ended(at):
        return "ended"
    if not offer.left:
        return "taken" if offer.may_return else "sold_out"
    if offer.starts_later(at):
        return "soon"
    return "few" if offer.availability == "few" else "open"


@dataclass(frozen=True)
class WayToPay:
    """A payment method as buyers see it: its title, and the brands of cards that it takes."""

    method: PaymentMethod
    brands: list[str]


def ways_to_pay(methods: list[PaymentMethod]) -> list[WayToPay]:
    return [WayToPay(method, [str(name) for name in brands_of(method).values()]) for method in methods]
