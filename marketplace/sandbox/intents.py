"""PaymentIntents and charges."""

from __future__ import annotations

from typing import Any

from marketplace.sandbox import parameters as p
from marketplace.sandbox.cards import Card, card_of_token
from marketplace.sandbox.errors import ApiError
from marketplace.sandbox.events import Call
from marketplace.sandbox.store import new_id

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
LEAST = {"jpy": 50, "huf": 17500}  # in minor units; 50 for the others
_CONFIRMING: dict[str, p.Check] = {
    "payment_method": p.text(),
    "return_url": p.url,
    "off_session": p.flag,
    "error_on_requires_action": p.flag,
    "receipt_email": p.text(254),
    "use_stripe_sdk": p.flag,
}
CREATE: dict[str, p.Check] = {
    "amount": p.integer(1),
    "currency": p.currency,
    "confirm": p.flag,
    "description": p.text(1000),
    "metadata": p.metadata,
    "capture_method": p.choice("automatic", "automatic_async"),
    "confirmation_method": p.choice("automatic"),
    "allowed_payment_method_types": p.each(p.choice("card")),
    "automatic_payment_methods": p.fields({"enabled": p.flag, "allow_redirects": p.choice("always", "never")}),
    "statement_descriptor_suffix": p.text(22),
    **_CONFIRMING,
}
REASONS = ("duplicate", "fraudulent", "requested_by_customer", "abandoned")


def create(call: Call, sent: dict[str, Any]) -> dict[str, Any]:
    values = p.checked(sent, CREATE, "amount", "currency")
    check_amount(values["amount"], values["currency"])
    intent = add_intent(call, values)
    if token := values.get("payment_method"):
        intent["status"] = "requires_confirmation"
        intent["payment_method"] = card_of_token(token).token
        call.store.save(intent)
    return confirm_with(call, intent, values) if values.get("confirm") else intent


def add_intent(call: Call, values: dict[str, Any]) -> dict[str, Any]:
    id = new_id("pi")
    intent = {
        "id": id,
        "object": "payment_intent",
        "amount": values["amount"],
        "amount_received": 0,
        "amount_capturable": 0,
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "always"},
        "cancellation_reason": None,
        "canceled_at": None,
        "capture_method": values.get("capture_method", "automatic_async"),
        "client_secret": f"{id}_secret_{new_id('', 24)[1:]}",
        "confirmation_method": "automatic",
        "currency": values["currency"],
        "customer": None,
        "description": values.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": values.get("metadata", {}),
        "next_action": None,
        "payment_method": None,
        "payment_method_types": ["card"],
        "receipt_email": values.get("receipt_email"),
        "status": "requires_payment_method",
    }
    call.store.add(call.account, intent)
    call.emit("payment_intent.created", intent)
    return intent


def check_amount(amount: int, currency: str) -> None:
    least = LEAST.get(currency, 50)
    if amount < least:
        message = f"Amount must be at least {least} in the smallest unit of {currency}"
        raise ApiError(message, code="amount_too_small", param="amount")


def retrieve(call: Call, sent: dict[str, Any], id: str) -> dict[str, Any]:
    values = p.checked(sent, {"client_secret": p.text()})
    intent = call.store.get(call.account, "payment_intent", id, "intent")
    if values.get("client_secret", intent["client_secret"]) != intent["client_secret"]:
        raise ApiError("The client_secret provided does not match this PaymentIntent.", param="client_secret")
    return intent


def confirm(call: Call, sent: dict[str, Any], id: str) -> dict[str, Any]:
    values = p.checked(sent, _CONFIRMING)
    intent = call.store.get(call.account, "payment_intent", id, "intent")
    if token := values.get("payment_method"):
        intent["payment_method"] = card_of_token(token).token
    return confirm_with(call, intent, values)


def confirm_with(call: Call, intent: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Charge the intent's payment method, or ask the customer to authenticate."""
    require(intent, OPEN, "confirm")
    if not intent["payment_method"]:
        raise ApiError(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
            payment_intent=intent,
        )
    card = card_of_token(intent["payment_method"])
    if not card.authenticates:
        return charge(call, intent, card)
    if values.get("off_session") or values.get("error_on_requires_action"):
        refuse(call, intent, card, "authentication_required", "authentication_required")
    return ask_to_authenticate(call, intent, values.get("return_url"))


def ask_to_authenticate(call: Call, intent: dict[str, Any], return_url: str | None) -> dict[str, Any]:
    page = {"url": f"{call.sandbox.base_url}/authenticate/{intent['id']}", "return_url": return_url}
    intent["status"] = "requires_action"
    intent["next_action"] = (
        {"type": "redirect_to_url", "redirect_to_url": page}
        if return_url
        else {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": page["url"]}}
    )
    call.store.save(intent)
    call.emit("payment_intent.requires_action", intent)
    return intent


def charge(call: Call, intent: dict[str, Any], card: Card) -> dict[str, Any]:
    """Take the money. Raises the card's error where it declines, with the attempt on record."""
    if card.decline:
        refuse(call, intent, card, card.decline, card.reason or card.decline)
    receipt = add_charge(call, intent, card, "succeeded")
    intent |= {
        "status": "succeeded",
        "amount_received": intent["amount"],
        "latest_charge": receipt["id"],
        "payment_method": card.token,
        "next_action": None,
        "last_payment_error": None,
    }
    call.store.save(intent)
    call.emit("charge.succeeded", receipt)
    call.emit("payment_intent.succeeded", intent)
    return intent


def refuse(call: Call, intent: dict[str, Any], card: Card, code: str, reason: str) -> None:
    """Keep the failed attempt, and raise its card error."""
    failed = add_charge(call, intent, card, "failed") | {"failure_code": code, "failure_message": card.message}
    call.store.save(failed)
    error = {
        "type": "card_error",
        "code": code,
        "decline_code": reason,
        "message": card.message,
        "charge": failed["id"],
    }
    intent |= {
        "status": "requires_payment_method",
        "latest_charge": failed["id"],
        "payment_method": None,
        "next_action": None,
        "last_payment_error": error,
    }
    call.store.save(intent)
    call.emit("charge.failed", failed)
    call.emit("payment_intent.payment_failed", intent)
    extra = {key: error[key] for key in ("code", "decline_code", "charge")}
    raise ApiError(card.message, type="card_error", status=402, payment_intent=intent, **extra)


def add_charge(call: Call, intent: dict[str, Any], card: Card, status: str) -> dict[str, Any]:
    body = {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if status == "succeeded" else 0,
        "amount_refunded": 0,
        "captured": status == "succeeded",
        "currency": intent["currency"],
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": intent["metadata"],
        "paid": status == "succeeded",
        "payment_intent": intent["id"],
        "payment_method": card.token,
        "payment_method_details": {"type": "card", "card": {"brand": card.brand, "last4": card.number[-4:]}},
        "refunded": False,
        "status": status,
    }
    return call.store.add(call.account, body, parent=intent["id"])


def cancel(call: Call, sent: dict[str, Any], id: str) -> dict[str, Any]:
    values = p.checked(sent, {"cancellation_reason": p.choice(*REASONS)})
    intent = call.store.get(call.account, "payment_intent", id, "intent")
    require(intent, OPEN, "cancel")
    return close(call, intent, values.get("cancellation_reason"))


def close(call: Call, intent: dict[str, Any], reason: str | None) -> dict[str, Any]:
    from_now = {"status": "canceled", "cancellation_reason": reason, "next_action": None}
    intent |= from_now
    call.store.save(intent)
    call.emit("payment_intent.canceled", intent)
    return intent


def require(intent: dict[str, Any], states: tuple[str, ...], verb: str) -> None:
    if intent["status"] not in states:
        raise ApiError(
            f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}.",
            code="payment_intent_unexpected_state",
            payment_intent=intent,
        )
