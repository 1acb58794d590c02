"""Marketplace's extension points: ways to be paid, and rules that change a price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from django.http import HttpRequest

from portal.plugins import ExtensionPoint

if TYPE_CHECKING:
    from marketplace.models import Order, Payment, Refund


@dataclass(frozen=True)
class NextStep:
    """What the buyer has to do after a payment was started.

    `done` - nothing; `update` says what is known. `redirect` - go to `redirect_url` (site), or confirm with
    `client_secret` (API). `wait` - nothing now; money comes later (cash on arrival, bank transfer).
    """

    kind: Literal["done", "redirect", "wait"]
    update: PaymentUpdate | None = None
    external_id: str = ""
    redirect_url: str = ""
    client_secret: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PaymentUpdate:
    """What a provider says of a payment or a refund. `key` is ours (``Payment.key``, ``Refund.key``)."""

    key: str
    state: Literal["pending", "succeeded", "failed", "in_transit", "done"]
    kind: Literal["payment", "refund"] = "payment"
    external_id: str = ""
    amount: int | None = None
    failure: str = ""
    event_id: str = ""
    event_type: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    currency: str = ""  # ISO 4217, upper case; empty where the provider does not say


class ProviderUnavailable(Exception):
    """The provider could not be reached, or its circuit breaker is open. Nothing is known to have happened."""


class SignatureInvalid(Exception):
    """A webhook's signature is wrong, too old or missing."""


@runtime_checkable
class PaymentProvider(Protocol):
    """A way to be paid. Calls other systems, and writes nothing to the database."""

    title: Any  # text, or lazy text
    config_fields: dict[str, Any]  # what a vendor fills in: name -> help text; all are secrets

    def check_config(self, config: dict[str, Any]) -> dict[str, Any]:
        """What is wrong with a vendor's `config`, by field name."""

    def start(self, payment: Payment, *, return_url: str, token: str = "") -> NextStep:
        """Begin to collect `payment`; idempotent by ``payment.key``. `token` is what an API client sent.

        Raises Rejected("card-declined", status=402) or ProviderUnavailable.
        """

    def read_webhook(self, request: HttpRequest) -> list[PaymentUpdate]:
        """The updates in a webhook. Raises SignatureInvalid.

        `request.payment_method` is the method whose own endpoint was called, or None for the portal's.
        """

    def fetch(self, payment: Payment) -> PaymentUpdate:
        """Ask the provider again. Raises ProviderUnavailable."""

    def refund(self, refund: Refund) -> PaymentUpdate:
        """Give money back; idempotent by ``refund.key``. Raises ProviderUnavailable."""


@runtime_checkable
class Cancelable(Protocol):
    """What a provider may offer besides, to end a payment that its buyer has not made.

    Likewise optional, and read where present: ``form_fields()`` (the settings that are no secrets, as Django form
    fields by name), ``objection(order, method)`` (why an order can't be paid this way), ``brands`` (names by key),
    ``tickets_before_money``, ``refunds_by_hand`` (the vendor hands money back, and says when it is done) and ``offered``
    (False where nobody can choose it).
    """

    def cancel(self, payment: Payment) -> PaymentUpdate:
        """Stop collecting; says "succeeded" if it was too late for that. Raises ProviderUnavailable."""


@dataclass(frozen=True)
class Adjustment:
    """A change of an order's total: `amount` is signed, in minor units."""

    label: str
    amount: int
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Quote:
    """What is being bought, for a rule to price. `lines` are (ticket type id, quantity, unit total)."""

    event_id: int
    currency: str
    lines: Sequence[tuple[int, int, int]]
    user_id: int | None
    inputs: dict[str, Any]  # what the buyer typed for rules: {"voucher": "…", "loyalty_points": 100}

    @property
    def subtotal(self) -> int:
        return sum(quantity * unit for _type, quantity, unit in self.lines)


@runtime_checkable
class PriceRule(Protocol):
    """A rule that changes the price of an order. What no rule names in `inputs` is refused, never ignored."""

    inputs: tuple[str, ...]  # the names in Quote.inputs that it reads

    def quote(self, quote: Quote) -> list[Adjustment]:
        """The adjustments for `quote`. Reads only. Raises Rejected where an input is not acceptable."""

    def commit(self, order: Order) -> None:
        """Take what the order's adjustments use up, in the order's transaction. May raise Rejected."""

    def release(self, order: Order) -> None:
        """Give it back when the order expires or is canceled. Twice changes nothing."""


payment_providers = ExtensionPoint("payment_providers", PaymentProvider, "Ways to be paid.")
price_rules = ExtensionPoint("price_rules", PriceRule, "Rules that change the price of an order.")
