"""Buying a ticket over HTTP: as a script of a partner would, and by the site's forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
from bs4 import BeautifulSoup


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


def buy_on_the_site(url: str) -> list[bytes]:
    """Buy two tickets as a guest by filling in the site's forms, card included. Returns the tickets' PDFs."""
    with httpx.Client(base_url=url, timeout=30, follow_redirects=True) as visitor:
        page = visitor.get(_path_of_a_paid_event(visitor))
        page = _submit(visitor, page, "type-", lambda first: {first: "2"})
        page = _submit(visitor, page, "payment_method", lambda _: {"name": "Gesa Guest", "email": "gesa@example.org"})
        card = {"number": "4242 4242 4242 4242", "expiry": "12 / 34", "cvc": "123"}
        page = _submit(visitor, page, "number", lambda _: card)
        links = BeautifulSoup(page.text, "html.parser").select('a[href$=".pdf"]')
        return [visitor.get(link["href"]).raise_for_status().content for link in links]


def _path_of_a_paid_event(visitor: httpx.Client) -> str:
    found = visitor.get("/api/v1/events", params={"available": "true", "price_min": 1}).raise_for_status().json()
    return urlsplit(found["results"][0]["url"]).path


def _submit(
    visitor: httpx.Client, page: httpx.Response, field: str, answers: Callable[[str], dict[str, str]]
) -> httpx.Response:
    """Send the form of `page` with a field whose name begins with `field`: what is filled in, and `answers`."""
    form = next(
        form
        for form in BeautifulSoup(page.raise_for_status().text, "html.parser").select("form[method=post]")
        if form.select(f'[name^="{field}"]')
    )
    fields = {found["name"]: found.get("value", "") for found in form.select("input[name]") if _is_sent(found)}
    first = next(name for name in fields if name.startswith(field))
    return visitor.post(page.url.join(form.get("action") or ""), data=fields | answers(first))


def _is_sent(field: Any) -> bool:
    return field.get("type") not in ("radio", "checkbox") or field.has_attr("checked")
