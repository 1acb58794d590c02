"""POST and GET /events/{id}/cancel."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.http import Http404
from rest_framework import serializers
from rest_framework.response import Response

from marketplace import answers
from marketplace.api.methods import own_event, own_vendor
from marketplace.models import EventCancellation, EventTerms
from marketplace.services.cancellation import call_off, progress_of
from portal import money
from portal.api.fields import Input
from portal.api.idempotency import idempotent
from portal.api.operations import Operation
from portal.api.views import ApiView
from venues.api.represent import instant
from venues.models import EventPage
from venues.queries import vendor_of_event


class CancelInput(Input):
    message = serializers.CharField(
        max_length=500, required=False, default="", allow_blank=True, help_text="What holders of tickets are told."
    )


class EventCancelView(ApiView):
    """Cancel an event: nothing more is sold, and everybody gets everything back, as a job. GET tells how far it is.

    Again it changes nothing, and answers how far it is.
    """

    scopes: ClassVar[dict[str, str | None]] = {"GET": "events:write", "POST": "events:write"}
    operations: ClassVar = {
        "GET": Operation("get_cancellation", "See how far a cancellation is", {200: answers.Cancellation}),
        "POST": Operation(
            "cancel_event",
            "Cancel an event",
            {202: answers.Cancellation},
            body=CancelInput,
            example={"message": "The band is ill."},
            problems=("event-over",),
        ),
    }

    def get(self, request: Any, event_id: str) -> Response:
        event = own_event(own_vendor(request.user), event_id)
        cancellation = EventCancellation.objects.filter(event=event).first()
        if cancellation is None:
            raise Http404
        return Response(represent_cancellation(cancellation, event))

    @idempotent()
    def post(self, request: Any, event_id: str) -> Response:
        event = own_event(own_vendor(request.user), event_id)
        cancellation = call_off(event, message=self.read_body(CancelInput)["message"])
        location = f"{settings.BASE_URL}{request.path}"
        return Response(represent_cancellation(cancellation, event), status=202, headers={"Location": location})


def represent_cancellation(cancellation: EventCancellation, event: EventPage) -> answers.Cancellation:
    progress, currency = progress_of(cancellation), _currency(event)
    return {
        "event": str(event.pk),
        "state": "done" if cancellation.done_at else "running",
        "message": cancellation.message,
        "orders": {"total": progress.orders, "undone": progress.undone},
        "refunds": {
            "tickets": progress.tickets,
            "amount": money.as_json(progress.amount, currency),
            "done": money.as_json(progress.returned, currency),
            "failed": progress.failed,
        },
        "created_at": instant(cancellation.created_at, event.zone),
        "done_at": instant(cancellation.done_at, event.zone) if cancellation.done_at else None,
    }


def _currency(event: EventPage) -> str:
    terms = EventTerms.objects.filter(event=event).first()
    return terms.currency if terms else vendor_of_event(event).currency
