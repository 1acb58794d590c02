"""Refunds: never more than what is left of the charge."""

from __future__ import annotations

from typing import Any

from marketplace.sandbox import parameters as p
from marketplace.sandbox.errors import ApiError
from marketplace.sandbox.events import Call
from marketplace.sandbox.store import new_id

CREATE: dict[str, p.Check] = {
    "payment_intent": p.text(),
    "charge": p.text(),
    "amount": p.integer(1),
    "reason": p.choice("duplicate", "fraudulent", "requested_by_customer"),
    "metadata": p.metadata,
}
OVER = ("failed", "canceled")


def create(call: Call, sent: dict[str, Any]) -> dict[str, Any]:
    values = p.checked(sent, CREATE)
    charge = charge_of(call, values)
    amount = values.get("amount", charge["amount"] - charge["amount_refunded"])
    check_amount(charge, amount)
    refund = call.store.add(call.account, body_of(call, charge, amount, values), parent=charge["id"])
    count(call, charge, amount)
    call.emit("refund.created", refund)
    call.emit("charge.refunded", charge)
    return refund


def body_of(call: Call, charge: dict[str, Any], amount: int, values: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "currency": charge["currency"],
        "metadata": values.get("metadata", {}),
        "payment_intent": charge["payment_intent"],
        "reason": values.get("reason"),
        "status": call.sandbox.refund_status,
    }


def charge_of(call: Call, values: dict[str, Any]) -> dict[str, Any]:
    if id := values.get("charge"):
        return call.store.get(call.account, "charge", id, "charge")
    if not (id := values.get("payment_intent")):
        raise ApiError("One of the following params should be provided for this request: payment_intent or charge.")
    intent = call.store.get(call.account, "payment_intent", id, "payment_intent")
    if intent["status"] != "succeeded":
        message = f"This PaymentIntent ({id}) does not have a successful charge to refund."
        raise ApiError(message, code="payment_intent_unexpected_state", param="payment_intent")
    return call.store.get(call.account, "charge", intent["latest_charge"])


def check_amount(charge: dict[str, Any], amount: int) -> None:
    left = charge["amount"] - charge["amount_refunded"]
    if charge["status"] != "succeeded":
        raise ApiError(f"Charge {charge['id']} has not succeeded.", code="charge_not_refundable", param="charge")
    if left == 0:
        raise ApiError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount > left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise ApiError(message, code="amount_too_large", param="amount")


def count(call: Call, charge: dict[str, Any], amount: int) -> None:
    """Add `amount` to what was refunded of `charge`; negative when a refund failed."""
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    call.store.save(charge)


def retrieve(call: Call, sent: dict[str, Any], id: str) -> dict[str, Any]:
    p.checked(sent, {})
    return call.store.get(call.account, "refund", id, "refund")


def change(call: Call, id: str, status: str) -> dict[str, Any]:
    """What the bank says of a refund later on: it arrived, or it could not be paid out."""
    refund = call.store.get(call.account, "refund", id, "refund")
    if refund["status"] in OVER or refund["status"] == status:
        return refund
    refund["status"] = status
    if status in OVER:
        refund["failure_reason"] = "expired_or_canceled_card"
        count(call, call.store.get(call.account, "charge", refund["charge"]), -refund["amount"])
    call.store.save(refund)
    call.emit("refund.failed" if status == "failed" else "refund.updated", refund)
    return refund
