"""POST /tickets/refund, and what it would give back."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.http import Http404
from rest_framework import serializers
from rest_framework.response import Response

from marketplace import answers
from marketplace.api.book import TotalField
from marketplace.api.tickets import represent_tickets
from marketplace.models import Order, Ticket
from marketplace.queries import order_and_side
from marketplace.represent import represent_preview, represent_refunds
from marketplace.services.refund import preview_refund, refund_tickets
from portal.api.fields import Input
from portal.api.idempotency import idempotent
from portal.api.operations import Link, Operation
from portal.api.problems import InvalidInput
from portal.api.views import ApiView

REFUND = "tickets:refund"


class RefundInput(Input):
    order = serializers.CharField(max_length=20, required=False, help_text="The order's code: all that can go back.")
    tickets = serializers.ListField(
        child=serializers.UUIDField(), required=False, min_length=1, max_length=1000, help_text="Tickets of one order."
    )
    amount = TotalField(required=False, help_text="Less than what could go back; it is spread over the tickets.")
    reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True, help_text="Why.")
    keep_tickets = serializers.BooleanField(
        required=False, default=False, help_text="The vendor's goodwill: money back, and the tickets stay good."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("order" in attrs) == ("tickets" in attrs):
            raise serializers.ValidationError({"tickets": "Give either tickets or an order."})
        if "amount" in attrs and attrs["amount"]["amount"] < 1:
            raise serializers.ValidationError({"amount": "This must be at least 1."})
        return attrs


class RefundView(ApiView):
    """Refund tickets: for their buyer what the policy gives now, for the event's vendor any amount up to what is left.

    The tickets let nobody in from then on. The money follows at once by the way it came; `state` goes from `created` over
    `in_transit` to `done` or `failed`, as GET /orders/{code} shows.
    """

    scopes: ClassVar[dict[str, str | None]] = {"POST": REFUND}
    guests: ClassVar[set[str]] = {"POST"}
    operations: ClassVar = {
        "POST": Operation(
            "refund_tickets",
            "Refund tickets",
            {201: answers.Refunded},
            body=RefundInput,
            example={"tickets": ["3f0c2a52-7d4e-4a57-9a0c-2f3f5b6a1c9d"], "reason": "Ill"},
            problems=(
                *("ticket-used", "already-refunded", "nothing-to-refund", "outside-policy", "amount-too-large"),
                *("unknown-ticket", "order-closed", "not-found"),
            ),
            guest=True,
            links={"order": Link("get_order", {"code": "$response.body#/tickets/0/order"})},
        )
    }

    @idempotent(required=True)
    def post(self, request: Any) -> Response:
        body = self.read_body(RefundInput)
        order, as_vendor = order_and_side(request, body.get("order") or _order_of(body["tickets"]))
        if body["keep_tickets"] and not as_vendor:
            raise InvalidInput(
                {"/keep_tickets": ["Only the event's vendor can give money back and leave the tickets."]}
            )
        returned = refund_tickets(
            order,
            ticket_ids=body.get("tickets"),
            as_vendor=as_vendor,
            amount=_amount(body, order),
            keep_tickets=body["keep_tickets"],
            reason=body["reason"],
        )
        answer = {
            "refund": represent_refunds(returned.refunds, zone=order.event.zone),
            "tickets": represent_tickets(order, holder=not as_vendor),
        }
        return Response(answer, status=201)


class OrderRefundView(ApiView):
    """What refunding the whole order would give back now, and until when; nothing is changed."""

    scopes: ClassVar[dict[str, str | None]] = {"GET": REFUND}
    guests: ClassVar[set[str]] = {"GET", "HEAD"}
    operations: ClassVar = {
        "GET": Operation("preview_order_refund", "Preview an order's refund", {200: answers.RefundPreview}, guest=True)
    }

    def get(self, request: Any, code: str) -> Response:
        order, as_vendor = order_and_side(request, code)
        return Response(represent_preview(preview_refund(order, as_vendor=as_vendor), order))


class TicketRefundView(ApiView):
    """What refunding this ticket would give back now, and until when; nothing is changed."""

    scopes: ClassVar[dict[str, str | None]] = {"GET": REFUND}
    guests: ClassVar[set[str]] = {"GET", "HEAD"}
    operations: ClassVar = {
        "GET": Operation("preview_refund", "Preview a ticket's refund", {200: answers.RefundPreview}, guest=True)
    }

    def get(self, request: Any, ticket_id: uuid.UUID) -> Response:
        order, as_vendor = order_and_side(request, _order_of([ticket_id]))
        preview = preview_refund(order, ticket_ids=[ticket_id], as_vendor=as_vendor)
        return Response(represent_preview(preview, order))


def _order_of(ticket_ids: list[uuid.UUID]) -> str:
    """The code of the order that the tickets are of, which the caller may or may not see."""
    codes = set(Ticket.objects.filter(pk__in=ticket_ids).values_list("order__code", flat=True))
    if not codes:
        raise Http404
    if len(codes) > 1:
        raise InvalidInput({"/tickets": ["These are tickets of several orders; refund one order's at a time."]})
    return codes.pop()


def _amount(body: dict[str, Any], order: Order) -> int | None:
    if "amount" not in body:
        return None
    if body["amount"]["currency"] not in ("", order.currency):
        raise InvalidInput({"/amount/currency": [f"This order was paid in {order.currency}."]})
    return body["amount"]["amount"]
