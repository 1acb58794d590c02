"""Orders, tickets and bookings on the site: who sees what, and what is said in which state."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from django.test import Client
from django.utils.timezone import now
from icalendar import Calendar

from marketplace.codes import code_of
from marketplace.models import Order, Refund, Ticket
from marketplace.services.admit import check_in
from tests import factories
from venues.models import EventPage


def page(order: Order) -> str:
    return f"/orders/{order.code}/"


def document(ticket: Ticket, kind: str) -> str:
    return f"/tickets/{ticket.pk}{kind}"


SUFFIXES = ["/", ".pdf", ".svg", ".ics"]


# ---- who sees what


def test_the_buyer_sees_the_order_with_both_codes(order: Any, browser_of: Any, ben: Any) -> None:
    answer = browser_of(ben).get(page(order))
    assert answer.status_code == 200
    assert answer.text.count("<svg width=") == 2
    for ticket in order.tickets.all():
        assert f"/tickets/{ticket.pk}/" in answer.text


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_buyer_gets_every_document(ticket: Any, browser_of: Any, ben: Any, suffix: str) -> None:
    answer = browser_of(ben).get(document(ticket, suffix))
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_strangers_get_404_and_so_does_the_vendor(
    ticket: Any, browser_of: Any, ada: Any, cleo: Any, sam: Any, suffix: str
) -> None:
    for client in (Client(), browser_of(cleo), browser_of(ada), browser_of(sam)):
        assert client.get(document(ticket, suffix)).status_code == 404


def test_the_vendor_sees_the_order_without_any_code(order: Any, browser_of: Any, ada: Any) -> None:
    answer = browser_of(ada).get(page(order))
    assert answer.status_code == 200
    assert "<svg width=" not in answer.text
    for ticket in order.tickets.all():
        assert str(ticket.pk) not in answer.text


def test_strangers_do_not_see_the_order(order: Any, browser_of: Any, cleo: Any) -> None:
    assert Client().get(page(order)).status_code == 404
    assert browser_of(cleo).get(page(order)).status_code == 404
    assert Client().get("/orders/NOTHING/").status_code == 404


def test_a_guests_token_opens_the_order_once_and_then_the_session_does(guest_order: Any) -> None:
    order, token = guest_order
    client = Client()
    assert client.get(page(order)).status_code == 404
    opened = client.get(f"{page(order)}?token={token}")
    assert (opened.status_code, opened["Location"]) == (302, page(order))
    assert opened["Referrer-Policy"] == "no-referrer"
    assert "no-store" in opened["Cache-Control"]
    answer = client.get(page(order))
    assert answer.status_code == 200
    assert token not in answer.text
    assert [client.get(document(order.tickets.get(), suffix)).status_code for suffix in SUFFIXES] == [200] * 4


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "1:abc", "\x00", "ü"])
def test_a_wrong_token_opens_nothing(guest_order: Any, token: str) -> None:
    order, _token = guest_order
    client = Client()
    assert client.get(page(order), {"token": token}).status_code == 302
    assert client.get(page(order)).status_code == 404


def test_one_guests_token_opens_no_other_order(guest_order: Any, order: Any, kind: Any) -> None:
    from marketplace.links import order_link

    mine, token = guest_order
    other = factories.make_order(kind)
    client = Client()
    for wrong in (token, order_link(mine).partition("token=")[2]):
        for target in (other, order):
            client.get(page(target), {"token": wrong})
            assert client.get(page(target)).status_code == 404


def test_the_vendor_does_not_get_in_with_a_guests_page_open_elsewhere(
    guest_order: Any, browser_of: Any, cleo: Any
) -> None:
    order, _token = guest_order
    assert browser_of(cleo).get(page(order)).status_code == 404


@pytest.mark.parametrize(
    "path", ["/tickets/not-a-uuid/", f"/tickets/{uuid.UUID(int=0)}/", f"/tickets/{uuid.UUID(int=0)}.pdf"]
)
def test_tickets_that_do_not_exist_are_404(db: None, path: str) -> None:
    assert Client().get(path).status_code == 404


# ---- documents


def test_the_pdf_and_the_svg_carry_the_same_code(ticket: Any, browser_of: Any, ben: Any) -> None:
    client = browser_of(ben)
    pdf = client.get(document(ticket, ".pdf"))
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf["Content-Disposition"].startswith("attachment;")
    picture = pypdfium2.PdfDocument(pdf.content)[0].render(scale=2).to_pil()
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [code_of(ticket)]
    svg = client.get(document(ticket, ".svg"))
    assert svg["Content-Type"] == "image/svg+xml"
    assert svg.content.startswith(b"<svg ")
    assert b"<script" not in svg.content


def test_the_calendar_entry_is_one(ticket: Any, browser_of: Any, ben: Any) -> None:
    answer = browser_of(ben).get(document(ticket, ".ics"))
    assert answer["Content-Type"].startswith("text/calendar")
    assert len(Calendar.from_ical(answer.content).walk("VEVENT")) == 1


@pytest.mark.parametrize("state", ["canceled", "refunded"])
def test_a_ticket_that_is_no_longer_good_has_no_code_anywhere(
    ticket: Any, browser_of: Any, ben: Any, state: str
) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(state=state)
    client = browser_of(ben)
    shown = client.get(document(ticket, "/"))
    assert shown.status_code == 200
    assert "<svg width=" not in shown.text
    assert "lets nobody in" in shown.text
    assert [client.get(document(ticket, kind)).status_code for kind in (".pdf", ".svg")] == [404, 404]


def test_a_used_ticket_says_so(ticket: Any, concert: Any, ada: Any, ben: Any, browser_of: Any) -> None:
    check_in(concert, code=code_of(ticket), user=ada)
    assert '<span class="badge">Used</span>' in browser_of(ben).get(document(ticket, "/")).text


def test_without_the_native_libraries_the_page_says_so_and_all_else_works(
    ticket: Any, browser_of: Any, ben: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.documents.pdf_problem", lambda: "cannot load library 'libpango-1.0-0'")
    client = browser_of(ben)
    refused = client.get(document(ticket, ".pdf"))
    assert refused.status_code == 503
    assert "No PDF at the moment" in refused.text
    assert [client.get(document(ticket, kind)).status_code for kind in ("/", ".svg", ".ics")] == [200, 200, 200]


# ---- states


def status(client: Client, order: Order) -> tuple[str, str]:
    answer = client.get(page(order))
    assert answer.status_code == 200
    return answer["X-Order-Status"], answer.text


def test_a_pending_order_counts_down_and_offers_to_pay(kind: Any, cash_order: Any, ben: Any, browser_of: Any) -> None:
    order = factories.make_order(kind, user=ben, email=ben.email)
    name, text = status(browser_of(ben), order)
    assert name == "pending"
    assert f'data-expires="{order.expires_at:%Y-%m-%dT%H:%M:%S}' in text
    assert f'action="/orders/{order.code}/pay/"' in text
    assert "Cash at the door" in text
    assert "Pay €27.50" in text
    assert "<meta http-equiv" not in text


def test_a_payment_under_way_looks_again_with_and_without_javascript(kind: Any, ben: Any, browser_of: Any) -> None:
    order = factories.make_order(kind, user=ben, email=ben.email)
    factories.make_payment(order, state="pending")
    name, text = status(browser_of(ben), order)
    assert name == "processing"
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in text
    assert "order.js" in text


def test_the_status_can_be_asked_for_without_a_body(order: Any, ben: Any, browser_of: Any) -> None:
    answer = browser_of(ben).head(page(order))
    assert (answer.status_code, answer["X-Order-Status"], answer.content) == (200, "confirmed", b"")


def test_cash_says_how_much_and_until_when(cash_order: Any, ben: Any, browser_of: Any) -> None:
    name, text = status(browser_of(ben), cash_order)
    assert name == "cash_due"
    assert "€55.00 to pay at the door" in text
    assert text.count("<svg width=") == 2


def test_an_order_whose_time_is_up_is_expired_before_the_sweeper_comes(kind: Any, ben: Any, browser_of: Any) -> None:
    order = factories.make_order(kind, user=ben, email=ben.email)
    Order.objects.filter(pk=order.pk).update(expires_at=now() - timedelta(seconds=1))
    name, text = status(browser_of(ben), order)
    assert name == "expired"
    assert "/pay/" not in text
    assert "#tickets" in text


@pytest.mark.parametrize("state", ["expired", "canceled", "refunded"])
def test_closed_orders_say_so(kind: Any, ben: Any, browser_of: Any, state: str) -> None:
    order = factories.make_order(kind, user=ben, email=ben.email)
    Order.objects.filter(pk=order.pk).update(state=state)
    name, text = status(browser_of(ben), order)
    assert name == state
    assert "/pay/" not in text


def test_late_money_is_shown_on_its_way_back_and_then_as_returned(kind: Any, ben: Any, browser_of: Any) -> None:
    order = factories.make_order(kind, user=ben, email=ben.email)
    Order.objects.filter(pk=order.pk).update(state=Order.State.CANCELED)
    assert factories.pay(order).outcome == "refund_due"
    name, text = status(browser_of(ben), order)
    assert name == "returning"
    assert "€27.50 goes back to you" in text
    Refund.objects.update(state=Refund.State.DONE)
    name, text = status(browser_of(ben), order)
    assert name == "returned"
    assert "€27.50 went back to you" in text


@pytest.mark.parametrize("state", [Order.State.CANCELED, Order.State.REFUNDED])
def test_the_organiser_is_told_whose_closed_order_it_is(order: Any, ada: Any, browser_of: Any, state: str) -> None:
    Order.objects.filter(pk=order.pk).update(state=state)
    seen = browser_of(ada).get(page(order)).text
    assert f"<h1>{order.name}</h1>" in seen
    assert seen.count("You see this order as its organiser") == 1


def test_the_organiser_can_not_pay_for_the_buyer(kind: Any, cash_order: Any, ada: Any, browser_of: Any) -> None:
    order = factories.make_order(kind)
    assert "/pay/" not in status(browser_of(ada), order)[1]


def test_names_are_escaped(kind: Any, ben: Any, concert: Any, browser_of: Any) -> None:
    EventPage.objects.filter(pk=concert.pk).update(title="<script>alert(1)</script>")
    order = factories.make_order(kind, user=ben, email=ben.email, name="<b>Ben</b>")
    factories.pay(order)
    text = browser_of(ben).get(page(order)).text
    assert "<script>alert" not in text
    assert "<b>Ben</b>" not in text


# ---- bookings


def test_bookings_show_ones_own_coming_and_earlier_orders(
    order: Any, cash_order: Any, kind: Any, ada_vendor: Any, ben: Any, browser_of: Any
) -> None:
    past = factories.make_order(
        factories.make_ticket_type(factories.make_event(ada_vendor), price=0), user=ben, email=ben.email
    )
    EventPage.objects.filter(pk=past.event_id).update(
        start=now() - timedelta(days=3), end=now() - timedelta(days=3, hours=-2)
    )
    others = factories.make_order(kind)
    lapsed = factories.make_order(kind, user=ben, email=ben.email)
    Order.objects.filter(pk=lapsed.pk).update(state=Order.State.EXPIRED)
    answer = browser_of(ben).get("/account/bookings/")
    coming, earlier = answer.text.split('id="earlier"')
    assert order.code in coming
    assert cash_order.code in coming
    assert "€55.00 to pay at the door" in coming
    assert past.code in earlier
    assert others.code not in answer.text
    assert lapsed.code not in answer.text


def test_bookings_need_an_account_and_say_when_there_are_none(browser_of: Any, cleo: Any) -> None:
    assert Client().get("/account/bookings/").status_code == 302
    assert "Nothing booked yet" in browser_of(cleo).get("/account/bookings/").text


def test_many_bookings_cost_few_queries(
    kind: Any, ben: Any, browser_of: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        factories.pay(factories.make_order(kind, user=ben, email=ben.email))
    client = browser_of(ben)
    client.get("/account/bookings/")
    with django_assert_max_num_queries(14):
        client.get("/account/bookings/")


def test_the_account_page_leads_to_the_bookings(order: Any, ben: Any, browser_of: Any) -> None:
    assert "1 upcoming" in browser_of(ben).get("/account/").text


# ---- attendance


def test_attendance_is_a_check_in_or_a_good_ticket_for_what_is_over(
    order: Any, concert: Any, ada: Any, ben: Any, cleo: Any
) -> None:
    from venues.extensions import attendance

    was_there = attendance["marketplace"]
    assert not was_there(ben, concert.pk)
    check_in(concert, code=code_of(order.tickets.first()), user=ada)
    assert was_there(ben, concert.pk)
    assert not was_there(cleo, concert.pk)


def test_unpaid_canceled_and_coming_is_no_attendance(order: Any, cash_order: Any, concert: Any, ben: Any) -> None:
    from marketplace.tickets import was_there

    EventPage.objects.filter(pk=concert.pk).update(start=now() - timedelta(days=2), end=now() - timedelta(days=1))
    assert was_there(ben, concert.pk)
    EventPage.objects.filter(pk=concert.pk).update(canceled_at=now())
    assert not was_there(ben, concert.pk)
    EventPage.objects.filter(pk=concert.pk).update(canceled_at=None)
    Ticket.objects.filter(order=order).update(state=Ticket.State.REFUNDED)
    assert not was_there(ben, concert.pk)
