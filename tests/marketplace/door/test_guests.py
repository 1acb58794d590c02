"""A vendor's guest list: who comes to an event, to search and to take away. To nobody else."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.codes import code_of
from marketplace.models import Ticket
from marketplace.services.admit import check_in
from tests import factories


@pytest.fixture
def evening(order: Any, cash_order: Any, guest_order: Any, concert: Any, ada: Any) -> Any:
    """Ben paid for two tickets, of which one was let in; two of his are unpaid; a guest has one that was canceled."""
    check_in(concert, code=code_of(order.tickets.first()), user=ada, gate="North")
    Ticket.objects.filter(order=guest_order[0]).update(state=Ticket.State.CANCELED)
    return concert


@pytest.fixture
def adas(browser_of: Any, ada: Any) -> Client:
    return browser_of(ada)


def address(event: Any, name: str = "market_guests") -> str:
    return reverse(name, args=[event.pk])


def told(response: Any) -> list[tuple[str, str, str]]:
    assert response.status_code == 200
    return [(row["name"], row["order"].code, str(row["state"])) for row in response.context["guests"]]


def rows(response: Any) -> list[dict[str, str]]:
    assert response["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_every_ticket_is_there_with_its_holder_and_state(
    evening: Any, adas: Client, order: Any, cash_order: Any, guest_order: Any
) -> None:
    page = adas.get(address(evening))
    assert sorted(told(page)) == sorted(
        [
            ("Ben Brook", order.code, "let in"),
            ("Ben Brook", order.code, "valid"),
            ("Ben Brook", cash_order.code, "to pay at the door"),
            ("Ben Brook", cash_order.code, "to pay at the door"),
            ("Gus Guest", guest_order[0].code, "canceled"),
        ]
    )
    assert "1 of 4 are in" in " ".join(page.text.split())
    assert code_of(order.tickets.last()) not in page.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "gus"}, 1),
        ({"q": "ben@EXAMPLE"}, 4),
        ({"q": "guest gus"}, 1),
        ({"q": "gus ben"}, 0),
        ({"q": "%"}, 0),
        ({"group": "in"}, 1),
        ({"group": "expected"}, 3),
        ({"group": "unpaid"}, 2),
        ({"group": "void"}, 1),
        ({"group": "unpaid", "q": "gus"}, 0),
        ({"group": "nonsense", "q": "\0"}, 5),
        ({"p": "99999"}, 5),
        ({"q": "x" * 5000}, 0),
    ],
    ids=str,
)
def test_it_is_searched_and_narrowed(evening: Any, adas: Client, query: dict[str, str], found: int) -> None:
    assert len(told(adas.get(address(evening), query))) == found
    assert len(rows(adas.get(address(evening, "market_guests_csv"), query))) == found


def test_an_order_is_found_by_its_code(evening: Any, adas: Client, cash_order: Any) -> None:
    assert {code for _name, code, _state in told(adas.get(address(evening), {"q": cash_order.code.lower()}))} == {
        cash_order.code
    }


def test_the_csv_holds_what_a_vendor_needs_and_no_formula(evening: Any, adas: Client, order: Any) -> None:
    Ticket.objects.filter(order=order).update(attendee='=HYPERLINK("http://evil.example")')
    answer = adas.get(address(evening, "market_guests_csv"), {"group": "in"})
    (row,) = rows(answer)
    assert row["Name"] == '\'=HYPERLINK("http://evil.example")'
    assert (row["E-mail address"], row["Price"], row["Currency"]) == ("ben@example.org", "27.50", "EUR")
    assert (row["State"], row["Order"], row["Gate"]) == ("let in", order.code, "North")
    assert answer["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer["Cache-Control"]


def test_names_are_text(evening: Any, adas: Client, order: Any) -> None:
    Ticket.objects.filter(order=order).update(attendee="<script>alert(1)</script>")
    assert "<script>alert(1)" not in adas.get(address(evening)).text


@pytest.mark.parametrize("name", ["market_guests", "market_guests_csv"])
def test_it_is_the_vendors_alone(
    evening: Any, name: str, ben: Any, cleo: Any, sam: Any, browser_of: Any, client: Client
) -> None:
    assert client.get(address(evening, name)).status_code == 302
    assert browser_of(ben).get(address(evening, name)).status_code == 302
    assert browser_of(cleo).get(address(evening, name)).status_code == 404
    assert browser_of(sam).get(address(evening, name)).status_code == 200


def test_orders_open_for_the_vendor(evening: Any, adas: Client, order: Any) -> None:
    link = reverse("marketplace:order", args=[order.code])
    assert link in adas.get(address(evening)).text
    assert adas.get(link).status_code == 200
    assert address(evening) in adas.get(address(evening, "market_event")).text


def test_an_empty_list_says_so(concert: Any, adas: Client) -> None:
    assert "Nobody has a ticket yet" in adas.get(address(concert)).text
    assert "No guest fits" in adas.get(address(concert), {"q": "x"}).text


def test_a_long_list_has_pages_and_costs_few_queries(
    evening: Any, kind: Any, adas: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(9):
        factories.pay(factories.make_order(kind, quantity=10, name=f"Guest {number}"))
    adas.get(address(evening))
    with django_assert_max_num_queries(25):
        first = adas.get(address(evening), {"group": "expected"})
    assert len(told(first)) == 50
    assert 'rel="next" href="?group=expected&amp;p=2"' in first.text
    assert len(told(adas.get(address(evening), {"group": "expected", "p": "2"}))) == 43
