"""A vendor's sales in the admin: figures, charts with tables, CSV. Nobody else's."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from tests import factories
from tests.marketplace.sales.conftest import NOON


@pytest.fixture
def adas(ada: Any, browser_of: Any) -> Client:
    return browser_of(ada)


def told(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(response.text.split())


def test_the_last_thirty_days_are_shown_first(ada_vendor, stalls, book, adas) -> None:
    type(ada_vendor).objects.update(created_at=now() - timedelta(days=99))
    book(stalls, sales=-5000, fees=-500, commission=250, portal=-250, tickets=2, at=now())
    book(stalls, refunds=2750, commission=-125, portal=125, tickets=-1, at=now() - timedelta(days=3))
    book(stalls, sales=-7700, tickets=1, at=now() - timedelta(days=40))
    page = adas.get(reverse("market_sales"))
    for text in ("€26.25", "€50.00", "€5.00", "€27.50", "€1.25", "Stalls", "Card", "Night Orchard"):
        assert text in told(page)
    assert "€77" not in page.text
    chart = page.context["chart"]
    assert len(chart.bars) == 30
    assert (chart.bars[-1].came, chart.bars[-4].went) == (61.11, 30.56)
    assert "<svg" in page.text
    assert page.context["total"]["tickets_sold"] == 2


def test_places_left_stand_beside_what_was_sold(ada_vendor, concert, balcony, adas) -> None:
    factories.pay(factories.make_order(balcony, quantity=3))
    context = adas.get(reverse("market_sales")).context
    rows = {
        by: [(row["name"], row["tickets_sold"], row["left"]) for row in rows] for by, _title, rows in context["tables"]
    }
    assert rows["event"] == [("Night Orchard", 3, 97)]
    assert rows["ticket_type"] == [("Balcony", 3, 97)]
    assert context["left"] == 97


@pytest.mark.parametrize(
    ("days", "first", "bars"), [(30, "2026-03-10", 30), (100, "Week from Mon 9 Mar 2026", 15), (500, "March 2026", 17)]
)
def test_many_days_are_drawn_as_weeks_or_months(ada_vendor, stalls, book, adas, days, first, bars) -> None:
    type(ada_vendor).objects.update(created_at=NOON)
    book(stalls, sales=-100, tickets=1)
    book(stalls, sales=-100, tickets=1, at=NOON + timedelta(days=days - 1))
    chart = adas.get(reverse("market_sales"), {"from": "", "to": "2026-03-10"}).context["chart"]
    assert len(chart.bars) == 1
    last = (NOON + timedelta(days=days - 1)).date().isoformat()
    chart = adas.get(reverse("market_sales"), {"from": "2026-03-10", "to": last}).context["chart"]
    assert chart.bars[0].name in (first, "Tue 10 Mar 2026")
    assert (len(chart.bars), sum(bar.row["gross"] for bar in chart.bars)) == (bars, 200)


def test_one_event_and_one_currency(ada_vendor, stalls, book, adas) -> None:
    other = factories.make_ticket_type(factories.make_event(ada_vendor, title="Matinee"))
    book(stalls, sales=-2500, tickets=1, at=now())
    book(other, sales=-1000, tickets=1, at=now())
    book(other, sales=-4200, tickets=1, at=now(), currency="USD")
    everything = adas.get(reverse("market_sales"))
    assert (everything.context["total"]["gross"], "Show those in USD" in told(everything)) == (3500, True)
    assert adas.get(reverse("market_sales"), {"event": other.event_id}).context["total"]["gross"] == 1000
    dollars = adas.get(reverse("market_sales"), {"currency": "USD"})
    assert (dollars.context["total"]["gross"], "$42.00" in told(dollars)) == (4200, True)


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-02-02", "to": "2026-02-01"},
        {"from": "yesterday"},
        {"to": "x" * 500},
        {"event": "9" * 30},
        {"event": "\0"},
        {"currency": "euro"},
    ],
    ids=str,
)
def test_what_can_not_be_asked_for_is_said(adas, query) -> None:
    page = adas.get(reverse("market_sales"), query)
    assert (page.status_code, page.context["sales"], bool(page.context["form"].errors)) == (200, None, True)
    assert adas.get(reverse("market_sales_csv"), query).status_code == 404


def test_another_vendors_event_is_not_to_be_had(adas, cleo_vendor) -> None:
    foreign = factories.make_event(cleo_vendor)
    assert adas.get(reverse("market_sales"), {"event": foreign.pk}).context["sales"] is None


def test_each_vendor_sees_its_own(ada_vendor, stalls, book, browser_of, cleo, ben, sam) -> None:
    book(stalls, sales=-2500, tickets=1, at=now())
    cleos = browser_of(cleo)
    for query in ({}, {"vendor": ada_vendor.pk}):
        assert "€25.00" not in told(cleos.get(reverse("market_sales"), query))
        assert "25.00" not in cleos.get(reverse("market_sales_csv"), query).content.decode()
    assert browser_of(ben).get(reverse("market_sales")).status_code == 302
    assert Client().get(reverse("market_sales_csv")).status_code == 302
    sams = browser_of(sam)
    assert "€25.00" in told(sams.get(reverse("market_sales"), {"vendor": ada_vendor.pk}))
    for nobody in ("0", "x", "9" * 30):
        assert sams.get(reverse("market_sales"), {"vendor": nobody}).status_code == 404


def test_csv_of_each_grouping(ada_vendor, book, adas) -> None:
    kind = factories.make_ticket_type(factories.make_event(ada_vendor, title="=1+1"), name="@SUM(A1)")
    book(kind, sales=-2500, tickets=1, at=now())
    found = {}
    for group in ("day", "event", "ticket_type", "payment_method"):
        answer = adas.get(reverse("market_sales_csv"), {"group": group})
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        found[group] = [(row["Name"], row["Gross"]) for row in rows if row["Gross"] != "0.00"]
    assert found.pop("day")[0][1] == "25.00"
    assert found == {
        "event": [("'=1+1", "25.00")],
        "ticket_type": [("'@SUM(A1)", "25.00")],
        "payment_method": [("Card", "25.00")],
    }
    assert adas.get(reverse("market_sales_csv"), {"group": "weather"}).status_code == 404


def test_an_event_with_a_dangerous_name_is_text(ada_vendor, book, adas) -> None:
    kind = factories.make_ticket_type(factories.make_event(ada_vendor, title="<script>alert(1)</script>"))
    book(kind, sales=-2500, tickets=1, at=now())
    assert "<script>alert(1)" not in adas.get(reverse("market_sales")).text


def test_it_costs_four_queries_of_its_own(ada_vendor, stalls, balcony, book, adas) -> None:
    """The vendor, its events, the ledger and the places left; the rest is what any screen of the admin asks."""
    adas.get(reverse("market"))
    with CaptureQueriesContext(connection) as few:
        adas.get(reverse("market_sales"))
    for kind in (stalls, balcony, factories.make_ticket_type(factories.make_event(ada_vendor))):
        book(kind, sales=-2500, tickets=1, at=now())
    with CaptureQueriesContext(connection) as many:
        adas.get(reverse("market_sales"))
    assert len(many) == len(few)
    assert sum("marketplace_" in query["sql"] for query in many) == 2
