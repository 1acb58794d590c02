"""Whatever is given back in whatever order: never more than was paid, the books add up, and so does the commission."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.models import LedgerEntry, Payment, Refund, RefundLine, Ticket
from marketplace.services.payback import Part, _pour
from marketplace.services.refund import cancel_tickets, refund_tickets
from portal.errors import Rejected
from tests.factories import make_event, make_order, make_payment, make_ticket_type, make_vendor, pay
from tests.marketplace.pay.refunding import books
from tests.marketplace.stock.figures import broken

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]

steps = st.tuples(
    st.sets(st.integers(0, 3), min_size=1),  # which of the four tickets
    st.sampled_from(["refund", "keep", "cancel"]),
    st.none() | st.integers(1, 12_000),  # an amount
)


@settings(max_examples=40, deadline=None)
@given(
    price=st.integers(1, 2_999),
    fee=st.integers(0, 99),
    commission=st.sampled_from([0, 1, 333, 1_000, 10_000]),
    shared=st.integers(0, 3_000),
    sequence=st.lists(steps, min_size=1, max_size=5),
)
def test_sequences_of_partial_refunds(price: int, fee: int, commission: int, shared: int, sequence: list) -> None:
    with transaction.atomic():
        check(price, fee, commission, shared, sequence)
        transaction.set_rollback(True)


def check(price: int, fee: int, commission: int, shared: int, sequence: list) -> None:
    vendor = make_vendor()
    type(vendor).objects.filter(pk=vendor.pk).update(commission_bps=commission)
    order = make_order(make_ticket_type(make_event(vendor), price=price, fee=fee), quantity=4)
    pay(order)
    shared = min(shared, order.total - 1)
    if shared:  # as if two payments had brought it
        Payment.objects.filter(order=order).update(amount=order.total - shared)
        make_payment(order, state="succeeded", amount=shared)
    taken = books(order).get("commission", 0)
    tickets = list(order.tickets.order_by("number").values_list("pk", flat=True))
    for chosen, what, amount in sequence:
        ids = [tickets[number] for number in chosen]
        try:
            if what == "cancel":
                cancel_tickets(order, ticket_ids=ids, as_vendor=True)
            else:
                refund_tickets(order, ticket_ids=ids, as_vendor=True, amount=amount, keep_tickets=what == "keep")
        except Rejected:
            pass
        adds_up(order, taken)


def adds_up(order, taken: int) -> None:
    returned = Refund.objects.aggregate(sum=Sum("amount", default=0))["sum"]
    payments, tickets = Payment.objects.filter(order=order), Ticket.objects.filter(order=order)
    booked = books(order)
    assert returned <= order.total
    assert {
        booked.get("refunds", 0),
        RefundLine.objects.aggregate(sum=Sum("amount", default=0))["sum"],
        payments.aggregate(sum=Sum("refunded"))["sum"],
        tickets.aggregate(sum=Sum("refunded"))["sum"],
    } == {returned}
    assert booked.get("provider", 0) == order.total - returned
    assert booked.get("tickets", 0) == tickets.filter(state="valid").count()
    assert (booked.get("commission", 0) == 0) == (returned == order.total or taken == 0)
    assert 0 <= booked.get("commission", 0) == -booked.get("portal", 0) <= taken
    assert (broken(), sum(LedgerEntry.objects.values_list("amount", flat=True))) == ([], 0)


@given(st.data())
@settings(deadline=None)
@pytest.mark.once
def test_parts_are_cut_where_a_payment_is_full(data) -> None:
    amounts = data.draw(st.lists(st.integers(0, 50), min_size=1, max_size=6).filter(any))
    cuts = data.draw(st.sets(st.integers(1, sum(amounts)))) - {sum(amounts)}
    edges = [0, *sorted(cuts), sum(amounts)]
    shares = [after - before for before, after in pairwise(edges)]
    parts = [Part(Ticket(), amount) for amount in amounts]
    poured = _pour(parts, shares)
    assert [sum(part.amount for part in filled) for filled in poured] == shares
    for part in parts:
        assert sum(cut.amount for filled in poured for cut in filled if cut.ticket is part.ticket) == part.amount
    assert all(len({id(cut.ticket) for cut in filled}) == len(filled) for filled in poured)
