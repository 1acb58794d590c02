"""Many buyers at once, each with a connection of its own. Every case has a control run without the guard, which fails."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from marketplace.models import Cart, Hold, LedgerEntry, Order, PersonLimit, Quota, Refund, Ticket
from marketplace.services import hold, settle
from marketplace.services.cart import extend_cart, open_cart, release_cart
from marketplace.services.checkout import place_order
from marketplace.services.expire import expire_orders, sweep
from marketplace.services.inventory import add_quota, change_terms
from portal.errors import Rejected
from portal.outbox.models import StoredMessage
from tests.factories import make_event, make_order, make_payment, make_ticket_type
from tests.marketplace.stock.figures import broken, counts
from tests.marketplace.stock.test_checkout import lapse
from tests.marketplace.stock.test_settlement import settle as tell

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]
on_postgres = pytest.mark.postgres

# What anybody would write first: look, then count. Between the two, which takes a moment, the others look as well.
UNGUARDED = hold.SHIFT.replace("WHERE", "FROM (SELECT pg_sleep(0.02)) AS moment WHERE").replace(
    "AND held + sold + %(held)s + %(sold)s <= capacity", ""
)


def at_once(number: int, work: Callable[[int], Any], *, threads: int | None = None) -> Counter[str]:
    """Do `work(0)`, `work(1)`, … in parallel; how often each answer or refusal came. Other exceptions are counted by name."""
    threads = threads or number
    start = threading.Barrier(min(threads, number))

    def attempt(index: int) -> str:
        if index < threads:
            start.wait(30)
        try:
            return str(work(index))
        except Rejected as refusal:
            return refusal.code
        except (DatabaseError, IntegrityError) as error:
            return type(error).__name__ + ": " + str(error).splitlines()[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return Counter(pool.map(attempt, range(number)))


def done(_result: Any) -> str:
    return "done"


@pytest.fixture
def no_guard(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The product without its guards: the statement's condition, and the database's constraint behind it."""
    constraint = next(found for found in Quota._meta.constraints if found.name == "quota_never_oversold")
    monkeypatch.setattr(hold, "SHIFT", UNGUARDED)
    with connection.schema_editor() as editor:
        editor.remove_constraint(Quota, constraint)
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE marketplace_quota CASCADE")  # the rows that broke it
    with connection.schema_editor() as editor:
        editor.add_constraint(Quota, constraint)


def test_one_place_and_fifty_buyers():
    kind = make_ticket_type(capacity=1)
    outcomes = at_once(50, lambda _n: done(open_cart(kind.event, items={kind.pk: 1})))
    assert outcomes == {"done": 1, "sold-out": 49}
    assert (counts(kind), Hold.objects.count(), broken()) == ((1, 0), 1, [])


@on_postgres
def test_one_place_and_fifty_buyers_without_the_guard(no_guard):
    kind = make_ticket_type(capacity=1)
    at_once(50, lambda _n: done(open_cart(kind.event, items={kind.pk: 1})))
    assert Hold.objects.count() > 1


@on_postgres
def test_five_hundred_places_and_two_thousand_attempts():
    kind = make_ticket_type(capacity=500)
    outcomes = at_once(2000, lambda n: done(make_order(kind, email=f"b{n}@example.org")), threads=50)
    assert outcomes == {"done": 500, "sold-out": 1500}
    assert (counts(kind), Order.objects.count(), broken()) == ((500, 0), 500, [])


@on_postgres
def test_five_hundred_places_without_the_guard(no_guard):
    kind = make_ticket_type(capacity=40)
    at_once(400, lambda n: done(make_order(kind, email=f"b{n}@example.org")), threads=50)
    assert Order.objects.count() > 40


@on_postgres
def test_two_types_in_opposite_order_never_deadlock():
    event = make_event()
    first, second = make_ticket_type(event, capacity=1000), make_ticket_type(event, capacity=1000)

    def buy(n: int) -> str:
        ids = [first.pk, second.pk] if n % 2 else [second.pk, first.pk]
        return done(place_order(event.pk, items=dict.fromkeys(ids, 1), email=f"b{n}@example.org"))

    assert at_once(400, buy, threads=40) == {"done": 400}
    assert (counts(first), counts(second), broken()) == ((400, 0), (400, 0), [])


@on_postgres
def test_quotas_in_the_buyers_order_do_deadlock():
    """The control: the same two rows, each buyer in the order of its own choice."""
    event = make_event()
    quotas = [add_quota(event, name=name, capacity=10_000).pk for name in ("A", "B")]

    def buy(n: int) -> str:
        with transaction.atomic():
            for quota_id in quotas if n % 2 else reversed(quotas):
                hold.shift(quota_id, held=1)
        return "done"

    outcomes = at_once(24, buy, threads=6)
    assert any("deadlock" in outcome for outcome in outcomes)


@on_postgres
def test_lapsed_places_are_shared_out_among_all_who_come():
    """Nobody is refused for places that another buyer is just freeing."""
    kind = make_ticket_type(capacity=20)
    for _n in range(20):
        lapse(open_cart(kind.event, items={kind.pk: 1}))
    outcomes = at_once(30, lambda n: done(make_order(kind, email=f"b{n}@example.org")))
    assert outcomes == {"done": 20, "sold-out": 10}
    assert (counts(kind), broken()) == ((20, 0), [])


@on_postgres
def test_a_cart_that_is_sent_in_many_tabs_makes_one_order():
    kind = make_ticket_type()
    cart = open_cart(kind.event, items={kind.pk: 2})

    def send(_n: int) -> str:
        return place_order(kind.event_id, cart=Cart.objects.get(pk=cart.pk), email="ben@example.org").order.code

    outcomes = at_once(20, send)
    assert outcomes == {Order.objects.get().code: 20}
    assert (counts(kind), broken()) == ((2, 0), [])


@on_postgres
def test_a_person_in_many_tabs_gets_what_one_person_may_have():
    kind = make_ticket_type()
    change_terms(kind.event, max_per_person=3)
    assert at_once(20, lambda _n: done(make_order(kind, email="ben@example.org"))) == {
        "done": 3,
        "limit-per-person": 17,
    }
    assert (counts(kind), PersonLimit.objects.get().tickets) == ((3, 0), 3)


@on_postgres
def test_one_webhook_twenty_times_in_parallel():
    kind = make_ticket_type()
    order = make_order(kind, quantity=2)
    payment = make_payment(order)
    outcomes = at_once(20, lambda _n: tell(payment).outcome)
    assert outcomes == {"confirmed": 1, "already": 19}
    told = Counter(StoredMessage.objects.values_list("name", flat=True))
    assert (told["marketplace.OrderConfirmed"], told["marketplace.OrderPaid"]) == (1, 1)
    assert (Ticket.objects.count(), LedgerEntry.objects.values("transaction").distinct().count()) == (2, 1)
    assert (counts(kind), broken()) == ((0, 2), [])


@on_postgres
def test_one_webhook_in_parallel_without_the_compare_and_set(monkeypatch):
    def look_then_write(row: Any, to: str, *, unless: Any = (), **fields: Any) -> bool:
        if to not in type(row).TRANSITIONS[row.state] or row.state in unless:
            return False
        type(row).objects.filter(pk=row.pk).update(state=to, **fields)
        return True

    monkeypatch.setattr(settle, "move", look_then_write)
    monkeypatch.setattr(settle, "_lock", lambda key: settle.Payment.objects.select_related("order__event").get(key=key))
    payment = make_payment(make_order())
    outcomes = at_once(20, lambda _n: tell(payment).outcome)
    assert outcomes != {"confirmed": 1, "already": 19}


@on_postgres
def test_money_and_the_end_of_time_meet():
    """Late money, the jobs that expire, and new buyers at the same places: every place is counted once."""
    kind = make_ticket_type(capacity=10)
    orders = [make_order(kind, email=f"b{n}@example.org") for n in range(10)]
    payments = [make_payment(order) for order in orders]
    for order in orders:
        lapse(order)

    def act(n: int) -> str:
        if n < 10:
            return tell(payments[n]).outcome
        if n < 20:
            return done(expire_orders())
        return done(make_order(kind, email=f"new{n}@example.org"))

    outcomes = at_once(30, act)
    assert set(outcomes) <= {"confirmed", "late_honoured", "refund_due", "done", "sold-out"}
    assert broken() == []
    assert Order.objects.filter(state="paid").count() + Refund.objects.count() == 10
    assert Ticket.objects.count() == Order.objects.filter(state="paid").count()


@on_postgres
def test_carts_of_two_types_under_every_kind_of_traffic():
    event = make_event()
    house = add_quota(event, name="House", capacity=15)
    kinds = [make_ticket_type(event, quotas=[house, add_quota(event, name=f"Q{n}", capacity=8)]) for n in range(3)]

    def live(n: int) -> str:
        kind = kinds[n % 3]
        cart = open_cart(event, items={kind.pk: 1, kinds[(n + 1) % 3].pk: 1})
        if n % 4 == 0:
            release_cart(cart)
        elif n % 4 == 1:
            lapse(cart)
            sweep()
        elif n % 4 == 2:
            extend_cart(cart)
        else:
            tell(make_payment(place_order(event.pk, cart=cart, email=f"b{n}@example.org").order))
        return "done"

    outcomes = at_once(120, live, threads=24)
    assert set(outcomes) <= {"done", "sold-out", "hold-expired"}
    assert broken() == []
    assert all(quota.left >= 0 for quota in Quota.objects.all())
