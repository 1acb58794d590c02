"""Orders that cost nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from marketplace.extensions import NextStep, PaymentUpdate, SignatureInvalid
from portal.errors import Rejected

if TYPE_CHECKING:
    from marketplace.models import Payment, Refund


class Free:
    title = _("Free")
    config_fields: dict[str, str] = {}
    offered = False  # nobody chooses it: an order of zero is confirmed by itself

    def check_config(self, config: dict[str, Any]) -> dict[str, str]:
        return {}

    def start(self, payment: Payment, *, return_url: str, token: str = "") -> NextStep:
        if payment.amount:
            raise Rejected("method-not-accepted", "This order is not free.", status=422, field="payment_method")
        return NextStep("done", update=self.fetch(payment))

    def read_webhook(self, request: HttpRequest) -> list[PaymentUpdate]:
        raise SignatureInvalid("Nobody sends webhooks about what is free.")

    def fetch(self, payment: Payment) -> PaymentUpdate:
        return PaymentUpdate(str(payment.key), "succeeded", amount=payment.amount, currency=payment.currency)

    def refund(self, refund: Refund) -> PaymentUpdate:
        return PaymentUpdate(str(refund.key), "done", kind="refund", amount=refund.amount)
