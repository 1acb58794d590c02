"""Small resources: webhook endpoints, payment methods, the account itself."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from marketplace.sandbox import parameters as p
from marketplace.sandbox.cards import card_of_token
from marketplace.sandbox.events import Call
from marketplace.sandbox.store import new_id

CREATE: dict[str, p.Check] = {
    "url": p.url,
    "enabled_events": p.each(p.text(100)),
    "description": p.text(),
    "metadata": p.metadata,
}


def create(call: Call, sent: dict[str, Any]) -> dict[str, Any]:
    """A new endpoint; its secret is in this answer alone."""
    values = p.checked(sent, CREATE, "url", "enabled_events")
    body = {"id": new_id("we"), "object": "webhook_endpoint", "status": "enabled", "livemode": False, **values}
    return call.store.add(call.account, body | {"secret": new_id("whsec", 32)})


def delete(call: Call, sent: dict[str, Any], id: str) -> dict[str, Any]:
    call.store.get(call.account, "webhook_endpoint", id)
    call.store.db.execute("DELETE FROM objects WHERE id = ?", (id,))
    return {"id": id, "object": "webhook_endpoint", "deleted": True}


def payment_method(call: Call, sent: dict[str, Any], id: str) -> dict[str, Any]:
    p.checked(sent, {})
    card = card_of_token(id)
    details = {
        "brand": card.brand,
        "display_brand": card.brand,
        "last4": card.number[-4:],
        "exp_month": 12,
        "exp_year": 2040,
    }
    return {"id": id, "object": "payment_method", "type": "card", "card": details, "livemode": False, "customer": None}


def account(call: Call, sent: dict[str, Any]) -> dict[str, Any]:
    p.checked(sent, {})
    id = f"acct_{sha256(call.account.encode()).hexdigest()[:16]}"
    return {"id": id, "object": "account", "charges_enabled": True, "payouts_enabled": True, "country": "DE"}


def balance(call: Call, sent: dict[str, Any]) -> dict[str, Any]:
    """What was charged less what was refunded, by currency."""
    p.checked(sent, {})
    sums: dict[str, int] = {}
    for charge in call.store.all(call.account, "charge"):
        net = charge["amount_captured"] - charge["amount_refunded"]
        sums[charge["currency"]] = sums.get(charge["currency"], 0) + net
    available = [{"amount": amount, "currency": currency} for currency, amount in sorted(sums.items()) if amount]
    return {"object": "balance", "available": available, "pending": [], "livemode": False}
