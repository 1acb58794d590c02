"""GET /events and GET /events/{id}."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from rest_framework.response import Response

from portal.answers import PageOf
from portal.api.operations import Link, Operation
from portal.api.problems import Problem
from portal.api.views import ApiView, ListView
from venues.api.answers import Listing, event
from venues.api.parameters import EventsQuery
from venues.api.represent import represent_event, represent_listing
from venues.models import DeletedEvent, EventListing, EventPage
from venues.privacy import is_private
from venues.queries import SORTS, browse, vendor_of, vendor_of_page

MAX_AGE = 30  # seconds; an ETag answers after that


class EventsView(ListView):
    """What's on: browse, search, filter and sort. Upcoming events only, unless `date_from` says otherwise."""

    query = EventsQuery
    operations: ClassVar = {
        "GET": Operation(
            "list_events",
            "Browse and search events",
            {200: PageOf[Listing]},
            links={
                "event": Link("get_event", {"event_id": "$response.body#/results/0/id"}),
                "tickets": Link("list_event_tickets", {"event_id": "$response.body#/results/0/id"}),
            },
        )
    }
    max_age = MAX_AGE

    def ordering_for(self, params: dict[str, Any]) -> tuple[str, ...]:
        return SORTS[params.get("sort") or "date"]

    def rows(self, params: dict[str, Any]) -> QuerySet[EventListing]:
        return browse(params)

    def represent(self, row: EventListing) -> Listing:
        return represent_listing(row)


class EventView(ApiView):
    """One event; a draft for its vendor alone."""

    scopes: ClassVar[dict[str, str | None]] = {"GET": None}
    operations: ClassVar = {
        "GET": Operation(
            "get_event",
            "Read one event",
            {200: event},
            problems=("gone",),
            links={"book": Link("book_tickets", body={"event": "$response.body#/id"})},
        )
    }
    max_age = MAX_AGE

    def get(self, request: Any, event_id: str) -> Response:
        return Response(represent_event(find_event(event_id, self.actor)))


def find_event(event_id: str, user: Any) -> EventPage:
    """The event called `event_id` as far as `user` may see it. Raises Http404, or a 410 problem once it is deleted."""
    if not (event_id.isascii() and event_id.isdecimal() and len(event_id) < 19):
        raise Http404
    events = EventPage.objects.filter(alias_of=None).annotate(private=is_private())
    events = events.select_related("venue", "type", "image").prefetch_related("lineup__artist")
    event = events.filter(pk=int(event_id)).first()
    if event is None:
        if DeletedEvent.objects.filter(pk=int(event_id)).exists():
            raise Problem(410, "gone", "This event was deleted.")
        raise Http404
    if (event.live and not event.private) or _is_own(event, user):
        return event
    raise Http404


def _is_own(event: EventPage, user: Any) -> bool:
    vendor = vendor_of(user)
    return vendor is not None and vendor == vendor_of_page(event)
