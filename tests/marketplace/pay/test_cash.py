"""Cash on arrival: tickets before the money, within the vendor's limits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marketplace.services.methods import change_method, usable_for
from portal.errors import Rejected
from tests.factories import make_order
from tests.marketplace.pay.steps import begin, facts

pytestmark = pytest.mark.django_db


def due(order: Any, cash: Any, **config: int) -> Any:
    """When the unpaid tickets lapse, under these settings."""
    change_method(cash, config=config)
    cash.refresh_from_db()
    begin(order, cash)
    order.refresh_from_db()
    return order.due_at


def test_tickets_are_out_and_the_money_is_due(order: Any, cash: Any) -> None:
    assert begin(order, cash).kind == "wait"
    order.refresh_from_db()
    assert (order.expires_at, order.due_at) == (None, order.event.end)
    assert facts(order) == {
        "state": "pending",
        "tickets": 2,
        "payments": ["pending"],
        "bookings": [],
        "sum": 0,
        "confirmed": 1,
        "paid": 0,
    }
    assert begin(order, cash).kind == "wait"
    assert facts(order)["tickets"] == 2


def test_a_deadline_before_the_start(order: Any, cash: Any) -> None:
    assert due(order, cash, hours_before=24) == order.event.start - timedelta(hours=24)


def test_a_deadline_after_booking(order: Any, cash: Any) -> None:
    assert due(order, cash, hours_before=24, hours_after=48) == order.created_at + timedelta(hours=48)


@pytest.mark.parametrize(
    ("config", "accepted"),
    [
        ({"max_amount": 5500}, True),
        ({"max_amount": 5499}, False),
        ({"max_tickets": 2}, True),
        ({"max_tickets": 1}, False),
    ],
)
def test_the_vendors_limits(order: Any, cash: Any, config: dict[str, int], accepted: bool) -> None:
    change_method(cash, config=config)
    cash.refresh_from_db()
    assert usable_for(order) == ([cash] if accepted else [])
    if accepted:
        begin(order, cash)
    else:
        with pytest.raises(Rejected) as caught:
            begin(order, cash)
        assert caught.value.code == "method-not-accepted"
    assert facts(order)["tickets"] == (2 if accepted else 0)


def test_too_late_for_cash(kind: Any, cash: Any) -> None:
    change_method(cash, config={"hours_before": 24 * 31})
    cash.refresh_from_db()
    order = make_order(kind)
    assert usable_for(order) == []
    with pytest.raises(Rejected) as caught:
        begin(order, cash)
    assert caught.value.message == "It is too late to book with cash on arrival."
    assert facts(order)["payments"] == ["failed"]


def test_lapsed_tickets_free_their_places(order: Any, cash: Any, kind: Any) -> None:
    from marketplace.services.expire import expire_orders

    begin(order, cash)
    type(order).objects.filter(pk=order.pk).update(due_at=timezone.now())
    assert expire_orders() == 1
    assert kind.quotas.get().sold == 0
    assert facts(order)["payments"] == ["failed"]
