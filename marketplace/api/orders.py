"""GET /orders and GET /orders/{code}."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.response import Response

from marketplace import answers
from marketplace.api.tickets import represent_tickets
from marketplace.models import Order, Refund
from marketplace.queries import TOKEN_HEADER, order_for_client, orders_of
from marketplace.represent import represent_order, represent_refunds
from marketplace.services.allocation import bought_of
from portal.answers import PageOf
from portal.api.auth import challenge
from portal.api.operations import Link, Operation
from portal.api.problems import Problem
from portal.api.views import ApiView, ListView


class OrdersQuery(serializers.Serializer):
    state = serializers.ChoiceField(Order.State.choices, required=False, help_text="Only these.")
    event = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, help_text="Only of this event.")


class OrdersView(ListView):
    """The caller's own orders, newest first."""

    scopes: ClassVar[dict[str, str | None]] = {"GET": "tickets:read"}
    query = OrdersQuery
    operations: ClassVar = {"GET": Operation("list_orders", "List your orders", {200: PageOf[answers.Order]})}
    ordering = ("-created_at",)

    def rows(self, params: dict[str, Any]) -> QuerySet[Order]:
        chosen = {name: params[name] for name in ("state", "event") if name in params}
        mine = orders_of(self.actor).filter(**chosen).select_related("event__venue")
        return mine.prefetch_related("lines__ticket_type", "adjustments")

    def represent(self, row: Order) -> answers.Order:
        return represent_order(row)


class OrderView(ApiView):
    """One order with its tickets: for its buyer, a guest with the header Order-Token, or its vendor."""

    scopes: ClassVar[dict[str, str | None]] = {"GET": "tickets:read"}
    guests: ClassVar[set[str]] = {"GET", "HEAD"}
    operations: ClassVar = {
        "GET": Operation(
            "get_order",
            "Read one order",
            {200: answers.OrderDetails},
            guest=True,
            links={"ticket": Link("get_ticket", {"ticket_id": "$response.body#/tickets/0/id"})},
        )
    }

    def get(self, request: Any, code: str) -> Response:
        if request.auth is None and not request.META.get(TOKEN_HEADER):
            text = "This needs an access token, or a guest's Order-Token."
            raise Problem(401, "unauthorized", text, headers=challenge())
        order = order_for_client(request, code)
        sold_by = not request.META.get(TOKEN_HEADER) and order.user_id != request.user.pk
        bought = bought_of(order)
        shown = represent_order(order, lines=bought.lines, adjustments=bought.adjustments)
        given = Refund.objects.filter(payment__order=order).select_related("payment").prefetch_related("lines")
        refunds = [represent_refunds([refund], zone=order.event.zone) for refund in given.order_by("pk")]
        return Response({**shown, "tickets": represent_tickets(order, holder=not sold_by), "refunds": refunds})
