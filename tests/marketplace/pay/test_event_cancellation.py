"""A whole event is called off: everybody gets everything back, once, whatever is killed on the way."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from icalendar import Calendar

from marketplace.invitations import order_ics
from marketplace.models import EventCancellation, LedgerEntry, Order, Refund
from marketplace.services import cancellation
from marketplace.services.cancellation import call_off, progress_of, resume, undo_order, undo_orders
from marketplace.services.refund import refund_tickets
from portal.notifications.services import send_due
from portal.outbox.services import deliver_due
from tests.factories import make_order, make_ticket_type
from tests.marketplace.pay.refunding import paid_order, starts_in, states
from tests.marketplace.pay.steps import begin
from tests.marketplace.stock.figures import broken, counts

pytestmark = pytest.mark.django_db


@pytest.fixture
def crowd(concert: Any, kind: Any, cash: Any) -> dict[str, Order]:
    """One order of each sort."""
    free = make_ticket_type(concert, price=0, capacity=10)
    with_cash = make_order(kind, email="cash@example.org")
    begin(with_cash, cash)
    partly = paid_order(kind, email="partly@example.org", policy=[{"hours_before": 1, "percent_bps": 5000}])
    refund_tickets(partly, ticket_ids=[partly.tickets.first().pk])
    return {
        "paid": paid_order(kind, email="paid@example.org", policy=[]),
        "partly": partly,
        "cash": with_cash,
        "held": make_order(kind, email="held@example.org"),
        "free": make_order(free, email="free@example.org"),
    }


def outcome(orders: dict[str, Order]) -> dict[str, Any]:
    return {name: (Order.objects.get(pk=order.pk).state, states(order)) for name, order in orders.items()}


ALL_UNDONE = {
    "paid": ("refunded", ["refunded", "refunded"]),
    "partly": ("refunded", ["refunded", "refunded"]),
    "cash": ("canceled", ["canceled"]),
    "held": ("canceled", []),
    "free": ("canceled", ["canceled"]),
}


def test_everybody_is_refunded_in_full(concert: Any, crowd: Any, kind: Any) -> None:
    call_off(concert, message="The hall burnt down.")
    undo_orders(concert.pk)
    assert outcome(crowd) == ALL_UNDONE
    refunds = Refund.objects.filter(cancellation__event=concert).values_list("payment__order__email", "amount")
    assert dict(refunds) == {"paid@example.org": 5500, "partly@example.org": 2750}
    assert (counts(kind), broken()) == ((0, 0), [])
    assert sum(LedgerEntry.objects.values_list("tickets", flat=True)) == 0
    row = EventCancellation.objects.get(event=concert)
    assert row.done_at is not None
    progress = progress_of(row)
    assert (progress.orders, progress.undone, progress.tickets, progress.amount) == (5, 5, 3, 8250)


def test_it_is_one_deed(concert: Any, crowd: Any) -> None:
    """Called again, run again, resumed: nothing more happens."""
    call_off(concert)
    call_off(concert, message="Again")
    for _run in range(2):
        undo_orders(concert.pk)
        resume()
    assert Refund.objects.filter(cancellation__event=concert).count() == 2
    assert outcome(crowd) == ALL_UNDONE


def test_a_killed_job_is_resumed(concert: Any, crowd: Any, monkeypatch: Any) -> None:
    call_off(concert)
    undone = []

    def dies(order_id: int) -> bool:
        if len(undone) == 2:
            raise KeyboardInterrupt
        undone.append(order_id)
        return undo_order(order_id)

    monkeypatch.setattr(cancellation, "undo_order", dies)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        undo_orders(concert.pk)
    monkeypatch.undo()
    assert EventCancellation.objects.get().done_at is None
    resume()
    assert outcome(crowd) == ALL_UNDONE


def test_an_order_that_fails_does_not_keep_the_rest(concert: Any, crowd: Any, monkeypatch: Any) -> None:
    call_off(concert)
    real = cancellation.return_all

    def breaks(order: Any, row: Any) -> Any:
        if order.pk == crowd["partly"].pk:
            raise RuntimeError
        return real(order, row)

    monkeypatch.setattr(cancellation, "return_all", breaks)
    undo_orders(concert.pk)
    assert outcome(crowd) == {**ALL_UNDONE, "partly": ("paid", ["refunded", "valid"])}
    assert EventCancellation.objects.get().done_at is None
    monkeypatch.undo()
    resume()
    assert outcome(crowd) == ALL_UNDONE


def test_what_was_ordered_in_that_very_moment_is_undone_too(concert: Any, kind: Any) -> None:
    late = paid_order(kind)
    Order.objects.filter(pk=late.pk).update(event=concert)
    call_off(concert)
    EventCancellation.objects.update(done_at="2026-01-01T00:00Z")
    resume()
    assert states(late) == ["refunded", "refunded"]


def test_holders_are_told_once_and_their_calendars_too(concert: Any, crowd: Any, settings: Any) -> None:
    deliver_due()
    send_due()
    mail.outbox.clear()
    before = Calendar.from_ical(order_ics(crowd["paid"])).walk("VEVENT")[0]
    call_off(concert, message="The hall burnt down.")
    undo_orders(concert.pk)
    for _time in range(2):
        deliver_due()
        send_due()
    told = {message.to[0]: message for message in mail.outbox}
    assert sorted(message.to[0] for message in mail.outbox) == [
        *("cash@example.org", "free@example.org", "paid@example.org", "partly@example.org"),
    ]
    assert "€55.00 is on its way back" in told["paid@example.org"].body
    assert "€27.50 is on its way back" in told["partly@example.org"].body
    assert "You owe nothing" in told["cash@example.org"].body
    assert "goes back" not in told["free@example.org"].body
    assert "The hall burnt down." in told["free@example.org"].body
    ((name, content, _type),) = told["paid@example.org"].attachments
    after = Calendar.from_ical(content).walk("VEVENT")[0]
    assert name.endswith(".ics")
    assert (after["UID"], after["STATUS"]) == (before["UID"], "CANCELLED")
    assert after["SEQUENCE"] > before["SEQUENCE"]


def test_a_refund_after_the_cancellation_is_in_full(concert: Any, kind: Any) -> None:
    """Its buyer was quicker than the job."""
    order = paid_order(kind, policy=[])
    starts_in(concert, hours=1)
    call_off(concert)
    assert refund_tickets(Order.objects.get(pk=order.pk)).amount == 5500
    undo_orders(concert.pk)
    assert Refund.objects.count() == 1
