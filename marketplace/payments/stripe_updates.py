"""What Stripe's objects, as plain dictionaries, say of our payments and refunds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from marketplace.extensions import PaymentUpdate

REFUND_STATES: dict[str, Literal["in_transit", "done", "failed"]] = {
    "pending": "in_transit",
    "requires_action": "in_transit",
    "succeeded": "done",
    "failed": "failed",
    "canceled": "failed",
}


def money_of(body: Mapping[str, Any], name: str) -> tuple[int, str]:
    """The amount called `name` and its currency. Raises ValueError for what is none."""
    amount, currency = body[name], body["currency"]
    if not isinstance(amount, int) or not 0 <= amount < 2**53 or not re.fullmatch("[a-z]{3}", currency):
        raise ValueError(f"{amount!r} {currency!r} is no money")
    return amount, currency.upper()


def id_of(body: Mapping[str, Any]) -> str:
    if not re.fullmatch(r"\w{1,200}", body["id"], re.ASCII):
        raise ValueError(f"{body['id']!r} is no id")
    return body["id"]


def of_intent(intent: Mapping[str, Any], key: str) -> PaymentUpdate:
    """A PaymentIntent. One that lost its card is failed if it was to be charged at once; else its payer may try again."""
    update: dict[str, Any] = {"key": key, "external_id": id_of(intent), "data": {"intent": intent["id"]}}
    if intent["status"] == "succeeded":
        amount, currency = money_of(intent, "amount_received" if "amount_received" in intent else "amount")
        return PaymentUpdate(state="succeeded", amount=amount, currency=currency, **update)
    if intent["status"] == "canceled" or (intent["status"] == "requires_payment_method" and was_token(intent)):
        return PaymentUpdate(state="failed", failure=failure_of(intent), **update)
    return PaymentUpdate(state="pending", **update)


def was_token(intent: Mapping[str, Any]) -> bool:
    return intent["metadata"].get("flow") == "token"


def failure_of(intent: Mapping[str, Any]) -> str:
    error = intent.get("last_payment_error") or {}
    return str(error.get("message") or intent.get("cancellation_reason") or intent["status"]).replace("\0", "")[:200]


def of_session(session: Mapping[str, Any], key: str) -> PaymentUpdate:
    """A Checkout Session: its payer may try one card after the other until it is complete or expired."""
    intent = session["payment_intent"]
    intent_id = id_of(intent if isinstance(intent, Mapping) else {"id": intent}) if intent else ""
    update: dict[str, Any] = {
        "key": key,
        "external_id": id_of(session),
        "data": {"intent": intent_id} if intent_id else {},
    }
    if session["status"] == "complete" and session["payment_status"] == "paid":
        amount, currency = money_of(session, "amount_total")
        return PaymentUpdate(state="succeeded", amount=amount, currency=currency, **update)
    if session["status"] == "expired":
        return PaymentUpdate(state="failed", failure="The payment page expired.", **update)
    return PaymentUpdate(state="pending", **update)


def of_refund(refund: Mapping[str, Any], key: str) -> PaymentUpdate:
    state = REFUND_STATES.get(refund["status"], "in_transit")
    failure = str(refund.get("failure_reason") or "").replace("\0", "") if state == "failed" else ""
    amount, currency = money_of(refund, "amount")
    return PaymentUpdate(
        key, state, kind="refund", external_id=id_of(refund), amount=amount, currency=currency, failure=failure
    )


def of_event(event: Mapping[str, Any]) -> list[PaymentUpdate]:
    """What a webhook's event says; nothing for types that settle nothing, and for objects that are not ours."""
    read = EVENTS.get(event["type"])
    body = event["data"]["object"]
    key = (body.get("metadata") or {}).get("refund" if read is of_refund else "payment")
    if read is None or not key:
        return []
    update = read(body, str(key)[:64])
    if update.state == "pending":
        return []
    # A page's payment is known by its session; the intent behind it is a detail.
    external_id = "" if read is of_intent and body["metadata"].get("flow") == "page" else update.external_id
    fields = {"event_id": id_of(event), "event_type": event["type"], "external_id": external_id}
    return [PaymentUpdate(**{**vars(update), **fields})]


EVENTS = {
    "checkout.session.completed": of_session,
    "checkout.session.async_payment_succeeded": of_session,
    "checkout.session.async_payment_failed": of_session,
    "checkout.session.expired": of_session,
    "payment_intent.succeeded": of_intent,
    "payment_intent.canceled": of_intent,
    "refund.updated": of_refund,
    "refund.failed": of_refund,
    "charge.refund.updated": of_refund,
}
