"""The books: written once, never changed, and always adding up to zero."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from marketplace.extensions import Adjustment, price_rules
from marketplace.models import LedgerEntry, Ticket
from marketplace.services import ledger
from marketplace.services.allocation import nets_of
from marketplace.services.checkout import place_order
from marketplace.services.expire import expire_orders
from portal import money
from portal.plugins import registering
from tests.factories import make_event, make_order, make_payment, make_ticket_type, pay
from tests.marketplace.stock.figures import broken
from tests.marketplace.stock.test_checkout import lapse, refused
from venues.models import Vendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> LedgerEntry:
    pay(make_order())
    return LedgerEntry.objects.first()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE marketplace_ledgerentry SET amount = 0",
        "UPDATE marketplace_ledgerentry SET account = account",
        "DELETE FROM marketplace_ledgerentry",
    ],
)
def test_the_database_refuses_to_change_or_delete(entry, statement):
    before = list(LedgerEntry.objects.values())
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(LedgerEntry.objects.values()) == before


def test_the_orm_is_refused_too(entry):
    entry.amount = 1
    for attempt in (entry.save, entry.delete, LedgerEntry.objects.all().delete):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            attempt()


def test_a_fact_is_booked_once(entry):
    payment = entry.payment
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.book_unallocated(payment)


def test_what_does_not_add_up_is_not_booked():
    payment = make_payment(make_order())
    parts = [
        ledger._maker(payment.order, payment)("provider", 100),
        ledger._maker(payment.order, payment)("sales", -99),
    ]
    for entries in (parts, parts[:1], []):
        with pytest.raises(ValueError, match="not to zero"):
            ledger.write("test", entries)
    assert not LedgerEntry.objects.exists()


class Rule:
    """A price rule that changes every order by `amount`."""

    inputs = ()

    def __init__(self, amount: int) -> None:
        self.amount, self.log = amount, []

    def quote(self, quote):
        return [Adjustment("Spring", self.amount, {"seen": quote.subtotal})]

    def commit(self, order):
        self.log.append("commit")

    def release(self, order):
        self.log.append("release")


@pytest.fixture
def rule(request):
    """A rule that a plugin would bring."""

    found = Rule(request.param)
    with registering("test"):
        price_rules.add("test", found)
    yield found
    price_rules.discard_owner("test")


@pytest.mark.parametrize("rule", [-1, -1000, -6999, -7000, -7999, 500], indirect=True)
@pytest.mark.parametrize("commission", [0, 333])
def test_adjustments_are_spread_without_losing_a_cent(rule, commission):
    Vendor.objects.update(commission_bps=commission)
    event = make_event()
    Vendor.objects.update(commission_bps=commission)
    first, second = make_ticket_type(event, price=1000, fee=100), make_ticket_type(event, price=2000, fee=350)
    order = place_order(event.pk, items={first.pk: 3, second.pk: 2}, email="ben@example.org").order
    assert order.total == 3300 + 4700 + rule.amount
    assert pay(order).outcome == "confirmed"
    assert sum(Ticket.objects.values_list("price", flat=True)) == order.total
    sums = dict.fromkeys(("sales", "fees"), 0)
    for account, amount in LedgerEntry.objects.filter(account__in=sums).values_list("account", "amount"):
        sums[account] -= amount
    assert sums["sales"] + sums["fees"] == order.total
    assert sums["sales"] == max(7000 + rule.amount, 0)
    if commission:
        booked = LedgerEntry.objects.get(account="commission").amount if sums["sales"] >= 16 else 0
        assert booked == money.share(sums["sales"], commission)
    assert (broken(), rule.log) == ([], ["commit"])


@pytest.mark.parametrize("rule", [-2500], indirect=True)
def test_a_discount_of_everything_makes_a_free_order(rule):
    order = make_order(make_ticket_type(price=2500))
    assert (order.state, order.total) == ("paid", 0)
    assert list(LedgerEntry.objects.values_list("account", "amount", "tickets")) == [("sales", 0, 1)]


@pytest.mark.parametrize("rule", [-9999], indirect=True)
def test_a_discount_above_the_total_is_refused(rule):

    refused("discount-too-large", make_order, make_ticket_type(price=2500))


@pytest.mark.parametrize("rule", [-100], indirect=True)
def test_what_a_rule_took_is_given_back_when_time_is_over(rule):

    order = make_order()
    lapse(order)
    expire_orders()
    assert rule.log == ["commit", "release"]
    assert pay(order).outcome == "late_honoured"
    assert rule.log == ["commit", "release", "commit"]


def test_nets_of_nothing_paid():
    class Line:
        quantity, unit_price, unit_fee = 2, 0, 0

    assert [net.total for net in nets_of([Line(), Line()], 3)] == [2, 1]
