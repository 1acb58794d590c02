"""What a refund or a cancellation does, and to whom it is refused with nothing changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from marketplace.extensions import price_rules
from marketplace.messages import RefundCreated, TicketsCanceled
from marketplace.models import Adjustment, CheckIn, LedgerEntry, Order, Payment, Refund, Ticket
from marketplace.services.admit import check_in
from marketplace.services.inventory import change_terms
from marketplace.services.refund import cancel_tickets, preview_cancellation, preview_refund, refund_tickets
from portal.errors import Rejected
from portal.plugins import registering
from tests.factories import make_order, make_payment, make_ticket_type, pay
from tests.marketplace.pay.refunding import HALF, books, paid_order, starts_in, states
from tests.marketplace.pay.steps import begin, messages
from tests.marketplace.stock.figures import broken, counts
from tests.marketplace.stock.test_ledger import Rule

pytestmark = pytest.mark.django_db


def refused(code: str, act: Any, *args: Any, **kwargs: Any) -> Rejected:
    """`act` is refused with `code`, and leaves everything as it was."""

    def everything() -> list[Any]:
        return [list(model.objects.order_by("pk").values()) for model in (Order, Ticket, Payment, Refund, LedgerEntry)]

    before = everything()
    with pytest.raises(Rejected) as caught:
        act(*args, **kwargs)
    assert (caught.value.code, everything()) == (code, before)
    return caught.value


def first(order: Order) -> Any:
    return order.tickets.order_by("number").first()


class TestOneTicket:
    def test_comes_back_in_full_in_time(self, kind: Any) -> None:
        order = paid_order(kind)
        ticket = first(order)
        returned = refund_tickets(order, ticket_ids=[ticket.pk])
        refund = Refund.objects.get()
        assert (refund.amount, refund.state, returned.amount) == (2750, "created", 2750)
        assert list(refund.lines.values_list("ticket", "amount")) == [(ticket.pk, 2750)]
        assert states(order) == ["refunded", "valid"]
        order.refresh_from_db()
        assert (order.state, counts(kind), broken()) == ("paid", (0, 1), [])
        assert messages(RefundCreated.name, refund_id=refund.pk) == 1
        assert messages(TicketsCanceled.name, order_id=order.pk, ticket_ids=[str(ticket.pk)]) == 1

    def test_the_books_have_it_at_once(self, kind: Any, ada_vendor: Any) -> None:
        type(ada_vendor).objects.filter(pk=ada_vendor.pk).update(commission_bps=1000)
        order = paid_order(kind)
        refund_tickets(order, ticket_ids=[first(order).pk])
        refund = Refund.objects.get()
        entries = LedgerEntry.objects.filter(transaction=f"refund:{refund.pk}:1:created")
        assert list(entries.values_list("account", "amount", "ticket_type", "tickets", "payment")) == [
            ("refunds", 2750, kind.pk, -1, refund.payment_id),
            ("provider", -2750, None, 0, refund.payment_id),
            ("commission", -250, None, 0, refund.payment_id),
            ("portal", 250, None, 0, refund.payment_id),
        ]

    @pytest.mark.parametrize(("hours", "amount"), [(49, 2750), (47, 1375), (25, 1375)])
    def test_by_the_hours_that_are_left(self, kind: Any, concert: Any, hours: float, amount: int) -> None:
        order = paid_order(kind)
        starts_in(concert, hours=hours)
        assert preview_refund(order, ticket_ids=[first(order).pk]).amount == amount
        assert refund_tickets(order, ticket_ids=[first(order).pk]).amount == amount

    @pytest.mark.parametrize(("hours", "policy"), [(23, HALF), (500, [])])
    def test_is_refused_outside_the_policy(self, kind: Any, concert: Any, hours: float, policy: Any) -> None:
        order = paid_order(kind, policy=policy)
        starts_in(concert, hours=hours)
        ids = [first(order).pk]
        assert preview_refund(order, ticket_ids=ids).refusal.code == "outside-policy"  # type: ignore[union-attr]
        refused("outside-policy", refund_tickets, order, ticket_ids=ids)
        refused("outside-policy", cancel_tickets, order, ticket_ids=ids)

    def test_keeps_the_policy_it_was_bought_with(self, kind: Any, concert: Any) -> None:
        order = paid_order(kind)
        change_terms(concert, refund_policy=[])
        assert preview_refund(order).amount == 5500

    def test_that_was_used(self, kind: Any, concert: Any, ada: Any) -> None:
        order = paid_order(kind)
        CheckIn.objects.create(ticket=first(order), at=now())
        refused("ticket-used", refund_tickets, order, ticket_ids=[first(order).pk])
        refused("ticket-used", cancel_tickets, order, ticket_ids=[first(order).pk])
        assert refund_tickets(order, ticket_ids=[first(order).pk], as_vendor=True).amount == 2750

    def test_twice(self, kind: Any) -> None:
        order = paid_order(kind)
        refund_tickets(order, ticket_ids=[first(order).pk])
        refused("already-refunded", refund_tickets, order, ticket_ids=[first(order).pk])
        refused("already-refunded", refund_tickets, order, ticket_ids=[first(order).pk], as_vendor=True)

    def test_of_somebody_elses_order(self, kind: Any) -> None:
        order, other = paid_order(kind), paid_order(kind)
        refused("unknown-ticket", refund_tickets, order, ticket_ids=[first(other).pk])

    def test_lets_nobody_in(self, kind: Any, concert: Any, ada: Any) -> None:
        from marketplace.codes import code_of

        order = paid_order(kind)
        starts_in(concert, hours=49)
        code = code_of(first(order))
        refund_tickets(order, ticket_ids=[first(order).pk])
        starts_in(concert, hours=0)
        assert check_in(concert, code=code, user=ada).result == "refunded"

    def test_a_preview_says_until_when(self, kind: Any, concert: Any) -> None:
        order = paid_order(kind)
        starts_in(concert, hours=30)
        preview = preview_refund(order)
        assert (preview.amount, preview.percent_bps, preview.until) == (2750, 5000, concert.start - timedelta(hours=24))


class TestWholeOrders:
    def test_end_refunded(self, kind: Any) -> None:
        order = paid_order(kind)
        assert refund_tickets(order).amount == 5500
        order.refresh_from_db()
        assert (order.state, states(order), counts(kind), broken()) == ("refunded", ["refunded"] * 2, (0, 0), [])
        assert books(order) == {"fees": -500, "refunds": 5500, "sales": -5000}

    def test_used_tickets_stay(self, kind: Any) -> None:
        order = paid_order(kind)
        CheckIn.objects.create(ticket=first(order), at=now())
        assert refund_tickets(order).amount == 2750
        assert states(order) == ["valid", "refunded"]

    def test_price_rules_get_back_what_they_gave(self, kind: Any) -> None:
        rule = Rule(-100)
        with registering("test"):
            price_rules.add("test", rule)
        try:
            order = paid_order(kind)
            refund_tickets(order, ticket_ids=[first(order).pk])
            assert rule.log == ["commit"]
            refund_tickets(order)
            assert rule.log == ["commit", "release"]
        finally:
            price_rules.discard_owner("test")

    def test_free_tickets_that_came_along_go_too(self, concert: Any, kind: Any) -> None:
        from marketplace.services.checkout import place_order

        child = make_ticket_type(concert, price=0, capacity=5)
        order = place_order(concert.pk, items={kind.pk: 1, child.pk: 1}, email="ben@example.org").order
        pay(order)
        order = Order.objects.get(pk=order.pk)
        assert refund_tickets(order, as_vendor=True).amount == 2750
        order.refresh_from_db()
        assert (order.state, sorted(states(order))) == ("refunded", ["canceled", "refunded"])
        assert (books(order), counts(child)) == ({"fees": -250, "refunds": 2750, "sales": -2500}, (0, 0))

    def test_a_person_may_buy_again(self, kind: Any, concert: Any) -> None:
        change_terms(concert, max_per_person=2)
        order = paid_order(kind, email="ben@example.org")
        with pytest.raises(Rejected):
            make_order(kind, email="ben@example.org")
        refund_tickets(order, ticket_ids=[first(order).pk])
        make_order(kind, email="ben@example.org")

    def test_a_limit_that_comes_later_counts_what_is_left(self, kind: Any, concert: Any) -> None:
        order = paid_order(kind, email="ben@example.org")
        refund_tickets(order, ticket_ids=[first(order).pk])
        change_terms(concert, max_per_person=2)
        make_order(kind, email="ben@example.org")

    def test_free_tickets_are_canceled_without_money(self, concert: Any) -> None:
        kind = make_ticket_type(concert, price=0, capacity=5)
        order = make_order(kind, quantity=2)
        refused("nothing-to-refund", refund_tickets, order)
        assert cancel_tickets(order, ticket_ids=[first(order).pk]).refunds == []
        entry = LedgerEntry.objects.get(transaction=f"ticket:{first(order).pk}:canceled")
        assert (entry.account, entry.amount, entry.tickets, entry.ticket_type_id) == ("refunds", 0, -1, kind.pk)
        cancel_tickets(order)
        order.refresh_from_db()
        assert (order.state, states(order), counts(kind), books(order)) == ("canceled", ["canceled"] * 2, (0, 0), {})

    def test_not_once_the_event_is_over(self, concert: Any) -> None:
        order = make_order(make_ticket_type(concert, price=0, capacity=5))
        starts_in(concert, days=-1)
        refused("event-over", cancel_tickets, Order.objects.get(pk=order.pk))

    def test_nothing_is_refunded_of_what_was_never_bought(self, kind: Any) -> None:
        refused("nothing-to-refund", refund_tickets, make_order(kind))

    def test_the_amount_that_was_shown(self, kind: Any, concert: Any) -> None:
        """The step ended between the page and the button."""
        order = paid_order(kind)
        shown = preview_cancellation(order).amount
        starts_in(concert, hours=30)
        refused("refund-changed", cancel_tickets, order, expected=shown)
        assert cancel_tickets(order, expected=2750, to="refunded").amount == 2750


class TestTheVendor:
    def test_gives_back_outside_the_policy(self, kind: Any) -> None:
        order = paid_order(kind, policy=[])
        assert refund_tickets(order, as_vendor=True, reason="Bad seats").amount == 5500
        assert Refund.objects.get().reason == "Bad seats"

    def test_gives_any_amount_up_to_what_is_left(self, kind: Any) -> None:
        order = paid_order(kind)
        returned = refund_tickets(order, as_vendor=True, amount=1001)
        assert sorted(part.amount for part in returned.parts) == [500, 501]
        refusal = refused("amount-too-large", refund_tickets, order, as_vendor=True, amount=4500)
        assert refusal.data["refundable"] == {"amount": 4499, "currency": "EUR"}
        assert refund_tickets(order, as_vendor=True, amount=4499).amount == 4499
        assert Payment.objects.get(order=order).refunded == 5500

    def test_goodwill_leaves_the_tickets(self, kind: Any) -> None:
        order = paid_order(kind)
        refund_tickets(order, as_vendor=True, amount=500, keep_tickets=True)
        order.refresh_from_db()
        assert (order.state, states(order), counts(kind)) == ("paid", ["valid"] * 2, (0, 2))
        assert messages(TicketsCanceled.name) == 0
        assert books(order)["tickets"] == 2
        assert refund_tickets(order).amount == 5000  # what went back before is not paid twice

    def test_gives_the_rest_of_a_ticket_that_is_gone(self, kind: Any, concert: Any) -> None:
        order = paid_order(kind, quantity=1)
        starts_in(concert, hours=30)
        refund_tickets(order)
        assert refund_tickets(order, as_vendor=True).amount == 1375
        assert (books(order)["refunds"], states(order)) == (2750, ["refunded"])

    def test_a_buyer_asks_for_no_more_than_the_policy_gives(self, kind: Any, concert: Any) -> None:
        order = paid_order(kind)
        starts_in(concert, hours=30)
        refused("amount-too-large", refund_tickets, order, amount=2751)
        assert refund_tickets(order, amount=2000).amount == 2000


class TestSeveralPayments:
    def test_are_shared_by_what_is_left_of_each(self, kind: Any) -> None:
        """A second payment counts for what it brought; each is refunded on its own, and the parts add up."""
        order = paid_order(kind)
        Payment.objects.filter(order=order).update(amount=4000)
        make_payment(order, state="succeeded", amount=1500)
        returned = refund_tickets(order, as_vendor=True, amount=3001)
        assert [refund.amount for refund in returned.refunds] == [2183, 818]
        assert [sum(line.amount for line in refund.lines.all()) for refund in returned.refunds] == [2183, 818]
        assert "tickets" not in books(order)
        assert refund_tickets(order, as_vendor=True).amount == 2499
        assert list(Payment.objects.filter(order=order).order_by("pk").values_list("refunded", flat=True)) == [
            4000,
            1500,
        ]


class TestUnpaid:
    def test_one_ticket_less_is_due(self, order: Any, cash: Any, kind: Any) -> None:
        begin(order, cash)
        cancel_tickets(order, ticket_ids=[first(order).pk])
        order.refresh_from_db()
        payment = Payment.objects.get(order=order)
        assert (order.state, order.total, payment.amount, payment.state) == ("pending", 2750, 2750, "pending")
        assert (states(order), counts(kind), books(order), broken()) == (["canceled", "valid"], (0, 1), {}, [])

    def test_the_door_takes_the_rest(self, order: Any, cash: Any, ada: Any) -> None:
        from marketplace.services.settle import take_cash

        begin(order, cash)
        cancel_tickets(order, ticket_ids=[first(order).pk])
        assert take_cash(Order.objects.get(pk=order.pk), user=ada).outcome == "confirmed"
        assert books(order) == {"cash": 2750, "fees": -250, "sales": -2500, "tickets": 1}
        refund_tickets(Order.objects.get(pk=order.pk), as_vendor=True)
        assert books(order) == {"fees": -250, "refunds": 2750, "sales": -2500}

    def test_a_discount_goes_with_its_tickets(self, order: Any, cash: Any, ada: Any) -> None:
        from marketplace.services.settle import take_cash

        Adjustment.objects.create(order=order, rule="x", label="Voucher", amount=-1001)
        Order.objects.filter(pk=order.pk).update(total=4499)
        order.refresh_from_db()
        begin(order, cash)
        prices = list(order.tickets.order_by("number").values_list("price", flat=True))
        cancel_tickets(order, ticket_ids=[first(order).pk])
        order.refresh_from_db()
        assert order.total == prices[1]
        assert take_cash(order, user=ada).outcome == "confirmed"
        assert (books(order)["cash"], broken()) == (prices[1], [])

    def test_all_of_them_end_the_order(self, order: Any, cash: Any, kind: Any) -> None:
        begin(order, cash)
        refused("nothing-to-refund", refund_tickets, order)
        cancel_tickets(order)
        order.refresh_from_db()
        payment = Payment.objects.get(order=order)
        assert (order.state, payment.state, payment.failure) == ("canceled", "failed", "canceled")
        assert (counts(kind), books(order), broken()) == ((0, 0), {}, [])

    def test_what_is_left_may_be_free(self, concert: Any, kind: Any, cash: Any, ben: Any) -> None:
        from marketplace.services.checkout import place_order

        child = make_ticket_type(concert, price=0, capacity=5)
        order = place_order(concert.pk, items={kind.pk: 1, child.pk: 1}, email=ben.email, user=ben).order
        begin(order, cash)
        cancel_tickets(order, ticket_ids=[order.tickets.get(ticket_type=kind).pk])
        order.refresh_from_db()
        assert (order.state, order.total, order.due_at, books(order)) == ("paid", 0, None, {"tickets": 1})
