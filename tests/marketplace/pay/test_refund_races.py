"""Refunds at the same time as other refunds, and as the door. Each case has a control without the guard, which fails."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, Sum

from marketplace.codes import code_of
from marketplace.models import CheckIn, Payment, Refund, Ticket
from marketplace.services import payback, refund
from marketplace.services.admit import check_in
from marketplace.services.claims import claims_of
from marketplace.services.refund import cancel_tickets, refund_tickets
from tests.factories import make_event, make_ticket_type, make_user
from tests.marketplace.pay.refunding import paid_order, starts_in
from tests.marketplace.stock.figures import broken
from tests.marketplace.stock.test_concurrency import at_once, done

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres, pytest.mark.timeout(120)]


def returned() -> tuple[int, int]:
    """What the payments say of it, and what the refunds do."""
    return (
        Payment.objects.aggregate(sum=Sum("refunded"))["sum"],
        Refund.objects.aggregate(sum=Sum("amount", default=0))["sum"],
    )


def refund_at_once(order: Any, amount: int) -> Any:
    return at_once(8, lambda _n: done(refund_tickets(order, as_vendor=True, amount=amount, keep_tickets=True)))


@pytest.fixture
def order() -> Any:
    return paid_order(make_ticket_type(price=2500, fee=250), quantity=2)


def test_what_is_left_is_given_back_once(order: Any) -> None:
    assert refund_at_once(order, 2000) == {"done": 2, "amount-too-large": 6}
    assert (returned(), broken()) == ((4000, 4000), [])


def test_the_database_holds_it_where_nobody_locks(order: Any, monkeypatch: Any) -> None:
    unlock(monkeypatch)
    outcomes = refund_at_once(order, 2000)
    assert returned()[0] == returned()[1] == 2000 * outcomes["done"] <= 5500


def unlock(monkeypatch: Any) -> None:
    """Everybody looks first, and acts a moment later on what was seen."""
    monkeypatch.setattr(refund, "lock", lambda order: None)
    monkeypatch.setattr(refund, "claims_of", slowly)


def slowly(order: Any, ticket_ids: Any = None, *, locked: bool = False) -> Any:
    claims = claims_of(order, ticket_ids)
    time.sleep(0.2)
    return claims


@pytest.fixture
def no_guard(monkeypatch: Any) -> Iterator[None]:
    """Without the conditions of the updates, and the constraints behind them."""
    guards = [
        (model, constraint)
        for model in (Payment, Ticket)
        for constraint in model._meta.constraints
        if constraint.name in ("payment_refunded", "ticket_refunded")
    ]
    unlock(monkeypatch)

    def take(row: Any, amount: int) -> None:
        type(row).objects.filter(pk=row.pk).update(refunded=F("refunded") + amount)

    def take_later(part: Any) -> None:
        time.sleep(0.5)  # everybody has read by now what is left
        take(part.ticket, part.amount)

    monkeypatch.setattr(payback, "take_from_payment", take)
    monkeypatch.setattr(payback, "_take_from_ticket", take_later)
    with connection.schema_editor() as editor:
        for model, constraint in guards:
            editor.remove_constraint(model, constraint)
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE marketplace_order CASCADE")  # the rows that broke them
    with connection.schema_editor() as editor:
        for model, constraint in guards:
            editor.add_constraint(model, constraint)


def test_without_the_guards_too_much_goes_back(no_guard: None, order: Any) -> None:
    refund_at_once(order, 2000)
    assert returned()[1] > 5500


def test_a_ticket_is_canceled_once(order: Any) -> None:
    ids = [order.tickets.first().pk]
    assert at_once(8, lambda _n: done(cancel_tickets(order, ticket_ids=ids))) == {"done": 1, "already-refunded": 7}
    assert (returned(), broken()) == ((2750, 2750), [])


def at_the_door(monkeypatch: Any, read: Any) -> set[tuple[str, int]]:
    """Buyers give back what is scanned in that instant: each ticket's state, and whether its holder is in."""
    event = make_event()
    kind = make_ticket_type(event, price=1000, capacity=20)
    policy = [{"hours_before": 0, "percent_bps": 10_000}]
    orders = [paid_order(kind, quantity=1, policy=policy) for _buyer in range(4)]
    starts_in(event, minutes=10)
    for order in orders:
        order.refresh_from_db()
    codes = [code_of(order.tickets.get()) for order in orders]
    gate = make_user()
    monkeypatch.setattr(refund, "claims_of", read)

    def meet(number: int) -> str:
        if number % 2:
            return done(cancel_tickets(orders[number // 2]))
        time.sleep(0.05 * (number // 2))
        return check_in(event, code=codes[number // 2], user=gate).result

    at_once(8, meet)
    entered = set(CheckIn.objects.values_list("ticket", flat=True))
    return {(ticket.state, int(ticket.pk in entered)) for ticket in Ticket.objects.filter(event=event)}


def locked_slowly(order: Any, ticket_ids: Any = None, *, locked: bool = False) -> Any:
    claims = claims_of(order, ticket_ids, locked=locked)
    time.sleep(0.05)
    return claims


def test_nobody_is_let_in_with_what_was_given_back(monkeypatch: Any) -> None:
    assert at_the_door(monkeypatch, locked_slowly) <= {("canceled", 0), ("valid", 1)}


def test_without_the_lock_somebody_is(monkeypatch: Any) -> None:
    assert ("canceled", 1) in at_the_door(monkeypatch, slowly)
