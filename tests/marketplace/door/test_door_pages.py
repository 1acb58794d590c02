"""The door on the site: with a keyboard, a scanner that types, or a camera."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from marketplace.codes import code_of, hand_code
from marketplace.models import CheckIn, CheckInAttempt, Order
from tests import factories


@pytest.fixture
def door(browser_of: Any, ada: Any, concert: Any) -> Any:
    """``door(code)`` is the text of the page after `code` was sent without JavaScript."""
    client = browser_of(ada)

    def scan(code: str, **data: str) -> str:
        answer = client.post(f"/door/{concert.pk}/", {"code": code, **data})
        assert answer.status_code == 200
        return answer.text

    return scan


def result(text: str) -> tuple[str, str]:
    """The result and the class of its colour."""
    found = re.search(r'scan-result--(\w+)" data-result="(\w+)"', text)
    assert found
    return found[2], found[1]


def test_the_list_shows_the_vendors_own_events_that_are_not_over(
    concert: Any, ada_vendor: Any, cleo_vendor: Any, browser_of: Any, ada: Any
) -> None:
    over = factories.make_event(
        ada_vendor, title="Over", start=now() - timedelta(days=4), end=now() - timedelta(days=3)
    )
    foreign = factories.make_event(cleo_vendor, title="Cleo's Party")
    text = browser_of(ada).get("/door/").text
    assert concert.title in text
    assert over.title not in text
    assert foreign.title not in text


def test_strangers_get_404_and_visitors_are_asked_to_sign_in(
    concert: Any, ticket: Any, browser_of: Any, cleo: Any, ben: Any
) -> None:
    path, data = f"/door/{concert.pk}/", {"code": code_of(ticket)}
    for person in (cleo, ben):
        assert browser_of(person).get(path).status_code == 404
        assert browser_of(person).post(path, data).status_code == 404
    assert browser_of(ben).get("/door/").status_code == 404
    for answer in (Client().get(path), Client().post(path, data)):
        assert answer.status_code == 302
        assert "/login/" in answer["Location"]
    assert CheckIn.objects.count() == CheckInAttempt.objects.count() == 0


@pytest.mark.parametrize("path", ["/door/0/", "/door/999999999/", "/door/99999999999999999999999/", "/door/x/"])
def test_events_that_do_not_exist_are_404(browser_of: Any, ada: Any, path: str) -> None:
    assert browser_of(ada).get(path).status_code == 404


def test_a_scan_is_green_once_then_red_with_when_and_where(ticket: Any, door: Any) -> None:
    first = door(code_of(ticket), gate="North")
    assert result(first) == ("valid", "good")
    assert "Come in" in first
    assert "Ben Brook" in first
    second = door(code_of(ticket), gate="South")
    assert result(second) == ("used", "bad")
    assert "at gate North" in second
    assert "by Ada Adler" in second


def test_the_short_code_works_and_the_gate_is_kept(ticket: Any, door: Any) -> None:
    text = door(hand_code(ticket), gate="North")
    assert result(text) == ("valid", "good")
    assert 'name="gate" value="North"' in text


def test_the_page_counts_who_came_and_lists_the_last_scans(order: Any, door: Any) -> None:
    text = door(code_of(order.tickets.first()))
    assert re.findall(r"<dd>(\d+)</dd>", text) == ["1", "2"]
    assert text.count("<tr>") == 2
    assert re.findall(r"<dd>(\d+)</dd>", door("nonsense")) == ["1", "2"]


def test_sending_the_page_again_is_one_scan_and_a_new_page_another(ticket: Any, door: Any) -> None:
    nonce = re.search(r'name="nonce" value="(\w+)"', door("nothing"))
    assert nonce
    assert result(door(code_of(ticket), nonce=nonce[1])) == ("valid", "good")
    again = door(code_of(ticket), nonce=nonce[1])
    assert result(again) == ("valid", "good")
    assert nonce[1] not in again
    assert CheckIn.objects.count() == 1


def test_cash_is_asked_for_taken_and_the_guest_let_in(cash_order: Any, door: Any) -> None:
    code = code_of(cash_order.tickets.first())
    asked = door(code)
    assert result(asked) == ("unpaid", "warning")
    assert "€55.00 due" in asked
    assert "I have taken €55.00: let in" in asked
    assert result(door(code, take_cash="on")) == ("valid", "good")
    cash_order.refresh_from_db()
    assert cash_order.state == Order.State.PAID


@pytest.mark.parametrize("code", ["<script>alert(1)</script>", "Ü" * 152, "A" * 2000, "'; --", "🎫"])
def test_hostile_codes_are_red_and_never_shown_back_as_html(concert: Any, door: Any, code: str) -> None:
    text = door(code)
    assert result(text) == ("unknown", "bad")
    assert "<script>alert" not in text


@pytest.mark.parametrize(
    "data", [{}, {"code": ""}, {"code": "A" * 2001}, {"code": "x", "gate": "g" * 61}, {"code": "\x00"}]
)
def test_bad_input_is_said_so_and_kept_out(concert: Any, browser_of: Any, ada: Any, data: dict[str, str]) -> None:
    answer = browser_of(ada).post(f"/door/{concert.pk}/", data)
    assert answer.status_code == 422
    assert result(answer.text) == ("invalid", "bad")
    assert CheckInAttempt.objects.count() == 0


def test_the_pages_script_gets_the_answer_alone(ticket: Any, concert: Any, browser_of: Any, ada: Any) -> None:
    answer = browser_of(ada).post(
        f"/door/{concert.pk}/", {"code": code_of(ticket)}, headers={"X-Requested-With": "door"}
    )
    assert result(answer.text) == ("valid", "good")
    assert "<html" not in answer.text


def test_a_door_costs_few_queries(
    ticket: Any, concert: Any, browser_of: Any, ada: Any, django_assert_max_num_queries: Any
) -> None:
    client = browser_of(ada)
    client.get("/door/")
    code = code_of(ticket)  # signing reads the key, which is not the door's work
    with django_assert_max_num_queries(24):
        client.post(f"/door/{concert.pk}/", {"code": code}, headers={"X-Requested-With": "door"})
