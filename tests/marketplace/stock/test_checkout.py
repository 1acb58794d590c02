"""From a choice of tickets to an order: what is held, what it costs, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now

from marketplace.models import Cart, Hold, Order, Ticket
from marketplace.services.cart import extend_cart, open_cart, release_cart
from marketplace.services.checkout import extend_order, place_order, token_hash
from marketplace.services.inventory import add_quota, archive_ticket_type, change_terms, change_ticket_type
from portal.errors import Rejected
from tests.factories import make_event, make_order, make_ticket_type
from tests.marketplace.stock.figures import counts

pytestmark = pytest.mark.django_db


def refused(code: str, function, *args, **kwargs) -> Rejected:
    with pytest.raises(Rejected) as caught:
        function(*args, **kwargs)
    assert caught.value.code == code
    return caught.value


def test_an_order_holds_its_places_for_a_quarter_of_an_hour():
    kind = make_ticket_type(price=2500, fee=150, capacity=10)
    placed = place_order(kind.event_id, items={kind.pk: 3}, email="Ben@Example.org ", name="Ben")
    order = Order.objects.get(pk=placed.order.pk)
    assert (order.state, order.total, order.currency, order.email) == ("pending", 7950, "EUR", "ben@example.org")
    assert timedelta(minutes=14) < order.expires_at - now() <= timedelta(minutes=15)
    assert counts(kind) == (3, 0)
    assert order.token_hash == token_hash(placed.token)
    assert not order.tickets.exists()


def test_a_user_needs_no_token(ben):
    kind = make_ticket_type()
    placed = place_order(kind.event_id, items={kind.pk: 1}, email=ben.email, user=ben)
    assert (placed.token, placed.order.token_hash, placed.order.user) == ("", "", ben)


def test_an_order_that_costs_nothing_is_confirmed_at_once():
    kind = make_ticket_type(price=0, capacity=5)
    order = make_order(kind, quantity=2, name="Ben", attendees=["Ada"])
    assert (order.state, order.total, order.expires_at) == ("paid", 0, None)
    assert [ticket.attendee for ticket in order.tickets.all()] == ["Ada", "Ben"]
    assert counts(kind) == (0, 2)
    assert not Hold.objects.exists()


def test_sold_out_tells_what_is_left_and_why():
    kind = make_ticket_type(capacity=3)
    open_cart(kind.event, items={kind.pk: 2})
    refusal = refused("sold-out", make_order, kind, quantity=2)
    assert refusal.data == {"left": {str(kind.pk): {"remaining": 1, "reason": "in_carts"}}}
    assert counts(kind) == (2, 0)
    assert not Order.objects.exists()


@pytest.mark.parametrize(("how", "reason"), [("cart", "in_carts"), ("order", "pending"), ("free", "sold")])
def test_the_reason_says_whether_places_may_come_back(how, reason):
    kind = make_ticket_type(price=0 if how == "free" else 100, capacity=1)
    open_cart(kind.event, items={kind.pk: 1}) if how == "cart" else make_order(kind)
    refusal = refused("sold-out", make_order, kind)
    assert refusal.data["left"][str(kind.pk)] == {"remaining": 0, "reason": reason}


def test_a_type_in_two_quotas_must_fit_both():
    event = make_event()
    house, balcony = add_quota(event, name="House", capacity=5), add_quota(event, name="Balcony", capacity=2)
    seat = make_ticket_type(event, quotas=[house])
    high = make_ticket_type(event, quotas=[house, balcony])
    make_order(seat, quantity=4)
    refused("sold-out", make_order, high, quantity=2)
    make_order(high)
    for quota, held in ((house, 5), (balcony, 1)):
        quota.refresh_from_db()
        assert (quota.held, quota.sold) == (held, 0)


def test_an_expired_hold_is_free_for_the_next_buyer_at_once():
    kind = make_ticket_type(capacity=1)
    cart = open_cart(kind.event, items={kind.pk: 1})
    refused("sold-out", make_order, kind)
    lapse(cart)
    make_order(kind)
    assert counts(kind) == (1, 0)
    assert Hold.objects.get().cart is None


def lapse(owner) -> None:
    """Let the time of `owner`'s hold be over."""
    over = now() - timedelta(seconds=1)
    type(owner).objects.filter(pk=owner.pk).update(expires_at=over)
    owner.holds.update(expires_at=over)


# ---- carts


def test_a_cart_becomes_one_order_however_often_it_is_sent():
    kind = make_ticket_type(capacity=10)
    cart = open_cart(kind.event, items={kind.pk: 2})
    first = place_order(kind.event_id, cart=cart, email="ben@example.org")
    again = place_order(kind.event_id, cart=Cart.objects.get(), email="ben@example.org")
    assert first == again
    assert first.order.token_hash == token_hash(again.token)
    assert counts(kind) == (2, 0)
    assert Order.objects.count() == 1


def test_a_cart_keeps_its_price_while_it_is_held():
    kind = make_ticket_type(price=1000)
    cart = open_cart(kind.event, items={kind.pk: 1})
    change_ticket_type(kind, price=1200)
    assert place_order(kind.event_id, cart=cart, email="ben@example.org", expected_total=1000).order.total == 1000


def test_a_lapsed_cart_needs_the_new_total_confirmed():
    kind = make_ticket_type(price=1000)
    cart = open_cart(kind.event, items={kind.pk: 1})
    change_ticket_type(kind, price=1200)
    lapse(cart)
    refusal = refused("price-changed", place_order, kind.event_id, cart=cart, email="ben@example.org")
    assert (refusal.status, refusal.data) == (409, {"total": {"amount": 1200, "currency": "EUR"}})
    assert place_order(kind.event_id, cart=cart, email="ben@example.org", expected_total=1200).order.total == 1200
    assert counts(kind) == (1, 0)


def test_a_lapsed_cart_whose_places_went_to_another_is_refused():
    kind = make_ticket_type(capacity=1)
    cart = open_cart(kind.event, items={kind.pk: 1})
    lapse(cart)
    make_order(kind)
    refused("sold-out", place_order, kind.event_id, cart=cart, email="ben@example.org")
    assert counts(kind) == (1, 0)


def test_a_lapsed_cart_takes_its_places_anew_where_they_are_free():
    kind = make_ticket_type(price=0, capacity=1)
    cart = open_cart(kind.event, items={kind.pk: 1})
    lapse(cart)
    assert place_order(kind.event_id, cart=cart, email="ben@example.org").order.state == "paid"
    assert counts(kind) == (0, 1)


def test_a_cart_may_be_extended_ten_times_and_no_more():
    kind = make_ticket_type()
    cart = open_cart(kind.event, items={kind.pk: 1})
    for _time in range(10):
        extend_cart(cart)
    refused("no-more-time", extend_cart, cart)
    order = place_order(kind.event_id, cart=cart, email="ben@example.org").order
    refused("no-more-time", extend_order, order)


def test_extending_moves_every_deadline():
    kind = make_ticket_type()
    order = make_order(kind)
    soon = now() + timedelta(seconds=30)
    Order.objects.update(expires_at=soon)
    Hold.objects.update(expires_at=soon)
    extend_order(order)
    assert order.expires_at > now() + timedelta(minutes=14)
    assert Hold.objects.get().expires_at == Order.objects.get().expires_at == order.expires_at


def test_a_lapsed_order_can_not_be_extended():
    order = make_order()
    lapse(order)
    assert refused("hold-expired", extend_order, order).status == 410


def test_releasing_a_cart_twice_frees_its_places_once():
    kind = make_ticket_type()
    cart = open_cart(kind.event, items={kind.pk: 2})
    open_cart(kind.event, items={kind.pk: 1})
    release_cart(cart)
    release_cart(cart)
    assert counts(kind) == (1, 0)
    refused("hold-expired", place_order, kind.event_id, cart=cart, email="ben@example.org")


def test_releasing_a_cart_leaves_its_order_alone():
    kind = make_ticket_type()
    cart = open_cart(kind.event, items={kind.pk: 2})
    order = place_order(kind.event_id, cart=cart, email="ben@example.org").order
    release_cart(cart)
    assert counts(kind) == (2, 0)
    assert order.holds.count() == 1


def test_a_new_cart_takes_the_place_of_the_old_one():
    kind = make_ticket_type(capacity=2)
    cart = open_cart(kind.event, items={kind.pk: 2})
    second = open_cart(kind.event, items={kind.pk: 2}, replaces=cart)
    assert counts(kind) == (2, 0)
    refused("sold-out", open_cart, kind.event, items={kind.pk: 3}, replaces=second)
    second.refresh_from_db()
    assert (second.state, counts(kind)) == ("open", (2, 0))


# ---- limits and refusals


def test_limits_of_an_order_and_of_a_type():
    event = make_event()
    kind, other = make_ticket_type(event, max_per_order=2), make_ticket_type(event)
    change_terms(event, max_per_order=4)
    assert refused("limit-per-order", make_order, kind, quantity=3).data == {"limit": 2}
    refused("limit-per-order", place_order, event.pk, items={kind.pk: 2, other.pk: 3}, email="b@example.org")
    place_order(event.pk, items={kind.pk: 2, other.pk: 2}, email="b@example.org")


def test_the_limit_of_a_person_counts_earlier_orders():
    kind = make_ticket_type()
    make_order(kind, quantity=2, email="ben@example.org")
    change_terms(kind.event, max_per_person=3)
    refused("limit-per-person", make_order, kind, quantity=2, email="BEN@example.org")
    make_order(kind, email="ben@example.org")
    refused("limit-per-person", make_order, kind, email="ben@example.org")
    make_order(kind, quantity=3, email="cleo@example.org")


def test_the_total_that_the_buyer_saw_is_the_one_that_is_charged():
    kind = make_ticket_type(price=1000, fee=100)
    refusal = refused("price-changed", make_order, kind, quantity=2, expected_total=2000)
    assert refusal.data["total"] == {"amount": 2200, "currency": "EUR"}
    assert make_order(kind, quantity=2, expected_total=2200).total == 2200


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ({}, "nothing-chosen"),
        ({"kind": 0}, "invalid-quantity"),
        ({"kind": -1}, "invalid-quantity"),
        ({"other": 1}, "unknown-ticket-type"),
        ({999999: 1}, "unknown-ticket-type"),
    ],
)
def test_what_is_no_choice_is_refused(items, code):
    kinds = {"kind": make_ticket_type(), "other": make_ticket_type()}
    chosen = {kinds[key].pk if key in kinds else key: quantity for key, quantity in items.items()}
    assert refused(code, place_order, kinds["kind"].event_id, items=chosen, email="b@example.org").status == 422


def test_inputs_that_no_rule_takes_are_refused():
    refusal = refused("not-accepted", make_order, inputs={"voucher": "SPRING"})
    assert (refusal.status, refusal.data) == (422, {"field": "voucher"})


def test_more_names_than_tickets_are_refused():
    refused("too-many-attendees", make_order, attendees=["Ada", "Ben"])


@pytest.mark.parametrize(
    "period",
    [{"sales_start": timedelta(minutes=1)}, {"sales_end": -timedelta(minutes=1)}],
)
def test_outside_the_sales_period_nothing_is_sold(period):
    kind = make_ticket_type(**{name: now() + delta for name, delta in period.items()})
    refused("not-on-sale", make_order, kind)


def test_archived_types_are_not_sold():
    kind = make_ticket_type()
    archive_ticket_type(kind)
    refused("not-on-sale", make_order, kind)
    refused("not-on-sale", open_cart, kind.event, items={kind.pk: 1})


def test_a_type_in_no_quota_is_not_sold():
    kind = make_ticket_type()
    kind.quota_links.all().delete()
    refused("not-on-sale", make_order, kind)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"canceled_at": now()}, "event-canceled"),
        ({"live": False}, "not-on-sale"),
        ({"end": now() - timedelta(hours=1)}, "event-over"),
    ],
)
def test_events_that_take_no_buyers(change, code):
    kind = make_ticket_type()
    cart = open_cart(kind.event, items={kind.pk: 1})
    type(kind.event).objects.filter(pk=kind.event.pk).update(**change)
    refused(code, make_order, kind)
    refused(code, place_order, kind.event_id, cart=cart, email="ben@example.org")
    assert not Ticket.objects.exists()


def test_an_order_takes_few_statements(django_assert_max_num_queries):
    kind = make_ticket_type(capacity=100)
    with django_assert_max_num_queries(9):
        make_order(kind, quantity=2)
