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
from venues.extensions import Offer as PublicOffer
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
        event, choices = self.event, choices_of(self.event, self.request.GET)
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
    stall = stall_of(event)
    return TicketBox(event, stall.terms, context["request"]) if stall else None


class FrameBox(TicketBox):
    """The same on another site's page: chosen there, and held and paid in a window of this site.

    What is chosen comes to the event's page by its address, as it does for a visitor who is sent back there to choose
    again, and is sent from there by that page's own form: no other site can post for a visitor.
    """

    template_name = "marketplace/frame_box.html"

    def __init__(self, event: EventPage, terms: EventTerms, request: Any, via: str) -> None:
        super().__init__(event, terms, request)
        self.via = via

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        return {**super().get_context_data(parent_context), "via": self.via}


def frame_box(context: Mapping[str, Any]) -> FrameBox | None:
    """For the slot "event.frame"."""
    event = context["page"]
    stall = stall_of(event)
    return FrameBox(event, stall.terms, context["request"], context["via"]) if stall else None


@dataclass(frozen=True)
class Stall:
    """What an event sells: its terms, and the ticket types on offer in their order."""

    terms: EventTerms
    kinds: list[tuple[TicketType, Offer]]


def stall_of(event: EventPage) -> Stall | None:
    """None where the event sells nothing here. Kept with the page object: its head and its tickets ask in one request."""
    if "stall" not in event.__dict__:
        event.__dict__["stall"] = _stall_of(event)
    return event.__dict__["stall"]


def _stall_of(event: EventPage) -> Stall | None:
    terms = EventTerms.objects.filter(event=event.pk).first()
    if terms is None:
        return None
    offers = {offer.id: offer for offer in offers_of([terms.event_id]).get(terms.event_id, [])}
    return Stall(terms, [(kind, offers[kind.pk]) for kind in TicketType.objects.filter(pk__in=offers)])


def public_offers(event: EventPage) -> list[PublicOffer]:
    """For venues' point `offers`."""
    stall, at = stall_of(event), now()
    return [_public_offer(kind, offer, event, stall.terms.currency, at) for kind, offer in stall.kinds] if stall else []


def _public_offer(kind: TicketType, offer: Offer, event: EventPage, currency: str, at: datetime) -> PublicOffer:
    return PublicOffer(
        name=kind.name,
        price=kind.total,
        currency=currency,
        availability="not_on_sale" if offer.has_ended(at) else offer.availability,
        valid_from=kind.sales_start or event.first_published_at,
        valid_through=kind.sales_end,
    )


def choices_of(event: EventPage, chosen: Mapping[str, str]) -> list[Choice]:
    """What can be chosen. `chosen` are the quantities of a visitor who was sent back."""
    stall, at = stall_of(event), now()
    if stall is None:
        return []
    return [_choice(kind, offer, stall.terms, chosen.get(f"type-{kind.pk}", ""), at) for kind, offer in stall.kinds]


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
