"""POST /tickets/book."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from marketplace.answers import Booking
from marketplace.api.methods import represent_public
from marketplace.api.tickets import represent_tickets
from marketplace.fairness import fair_share
from marketplace.models import Conversion, Order
from marketplace.represent import represent_order
from marketplace.services.checkout import PlacedOrder, place_order
from marketplace.services.methods import usable_for
from portal.api.fields import IdField, Input
from portal.api.idempotency import idempotent
from portal.api.operations import Link, Operation
from portal.api.problems import InvalidInput
from portal.api.views import ApiView
from portal.errors import Rejected
from venues.api.events import find_event

INPUTS = ("voucher", "loyalty_points")
MOST = 10**12  # minor units
PROBLEMS = (
    *("nothing-chosen", "invalid-quantity", "unknown-ticket-type", "too-many-attendees", "not-on-sale", "sold-out"),
    *("limit-per-order", "limit-per-person", "price-changed", "discount-too-large", "not-accepted"),
    *("event-canceled", "event-over", "hold-expired", "not-found", "gone"),
)


class ItemInput(Input):
    ticket_type = IdField(help_text="One of the event's ticket types.")
    quantity = serializers.IntegerField(min_value=1, max_value=1000)


@extend_schema_field({"oneOf": [{"$ref": "#/components/schemas/Money"}, {"type": "integer", "minimum": 0}]})
class TotalField(serializers.Field):
    """Money, or its amount in minor units."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        money = data if isinstance(data, dict) else {"amount": data}
        amount, currency = money.get("amount"), money.get("currency", "")
        fine = isinstance(amount, int) and not isinstance(amount, bool) and 0 <= amount <= MOST
        if not fine or not isinstance(currency, str) or len(currency) > 3:
            raise serializers.ValidationError('Give {"amount": 2500, "currency": "EUR"}, in minor units.')
        return {"amount": amount, "currency": currency}


class BookInput(Input):
    event = IdField(help_text="The event's id.")
    items = ItemInput(  # type: ignore[call-arg]  # many=True takes these
        many=True, allow_empty=False, max_length=50, help_text="What is wanted, each ticket type once."
    )
    email = serializers.EmailField(max_length=254, required=False, help_text="Needed from guests.")
    name = serializers.CharField(
        max_length=150, required=False, default="", allow_blank=True, help_text="The buyer's; by default the account's."
    )
    attendees = serializers.ListField(
        child=serializers.CharField(max_length=150, allow_blank=True),
        max_length=1000,
        required=False,
        default=list,
        help_text="Names for the tickets, in the order of items; what is missing is the buyer's.",
    )
    voucher = serializers.CharField(max_length=60, required=False, help_text="A voucher's code.")
    loyalty_points = serializers.IntegerField(
        min_value=0, max_value=MOST, required=False, help_text="How many points to spend."
    )
    affiliate = serializers.CharField(max_length=60, required=False, help_text="The code of who brought the buyer.")
    expected_total = TotalField(required=False, help_text="What the buyer was shown. Another total is refused.")

    def validate_items(self, items: list[dict[str, Any]]) -> dict[int, int]:
        chosen = {int(item["ticket_type"]): item["quantity"] for item in items}
        if len(chosen) < len(items):
            raise serializers.ValidationError("A ticket type is named twice; give one quantity for it.")
        return chosen


class BookView(ApiView):
    """Order tickets. Their places are held for 15 minutes; what costs nothing is confirmed at once."""

    scopes: ClassVar[dict[str, str | None]] = {"POST": "tickets:book"}
    guests: ClassVar[set[str]] = {"POST"}
    operations: ClassVar = {
        "POST": Operation(
            "book_tickets",
            "Book tickets",
            {201: Booking},
            body=BookInput,
            example={
                "event": "17",
                "items": [{"ticket_type": "3", "quantity": 2}],
                "attendees": ["Ben Baker", "Dora Dean"],
                "expected_total": {"amount": 5500, "currency": "EUR"},
            },
            problems=PROBLEMS,
            links={
                "pay": Link(
                    "pay_order",
                    body={
                        "order": "$response.body#/order/code",
                        "payment_method": "$response.body#/payment_methods/0/id",
                    },
                ),
                "order": Link("get_order", {"code": "$response.body#/order/code"}),
            },
        )
    }

    @idempotent(required=True, atomic=False)  # placing the order is one transaction, and stores the answer in it
    def post(self, request: Any) -> HttpResponse:
        body = self.read_body(BookInput)
        answers: list[HttpResponse] = []

        def answer(placed: PlacedOrder) -> None:
            if not placed.listed:
                find_event(body["event"], self.actor)  # what is private is not for everybody to book
            answers.append(self.keep(Response(represent_booking(placed), status=201)))

        try:
            event_id = int(body["event"])
            with fair_share(request, event_id=event_id, places=sum(body["items"].values())):
                place_order(event_id, items=body["items"], user=self.actor, before_places=answer, **self._rest_of(body))
        except Rejected as refusal:
            find_event(body["event"], self.actor)  # there may be none, or one that is none of the caller's business
            raise _pointed(refusal) from refusal
        return answers[0]

    def _rest_of(self, body: dict[str, Any]) -> dict[str, Any]:
        total = body.get("expected_total")
        return {
            "email": self._email(body),
            "name": body["name"] or getattr(self.actor, "name", ""),
            "attendees": body["attendees"],
            "inputs": {name: body[name] for name in INPUTS if name in body},
            "expected_total": total["amount"] if total else None,
            "affiliate": body.get("affiliate", ""),
            "source": Conversion.Source.API,
        }

    def _email(self, body: dict[str, Any]) -> str:
        """A signed-in buyer's is the account's: the limits of a person count by it."""
        given = body.get("email", "").lower()
        if not self.actor.is_authenticated:
            if not given:
                raise InvalidInput({"/email": ["This is needed from guests: the tickets are sent there."]})
            return given
        if given and given != self.actor.email:
            raise InvalidInput({"/email": ["This is not your account's address. Leave it out, or book as a guest."]})
        return self.actor.email


def represent_booking(placed: PlacedOrder) -> Booking:
    order = placed.order
    shown = represent_order(order, lines=placed.lines, adjustments=placed.adjustments)
    answer: Booking = {"order": shown, "payment_methods": []}
    if order.state == Order.State.PAID:
        answer["tickets"] = represent_tickets(order, holder=True)
    else:
        answer["payment_methods"] = [represent_public(method) for method in usable_for(order)]
    if placed.token:
        answer["access_token"] = placed.token
    return answer


def _pointed(refusal: Rejected) -> Rejected:
    """Refusals of an input say which, as every 422 does."""
    if refusal.status == 422 and "errors" not in refusal.data:
        field = refusal.data.get("field", "items")
        refusal.data["errors"] = [{"pointer": f"/{field}", "code": refusal.code, "detail": refusal.message}]
    return refusal
