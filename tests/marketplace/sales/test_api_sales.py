"""GET /vendors/{id}/sales."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client

from tests import factories

DAY = {"from": "2026-03-10", "to": "2026-03-10"}


@pytest.fixture
def adas(ada: Any, api_of: Any) -> Client:
    return api_of(ada, "sales:read")


def path(vendor: Any) -> str:
    return f"/api/v1/vendors/{vendor.pk}/sales"


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def test_the_whole_answer(ada_vendor, concert, stalls, book, adas) -> None:
    book(stalls, sales=-5000, fees=-500, commission=250, portal=-250, tickets=2)
    book(stalls, refunds=2750, commission=-125, portal=125, tickets=-1)
    figures = {
        "gross": euros(5000),
        "fees": euros(500),
        "refunds": euros(2750),
        "commission": euros(125),
        "net": euros(2625),
        "tickets_sold": 2,
        "tickets_refunded": 1,
    }
    answer = adas.get(path(ada_vendor), {**DAY, "group": "ticket_type"})
    assert answer.status_code == 200
    assert answer.json() == {
        "vendor": {"id": str(ada_vendor.pk), "name": "Ada's Hall"},
        **DAY,
        "timezone": "Europe/Berlin",
        "currency": "EUR",
        "currencies": ["EUR"],
        **figures,
        "groups": [
            {
                "id": str(stalls.pk),
                "name": "Stalls",
                "event": {"id": str(concert.pk), "title": "Night Orchard"},
                **figures,
            }
        ],
    }


def test_groups_by_day_event_and_way_to_pay(ada_vendor, concert, stalls, card, book, adas) -> None:
    book(stalls, sales=-2500, tickets=1)
    told = {}
    for group in ("day", "event", "payment_method"):
        found = adas.get(path(ada_vendor), {**DAY, "group": group}).json()["groups"]
        told[group] = [(row["id"], row["name"], row["event"], row["net"]) for row in found]
    assert told == {
        "day": [("2026-03-10", "2026-03-10", None, euros(2500))],
        "event": [(str(concert.pk), "Night Orchard", None, euros(2500))],
        "payment_method": [(str(card.pk), "Card", None, euros(2500))],
    }
    assert adas.get(path(ada_vendor), DAY).json()["groups"][0]["id"] == "2026-03-10"


def test_nothing_was_sold(ada_vendor, adas) -> None:
    for group in ("day", "event", "ticket_type", "payment_method"):
        body = adas.get(path(ada_vendor), {**DAY, "group": group}).json()
        assert (body["net"], body["currencies"], body["groups"]) == (euros(0), [], [])


def test_an_event_narrows_it_and_must_be_ones_own(ada_vendor, cleo_vendor, stalls, book, adas) -> None:
    book(stalls, sales=-2500, tickets=1)
    other = factories.make_event(ada_vendor)
    assert adas.get(path(ada_vendor), {"event": stalls.event_id}).json()["gross"] == euros(2500)
    assert adas.get(path(ada_vendor), {"event": other.pk}).json()["gross"] == euros(0)
    for foreign in (factories.make_event(cleo_vendor).pk, 2**31 - 1):
        answer = adas.get(path(ada_vendor), {"event": foreign})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/event")


def test_it_is_that_vendors_alone(ada_vendor, ada, ben, cleo, sam, api_of) -> None:
    for stranger in (ben, cleo, sam):
        answer = api_of(stranger, "sales:read").get(path(ada_vendor))
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert api_of(ada, "tickets:read").get(path(ada_vendor)).status_code == 403
    assert Client().get(path(ada_vendor)).status_code == 401
    for nobody in ("0", "x", "9" * 40, "-1"):
        assert api_of(ada, "sales:read").get(f"/api/v1/vendors/{nobody}/sales").status_code == 404


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"from": "yesterday"}, "/from"),
        ({"from": "2026-02-30"}, "/from"),
        ({"to": "10/03/2026"}, "/to"),
        ({"from": "2026-03-10", "to": "2026-03-09"}, "/to"),
        ({"event": "x"}, "/event"),
        ({"event": "9" * 30}, "/event"),
        ({"group": "weather"}, "/group"),
        ({"currency": "euro"}, "/currency"),
    ],
    ids=str,
)
def test_bad_parameters_are_named(ada_vendor, adas, params, pointer) -> None:
    answer = adas.get(path(ada_vendor), params)
    assert (answer.status_code, [row["pointer"] for row in answer.json()["errors"]]) == (422, [pointer])


def test_an_unknown_parameter_is_named(ada_vendor, adas) -> None:
    assert adas.get(path(ada_vendor), {"form": "2026-03-10"}).json()["code"] == "unknown-parameter"


def test_an_answer_that_has_not_changed_is_304(ada_vendor, stalls, book, adas) -> None:
    book(stalls, sales=-2500, tickets=1)
    first = adas.get(path(ada_vendor), DAY)
    again = adas.get(path(ada_vendor), DAY, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    book(stalls, sales=-2500, tickets=1)
    assert adas.get(path(ada_vendor), DAY, headers={"If-None-Match": first["ETag"]}).status_code == 200
    assert adas.head(path(ada_vendor), DAY).content == b""


# ---- CSV


def rows(answer: Any) -> list[list[str]]:
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return list(csv.reader(io.StringIO(answer.content.decode())))


def test_csv_for_who_asks_for_it(ada_vendor, concert, stalls, book, adas) -> None:
    book(stalls, sales=-5000, fees=-500, tickets=2)
    book(stalls, refunds=6000, tickets=-2)
    answer = adas.get(path(ada_vendor), {**DAY, "group": "ticket_type"}, headers={"Accept": "text/csv"})
    assert rows(answer) == [
        ["id", "name", "event", "currency", "gross", "fees", "refunds", "commission", "net", "tickets_sold",
         "tickets_refunded"],
        [str(stalls.pk), "Stalls", "Night Orchard", "EUR", "50.00", "5.00", "60.00", "0.00", "-5.00", "2", "2"],
    ]  # fmt: skip
    assert answer["Content-Disposition"] == 'attachment; filename="sales-adas-hall-ticket_type.csv"'
    assert "Accept" in answer["Vary"]
    assert (
        adas.get(path(ada_vendor), DAY, headers={"Accept": "text/csv"})["ETag"]
        != adas.get(path(ada_vendor), DAY)["ETag"]
    )


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\uff1dcmd|' /C calc'!A0", '=HYPERLINK("x")'])
def test_no_cell_of_the_csv_is_a_formula(ada_vendor, book, adas, name) -> None:
    kind = factories.make_ticket_type(factories.make_event(ada_vendor, title=f"{name} night"), name=name)
    book(kind, sales=-2500, tickets=1)
    answer = adas.get(path(ada_vendor), {**DAY, "group": "ticket_type"}, headers={"Accept": "text/csv"})
    assert [(row[1], row[2]) for row in rows(answer)[1:]] == [(f"'{kind.name}", f"'{kind.event.title}")]


def test_a_refusal_is_json_also_for_who_asks_for_csv(ada_vendor, adas) -> None:
    answer = adas.get(path(ada_vendor), {"group": "weather"}, headers={"Accept": "text/csv"})
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")


def test_it_costs_few_queries(ada_vendor, stalls, book, adas, django_assert_max_num_queries) -> None:
    for _sale in range(5):
        book(stalls, sales=-2500, tickets=1)
    with django_assert_max_num_queries(8):
        assert adas.get(path(ada_vendor), {"group": "event"}).status_code == 200
