"""What affiliates earn: booked with the sale, earned when the event is over, reversed with refunds, paid once."""

from __future__ import annotations

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from marketplace.affiliates import Balance, balances_of, conversions
from marketplace.models import Affiliate, AffiliatePayout, Conversion, LedgerEntry, Order
from marketplace.services import affiliate_payout, ledger
from marketplace.services.affiliate import set_rate
from marketplace.services.affiliate_commission import reversing_entries
from marketplace.services.affiliate_payout import pay_out
from marketplace.services.refund import refund_tickets
from portal import money
from portal.errors import Rejected
from tests.factories import make_order, make_ticket_type, pay
from venues.models import EventPage

pytestmark = pytest.mark.django_db


def sold(kind: Any, affiliate: Any, *, quantity: int = 1) -> Order:
    order = make_order(kind, quantity=quantity, affiliate=affiliate.code)
    assert pay(order).outcome == "confirmed"
    order.refresh_from_db()
    return order


def refund(order: Order, amount: int, *, fact: str) -> None:
    """As a refund does within its transaction: what affiliates earned, beside what goes back."""
    with transaction.atomic():
        Order.objects.select_for_update().get(pk=order.pk)
        entry = ledger._maker(order, None)
        reversed_ = reversing_entries(order, refunded=amount, entry=entry)
        ledger.write(fact, [entry("refunds", amount), entry("provider", -amount), *reversed_])


def sums(order: Order) -> Counter[str]:
    found: Counter[str] = Counter()
    for account, amount in LedgerEntry.objects.filter(order=order).values_list("account", "amount"):
        found[account] += amount
    return found


def over(event: Any) -> None:
    at = timezone.now()
    EventPage.objects.filter(pk=event.pk).update(start=at - timedelta(hours=9), end=at - timedelta(hours=6))


def balance(affiliate: Affiliate) -> list[Balance]:
    return balances_of([affiliate])[affiliate.pk]


def states() -> list[str]:
    return [row.state for row in conversions().order_by("pk")]  # type: ignore[attr-defined]


def test_commission_is_booked_with_the_sale(kind: Any, dora: Any) -> None:
    order = make_order(kind, quantity=2, affiliate=dora.code)
    assert states() == ["open"]
    pay(order)
    assert dict(sums(order)) == {
        "provider": 5500, "sales": -5000, "fees": -500, "affiliate_cost": 500, "affiliate": -500,
    }  # fmt: skip
    assert LedgerEntry.objects.filter(order=order).values("transaction").distinct().count() == 1
    assert (states(), balance(dora)) == (["pending"], [Balance("EUR", 500, 0, 0)])


def test_it_is_booked_when_the_door_takes_the_cash(kind: Any, dora: Any, ada: Any) -> None:
    from marketplace.services.methods import add_method, attach_method
    from marketplace.services.pay import start_payment
    from marketplace.services.settle import take_cash

    method = add_method(dora.vendor, provider="cash", title="At the door")
    attach_method(kind.event, method=method)
    order = make_order(kind, affiliate=dora.code)
    start_payment(order, method_id=method.pk, return_url="")
    assert (states(), balance(dora)) == (["open"], [])
    take_cash(order, user=ada)
    assert (states(), sums(order)["affiliate"]) == (["pending"], -250)


def test_it_is_earned_when_the_event_is_over(kind: Any, dora: Any) -> None:
    sold(kind, dora)
    over(kind.event)
    assert (states(), balance(dora)) == (["earned"], [Balance("EUR", 0, 250, 0)])


def test_a_canceled_event_earns_nothing_by_being_over(kind: Any, dora: Any) -> None:
    sold(kind, dora)
    over(kind.event)
    EventPage.objects.filter(pk=kind.event_id).update(canceled_at=timezone.now())
    assert (states(), balance(dora)) == (["pending"], [Balance("EUR", 250, 0, 0)])


def test_free_tickets_are_counted_and_cost_nothing(kind: Any, dora: Any) -> None:
    order = make_order(make_ticket_type(kind.event, price=0), affiliate=dora.code)
    assert (states(), dict(sums(order))) == (["pending"], {"sales": 0})
    assert [row.tickets for row in conversions()] == [1]  # type: ignore[attr-defined]


def test_what_was_never_paid_is_void(kind: Any, dora: Any) -> None:
    order = make_order(kind, affiliate=dora.code)
    Order.objects.filter(pk=order.pk).update(state=Order.State.EXPIRED)
    assert states() == ["void"]


@pytest.mark.parametrize("seed", range(20))
def test_refunds_in_parts_reverse_exactly_what_one_would(kind: Any, dora: Any, seed: int) -> None:
    """Any prices, any rate, any parts: after each, what remains is the commission of what remains; at last, nothing."""
    chance = random.Random(seed)
    set_rate(kind.event, commission_bps=chance.randint(1, 10_000))
    order = sold(make_ticket_type(kind.event, price=chance.randint(1, 9_999)), dora, quantity=chance.randint(1, 6))
    conversion, left = order.conversion, order.conversion.sales
    assert sums(order)["affiliate_cost"] == money.share(left, conversion.commission_bps)
    part = 0
    while left:
        part, amount = part + 1, min(left, chance.randint(1, 1 + left * 2 // 3))
        left -= amount
        refund(order, amount, fact=f"refund:{part}")
        found = sums(order)
        assert found["affiliate_cost"] == -found["affiliate"] == money.share(left, conversion.commission_bps)
    assert (sum(sums(order).values()), states()) == (0, ["void"])


def test_refunds_take_it_back_in_their_own_transaction(kind: Any, dora: Any) -> None:
    """Of 27.50 a ticket 25.00 is its price, and the affiliate has a tenth of that."""
    order = sold(kind, dora, quantity=3)
    first, *_others = order.tickets.order_by("number")
    refund_tickets(order, ticket_ids=[first.pk], as_vendor=True, amount=1101)
    assert (Conversion.objects.get().refunded, sums(order)["affiliate_cost"]) == (1000, 650)
    refund_tickets(order, ticket_ids=[first.pk], as_vendor=True)
    assert (Conversion.objects.get().refunded, sums(order)["affiliate_cost"]) == (2500, 500)
    refund_tickets(order, as_vendor=True)
    assert (Conversion.objects.get().refunded, states()) == (7500, ["void"])
    assert (sums(order)["affiliate_cost"], sums(order)["affiliate"], sum(sums(order).values())) == (0, 0, 0)
    facts = LedgerEntry.objects.filter(account="affiliate_cost").values_list("transaction", flat=True)
    assert [fact.split(":")[0] for fact in facts.order_by("pk")] == ["payment", "refund", "refund", "refund"]


def test_goodwill_beyond_the_price_reverses_no_more_and_a_refund_that_bounced_comes_back(kind: Any, dora: Any) -> None:
    order = sold(kind, dora)
    refund(order, 4000, fact="refund:1")
    assert (sums(order)["affiliate_cost"], Conversion.objects.get().refunded) == (0, 2500)
    refund(order, -2500, fact="refund:1:failed")
    assert (sums(order)["affiliate_cost"], Conversion.objects.get().refunded) == (250, 0)


def test_orders_of_nobody_reverse_nothing(kind: Any) -> None:
    order = make_order(kind)
    pay(order)
    with CaptureNothing():
        assert reversing_entries(order, refunded=2500, entry=ledger._maker(order, None)) == []


class CaptureNothing:
    """No statement within."""

    def __enter__(self) -> None:
        from django.test.utils import CaptureQueriesContext

        self.asked = CaptureQueriesContext(connection)
        self.asked.__enter__()

    def __exit__(self, *error: Any) -> None:
        self.asked.__exit__(*error)
        assert len(self.asked) == 0


def test_a_vendor_pays_what_is_due_once(kind: Any, dora: Any, emil: Any, ada: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(affiliate_payout, "CHUNK", 2)  # so that three orders take two transactions of the ledger
    orders = [sold(kind, dora) for _order in range(3)]
    sold(kind, emil)
    refused(dora, 750, ada)  # not earned yet
    over(kind.event)
    refused(dora, 700, ada)  # not what is due
    pay_out(dora, currency="EUR", amount=750, by=ada)
    refused(dora, 750, ada)  # done already
    assert (balance(dora), balance(emil)) == ([Balance("EUR", 0, 0, 750)], [Balance("EUR", 0, 250, 0)])
    assert states() == ["paid", "paid", "paid", "earned"]
    assert [sums(order)["affiliate_paid"] for order in orders] == [-250] * 3
    assert sum(LedgerEntry.objects.values_list("amount", flat=True)) == 0


def refused(affiliate: Any, amount: int, by: Any) -> None:
    with pytest.raises(Rejected) as refusal:
        pay_out(affiliate, currency="EUR", amount=amount, by=by)
    assert refusal.value.code == "payout-changed"


def test_a_refund_after_the_payout_is_taken_off_the_next(kind: Any, dora: Any, ada: Any) -> None:
    first = sold(kind, dora, quantity=2)
    over(kind.event)
    pay_out(dora, currency="EUR", amount=500, by=ada)
    refund(first, 2500, fact="refund:1")
    assert (balance(dora), states()) == ([Balance("EUR", 0, -250, 500)], ["paid"])
    refused(dora, -250, ada)
    EventPage.objects.filter(pk=kind.event_id).update(end=timezone.now() + timedelta(hours=1))
    sold(kind, dora, quantity=3)
    over(kind.event)
    pay_out(dora, currency="EUR", amount=500, by=ada)
    assert balance(dora) == [Balance("EUR", 0, 0, 1000)]


def test_payouts_are_in_the_append_only_ledger(kind: Any, dora: Any, ada: Any) -> None:
    sold(kind, dora)
    over(kind.event)
    pay_out(dora, currency="EUR", amount=250, by=ada)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        LedgerEntry.objects.filter(account="affiliate_paid").delete()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_two_clicks_at_once_pay_once(
    kind: Any, dora: Any, ada: Any, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The control, without the lock on the affiliate's row, pays twice."""
    sold(kind, dora)
    over(kind.event)
    start = threading.Barrier(4)
    owed = affiliate_payout._owed
    if not guarded:
        monkeypatch.setattr(Affiliate.objects, "select_for_update", lambda **_how: Affiliate.objects.all())
        met = threading.Barrier(4)
        monkeypatch.setattr(affiliate_payout, "_owed", lambda *args: (owed(*args), met.wait(30))[0])

    def click(_number: int) -> str:
        try:
            start.wait(30)
            pay_out(dora, currency="EUR", amount=250, by=ada)
            return "paid"
        except Rejected as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        outcomes = Counter(pool.map(click, range(4)))
    assert outcomes == ({"paid": 1, "payout-changed": 3} if guarded else {"paid": 4})
    assert AffiliatePayout.objects.count() == outcomes["paid"]
