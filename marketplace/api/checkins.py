"""POST /checkins and GET /checkins/sync: the door, with and without a network."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.utils.timezone import now
from rest_framework import serializers
from rest_framework.response import Response

from marketplace.api.tickets import represent_ticket
from marketplace.codes import opens_at
from marketplace.models import CheckIn
from marketplace.services.admit import CheckInResult, check_in
from marketplace.services.keys import public_keys
from marketplace.sync import changes_since, state_at_door
from marketplace.tickets import door_event, tickets
from portal import money
from portal.api.idempotency import idempotent
from portal.api.views import ApiView
from portal.dates import local

SLOW_CLOCK = timedelta(minutes=10)  # that a scanner's own may be ahead


class CheckInBody(serializers.Serializer):
    code = serializers.CharField(max_length=2000)
    event = serializers.RegexField(r"^[0-9]{1,9}$", error_messages={"invalid": "This is no event's id."})
    nonce = serializers.CharField(max_length=64, required=False, default="", allow_blank=True)
    gate = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    take_cash = serializers.BooleanField(required=False, default=False)
    at = serializers.DateTimeField(
        required=False, help_text="When it was scanned, where a scanner without a network tells of it later."
    )

    def validate_at(self, at: datetime) -> datetime:
        if at > now() + SLOW_CLOCK:
            raise serializers.ValidationError("This is in the future; the scanner's clock may be wrong.")
        return at

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if "at" in data and not data["nonce"]:
            raise serializers.ValidationError({"nonce": "A scan that is told of later needs an id of its own."})
        return data


class CheckInsView(ApiView):
    """Judge a code at an event's door, and admit its holder once.

    Scans that were queued offline are sent with `at` and a `nonce`: sent again, the same scan has the same result.
    """

    scopes: ClassVar[dict[str, str | None]] = {"POST": "checkin"}

    @idempotent()
    def post(self, request: Any) -> Response:
        body = self.read_body(CheckInBody)
        event = door_event(self.actor, int(body.pop("event")))
        return Response(represent_result(check_in(event, user=self.actor, **body), event.zone))


class SyncQuery(serializers.Serializer):
    event = serializers.IntegerField(min_value=1, max_value=2**31 - 1, help_text="The door's event.")
    since = serializers.CharField(max_length=60, required=False, help_text="The `cursor` of the answer before.")


class SyncView(ApiView):
    """What a scanner needs to work without a network: public keys (JWK), and the event's tickets without personal data.

    `since` gives what has changed after an earlier answer; repeat while `more` is true. A ticket may come again, as it is
    now. A code is good offline where its signature verifies under one of `keys`, and its ticket is here with the same
    generation and the state "valid".
    """

    scopes: ClassVar[dict[str, str | None]] = {"GET": "checkin"}
    query = SyncQuery

    def get(self, request: Any) -> Response:
        params = self.read_query()
        event = door_event(self.actor, params["event"])
        changes = changes_since(event, params.get("since", ""))
        return Response(
            {
                "event": {
                    "id": str(event.pk),
                    "title": event.title,
                    "opens_at": local(opens_at(event), event.zone).isoformat(),
                    "end": local(event.end, event.zone).isoformat(),
                    "timezone": event.zone,
                    "canceled": event.canceled_at is not None,
                },
                "keys": public_keys(),
                "tickets": [
                    {"id": str(ticket.pk), "generation": ticket.generation, "state": state_at_door(ticket)}
                    for ticket in changes.tickets
                ],
                "cursor": changes.cursor,
                "more": changes.more,
            }
        )


def represent_result(result: CheckInResult, zone: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"result": str(result.result), "message": result.message}
    if result.ticket:
        ticket = tickets().get(pk=result.ticket.pk)
        answer["ticket"] = represent_ticket(ticket, holder=False)
        if result.due:
            answer["due"] = money.as_json(result.due, ticket.order.currency)
    if result.first_used:
        answer["first_used"] = represent_check_in(result.first_used, zone)
    return answer


def represent_check_in(check_in: CheckIn, zone: str) -> dict[str, Any]:
    """When and where, on the venue's wall clock."""
    return {"at": local(check_in.at, zone).isoformat(), "timezone": zone, "gate": check_in.gate}
