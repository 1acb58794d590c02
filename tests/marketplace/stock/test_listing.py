"""What lists show of a sale, and that it follows every change at little cost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now
from freezegun import freeze_time

from marketplace.messages import StockChanged
from marketplace.services.cart import open_cart, release_cart
from marketplace.services.expire import sweep
from marketplace.services.inventory import add_quota, archive_ticket_type, change_terms, push_sales
from marketplace.services.sales import push_all, sales_of
from portal.outbox.models import StoredMessage
from portal.outbox.services import deliver_due
from tests.factories import make_event, make_order, make_ticket_type, pay
from tests.marketplace.stock.test_checkout import lapse
from venues.models import EventListing

pytestmark = pytest.mark.django_db


def shown(event) -> tuple:
    return EventListing.objects.values_list("price_from", "currency", "availability").get(event=event)


def stock_messages() -> int:
    return StoredMessage.objects.filter(name=StockChanged.name).count()


def test_the_listing_follows_through_the_outbox():
    event = make_event()
    make_ticket_type(event, price=3000, fee=200)
    make_ticket_type(event, price=2500)
    while deliver_due():
        pass
    assert shown(event) == (2500, "EUR", "available")


@pytest.mark.parametrize(
    ("capacity", "sold", "availability"),
    [(100, 0, "available"), (100, 90, "available"), (100, 91, "few"), (100, 100, "sold_out"),
     (8, 0, "available"), (8, 4, "few"), (1, 0, "available"), (1, 1, "sold_out"), (1000, 901, "few"), (0, 0, "sold_out")],
)  # fmt: skip
def test_how_many_are_few(capacity, sold, availability):
    kind = make_ticket_type(price=0, capacity=capacity)
    change_terms(kind.event, max_per_order=1000)
    if sold:
        make_order(kind, quantity=sold)
    assert sales_of(kind.event_id).availability == availability


def test_only_what_changes_the_list_is_told():
    kind = make_ticket_type(price=0, capacity=100)
    change_terms(kind.event, max_per_order=100)
    before = stock_messages()
    make_order(kind, quantity=50)
    assert stock_messages() == before
    make_order(kind, quantity=45)
    make_order(kind, quantity=5)
    assert stock_messages() == before + 2


def test_a_released_cart_puts_the_event_on_sale_again():
    kind = make_ticket_type(capacity=1)
    cart = open_cart(kind.event, items={kind.pk: 1})
    push_sales(kind.event_id)
    assert shown(kind.event)[2] == "sold_out"
    before = stock_messages()
    release_cart(cart)
    push_sales(kind.event_id)
    assert (shown(kind.event)[2], stock_messages()) == ("available", before + 1)


def test_a_lapsed_cart_counts_as_free_before_and_after_the_sweeper():
    kind = make_ticket_type(capacity=1)
    lapse(open_cart(kind.event, items={kind.pk: 1}))
    assert sales_of(kind.event_id).left == 1
    assert (sweep(), sweep()) == (1, 0)
    assert sales_of(kind.event_id).left == 1


def test_the_sale_starts_and_ends_by_the_clock():
    start, end = now() + timedelta(hours=1), now() + timedelta(hours=2)
    kind = make_ticket_type(price=2500, sales_start=start, sales_end=end)
    push_all()
    listing = EventListing.objects.get()
    assert (listing.availability, listing.price_from, listing.on_sale_at) == ("not_on_sale", 2500, start)
    with freeze_time(start + timedelta(seconds=1)):
        assert (push_all(), push_all()) == (1, 0)
        assert shown(kind.event) == (2500, "EUR", "available")
        assert EventListing.objects.get().on_sale_at is None
    with freeze_time(end):
        push_all()
        assert shown(kind.event) == (None, "EUR", "not_on_sale")


def test_nothing_is_written_where_nothing_changed(django_assert_num_queries):
    kind = make_ticket_type()
    push_sales(kind.event_id)
    with django_assert_num_queries(4):  # reads alone
        push_sales(kind.event_id)


def test_popularity_is_the_number_of_valid_tickets():
    kind = make_ticket_type()
    pay(make_order(kind, quantity=3))
    make_order(kind)
    push_sales(kind.event_id)
    assert EventListing.objects.get().popularity == 3


def test_places_that_types_share_are_counted_once():
    event = make_event()
    house = add_quota(event, name="House", capacity=15)
    for capacity in (10, 12):
        make_ticket_type(event, quotas=[house, add_quota(event, name=str(capacity), capacity=capacity)])
    assert sales_of(event.pk).left == 15


def test_archived_types_are_not_offered():
    kind = make_ticket_type()
    archive_ticket_type(kind)
    assert (sales_of(kind.event_id).availability, sales_of(kind.event_id).price_from) == ("not_on_sale", None)


def test_a_canceled_event_sells_nothing():
    kind = make_ticket_type()
    EventListing.objects.update(canceled=True)
    push_sales(kind.event_id)
    assert shown(kind.event) == (None, "EUR", "not_on_sale")
