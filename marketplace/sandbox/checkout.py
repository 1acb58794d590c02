"""Checkout Sessions: a hosted page where a customer pays."""

from __future__ import annotations

import time
from typing import Any

from marketplace.sandbox import intents
from marketplace.sandbox import parameters as p
from marketplace.sandbox.cards import Card
from marketplace.sandbox.errors import ApiError
from marketplace.sandbox.events import Call
from marketplace.sandbox.store import new_id

BRANDS = ("american_express", "discover_global_network", "mastercard", "visa")
_PRODUCT = p.fields(
    {"name": p.text(1500), "description": p.text(1500), "images": p.each(p.url, 8), "metadata": p.metadata}, ("name",)
)
_PRICE = p.fields(
    {"currency": p.currency, "unit_amount": p.integer(0), "product_data": _PRODUCT},
    ("currency", "unit_amount", "product_data"),
)
CREATE: dict[str, p.Check] = {
    "mode": p.choice("payment"),
    "ui_mode": p.choice("hosted_page"),
    "line_items": p.each(p.fields({"price_data": _PRICE, "quantity": p.integer(1)}, ("price_data", "quantity"))),
    "success_url": p.url,
    "cancel_url": p.url,
    "client_reference_id": p.text(200),
    "customer_email": p.text(800),
    "customer_creation": p.choice("if_required"),
    "expires_at": p.integer(0, 2**40),
    "locale": p.text(10),
    "metadata": p.metadata,
    "submit_type": p.choice("auto", "book", "donate", "pay"),
    "billing_address_collection": p.choice("auto"),
    "allowed_payment_method_types": p.each(p.choice("card")),
    "payment_intent_data": p.fields(
        {
            "description": p.text(1000),
            "metadata": p.metadata,
            "receipt_email": p.text(254),
            "capture_method": p.choice("automatic", "automatic_async"),
            "statement_descriptor_suffix": p.text(22),
        }
    ),
    "payment_method_options": p.fields(
        {"card": p.fields({"restrictions": p.fields({"brands_blocked": p.each(p.choice(*BRANDS))})})}
    ),
}
HALF_AN_HOUR, A_DAY = 1800, 86400
SLACK = 60  # clocks differ, and a request takes its time


def create(call: Call, sent: dict[str, Any]) -> dict[str, Any]:
    values = p.checked(sent, CREATE, "mode", "line_items", "success_url")
    total, currency = totals(values["line_items"])
    intents.check_amount(total, currency)
    id = new_id("cs_test", 58)
    options = values.get("payment_method_options", {})
    session = {
        "id": id,
        "object": "checkout.session",
        "amount_subtotal": total,
        "amount_total": total,
        "cancel_url": values.get("cancel_url"),
        "client_reference_id": values.get("client_reference_id"),
        "currency": currency,
        "customer": None,
        "customer_details": None,
        "customer_email": values.get("customer_email"),
        "expires_at": expiry(values.get("expires_at")),
        "line_items": values["line_items"],
        "livemode": False,
        "metadata": values.get("metadata", {}),
        "mode": "payment",
        "payment_intent": None,  # made by the customer's first attempt, as Stripe does since 2022-08-01
        "payment_intent_data": values.get("payment_intent_data", {}),
        "payment_method_options": options,
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "status": "open",
        "success_url": values["success_url"],
        "ui_mode": "hosted_page",
        "url": f"{call.sandbox.base_url}/c/pay/{id}",
    }
    return public(call.store.add(call.account, session))


def totals(items: list[dict[str, Any]]) -> tuple[int, str]:
    """What `items` cost together, and their currency."""
    currencies = {item["price_data"]["currency"] for item in items}
    if len(currencies) != 1:
        raise ApiError("You cannot combine currencies on a single session.", param="line_items")
    return sum(item["price_data"]["unit_amount"] * item["quantity"] for item in items), currencies.pop()


def expiry(asked: int | None) -> int:
    now = int(time.time())
    at = now + A_DAY if asked is None else asked
    if not now + HALF_AN_HOUR - SLACK <= at <= now + A_DAY + SLACK:
        raise ApiError(
            "The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    return at


def public(session: dict[str, Any]) -> dict[str, Any]:
    """The session as the API shows it: line items only where they are asked for, and a URL while it is open."""
    hidden = ("payment_intent_data", "line_items")
    shown = {key: value for key, value in session.items() if key not in hidden}
    return shown | {"url": session["url"] if session["status"] == "open" else None}


def load(call: Call, id: str) -> dict[str, Any]:
    """The session, closed by now if its time is over."""
    session = call.store.get(call.account, "checkout.session", id, "session")
    if session["status"] == "open" and session["expires_at"] <= time.time():
        return close(call, session)
    return session


def retrieve(call: Call, sent: dict[str, Any], id: str) -> dict[str, Any]:
    p.checked(sent, {})
    return public(load(call, id))


def expire(call: Call, sent: dict[str, Any], id: str) -> dict[str, Any]:
    p.checked(sent, {})
    session = load(call, id)
    if session["status"] != "open":
        message = f'Only Checkout Sessions with a status in ["open"] can be expired. This one is {session["status"]}.'
        raise ApiError(message)
    return public(close(call, session))


def close(call: Call, session: dict[str, Any]) -> dict[str, Any]:
    """Expire the session, and cancel what its customer had begun."""
    session["status"] = "expired"
    call.store.save(session)
    if session["payment_intent"]:
        intent = call.store.get(call.account, "payment_intent", session["payment_intent"])
        if intent["status"] in intents.OPEN:
            intents.close(call, intent, "automatic")
    call.emit("checkout.session.expired", public(session))
    return session


def allows(session: dict[str, Any], card: Card) -> bool:
    restrictions = session["payment_method_options"].get("card", {}).get("restrictions", {})
    names = {"amex": "american_express", "discover": "discover_global_network"}
    return names.get(card.brand, card.brand) not in restrictions.get("brands_blocked", [])


def pay(call: Call, session: dict[str, Any], card: Card, customer: dict[str, str]) -> dict[str, Any]:
    """The customer's attempt on the hosted page. Returns the intent. Raises ApiError where the card declines."""
    intent = intent_of(call, session)
    session["customer_details"] = {
        "email": customer.get("email") or session["customer_email"],
        "name": customer.get("name"),
    }
    call.store.save(session)
    intent["payment_method"] = card.token
    page = f"{call.sandbox.base_url}/c/pay/{session['id']}/authenticated"
    intent = intents.confirm_with(call, intent, {"return_url": page})
    return finish(call, session, intent)


def intent_of(call: Call, session: dict[str, Any]) -> dict[str, Any]:
    if session["payment_intent"]:
        return call.store.get(call.account, "payment_intent", session["payment_intent"])
    values = {"amount": session["amount_total"], "currency": session["currency"], **session["payment_intent_data"]}
    intent = intents.add_intent(call, values)
    session["payment_intent"] = intent["id"]
    return intent


def finish(call: Call, session: dict[str, Any], intent: dict[str, Any]) -> dict[str, Any]:
    """Close the session once its intent has succeeded. Twice changes nothing."""
    if intent["status"] == "succeeded" and session["status"] == "open":
        session |= {"status": "complete", "payment_status": "paid"}
        call.store.save(session)
        call.emit("checkout.session.completed", public(session))
    return intent
