"""Ticket types, quotas and terms: what may change while tickets are sold."""

from __future__ import annotations

import pytest

from marketplace.models import PersonLimit, Quota, QuotaTicketType
from marketplace.services.expire import expire_orders
from marketplace.services.inventory import (
    add_quota,
    add_ticket_type,
    change_quota,
    change_terms,
    change_ticket_type,
    ensure_terms,
    forget,
    remove_quota,
)
from tests.factories import make_event, make_order, make_ticket_type, make_vendor, pay
from tests.marketplace.stock.figures import broken
from tests.marketplace.stock.test_checkout import lapse, refused

pytestmark = pytest.mark.django_db


def test_terms_begin_with_the_vendors_currency():
    event = make_event(make_vendor(currency="GBP"))
    assert (ensure_terms(event), ensure_terms(event).currency) == (ensure_terms(event), "GBP")


def test_the_currency_is_free_until_something_was_ordered():
    kind = make_ticket_type()
    change_terms(kind.event, currency="USD")
    assert make_order(kind).currency == "USD"
    refused("currency-in-use", change_terms, kind.event, currency="EUR")


def test_capacity_can_not_go_below_sold_and_held():
    kind = make_ticket_type(capacity=10)
    pay(make_order(kind, quantity=3))
    lapsed = make_order(kind, quantity=4)
    make_order(kind, quantity=2)
    quota = kind.quotas.get()
    refusal = refused("below-sold", change_quota, quota, capacity=8)
    assert refusal.data == {"sold": 3, "held": 6, "least": 9}
    lapse(lapsed)
    assert change_quota(quota, capacity=5).left == 0
    assert broken() == []


def test_places_go_back_to_the_quota_that_they_came_from():
    """A type may be moved to other quotas while its orders are open."""
    kind = make_ticket_type(capacity=5)
    order = make_order(kind, quantity=2)
    other = add_quota(kind.event, name="Other", capacity=7)
    change_ticket_type(kind, quotas=[other])
    lapse(order)
    expire_orders()
    assert [(quota.held, quota.sold) for quota in Quota.objects.all()] == [(0, 0), (0, 0)]
    late = pay(order)
    assert (late.outcome, broken()) == ("late_honoured", [])


def test_a_quota_in_use_stays():
    kind = make_ticket_type()
    refused("in-use", remove_quota, kind.quotas.get())
    spare = add_quota(kind.event, name="Spare", capacity=1)
    remove_quota(spare)
    assert Quota.objects.count() == 1


def test_a_type_needs_places_of_its_own_event():
    event, foreign = make_event(), add_quota(make_event(), name="Foreign", capacity=1)
    for quotas in ([], [foreign]):
        refusal = refused("invalid-input", add_ticket_type, event, name="A", price=1, quotas=quotas)
        assert refusal.data["field"] == "quotas"
    assert not QuotaTicketType.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("price", -1), ("price", 10**10), ("price", 1.5), ("price", True), ("fee", -1), ("capacity", -1),
     ("capacity", 10**7), ("name", " "), ("name", "x" * 81), ("description", "x" * 301), ("max_per_order", 0)],
)  # fmt: skip
def test_wrong_values_are_named(field, value):
    event = make_event()
    refusal = refused("invalid-input", add_ticket_type, event, **{"name": "A", "price": 1, "capacity": 1, field: value})
    assert (refusal.status, refusal.data["field"]) == (422, field)
    assert not Quota.objects.exists()


def test_setting_a_limit_anew_counts_what_was_bought_without_one():
    kind = make_ticket_type()
    change_terms(kind.event, max_per_person=5)
    make_order(kind, email="ben@example.org")
    change_terms(kind.event, max_per_person=None)
    make_order(kind, quantity=3, email="ben@example.org")
    change_terms(kind.event, max_per_person=5)
    refused("limit-per-person", make_order, kind, quantity=2, email="ben@example.org")
    make_order(kind, email="ben@example.org")
    assert PersonLimit.objects.get().tickets == 5


def test_an_event_with_orders_is_not_forgotten():
    order = make_order()
    refused("event-has-sales", forget, order.event)
