"""GET and HEAD /events/{id}/tickets, and what GET /events/{id} says of tickets."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.timezone import now
from rest_framework.response import Response

from marketplace.models import EventTerms, TicketType
from marketplace.represent import represent_type
from marketplace.services.sales import Sales, offers_of, summarize
from portal.api.views import ApiView
from venues.api.events import find_event
from venues.models import EventListing, EventPage


class EventTicketsView(ApiView):
    """What an event sells and how much of it is left. HEAD counts places, and reads nothing else."""

    scopes: ClassVar[dict[str, str | None]] = {"GET": None}

    def get(self, request: Any, event_id: str) -> Response:
        event = find_event(event_id, self.actor)
        types, sales = types_of(event)
        return Response({"results": types}, headers=_headers(sales))

    def head(self, request: Any, event_id: str) -> Response:
        if (selling := _listed_to_sell(event_id)) is None:
            selling = _sells(find_event(event_id, self.actor))
        offers = offers_of([int(event_id)]).get(int(event_id), []) if selling else []
        return Response(headers=_headers(summarize(offers)))


def _listed_to_sell(event_id: str) -> bool | None:
    """Whether a published event may sell tickets; None where no such event is on the lists. Reads their narrow row."""
    known = event_id.isascii() and event_id.isdecimal() and len(event_id) < 19
    listing = EventListing.objects.filter(pk=int(event_id)).only("end", "canceled").first() if known else None
    return None if listing is None else not listing.canceled and listing.end > now()


def types_of(event: EventPage) -> tuple[list[dict[str, Any]], Sales]:
    """The representations of an event's ticket types, and their sum."""
    offers = offers_of([event.pk]).get(event.pk, []) if _sells(event) else []
    currency = EventTerms.objects.filter(event=event).values_list("currency", flat=True).first() or ""
    by_type = {offer.id: offer for offer in offers}
    kinds = TicketType.objects.filter(event=event, archived_at=None)
    types = [represent_type(kind, by_type.get(kind.pk), currency=currency, zone=event.zone) for kind in kinds]
    return types, summarize(offers)


def _sells(event: EventPage) -> bool:
    return event.canceled_at is None and event.end > now()


def _headers(sales: Sales) -> dict[str, str]:
    return {"X-Tickets-Available": str(sales.left), "Availability": sales.availability.replace("_", "-")}
