"""POST /payment."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from rest_framework import serializers
from rest_framework.response import Response

from marketplace.answers import ActionNeeded, Paid, Processing
from marketplace.api.tickets import represent_tickets
from marketplace.queries import order_for_client
from marketplace.represent import represent_order
from marketplace.services.allocation import bought_of
from marketplace.services.pay import PaymentStep, start_payment
from portal.api.fields import IdField, Input
from portal.api.idempotency import idempotent
from portal.api.operations import Link, Operation
from portal.api.views import ApiView

STATES = {"done": "succeeded", "wait": "pending"}
PaidOrNot = Paid | ActionNeeded
PROBLEMS = (
    *("not-found", "already-paid", "already-confirmed", "order-canceled", "order-closed", "hold-expired"),
    *("method-not-accepted", "card-declined", "amount-too-small", "invalid-payment-token", "payment-unavailable"),
)


class PaymentInput(Input):
    order = serializers.CharField(max_length=20, help_text="The order's code.")
    payment_method = IdField(help_text="One of the order's payment_methods.")
    token = serializers.CharField(
        max_length=255, required=False, help_text="The provider's payment method; Stripe's begin with pm_."
    )
    return_url = serializers.CharField(
        max_length=2000, required=False, help_text="Where a payment page or a bank sends the buyer back to."
    )

    def validate_return_url(self, value: str) -> str:
        """https, or http on the client's own machine: the address comes back with what identifies the payment."""
        try:
            parts = urlsplit(value)
            host, fine = parts.hostname, value.isascii() and value.isprintable() and not set(value) & set(" \\")
            fine = fine and parts.port != 0 and "@" not in parts.netloc  # a port that is none raises
        except ValueError:
            host, fine = None, False
        local = fine and parts.scheme == "http" and host in ("localhost", "127.0.0.1", "::1")
        if not fine or not host or not (local or parts.scheme == "https"):
            raise serializers.ValidationError("This must be an https address, or http on localhost.")
        return value


class PaymentView(ApiView):
    """Pay an order: with `token` at once, with `return_url` on the provider's page, with neither by a client secret."""

    scopes: ClassVar[dict[str, str | None]] = {"POST": "payments:write"}
    guests: ClassVar[set[str]] = {"POST"}
    operations: ClassVar = {
        "POST": Operation(
            "pay_order",
            "Pay an order",
            {200: PaidOrNot, 202: Processing},
            body=PaymentInput,
            example={"order": "K7PX2M9QRT", "payment_method": "8", "token": "pm_card_visa"},
            problems=PROBLEMS,
            guest=True,
            tag="orders",
            links={
                "order": Link("get_order", {"code": "$response.body#/order/code"}),
                "ticket": Link("get_ticket", {"ticket_id": "$response.body#/tickets/0/id"}),
            },
        )
    }

    @idempotent(required=True, atomic=False)
    def post(self, request: Any) -> HttpResponse:
        data = self.read_body(PaymentInput)
        order = order_for_client(request, data["order"], for_vendor=False)
        token, return_url = data.get("token", ""), data.get("return_url", "")
        if token and not return_url:  # where a bank's page leads back to
            return_url = settings.BASE_URL + reverse("marketplace:order_return", args=[order.code])
        answers: list[HttpResponse] = []

        def answer(step: PaymentStep) -> None:
            answers.append(self.keep(represent_step(step)))

        step = start_payment(
            order, method_id=int(data["payment_method"]), return_url=return_url, token=token, before_places=answer
        )
        return answers[0] if answers else represent_step(step)


def represent_step(step: PaymentStep) -> Response:
    order = step.payment.order
    bought = step.bought or bought_of(order)
    shown = represent_order(order, lines=bought.lines, adjustments=bought.adjustments)
    if step.kind == "processing":
        poll = f"{settings.BASE_URL}/api/v1/orders/{order.code}"
        return Response({"state": "processing", "order": shown, "poll": poll}, status=202)
    if step.kind == "redirect":
        ways = {"redirect_url": step.redirect_url, "client_secret": step.client_secret}
        given = {name: value for name, value in ways.items() if value}
        return Response({"state": "requires_action", "order": shown, **given})
    given_out = represent_tickets(order, holder=True)
    return Response({"state": STATES[step.kind], "order": shown, "tickets": given_out})
