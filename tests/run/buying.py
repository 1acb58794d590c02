"""Buying a ticket over HTTP, as a script of a partner would."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx


def buy_by_card(url: str) -> dict[str, Any]:
    """Book and pay one ticket as a guest at the site `url`. Returns what the payment answered."""
    with httpx.Client(base_url=f"{url}/api/v1", timeout=30) as client:
        event, ticket_type, method = _something_for_sale(client)
        booked = _post(
            client,
            "/tickets/book",
            {"event": event, "items": [{"ticket_type": ticket_type, "quantity": 1}], "email": "guest@example.org"},
        )
        client.headers["Order-Token"] = booked["access_token"]
        return _post(
            client, "/payment", {"order": booked["order"]["code"], "payment_method": method, "token": "pm_card_visa"}
        )


def _something_for_sale(client: httpx.Client) -> tuple[str, str, str]:
    """Ids of an event, of a ticket type of it that costs something, and of a way to pay by card."""
    for event in (
        client.get("/events", params={"available": "true", "price_min": 1}).raise_for_status().json()["results"]
    ):
        tickets = client.get(f"/events/{event['id']}/tickets").raise_for_status().json()["results"]
        methods = (
            client.get("/vendors/payment-methods", params={"event": event["id"]}).raise_for_status().json()["results"]
        )
        cards = [method["id"] for method in methods if method["provider"] == "stripe"]
        open_types = [ticket["id"] for ticket in tickets if ticket["availability"] in {"available", "few"}]
        if cards and open_types:
            return event["id"], open_types[0], cards[0]
    raise AssertionError("No event sells by card.")


def _post(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(path, json=body, headers={"Idempotency-Key": str(uuid4())})
    assert answer.is_success, answer.text
    return answer.json()
