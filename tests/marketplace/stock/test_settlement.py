"""Where money becomes tickets: exactly once, and never lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now

from marketplace.extensions import PaymentUpdate
from marketplace.models import Hold, LedgerEntry, Order, Payment, Refund, Ticket
from marketplace.services.expire import expire_orders
from marketplace.services.reconcile import ask_again
from marketplace.services.settle import confirm_unpaid, settle_payment, settle_refund, take_cash
from portal.errors import Rejected
from portal.outbox.models import StoredMessage
from tests.factories import make_order, make_payment, make_ticket_type, pay
from tests.marketplace.stock.figures import broken, counts
from tests.marketplace.stock.test_checkout import lapse, refused
from venues.models import EventPage, Vendor

pytestmark = pytest.mark.django_db


def settle(payment: Payment, state: str = "succeeded", **fields):
    return settle_payment(payment.key, PaymentUpdate(str(payment.key), state, **fields))


def messages() -> list[str]:
    names = StoredMessage.objects.filter(name__startswith="marketplace.").exclude(name="marketplace.StockChanged")
    return [name.removeprefix("marketplace.") for name in names.order_by("pk").values_list("name", flat=True)]


def books() -> list[tuple[str, int]]:
    return list(LedgerEntry.objects.order_by("pk").values_list("account", "amount"))


def expired(kind, **fields) -> Order:
    order = make_order(kind, **fields)
    lapse(order)
    assert expire_orders() == 1
    order.refresh_from_db()
    assert order.state == "expired"
    return order


def test_money_gives_the_tickets_out():
    kind = make_ticket_type(price=2500, fee=200, capacity=10)
    Vendor.objects.update(commission_bps=1000)
    order = make_order(kind, quantity=2, name="Ben", attendees=["", "Ada"])
    settlement = pay(order)
    order.refresh_from_db()
    assert (settlement.outcome, order.state, order.expires_at) == ("confirmed", "paid", None)
    assert settlement.order.state == "paid"
    assert [(t.number, t.attendee, t.price, t.state) for t in order.tickets.all()] == [
        (1, "Ben", 2700, "valid"),
        (2, "Ada", 2700, "valid"),
    ]
    assert counts(kind) == (0, 2)
    assert not Hold.objects.exists()
    assert books() == [("provider", 5400), ("sales", -5000), ("fees", -400), ("commission", 500), ("portal", -500)]
    assert LedgerEntry.objects.get(account="sales").tickets == 2
    assert messages() == ["OrderPlaced", "OrderPaid", "OrderConfirmed"]


def test_the_same_news_twenty_times_has_one_effect():
    payment = make_payment(make_order())
    outcomes = [settle(payment).outcome for _time in range(20)]
    assert outcomes == ["confirmed", *["already"] * 19]
    assert (Ticket.objects.count(), LedgerEntry.objects.values("transaction").distinct().count()) == (1, 1)


def test_news_out_of_order_changes_nothing():
    payment = make_payment(make_order())
    assert settle(payment, "pending").outcome == "pending"
    assert settle(payment).outcome == "confirmed"
    assert [settle(payment, state).outcome for state in ("failed", "pending")] == ["already", "already"]
    payment.refresh_from_db()
    assert payment.state == "succeeded"


def test_a_failed_payment_leaves_the_order_to_be_paid_otherwise():
    order = make_order()
    payment = make_payment(order)
    assert settle(payment, "failed", failure="card declined").outcome == "failed"
    assert settle(payment, "failed").outcome == "already"
    assert pay(order).outcome == "confirmed"


def test_money_after_a_reported_failure_is_still_a_fact():
    payment = make_payment(make_order())
    settle(payment, "failed")
    assert settle(payment).outcome == "confirmed"


def test_unknown_payments_are_refused():
    key = make_payment(make_order()).key
    other = str(key)[:-4] + "0000"
    with pytest.raises(Rejected) as caught:
        settle_payment(other, PaymentUpdate(other, "succeeded"))
    assert (caught.value.code, caught.value.status) == ("unknown-payment", 404)


# ---- money that comes late, twice, or wrong


def test_late_money_is_honoured_while_there_is_stock():
    kind = make_ticket_type(capacity=1)
    order = expired(kind)
    assert counts(kind) == (0, 0)
    assert pay(order).outcome == "late_honoured"
    order.refresh_from_db()
    assert (order.state, counts(kind), order.tickets.count()) == ("paid", (0, 1), 1)
    assert messages()[-3:] == ["OrderExpired", "OrderPaid", "OrderConfirmed"]


def test_late_money_without_stock_goes_back():
    kind = make_ticket_type(price=2500, capacity=1)
    order = expired(kind)
    make_order(kind)
    assert pay(order).outcome == "refund_due"
    order.refresh_from_db()
    payment, refund = Payment.objects.get(), Refund.objects.get()
    assert (order.state, order.tickets.count(), counts(kind)) == ("expired", 0, (1, 0))
    assert (payment.state, payment.refunded) == ("succeeded", 2500)
    assert (refund.payment, refund.amount, refund.state) == (payment, 2500, "created")
    assert books() == [("provider", 2500), ("unallocated", -2500)]
    assert messages()[-1] == "PaymentRefused"


def test_money_in_the_gap_before_the_sweeper_comes():
    """The hold has lapsed and nobody took the place: it is still the buyer's."""
    kind = make_ticket_type(capacity=1)
    order = make_order(kind)
    lapse(order)
    assert pay(order).outcome == "confirmed"
    assert counts(kind) == (0, 1)


def test_money_for_a_lapsed_hold_that_another_buyer_took():
    kind = make_ticket_type(capacity=1)
    order = make_order(kind)
    lapse(order)
    make_order(kind)
    assert pay(order).outcome == "refund_due"
    order.refresh_from_db()
    assert (order.state, counts(kind)) == ("expired", (1, 0))
    assert broken() == []


def test_late_money_for_an_event_that_was_canceled_goes_back():
    kind = make_ticket_type()
    for order in (expired(kind), make_order(kind)):
        EventPage.objects.filter(pk=kind.event_id).update(canceled_at=now())
        assert pay(order).outcome == "refund_due"
        EventPage.objects.filter(pk=kind.event_id).update(canceled_at=None)


def test_a_second_payment_goes_back():
    order = make_order()
    assert pay(order).outcome == "confirmed"
    assert pay(order).outcome == "refund_due"
    assert (Ticket.objects.count(), Refund.objects.count()) == (1, 1)
    assert broken() == []


@pytest.mark.parametrize("wrong", [{"amount": 2499}, {"amount": 1}, {"amount": 2501}, {"currency": "USD"}])
def test_another_amount_than_agreed_is_never_taken_for_the_price(wrong):
    kind = make_ticket_type(price=2500)
    order = make_order(kind)
    payment = make_payment(order)
    assert settle(payment, **wrong).outcome == "refund_due"
    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.state, order.tickets.count(), counts(kind)) == ("pending", 0, (1, 0))
    assert (payment.amount, payment.data["agreed_amount"]) == (wrong.get("amount", 2500), 2500)
    assert Refund.objects.get().amount == payment.amount
    assert set(LedgerEntry.objects.values_list("account", "currency")) == {
        ("provider", wrong.get("currency", "EUR")),
        ("unallocated", wrong.get("currency", "EUR")),
    }


def test_a_success_over_nothing_is_a_failure():
    payment = make_payment(make_order())
    assert settle(payment, amount=0).outcome == "failed"
    assert not LedgerEntry.objects.exists()


def test_a_payment_that_was_made_for_an_older_total_goes_back():
    order = make_order()
    payment = make_payment(order, amount=order.total - 1)
    assert settle(payment).outcome == "refund_due"


def test_a_refund_that_is_done_closes_the_account():
    order = make_order()
    pay(order)
    pay(order)
    refund = Refund.objects.get()
    for state in ("in_transit", "done", "done", "in_transit"):
        settle_refund(refund.key, PaymentUpdate(str(refund.key), state, kind="refund"))
    refund.refresh_from_db()
    refund.payment.refresh_from_db()
    assert (refund.state, refund.payment.state) == ("done", "refunded")
    assert books()[-2:] == [("unallocated", 2500), ("provider", -2500)]
    assert sum(amount for account, amount in books() if account == "unallocated") == 0


def returned(refund: Refund, *states: str) -> Refund:
    """What the provider says of `refund`, one after the other; the refund as it is then."""
    for state in states:
        settle_refund(refund.key, PaymentUpdate(str(refund.key), state, kind="refund", failure="account closed"))
    return Refund.objects.select_related("payment").get(pk=refund.pk)


def owed() -> int:
    return -sum(amount for account, amount in books() if account == "unallocated")


def paid_twice() -> tuple[Order, Refund]:
    order = make_order()
    pay(order)
    pay(order)
    return order, Refund.objects.get()


def test_a_refund_that_bounces_is_owed_again():
    _order, refund = paid_twice()
    refund = returned(refund, "done", "failed", "failed", "done")  # the last two are old news
    assert (refund.state, refund.failure, refund.done_at) == ("failed", "account closed", None)
    assert (refund.payment.state, owed()) == ("succeeded", 2500)
    assert messages().count("RefundFailed") == 1


def test_a_refund_that_bounced_can_be_sent_again():
    _order, refund = paid_twice()
    first_key = refund.key
    refund = returned(refund, "done", "failed")
    ask_again(refund)
    refund = returned(Refund.objects.get(), "in_transit", "failed")
    assert refund.key != first_key
    assert (owed(), messages().count("RefundFailed")) == (2500, 2)  # it never left this time: nothing to book
    ask_again(refund)
    refund = returned(Refund.objects.get(), "done")
    assert (refund.state, refund.payment.state, owed()) == ("done", "refunded", 0)
    facts = LedgerEntry.objects.filter(transaction__startswith=f"refund:{refund.pk}:", line=1).order_by("pk")
    assert [fact.rpartition(":")[2] for fact in facts.values_list("transaction", flat=True)] == [
        "done",
        "failed",
        "done",
    ]
    assert broken() == []


def test_old_news_of_a_payment_that_went_back_is_no_new_money():
    order, refund = paid_twice()
    payment = returned(refund, "done").payment
    before = books()
    assert settle(payment).outcome == "already"
    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.state, payment.state, books()) == ("paid", "refunded", before)


def test_a_payment_is_refunded_once_all_of_it_went_back():
    _order, refund = paid_twice()
    Refund.objects.filter(pk=refund.pk).update(amount=1500)
    rest = Refund.objects.create(payment=refund.payment, amount=1000)
    assert returned(refund, "done").payment.state == "succeeded"
    assert returned(rest, "done").payment.state == "refunded"


# ---- cash on arrival


def cash_order(kind=None, **fields) -> tuple[Order, Payment]:
    order = make_order(kind, **fields)
    payment = make_payment(order, provider="cash")
    confirm_unpaid(payment)
    order.refresh_from_db()
    return order, payment


def test_cash_on_arrival_gives_tickets_out_before_the_money():
    kind = make_ticket_type()
    order, payment = cash_order(kind)
    payment.refresh_from_db()
    assert (order.state, order.expires_at, payment.state) == ("pending", None, "pending")
    assert abs(order.due_at - kind.event.end) < timedelta(seconds=1)
    assert (order.tickets.count(), counts(kind)) == (1, (0, 1))
    assert (messages(), books()) == (["OrderPlaced", "OrderConfirmed"], [])
    confirm_unpaid(payment)
    assert order.tickets.count() == 1


def test_the_door_takes_the_cash_once(ada):
    order, _payment = cash_order()
    assert take_cash(order, user=ada).outcome == "confirmed"
    order.refresh_from_db()
    assert (order.state, order.due_at, order.tickets.count()) == ("paid", None, 1)
    assert books() == [("cash", 2500), ("sales", -2500)]
    assert messages()[-1] == "OrderPaid"
    assert Payment.objects.get().data["taken_by"] == ada.pk
    refused("nothing-due", take_cash, order, user=ada)


def test_an_order_that_is_paid_by_card_after_all_takes_no_cash(ada):
    order = make_order()
    by_card = make_payment(order)
    settle(by_card, "failed")
    confirm_unpaid(make_payment(order, provider="cash"))
    assert settle(by_card).outcome == "confirmed"
    order.refresh_from_db()
    assert order.tickets.count() == 1
    refused("nothing-due", take_cash, order, user=ada)
    assert Payment.objects.get(provider="cash").state == "failed"
    assert broken() == []


def test_cash_that_never_comes_frees_the_places(ada):
    kind = make_ticket_type(capacity=2)
    order, payment = cash_order(kind, quantity=2)
    Order.objects.update(due_at=now() - timedelta(minutes=1))
    assert (expire_orders(), expire_orders()) == (1, 0)
    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.state, payment.state, counts(kind)) == ("expired", "failed", (0, 0))
    assert set(order.tickets.values_list("state", "generation")) == {("canceled", 2)}
    refused("nothing-due", take_cash, order, user=ada)
    assert pay(order).outcome == "refund_due"


def test_a_lapsed_hold_gives_no_unpaid_ticket():
    kind = make_ticket_type(capacity=1)
    order = make_order(kind)
    payment = make_payment(order, provider="cash")
    lapse(order)
    make_order(kind)
    refused("hold-expired", confirm_unpaid, payment)
    order.refresh_from_db()
    assert (order.due_at, order.tickets.count(), counts(kind)) == (None, 0, (1, 0))


def test_expiring_gives_the_persons_limit_back():
    kind = make_ticket_type()
    kind.event.terms.__class__.objects.update(max_per_person=1)
    expired(kind, email="ben@example.org")
    order = make_order(kind, email="ben@example.org")
    refused("limit-per-person", make_order, kind, email="ben@example.org")
    lapse(order)
    expire_orders()
    make_order(kind, email="ben@example.org")


def test_settling_takes_few_statements(django_assert_max_num_queries):
    payment = make_payment(make_order())
    with django_assert_max_num_queries(18):
        settle(payment)
