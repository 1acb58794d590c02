"""Stripe is away: the buyer is told, keeps the places, and can pay another way."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marketplace.models import Order
from portal import resilience
from portal.errors import Rejected
from tests.infra.sandbox import Sandbox
from tests.marketplace.pay.steps import begin, bought, facts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_calls")]


def refused(order: Any, method: Any, **options: Any) -> Rejected:
    with pytest.raises(Rejected) as caught:
        begin(order, method, **options)
    return caught.value


def test_the_places_are_kept_and_other_ways_named(sandbox: Sandbox, order: Any, card: Any, cash: Any) -> None:
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now() + timedelta(minutes=1))
    order.holds.update(expires_at=timezone.now() + timedelta(minutes=1))
    sandbox.control("faults", path="/v1/", status=503, times=1000)
    refusal = refused(order, card)
    assert (refusal.code, refusal.status) == ("payment-unavailable", 503)
    assert [method["id"] for method in refusal.data["payment_methods"]] == [str(cash.pk)]
    order.refresh_from_db()
    assert order.expires_at > timezone.now() + timedelta(minutes=14)
    assert begin(order, cash).kind == "wait"
    assert facts(order)["tickets"] == 2


def test_a_short_failure_is_repeated_away(sandbox: Sandbox, order: Any, card: Any) -> None:
    sandbox.control("faults", path="/v1/", status=500, times=2)
    assert begin(order, card, token="pm_card_visa").kind == "done"
    assert facts(order) == bought(order)


def test_the_breaker_spares_everyone_the_wait_and_closes_again(
    sandbox: Sandbox, order: Any, card: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resilience, "PAUSE", 2)
    sandbox.control("faults", path="/v1/", drop=True, times=1000)
    while not resilience.is_open("stripe"):
        assert refused(order, card, token="pm_card_visa").status == 503
    sandbox.control("faults")
    assert refused(order, card, token="pm_card_visa").status == 503  # whoever was asked would have taken it
    time.sleep(2.1)
    assert begin(order, card, token="pm_card_visa").kind == "done"
    assert facts(order) == bought(order)
    assert len(sandbox.charges()) == 1


def test_nobody_listens_there(order: Any, card: Any, settings: Any) -> None:
    from portal.breakers import storage_of

    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    try:
        assert refused(order, card).code == "payment-unavailable"
    finally:
        storage_of("stripe").forget()


def test_a_decline_is_no_failure_of_stripe(sandbox: Sandbox, kind: Any, card: Any) -> None:
    from tests.factories import make_order

    order = make_order(kind)
    for _time in range(resilience.FAILURES + 1):
        assert refused(order, card, token="pm_card_chargeDeclined").status == 402
    assert not resilience.is_open("stripe")
