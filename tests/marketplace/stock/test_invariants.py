"""Whatever people do, in whatever order: the counts are those of the holds and tickets, and the books add up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils.timezone import now
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from marketplace.extensions import PaymentUpdate
from marketplace.models import Cart, Hold, LedgerEntry, Order, Payment, Quota, Refund
from marketplace.services import hold
from marketplace.services.cart import extend_cart, open_cart, release_cart
from marketplace.services.checkout import extend_order, place_order
from marketplace.services.expire import expire_orders, sweep
from marketplace.services.inventory import add_quota, change_quota, change_ticket_type
from marketplace.services.reconcile import ask_again
from marketplace.services.refund import cancel_tickets, refund_tickets
from marketplace.services.settle import confirm_unpaid, settle_refund
from portal.errors import Rejected
from tests.factories import make_event, make_payment, make_ticket_type
from tests.marketplace.stock.figures import broken
from tests.marketplace.stock.test_checkout import lapse
from tests.marketplace.stock.test_settlement import settle

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]

chosen = st.dictionaries(st.integers(0, 2), st.integers(1, 3), min_size=1, max_size=3)
TERMINAL = ("canceled", "refunded")


def waits_here(refund: Refund) -> bool:
    """Whether the books have the money as here, to be given back: it came for nothing, or it bounced."""
    facts = LedgerEntry.objects.filter(transaction__startswith=f"refund:{refund.pk}:").order_by("pk")
    ends = [name.rpartition(":")[2] for name in facts.values_list("transaction", flat=True)]
    return ends[-1] == "failed" if ends else refund.state != "done"


class Box(RuleBasedStateMachine):
    """A box office with three ticket types over shared places, some of them free."""

    carts, orders, payments = Bundle("carts"), Bundle("orders"), Bundle("payments")

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.seen: dict[int, str] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize(house=st.integers(0, 12), room=st.integers(0, 8))
    def open_box(self, house: int, room: int) -> None:
        self.event = make_event()
        whole, part = (add_quota(self.event, name=str(size), capacity=size) for size in (house, room))
        self.kinds = [
            make_ticket_type(self.event, quotas=[whole], price=1000, fee=99),
            make_ticket_type(self.event, quotas=[whole, part], price=2501),
            make_ticket_type(self.event, quotas=[part], price=0),
        ]

    def attempt(self, function, *args, **kwargs):
        """The result, or None where it was refused; a refusal changes nothing."""
        before = self.snapshot()
        try:
            return function(*args, **kwargs)
        except Rejected:
            assert self.snapshot() == before
            return None

    @staticmethod
    def snapshot() -> list:
        return [*Quota.objects.values(), *Hold.objects.order_by("pk").values(), *Order.objects.values("pk", "state")]

    def items(self, choice: dict[int, int]) -> dict[int, int]:
        return {self.kinds[index].pk: quantity for index, quantity in choice.items()}

    @rule(target=carts, choice=chosen)
    def choose(self, choice):
        return self.attempt(open_cart, self.event, items=self.items(choice))

    @rule(target=carts, choice=chosen, old=consumes(carts))
    def choose_again(self, choice, old):
        return self.attempt(open_cart, self.event, items=self.items(choice), replaces=old) or old

    @rule(target=orders, choice=chosen)
    def order(self, choice):
        placed = self.attempt(place_order, self.event.pk, items=self.items(choice), email="ben@example.org")
        return placed and placed.order

    @rule(target=orders, cart=carts)
    def order_cart(self, cart):
        placed = cart and self.attempt(place_order, self.event.pk, cart=cart, email="ben@example.org")
        return placed and placed.order

    @rule(cart=carts, what=st.sampled_from([extend_cart, release_cart, lapse]))
    def touch_cart(self, cart, what):
        if cart and Cart.objects.get(pk=cart.pk).state == "open":
            self.attempt(what, cart)

    @rule(order=orders)
    def touch_order(self, order):
        if order:
            self.attempt(extend_order, order)

    @rule(order=orders, due=st.booleans())
    def time_passes(self, order, due):
        if order and due:
            Order.objects.filter(pk=order.pk, due_at__isnull=False).update(due_at=now() - timedelta(seconds=1))
        elif order and Order.objects.get(pk=order.pk).expires_at:
            lapse(order)

    @rule(what=st.sampled_from([sweep, expire_orders]))
    def tidy_up(self, what):
        what()

    @rule(target=payments, order=orders, provider=st.sampled_from(["stripe", "cash"]))
    def begin_to_pay(self, order, provider):
        if not order or order.payments.filter(state__in=["created", "pending"]).exists():
            return None
        return make_payment(order, provider=provider)

    @rule(payment=payments)
    def pay_at_the_door(self, payment):
        if payment and payment.provider == "cash":
            self.attempt(confirm_unpaid, payment)

    @rule(payment=payments, state=st.sampled_from(["pending", "failed", "succeeded"]), short=st.booleans())
    def news(self, payment, state, short):
        if payment:
            settle(payment, state, amount=max(payment.amount - short, 1) if state == "succeeded" else None)

    @rule(
        index=st.integers(0, 3), states=st.lists(st.sampled_from(["in_transit", "done", "failed"])), again=st.booleans()
    )
    def news_of_a_refund(self, index, states, again):
        for refund in Refund.objects.order_by("pk")[index : index + 1]:
            for state in states:
                settle_refund(refund.key, PaymentUpdate(str(refund.key), state, kind="refund"))
            if again:
                ask_again(refund)

    @rule(
        order=orders,
        act=st.sampled_from([refund_tickets, cancel_tickets]),
        one=st.booleans(),
        as_vendor=st.booleans(),
    )
    def give_back(self, order, act, one, as_vendor):
        if order:
            ids = list(order.tickets.values_list("pk", flat=True)[:1]) if one else None
            self.attempt(act, Order.objects.get(pk=order.pk), ticket_ids=ids, as_vendor=as_vendor)

    @rule(index=st.integers(0, 1), capacity=st.integers(0, 15))
    def change_places(self, index, capacity):
        self.attempt(change_quota, list(Quota.objects.all())[index], capacity=capacity)

    @rule(index=st.integers(0, 2), both=st.booleans())
    def move_type(self, index, both):
        quotas = list(Quota.objects.all())
        change_ticket_type(self.kinds[index], quotas=quotas if both else quotas[:1])

    @invariant()
    def adds_up(self) -> None:
        assert broken() == []

    @invariant()
    def an_end_is_an_end(self) -> None:
        states = dict(Order.objects.values_list("pk", "state"))
        assert all(states[pk] == state for pk, state in self.seen.items() if state in TERMINAL)
        self.seen = states

    @invariant()
    def paid_orders_have_their_tickets(self) -> None:
        for order in Order.objects.filter(paid_at__isnull=False).prefetch_related("tickets", "ledger_entries"):
            valid = [ticket for ticket in order.tickets.all() if ticket.state == "valid"]
            assert len(valid) == sum(entry.tickets for entry in order.ledger_entries.all())
            assert bool(valid) == (order.state == "paid")
            assert sum(ticket.price for ticket in order.tickets.all()) == order.total

    @invariant()
    def money_is_here_or_went_back(self) -> None:
        owed = sum(refund.amount for refund in Refund.objects.all() if waits_here(refund))
        assert -sum(LedgerEntry.objects.filter(account="unallocated").values_list("amount", flat=True)) == owed
        for payment in Payment.objects.prefetch_related("refunds"):
            went_back = sum(refund.amount for refund in payment.refunds.all() if refund.state == "done")
            assert (payment.state == "refunded") == (0 < went_back == payment.amount)


CALM = settings(
    max_examples=25, stateful_step_count=30, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def test_nothing_that_people_do_breaks_the_counts_or_the_books():
    run_state_machine_as_test(Box, settings=CALM)


SURELY = {"derandomize": True, "max_examples": 200}  # the same walks each time, and enough of them


def test_a_place_that_is_not_given_back_is_noticed(monkeypatch):
    """The control: releasing a cart forgets its places."""
    monkeypatch.setattr(hold, "release", lambda had: None)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Box, settings=settings(CALM, phases=[Phase.generate], print_blob=False, **SURELY))
