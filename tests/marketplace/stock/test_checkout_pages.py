"""The site's checkout as a browser sends it: few pages, few fields, and nothing lost or doubled by how people click."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from marketplace.models import Cart, Hold, Order, Ticket, TicketType
from marketplace.services.hold import MAX_EXTENSIONS
from marketplace.services.inventory import change_terms, change_ticket_type
from marketplace.services.methods import add_method, attach_method
from tests.factories import make_event, make_ticket_type
from tests.marketplace.stock.figures import broken, counts
from tests.marketplace.stock.test_checkout import lapse

pytestmark = pytest.mark.django_db
BUYER = {"name": "Gesa Guest", "email": "gesa@example.org"}


@pytest.fixture
def kind(ada_vendor: Any) -> TicketType:
    event = make_event(ada_vendor, title="Cello Night", days=30)
    change_terms(event, refund_policy=[{"hours_before": 48, "percent_bps": 5000}])
    method = add_method(ada_vendor, provider="cash", title="Cash on arrival")
    attach_method(event, method=method)
    return make_ticket_type(event, name="Stalls", price=2500, fee=150, capacity=20)


def take(client: Client, kind: TicketType, quantity: int = 2) -> str:
    """Choose tickets on the event's page; the address of the checkout."""
    answer = client.post(f"/events/{kind.event_id}/cart/", {f"type-{kind.pk}": quantity})
    assert answer.status_code == 302, answer.content
    return answer["Location"]


def typed(page: Any) -> list[str]:
    """The names of the form's fields that somebody has to type into."""
    form = page.text[page.text.index('<form class="form"') :]
    return re.findall(r'<input type="(?:text|email|tel|number)" name="([^"]+)"', form)


def filled(page: Any, **more: Any) -> dict[str, Any]:
    """What a browser sends from the page, with what a guest typed."""
    total = re.search(r'name="total" value="(\d+)"', page.text)
    policy = re.search(r'name="policy" value="(\w+)"', page.text)
    method = re.search(r'name="payment_method" value="(\d+)"', page.text)
    assert total
    assert policy
    sent = {"total": total[1], "policy": policy[1], **BUYER, **more}
    return {**sent, "payment_method": method[1]} if method else sent


def test_the_page_shows_what_is_bought_until_when_and_on_which_terms(kind: TicketType) -> None:
    client = Client()
    page = client.get(take(client, kind))
    assert page.status_code == 200
    for part in ("Cello Night", "2 × Stalls", "€53.00", "incl. €3.00 fees", "Cash on arrival", "50", "More time"):
        assert part in page.text
    assert re.search(r"held until\s*<time[^>]+>\d\d:\d\d</time> CES?T", page.text)
    assert len(typed(page)) == 2  # of six that a guest may be asked for
    assert "no-store" in page["Cache-Control"] or "no-cache" in page["Cache-Control"]


def test_from_event_to_tickets_in_three_pages(kind: TicketType) -> None:
    client = Client()
    address = take(client, kind)
    answer = client.post(address, filled(client.get(address)))
    order = Order.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/orders/{order.code}/")
    assert "Ticket 2 of 2" in client.get(answer["Location"]).text
    assert Ticket.objects.count() == 2


def test_a_double_click_and_the_back_button_make_one_order(kind: TicketType) -> None:
    client = Client()
    address = take(client, kind)
    sent = filled(client.get(address))
    answers = [client.post(address, sent) for _click in range(3)]
    order = Order.objects.get()
    assert {answer["Location"] for answer in answers} == {f"/orders/{order.code}/"}
    assert client.get(address)["Location"] == f"/orders/{order.code}/"
    assert (Ticket.objects.count(), counts(kind), broken()) == (2, (0, 2), [])


def test_a_second_choice_takes_the_place_of_the_first(kind: TicketType) -> None:
    client = Client()
    first = take(client, kind, 5)
    second = take(client, kind, 3)
    assert (counts(kind), Cart.objects.filter(state="open").count()) == ((3, 0), 1)
    assert client.get(first).status_code == 410
    assert client.post(first, {**BUYER, "total": "13250"}).status_code == 410
    assert client.get(second).status_code == 200


def test_a_choice_that_is_refused_leaves_the_first_and_keeps_what_was_typed(kind: TicketType) -> None:
    client = Client()
    address = take(client, kind, 5)
    refused = client.post(f"/events/{kind.event_id}/cart/", {f"type-{kind.pk}": 99})
    assert refused["Location"].endswith(f"?type-{kind.pk}=99#tickets")
    assert client.get(address).status_code == 200
    assert counts(kind) == (5, 0)


def test_mistakes_keep_what_was_typed_and_hold_no_more_places(kind: TicketType) -> None:
    client = Client()
    address = take(client, kind)
    page = client.post(address, filled(client.get(address), email="no address", name="Gesa <b>Guest</b>"))
    assert page.status_code == 422
    assert 'value="no address"' in page.text
    assert "Gesa &lt;b&gt;Guest&lt;/b&gt;" in page.text
    assert (Order.objects.count(), counts(kind)) == (0, (2, 0))


def test_the_price_that_was_shown_is_charged_while_the_places_are_held(kind: TicketType) -> None:
    client = Client()
    address = take(client, kind)
    sent = filled(client.get(address))
    change_ticket_type(kind, price=9900)
    client.post(address, sent)
    assert Order.objects.get().total == 5300


def test_a_total_that_was_never_shown_buys_nothing(kind: TicketType) -> None:
    client = Client()
    address = take(client, kind)
    page = client.post(address, {**filled(client.get(address)), "total": "1"})
    assert page.status_code == 422
    assert 'name="total" value="5300"' in page.text
    assert Order.objects.count() == 0


def test_a_lapsed_cart_says_so_and_leads_back(kind: TicketType) -> None:
    client = Client()
    address = take(client, kind)
    sent = filled(client.get(address))
    lapse(Cart.objects.get())
    for page in (client.get(address), client.post(address, sent)):
        assert page.status_code == 410
        assert kind.event.get_url() in page.text
    assert Order.objects.count() == 0


def test_more_time_ten_times_and_then_no_more(kind: TicketType) -> None:
    client = Client()
    address = take(client, kind)
    for _time in range(MAX_EXTENSIONS):
        answer = client.post(f"{address}more-time/", follow=True)
        assert "can&#x27;t be extended" not in answer.text
    assert Cart.objects.get().extensions == MAX_EXTENSIONS >= 10
    answer = client.post(f"{address}more-time/", follow=True)
    assert (answer.status_code, "can&#x27;t be extended" in answer.text) == (200, True)


def test_giving_up_frees_the_places_at_once(kind: TicketType) -> None:
    client = Client()
    address = take(client, kind)
    assert client.post(f"{address}give-up/")["Location"].endswith("#tickets")
    assert (counts(kind), Hold.objects.count()) == ((0, 0), 0)


def test_a_buyers_cart_is_nobody_elses(kind: TicketType, ben: Any, cleo: Any, browser_of: Any) -> None:
    address = take(browser_of(ben), kind)
    for stranger in (Client(), browser_of(cleo)):
        assert stranger.get(address).status_code == 404
        assert stranger.post(f"{address}more-time/").status_code == 404
        assert stranger.post(f"{address}give-up/").status_code == 404
        assert stranger.post(address, {**BUYER, "total": "5300"}).status_code == 404
    assert counts(kind) == (2, 0)


def test_who_signs_in_buys_under_the_accounts_address(kind: TicketType, ben: Any, browser_of: Any) -> None:
    client = browser_of(ben)
    address = take(client, kind)
    page = client.get(address)
    assert typed(page) == ["name"]
    client.post(address, filled(page, email="somebody@else.example"))
    assert (Order.objects.get().email, Order.objects.get().user) == (ben.email, ben)


def test_an_event_without_a_way_to_pay_says_so(ada_vendor: Any) -> None:
    kind = make_ticket_type(make_event(ada_vendor), price=2500)
    client = Client()
    page = client.get(take(client, kind))
    assert "This event cannot be paid for yet" in page.text
    assert "disabled" in page.text


def test_the_events_page_says_why_none_are_left(kind: TicketType) -> None:
    client, page = Client(), kind.event.get_url()
    for _visitor in range(2):
        take(Client(), kind, 10)
    assert "All taken at the moment; some may come back" in client.get(page).text
    assert "Sold out" not in client.get(page).text
    last = Client()
    for cart in Cart.objects.all():
        address = f"/checkout/{cart.pk}/"
        last.post(address, filled(last.get(address)))
    assert counts(kind) == (0, 20)
    assert "Sold out" in client.get(page).text


def test_terms_that_change_while_somebody_reads_are_shown_before_they_count(kind: TicketType) -> None:
    client = Client()
    address = take(client, kind)
    sent = filled(client.get(address))
    change_terms(kind.event, refund_policy=[])
    page = client.post(address, sent)
    assert page.status_code == 422
    assert "changed the terms of refund" in page.text
    assert "No refunds" in page.text
    assert Order.objects.count() == 0
    client.post(address, filled(page))
    assert Order.objects.get().refund_policy == []


def test_terms_that_change_later_hurt_nobody_who_bought(kind: TicketType) -> None:
    client = Client()
    address = take(client, kind)
    order_page = client.post(address, filled(client.get(address)))["Location"]
    change_terms(kind.event, refund_policy=[])
    bought_at = [{"hours_before": 48, "percent_bps": 5000}]
    assert [Order.objects.get().refund_policy, *(ticket.refund_policy for ticket in Ticket.objects.all())] == [
        bought_at
    ] * 3
    assert "No refunds" not in client.get(order_page).text
