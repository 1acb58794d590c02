"""POST /checkins: the door."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.response import Response

from marketplace import answers
from marketplace.api.tickets import represent_ticket
from marketplace.models import CheckIn
from marketplace.services.admit import CheckInResult, check_in
from marketplace.tickets import door_event, tickets
from portal import money
from portal.api.idempotency import idempotent
from portal.api.operations import Operation
from portal.api.views import ApiView
from portal.dates import local


class CheckInBody(serializers.Serializer):
    code = serializers.CharField(max_length=2000, help_text="What the QR code says, or the short code below it.")
    event = serializers.RegexField(
        r"^[0-9]{1,9}$", error_messages={"invalid": "This is no event's id."}, help_text="Whose door it is."
    )
    nonce = serializers.CharField(
        max_length=64,
        required=False,
        default="",
        allow_blank=True,
        help_text="Of this scan: sent again it counts once.",
    )
    gate = serializers.CharField(
        max_length=60, required=False, default="", allow_blank=True, help_text="Which door, for the records."
    )
    take_cash = serializers.BooleanField(
        required=False, default=False, help_text="The amount that was due has been taken in cash."
    )


class CheckInsView(ApiView):
    """Judge a code at an event's door, and admit its holder once."""

    scopes: ClassVar[dict[str, str | None]] = {"POST": "checkin"}
    operations: ClassVar = {
        "POST": Operation(
            "check_in",
            "Let somebody in",
            {200: answers.Judged},
            body=CheckInBody,
            example={"code": "04G0K7QM2XWP4R3F9AB", "event": "17", "nonce": "b1946ac9", "gate": "North"},
            problems=("not-found",),
        )
    }

    @idempotent()
    def post(self, request: Any) -> Response:
        body = self.read_body(CheckInBody)
        event = door_event(self.actor, int(body.pop("event")))
        return Response(represent_result(check_in(event, user=self.actor, **body), event.zone))


def represent_result(result: CheckInResult, zone: str) -> answers.Judged:
    answer: answers.Judged = {"result": str(result.result), "message": result.message}
    if result.ticket:
        ticket = tickets().get(pk=result.ticket.pk)
        answer["ticket"] = represent_ticket(ticket, holder=False)
        if result.due:
            answer["due"] = money.as_json(result.due, ticket.order.currency)
    if result.first_used:
        answer["first_used"] = represent_check_in(result.first_used, zone)
    return answer


def represent_check_in(check_in: CheckIn, zone: str) -> answers.FirstUse:
    """When and where, on the venue's wall clock."""
    return {"at": local(check_in.at, zone).isoformat(), "timezone": zone, "gate": check_in.gate}
