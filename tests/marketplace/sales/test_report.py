"""What a vendor's sales are, from the entries of the ledger alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.sales import AMOUNTS, FIGURES, GROUPINGS, Period, Sales, read_sales
from tests import factories
from tests.marketplace.sales.conftest import NOON, make_book

pytestmark = pytest.mark.django_db
REPORT_DAYS = Period(date(2026, 3, 9), date(2026, 3, 11))


def figures(**told: int) -> dict[str, int]:
    return dict.fromkeys(FIGURES, 0) | told


def groups(sales: Sales, by: str) -> list[dict[str, Any]]:
    return [
        {"name": row["name"], **{name: row[name] for name in FIGURES if row[name]}}
        for row in sales.groups(by).to_dict("records")
    ]


def test_a_sale_and_a_refund_of_a_part(ada_vendor, stalls, book) -> None:
    book(stalls, sales=-5000, fees=-500, commission=250, portal=-250, tickets=2)
    book(stalls, refunds=2750, commission=-125, portal=125, tickets=-1)
    sales = read_sales(ada_vendor, by=["event"])
    assert sales.total() == {
        "gross": 5000,
        "fees": 500,
        "refunds": 2750,
        "commission": 125,
        "net": 2625,
        "tickets_sold": 2,
        "tickets_refunded": 1,
    }
    told = {"gross": 5000, "fees": 500, "refunds": 2750, "commission": 125, "net": 2625}
    assert groups(sales, "event") == [{"name": "Night Orchard", **told, "tickets_sold": 2, "tickets_refunded": 1}]


def test_what_affiliates_earn_is_a_cost_of_selling(ada_vendor, stalls, book) -> None:
    book(stalls, sales=-5000, commission=250, portal=-250, affiliate_cost=500, affiliate=-500, tickets=2)
    assert read_sales(ada_vendor, by=[]).total() == figures(gross=5000, commission=750, net=4250, tickets_sold=2)


def test_money_that_no_ticket_stands_for_is_no_sale(ada_vendor, stalls, book) -> None:
    book(stalls, unallocated=-5000)
    book(stalls, affiliate=700)
    sales = read_sales(ada_vendor, by=["event"])
    assert (sales.total(), sales.currencies, groups(sales, "event")) == (figures(), [], [])


def test_the_products_own_bookings_are_read(ada_vendor, stalls) -> None:
    ada_vendor.commission_bps = 1000
    ada_vendor.save()
    order = factories.make_order(stalls, quantity=2)
    factories.pay(order)
    factories.make_order(factories.make_ticket_type(stalls.event, price=0), quantity=3)
    sales = read_sales(ada_vendor, by=["ticket_type", "payment_method"])
    total = figures(gross=5000, fees=500, commission=500, net=5000, tickets_sold=5)
    assert sales.total() == total
    assert [row["tickets_sold"] for row in groups(sales, "ticket_type")] == [2, 3]


def test_commission_is_spread_over_ticket_types_by_what_they_brought(ada_vendor, stalls, balcony, book) -> None:
    book(stalls, sales=-1000, tickets=1)
    book(balcony, sales=-2000, commission=100, portal=-100, tickets=1)
    sales = read_sales(ada_vendor, by=["ticket_type"])
    assert [(row["name"], row["commission"], row["net"]) for row in groups(sales, "ticket_type")] == [
        ("Balcony", 67, 1933),
        ("Stalls", 33, 967),
    ]


def test_commission_without_a_ticket_type_beside_it_stands_by_itself(ada_vendor, stalls, book) -> None:
    book(stalls, commission=100, portal=-100)
    sales = read_sales(ada_vendor, by=["ticket_type"])
    assert groups(sales, "ticket_type") == [{"name": "Whole orders", "commission": 100, "net": -100}]


def test_ways_to_pay_and_none(ada_vendor, stalls, book) -> None:
    book(stalls, sales=-2500, tickets=1)
    book(stalls, sales=0, tickets=4, payment_method=None)
    assert groups(read_sales(ada_vendor, by=["payment_method"]), "payment_method") == [
        {"name": "Card", "gross": 2500, "net": 2500, "tickets_sold": 1},
        {"name": "Nothing to pay", "tickets_sold": 4},
    ]


def test_currencies_are_never_added_up(ada_vendor, stalls, book) -> None:
    book(stalls, sales=-2500, tickets=1)
    book(stalls, sales=-9900, tickets=1, currency="USD")
    sales = read_sales(ada_vendor, by=["event"])
    assert (sales.currency, sales.currencies, sales.total()["gross"]) == ("EUR", ["EUR", "USD"], 2500)
    dollars = read_sales(ada_vendor, by=["event"], currency="USD")
    assert (dollars.currency, dollars.currencies, dollars.total()["gross"]) == ("USD", ["EUR", "USD"], 9900)
    assert read_sales(ada_vendor, by=["event"], currency="JPY").total() == figures()


def test_a_vendor_that_sold_in_another_currency_alone_sees_that(ada_vendor, stalls, book) -> None:
    book(stalls, sales=-9900, tickets=1, currency="USD")
    assert read_sales(ada_vendor, by=[]).currency == "USD"


def test_another_vendors_sales_are_not_in_it(ada_vendor, cleo_vendor, stalls, book) -> None:
    book(stalls, sales=-2500, tickets=1)
    assert read_sales(cleo_vendor, by=["event"]).total() == figures()


def test_one_event_of_several(ada_vendor, stalls, book) -> None:
    other = factories.make_ticket_type(factories.make_event(ada_vendor, title="Matinee"))
    book(stalls, sales=-2500, tickets=1)
    book(other, sales=-1000, tickets=1)
    both = groups(read_sales(ada_vendor, by=["event"]), "event")
    assert [row["name"] for row in both] == ["Night Orchard", "Matinee"]
    assert read_sales(ada_vendor, by=[], event_id=other.event_id).total()["gross"] == 1000


# ---- days


def test_days_without_sales_are_there_too(ada_vendor, stalls, book) -> None:
    vendor_since(ada_vendor, NOON - timedelta(days=30))
    book(stalls, sales=-2500, tickets=1)
    assert groups(read_sales(ada_vendor, by=["day"], period=REPORT_DAYS), "day") == [
        {"name": "2026-03-09"},
        {"name": "2026-03-10", "gross": 2500, "net": 2500, "tickets_sold": 1},
        {"name": "2026-03-11"},
    ]


def vendor_since(vendor: Any, instant: datetime) -> None:
    type(vendor).objects.filter(pk=vendor.pk).update(created_at=instant)
    vendor.created_at = instant


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/Havana", date(2026, 3, 8), 23),  # its clocks go forward at midnight: the day begins at one
        ("America/Havana", date(2026, 11, 1), 25),
        ("Asia/Kathmandu", date(2026, 3, 10), 24),
    ],
)
def test_a_day_is_the_vendors_be_it_23_or_25_hours(ada_vendor, stalls, book, zone, day, hours) -> None:
    ada_vendor.timezone = zone
    start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    for at in (
        start - timedelta(seconds=1),
        start,
        start + timedelta(hours=hours),
        start + timedelta(hours=hours, seconds=-1),
    ):
        book(stalls, sales=-100, tickets=1, at=at)
    assert read_sales(ada_vendor, by=["day"], period=Period(day, day)).total()["tickets_sold"] == 2
    days = {
        row["id"]: row["tickets_sold"] for row in read_sales(ada_vendor, by=["day"]).groups("day").to_dict("records")
    }
    near = [(day + timedelta(days=step)).isoformat() for step in (-1, 0, 1)]
    assert [days[name] for name in near] == [1, 2, 1]


def test_days_are_in_order_and_without_gaps(ada_vendor, stalls, book) -> None:
    vendor_since(ada_vendor, datetime(2026, 3, 20, tzinfo=UTC))
    for at in (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), datetime(2026, 3, 28, 23, 30, tzinfo=UTC)):
        book(stalls, sales=-100, tickets=1, at=at)
    days = [
        date.fromisoformat(row["id"]) for row in read_sales(ada_vendor, by=["day"]).groups("day").to_dict("records")
    ]
    assert days[0] == date(2026, 3, 20)
    assert {after - before for before, after in pairwise(days)} == {timedelta(days=1)}


@pytest.mark.parametrize(
    "period",
    [
        Period(date.min, date.max),
        Period(date.max, None),
        Period(None, date.min),
        Period(date.min, None),
        Period(date(2500, 1, 1), date(2600, 1, 1)),
    ],
    ids=str,
)
def test_periods_beyond_all_sales_stay_small(ada_vendor, stalls, book, period) -> None:
    book(stalls, sales=-100, tickets=1, at=datetime.now(UTC))
    assert len(read_sales(ada_vendor, by=["day"], period=period).groups("day")) <= 1


# ---- whatever was booked


amounts = st.integers(0, 10**6)
transactions = st.lists(
    st.tuples(
        st.sampled_from(["sale", "refund", "cost"]),
        st.integers(0, 2),
        amounts,
        amounts,
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    max_size=12,
)


@given(booked=transactions)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_groups_of_every_grouping_add_up_to_the_total(ada_vendor, stalls, balcony, card, booked) -> None:
    with transaction.atomic():
        other = factories.make_ticket_type(factories.make_event(ada_vendor))
        book, kinds = make_book(card), [stalls, balcony, other]
        for what, kind, amount, part, tickets, hours in booked:
            method = {"payment_method": None if part % 2 else card, "at": NOON + timedelta(hours=9 * hours)}
            if what == "sale":
                book(kinds[kind], sales=-amount, fees=-part, commission=part, portal=-part, tickets=tickets, **method)
            elif what == "refund":
                book(kinds[kind], refunds=amount, commission=-part, portal=part, tickets=-tickets, **method)
            else:
                book(kinds[kind], affiliate_cost=amount, affiliate=-amount, **method)
        whole = read_sales(ada_vendor, by=GROUPINGS)
        total = whole.total()
        assert total["net"] == total["gross"] + total["fees"] - total["refunds"] - total["commission"]
        for by in GROUPINGS:
            for sales in (whole, read_sales(ada_vendor, by=[by])):
                found = sales.groups(by)
                assert {name: int(found[name].sum()) for name in FIGURES} == total, by
                rows = found.to_dict("records")
                assert all(
                    row["net"] == row["gross"] + row["fees"] - row["refunds"] - row["commission"] for row in rows
                )
        transaction.set_rollback(True)


def test_the_figures_are_whole_numbers(ada_vendor, stalls, book) -> None:
    book(stalls, sales=-2500, tickets=1)
    sales = read_sales(ada_vendor, by=["event"])
    kinds = {
        type(value)
        for value in [*sales.total().values(), *(sales.groups("event").to_dict("records")[0][n] for n in AMOUNTS)]
    }
    assert kinds == {int}
