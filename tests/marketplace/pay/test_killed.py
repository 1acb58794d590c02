"""kill -9 of the web process between the charge and our commit: the order is finished, and nothing is charged twice."""

from __future__ import annotations

import contextlib
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.db.models import F

from marketplace.models import Payment
from marketplace.services.reconcile import reconcile
from portal.accounts.tokens import issue_tokens
from tests.infra.site import Site
from tests.marketplace.pay.steps import bought, facts, untouched

PATIENCE = 10  # seconds


class Stripe:
    """The running site's own sandbox."""

    def __init__(self, site: Site) -> None:
        self.url = f"http://127.0.0.1:{site.port + 1}"

    def control(self, action: str, **body: Any) -> None:
        httpx.post(f"{self.url}/_control/{action}", json=body).raise_for_status()

    def charges(self) -> int:
        listed = httpx.get(f"{self.url}/v1/charges", auth=("sk_test_sandbox", "")).json()
        return sum(charge["status"] == "succeeded" for charge in listed["data"])


@pytest.fixture
def stripe(site: Site) -> Any:
    sandbox = Stripe(site)
    sandbox.control("reset")
    yield sandbox
    sandbox.control("reset")


def pay_and_kill(site: Site, stripe: Stripe, order: Any, card: Any, user: Any) -> dict[str, Any]:
    """Send POST /payment, and kill the web process while it waits for Stripe's answer. Returns what was sent."""
    stripe.control("faults", path="POST /v1/payment_intents", after=True, delay=PATIENCE)
    token = issue_tokens(user, scope="payments:write").access_token
    sent = {
        "url": f"{site.url}/api/v1/payment",
        "json": {"order": order.code, "payment_method": str(card.pk), "token": "pm_card_visa"},
        "headers": {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex},
        "timeout": 60,
    }
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(httpx.post, **sent)
        deadline = time.monotonic() + PATIENCE
        while not stripe.charges():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        site.kill("site")
        with contextlib.suppress(httpx.TransportError):
            assert answer.result().status_code >= 500
    return sent


def wait_until(done: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_the_reconciler_finishes_it(site: Site, stripe: Stripe, order: Any, card: Any, ben: Any) -> None:
    stripe.control("webhooks", drop=True)
    pay_and_kill(site, stripe, order, card, ben)
    assert facts(order) == untouched(order, "created")
    Payment.objects.update(check_at=F("check_at") - timedelta(minutes=1))
    assert reconcile() == 1
    site.start("site")
    assert facts(order) == bought(order)
    assert stripe.charges() == 1


def test_the_webhook_finishes_it_by_itself(site: Site, stripe: Stripe, order: Any, card: Any, ben: Any) -> None:
    stripe.control("webhooks", delay=1)
    pay_and_kill(site, stripe, order, card, ben)
    site.start("site")
    wait_until(lambda: facts(order)["state"] == "paid")
    assert facts(order) == bought(order)
    assert stripe.charges() == 1


def test_the_client_asks_again_and_is_not_charged_twice(
    site: Site, stripe: Stripe, order: Any, card: Any, ben: Any
) -> None:
    stripe.control("webhooks", drop=True)
    sent = pay_and_kill(site, stripe, order, card, ben)
    site.start("site")
    fresh = {**sent["headers"], "Idempotency-Key": uuid.uuid4().hex}
    answer = httpx.post(**{**sent, "headers": fresh})
    assert (answer.status_code, answer.json()["state"]) == (200, "succeeded")
    assert facts(order) == bought(order)
    assert stripe.charges() == 1
