"""Headers and webhooks that make no sense, and none of it is a 500."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from marketplace.sandbox.webhooks import sign
from tests.security.hostile import BODIES, HEADERS, JSON, changed, places, without
from tests.security.world import World, snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300), pytest.mark.usefixtures("patience")]


# ---- headers


@pytest.mark.parametrize("header", HEADERS)
def test_hostile_headers(world: World, header: str, settings: Any) -> None:
    settings.SHARED_CACHE_SECONDS = 5
    event = world.event.get_url().partition("//")[2].partition("/")[2]
    paths = ("/", "/events/", f"/{event}", "/account/login/", "/api/v1/events", f"/api/v1/events/{world.event.pk}",
             f"/api/v1/events/{world.event.pk}/tickets", "/api/v1/openapi.json", f"/api/v1/orders/{world.order.code}",
             "/health/ready", "/admin/", "/o/authorize/", "/media/x.png", "/nowhere/", "/api/nowhere",
             f"/tickets/{world.ticket.pk}.pdf")  # fmt: skip
    posts = (f"/events/{world.event.pk}/cart/", "/account/login/", "/account/signup/", "/o/token/", "/o/introspect/",
             "/api/v1/login", "/api/v1/tickets/book", "/webhooks/stripe/", f"/checkout/{world.cart.pk}/")  # fmt: skip
    before, found = snapshot(), []
    for person in ("nobody", "ben"):
        client = world.browser(person)
        for path in paths:
            for method in ("get",) if person == "ben" else ("get", "head"):
                response = getattr(client, method)(path, headers=HEADERS[header])
                list(response.streaming_content) if response.streaming else None
                found += [f"{method} {path}: {response.status_code}"] if response.status_code >= 500 else []
                assert b"evil.example" not in (b"" if response.streaming else response.content), path
        for path in posts:
            status = client.post(path, b"{}", content_type="application/json", headers=HEADERS[header]).status_code
            found += [f"post {path}: {status}"] if status >= 500 else []
    assert not found, "\n".join(found)
    assert snapshot() == before


# ---- webhooks: signed, so from Stripe itself or from somebody who knows the secret


def hostile_events(world: World) -> Iterator[tuple[str, Any]]:
    payment = world.order.payments.first()
    intent = {"id": "pi_1", "object": "payment_intent", "status": "succeeded", "amount": 5200, "amount_received": 5200,
              "currency": "eur", "metadata": {"payment": str(payment.key), "order": "X", "flow": "token"},
              "latest_charge": "ch_1", "last_payment_error": None}  # fmt: skip
    event = {"id": "evt_1", "type": "payment_intent.succeeded", "created": 1, "data": {"object": intent}}
    for place in places(event):
        if place == ("data", "object", "metadata", "order"):
            continue
        for kind, value in JSON.items():
            yield f"{place} {kind}", changed(event, place, value)
        yield f"{place} missing", without(event, place)
    for kind in ("checkout.session.completed", "refund.updated", "charge.refunded", "nonsense"):
        yield kind, {**event, "type": kind}


def test_webhooks_that_make_no_sense(world: World, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)  # what is refused is logged, and a report with lone surrogates can't be sent
    client, found = Client(raise_request_exception=False), []
    before = snapshot()
    for what, event in hostile_events(world):
        body = json.dumps(event).encode()
        with transaction.atomic():
            header = sign(body, settings.STRIPE_WEBHOOK_SECRETS[0])
            status = client.post(
                "/webhooks/stripe/", body, content_type="application/json", headers={"Stripe-Signature": header}
            ).status_code
            transaction.set_rollback(True)
        found += [f"{what}: {status}"] if status >= 500 else []
    assert not found, "\n".join(found)
    for name, raw in BODIES.items():
        response = client.post("/webhooks/stripe/", raw, content_type="application/json")
        assert response.status_code in {400, 413}, name
    assert snapshot() == before


def test_the_control_a_signed_event_is_taken_in(world: World) -> None:
    what: Callable[[], bytes] = lambda: json.dumps({"id": "evt_1", "type": "nonsense", "data": {"object": {}}}).encode()  # noqa: E731
    header = sign(what(), settings.STRIPE_WEBHOOK_SECRETS[0])
    answer = Client().post(
        "/webhooks/stripe/", what(), content_type="application/json", headers={"Stripe-Signature": header}
    )
    assert answer.json() == {"received": 0}
