"""Webhooks: signed, repeated until they are taken, and on demand doubled, delayed, reordered or lost."""

from __future__ import annotations

import json
import time

import pytest
import stripe

from tests.infra.prepared import SECRETS
from tests.infra.sandbox import Receiver, Sandbox, running_sandbox

SECRET = SECRETS["STRIPE_WEBHOOK_SECRET"]
CHARGED = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


def charge(client: stripe.StripeClient) -> stripe.PaymentIntent:
    return client.v1.payment_intents.create(
        {"amount": 900, "currency": "eur", "confirm": True, "payment_method": "pm_card_visa"}
    )


def types(receiver: Receiver) -> list[str]:
    return [json.loads(body)["type"] for body, _signature in receiver.got]


def test_they_are_signed(client: stripe.StripeClient, receiver: Receiver) -> None:
    intent = charge(client)
    for body, signature in receiver.wait_for(3):
        event = client.construct_event(body, signature, SECRET)
        assert event.data.object["id"] in (intent.id, intent.latest_charge)
        with pytest.raises(stripe.SignatureVerificationError):
            client.construct_event(body.replace(b"900", b"901"), signature, SECRET)
        with pytest.raises(stripe.SignatureVerificationError):
            client.construct_event(body, signature, "whsec_other")
    assert sorted(types(receiver)) == sorted(CHARGED)
    assert [event.type for event in client.v1.events.list().data] == CHARGED[::-1]


def test_one_that_fails_comes_again(client: stripe.StripeClient, receiver: Receiver, sandbox: Sandbox) -> None:
    receiver.statuses = [500, 302, 404]
    charge(client)
    receiver.wait_for(6)
    deadline = time.monotonic() + 5
    while {delivery["state"] for delivery in sandbox.deliveries()} != {"done"}:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert sum(delivery["attempts"] for delivery in sandbox.deliveries()) == 6


def test_doubled_delayed_and_dropped(client: stripe.StripeClient, receiver: Receiver, sandbox: Sandbox) -> None:
    sandbox.control("webhooks", copies=2, delay=0.3)
    begun = time.monotonic()
    charge(client)
    receiver.wait_for(6)
    assert time.monotonic() - begun > 0.3
    sandbox.control("webhooks", drop=True)
    charge(client)
    time.sleep(0.3)
    assert len(receiver.got) == 6


def test_held_and_reordered(client: stripe.StripeClient, receiver: Receiver, sandbox: Sandbox) -> None:
    sandbox.control("webhooks", hold=True)
    charge(client)
    time.sleep(0.2)
    assert receiver.got == []
    assert sandbox.control("release", order="reversed")["answers"] == ["200", "200", "200"]
    assert types(receiver) == CHARGED[::-1]


def test_one_event_many_times_at_once(client: stripe.StripeClient, receiver: Receiver, sandbox: Sandbox) -> None:
    sandbox.control("webhooks", drop=True)
    charge(client)
    event = client.v1.events.list({"type": "payment_intent.succeeded"}).data[0]
    assert sandbox.control("send", event=event.id, times=20)["answers"] == ["200"] * 20
    assert {json.loads(body)["id"] for body, _signature in receiver.got} == {event.id}


def test_an_account_of_its_own_has_its_own_endpoint(receiver: Receiver, sandbox: Sandbox) -> None:
    client = sandbox.client("sk_test_ada1")
    endpoint = client.v1.webhook_endpoints.create(
        {"url": f"{receiver.url}?ada", "enabled_events": ["payment_intent.succeeded"]}
    )
    charge(client)
    body, signature = receiver.wait_for(1)[0]
    assert client.construct_event(body, signature, endpoint.secret).type == "payment_intent.succeeded"
    client.v1.webhook_endpoints.delete(endpoint.id)
    charge(client)
    time.sleep(0.2)
    assert len(receiver.got) == 1


def test_a_restart_loses_nothing(tmp_path: object, receiver: Receiver, sandbox: Sandbox) -> None:
    with running_sandbox(tmp_path, webhooks_to=receiver.url) as other:  # type: ignore[arg-type]
        receiver.statuses = [500] * 3
        other.control("webhooks", delay=1)
        intent = charge(other.client())
        other.kill()
        other.start()
        assert other.client().v1.payment_intents.retrieve(intent.id).status == "succeeded"
        receiver.wait_for(6)
        with pytest.raises(stripe.IdempotencyError):
            for amount in (900, 901):
                asked = {"amount": amount, "currency": "eur"}
                other.client().v1.payment_intents.create(asked, {"idempotency_key": "kept"})
                other.kill()
                other.start()
