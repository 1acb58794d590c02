"""GET and HEAD /events/{id}/tickets, and what GET /events/{id} says of tickets."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.timezone import now
from rest_framework.response import Response

from marketplace import answers
from marketplace.models import EventTerms, TicketType
from marketplace.represent import represent_type
from marketplace.services.sales import Sales, offers_of, summarize
from portal.answers import ListOf
from portal.api.operations import Link, Operation
from portal.api.views import ApiView
from portal.converters import is_id
from venues.api.events import find_event
from venues.models import EventPage


class EventTicketsView(ApiView):
    """What an event sells and how much of it is left. HEAD counts places, and reads nothing else."""

    scopes: ClassVar[dict[str, str | None]] = {"GET": None}
    operations: ClassVar = {
        "GET": Operation(
            "list_event_tickets",
            "See an event's tickets",
            {200: ListOf[answers.TicketType]},
            problems=("gone",),
            headers=("X-Tickets-Available", "Availability"),
            head=("check_availability", "Check how many tickets are left"),
            links={
                "book": Link(
                    "book_tickets",
                    body={
                        "event": "$request.path.event_id",
                        "items": [{"ticket_type": "$response.body#/results/0/id", "quantity": 1}],
                    },
                )
            },
        )
    }

    def get(self, request: Any, event_id: str) -> Response:
        event = find_event(event_id, self.actor)
        types, sales = types_of(event)
        return Response({"results": types}, headers=_headers(sales))

    def head(self, request: Any, event_id: str) -> Response:
        offers = offers_of([int(event_id)]).get(int(event_id), []) if is_id(event_id) else []
        if not any(offer.listed for offer in offers) and not _sells(find_event(event_id, self.actor)):
            offers = []
        return Response(headers=_headers(summarize(offers)))


def types_of(event: EventPage) -> tuple[list[answers.TicketType], Sales]:
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
