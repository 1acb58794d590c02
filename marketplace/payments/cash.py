"""Cash on arrival: the tickets are good at once, and the door takes the money."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketplace.extensions import NextStep, PaymentUpdate, SignatureInvalid
from portal import money
from portal.errors import Rejected

if TYPE_CHECKING:
    from marketplace.models import Order, Payment, PaymentMethod, Refund


class Cash:
    """Limits stand in the method's config: `max_amount` (minor units) and `max_tickets` an order.

    The places are kept until `hours_before` the start, and for `hours_after` the booking at most.
    """

    title = _("Cash on arrival")
    config_fields: dict[str, str] = {}
    tickets_before_money = True
    refunds_by_hand = True

    def form_fields(self) -> dict[str, forms.Field]:
        largest = forms.IntegerField(
            label=_("Largest order"), required=False, min_value=1, max_value=10**9, help_text=_("Empty: no limit.")
        )
        largest.is_money = True  # type: ignore[attr-defined]  # minor units; people type major ones
        return {
            "max_amount": largest,
            "max_tickets": forms.IntegerField(
                label=_("Most tickets an order"), required=False, min_value=1, max_value=100
            ),
            "hours_before": forms.IntegerField(
                label=_("Keep unpaid tickets until this many hours before the start"),
                required=False,
                min_value=0,
                max_value=8760,
                help_text=_("Empty: until the event is over."),
            ),
            "hours_after": forms.IntegerField(
                label=_("Keep unpaid tickets for this many hours after booking"),
                required=False,
                min_value=1,
                max_value=8760,
                help_text=_("Empty: no such limit."),
            ),
        }

    def check_config(self, config: dict[str, Any]) -> dict[str, str]:
        return {}

    def objection(self, order: Order, method: PaymentMethod) -> str:
        """Why `order` can't be paid this way; empty if it can."""
        config = method.config
        if (most := config.get("max_amount")) and order.total > most:
            return f"Orders above {money.text(most, order.currency)} can't be paid in cash."
        if (most := config.get("max_tickets")) and sum(line.quantity for line in order.lines.all()) > most:
            return f"At most {most} tickets can be paid in cash."
        if due_at(order, method) <= timezone.now():
            return "It is too late to book with cash on arrival."
        return ""

    def start(self, payment: Payment, *, return_url: str, token: str = "") -> NextStep:
        if payment.method is None:
            raise Rejected("method-not-accepted", "Choose a way to pay that the event accepts.", status=422)
        if why := self.objection(payment.order, payment.method):
            raise Rejected("method-not-accepted", why, status=422, field="payment_method")
        return NextStep("wait", data={"due_at": due_at(payment.order, payment.method).isoformat()})

    def read_webhook(self, request: HttpRequest) -> list[PaymentUpdate]:
        raise SignatureInvalid("Nobody sends webhooks about cash.")

    def fetch(self, payment: Payment) -> PaymentUpdate:
        return PaymentUpdate(str(payment.key), "pending")

    def cancel(self, payment: Payment) -> PaymentUpdate:
        return PaymentUpdate(str(payment.key), "failed", failure="Another way to pay was chosen.")

    def refund(self, refund: Refund) -> PaymentUpdate:
        """The vendor hands the money back, and says so."""
        return PaymentUpdate(str(refund.key), "in_transit", kind="refund", amount=refund.amount)


def due_at(order: Order, method: PaymentMethod) -> datetime:
    """Until when the unpaid tickets of `order` are kept."""
    config = method.config
    latest = [order.event.end or order.event.start + timedelta(hours=12)]
    if config.get("hours_before") is not None:
        latest.append(order.event.start - timedelta(hours=config["hours_before"]))
    if config.get("hours_after"):
        latest.append(order.created_at + timedelta(hours=config["hours_after"]))
    return min(latest)
