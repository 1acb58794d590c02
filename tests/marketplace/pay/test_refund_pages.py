"""Giving tickets back on the site, and the vendor's screens: what is shown is what is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from marketplace.models import CheckIn, EventCancellation, Order, Refund
from marketplace.services.cancellation import undo_orders
from marketplace.services.refund import cancel_tickets, refund_tickets
from marketplace.services.settle import take_cash
from portal.notifications.services import send_due
from portal.outbox.services import deliver_due
from tests.factories import make_order, make_ticket_type
from tests.marketplace.pay.refunding import paid_order, starts_in, states
from tests.marketplace.pay.steps import begin

pytestmark = pytest.mark.django_db


@pytest.fixture
def bought(kind: Any, ben: Any) -> Order:
    return paid_order(kind, user=ben, email=ben.email, name=ben.name)


@pytest.fixture
def bens(browser_of: Callable[[Any], Client], ben: Any) -> Client:
    return browser_of(ben)


@pytest.fixture
def adas(browser_of: Callable[[Any], Client], ada: Any) -> Client:
    return browser_of(ada)


class TestBuyer:
    def test_sees_what_comes_back_and_gets_it(self, bens: Client, bought: Order, concert: Any) -> None:
        starts_in(concert, hours=30)
        path = f"/orders/{bought.code}/refund/"
        assert path in bens.get(f"/orders/{bought.code}/").content.decode()
        shown = bens.get(path)
        text = shown.content.decode()
        assert shown.context["preview"].amount == 2750
        assert "Give back for €27.50" in text
        assert "This holds until" in text
        assert states(bought) == ["valid", "valid"]
        answer = bens.post(path, {"amount": "2750"}, follow=True)
        assert answer.redirect_chain == [(f"/orders/{bought.code}/", 302)]
        assert "€27.50 goes back to you" in answer.content.decode()
        assert "€27.50 is on its way back" in answer.content.decode()
        assert (states(bought), Refund.objects.get().amount) == (["refunded", "refunded"], 2750)

    def test_gives_one_ticket_back(self, bens: Client, bought: Order) -> None:
        ticket = bought.tickets.order_by("number").first()
        path = f"/tickets/{ticket.pk}/refund/"
        assert path in bens.get(f"/tickets/{ticket.pk}/").content.decode()
        assert bens.post(path, {"amount": "2750"}).status_code == 302
        assert states(bought) == ["refunded", "valid"]
        assert path not in bens.get(f"/tickets/{ticket.pk}/").content.decode()

    @pytest.mark.parametrize("amount", ["5500", "", "x", "-1", "9" * 30])
    def test_never_for_another_amount_than_shown(self, bens: Client, bought: Order, concert: Any, amount: str) -> None:
        starts_in(concert, hours=30)
        answer = bens.post(f"/orders/{bought.code}/refund/", {"amount": amount})
        assert (answer.status_code, Refund.objects.count()) == (409, 0)
        assert "has just changed" in answer.content.decode()
        assert "Give back for €27.50" in answer.content.decode()

    def test_is_told_why_not(self, bens: Client, bought: Order, concert: Any) -> None:
        starts_in(concert, hours=1)
        text = bens.get(f"/orders/{bought.code}/refund/").content.decode()
        assert "The refund policy gives nothing back" in text
        assert '<input type="hidden" name="amount"' not in text
        assert bens.post(f"/orders/{bought.code}/refund/", {"amount": "0"}).status_code == 409

    def test_learns_what_stays(self, bens: Client, bought: Order, concert: Any) -> None:
        CheckIn.objects.create(ticket=bought.tickets.first(), at=concert.start)
        assert "One more ticket of this order stays" in bens.get(f"/orders/{bought.code}/refund/").content.decode()

    def test_owes_nothing_for_what_is_not_paid(self, bens: Client, order: Order, cash: Any) -> None:
        begin(order, cash)
        text = bens.get(f"/orders/{order.code}/refund/").content.decode()
        assert "No longer to pay" in text
        assert "€55.00" in text
        bens.post(f"/orders/{order.code}/refund/", {"amount": "0"})
        order.refresh_from_db()
        assert order.state == "canceled"

    def test_who_paid_in_cash_gets_cash(self, bens: Client, order: Order, cash: Any, ada: Any) -> None:
        Order.objects.filter(pk=order.pk).update(refund_policy=[{"hours_before": 1, "percent_bps": 10_000}])
        order.refresh_from_db()
        begin(order, cash)
        take_cash(order, user=ada)
        assert "hands it back to you in cash" in bens.get(f"/orders/{order.code}/refund/").content.decode()
        text = bens.post(f"/orders/{order.code}/refund/", {"amount": "5500"}, follow=True).content.decode()
        assert "€55.00 to be handed back" in text

    def test_nobody_else_is_let_near(
        self, browser_of: Callable[[Any], Client], bought: Order, ada: Any, cleo: Any
    ) -> None:
        for client in (Client(), browser_of(cleo), browser_of(ada)):
            assert client.post(f"/orders/{bought.code}/refund/", {"amount": "5500"}).status_code == 404
            ticket = bought.tickets.first().pk
            assert client.post(f"/tickets/{ticket}/refund/", {"amount": "2750"}).status_code == 404
        assert Refund.objects.count() == 0


class TestVendor:
    def path(self, order: Order) -> str:
        return f"/admin/market/{order.event_id}/orders/{order.code}/refund/"

    def ids(self, order: Order) -> list[str]:
        return [str(pk) for pk in order.tickets.order_by("number").values_list("pk", flat=True)]

    def test_comes_from_the_guest_list(self, adas: Client, bought: Order) -> None:
        chosen = f"{self.path(bought)}?ticket={self.ids(bought)[1]}"
        assert chosen in adas.get(f"/admin/market/{bought.event_id}/guests/").content.decode()
        assert adas.get(chosen).context["form"].initial["tickets"] == [self.ids(bought)[1]]
        assert self.path(bought) in adas.get(f"/orders/{bought.code}/").content.decode()

    def test_sees_a_preview_first(self, adas: Client, bought: Order) -> None:
        data = {"tickets": self.ids(bought), "amount": "12.35", "reason": "Late"}
        page = adas.post(self.path(bought), data)
        assert (page.status_code, page.context["preview"].amount, Refund.objects.count()) == (200, 1235, 0)
        assert "Give €12.35 back" in page.content.decode()
        done = adas.post(self.path(bought), {**data, "confirm": "1235"}, follow=True)
        assert "€12.35 is on its way back to Ben" in done.content.decode()
        assert (Refund.objects.get().amount, Refund.objects.get().reason) == (1235, "Late")
        assert states(bought) == ["refunded", "refunded"]

    def test_may_leave_the_tickets(self, adas: Client, bought: Order) -> None:
        data = {"tickets": self.ids(bought)[:1], "amount": "5", "keep_tickets": "on"}
        assert "The tickets stay good." in adas.post(self.path(bought), data).content.decode()
        adas.post(self.path(bought), {**data, "confirm": "500"})
        assert (Refund.objects.get().amount, states(bought)) == (500, ["valid", "valid"])

    def test_never_another_amount_than_the_preview_said(self, adas: Client, bought: Order, concert: Any) -> None:
        starts_in(concert, hours=30)
        data = {"tickets": self.ids(bought), "confirm": "5500"}
        refund_tickets(bought, as_vendor=True, amount=100, keep_tickets=True)
        for confirm in ("5500", "", "x", "-1"):
            page = adas.post(self.path(bought), {**data, "confirm": confirm})
            assert (page.status_code, "has just changed" in page.content.decode()) == (422, True)
        assert adas.post(self.path(bought), {**data, "confirm": "5400"}).status_code == 302

    @pytest.mark.parametrize("confirm", [{}, {"confirm": "5500"}])
    @pytest.mark.parametrize(
        ("change", "field"),
        [({"amount": "55.01"}, "amount"), ({"amount": "-1"}, "amount"), ({"tickets": []}, "tickets"),
         ({"tickets": ["x"]}, "tickets"), ({"reason": "x" * 201}, "reason")],
    )  # fmt: skip
    def test_what_is_wrong_stands_beside_its_field(
        self, adas: Client, bought: Order, change: Any, field: str, confirm: Any
    ) -> None:
        page = adas.post(self.path(bought), {"tickets": self.ids(bought), **change, **confirm})
        assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
        assert Refund.objects.count() == 0

    def test_cancels_what_was_not_paid(self, adas: Client, concert: Any, ben: Any) -> None:
        order = make_order(make_ticket_type(concert, price=0, capacity=5), quantity=2, user=ben, email=ben.email)
        data = {"tickets": self.ids(order)[:1], "confirm": "1"}
        assert "1 ticket was canceled." in adas.post(self.path(order), data, follow=True).content.decode()
        assert states(order) == ["canceled", "valid"]

    def test_only_of_its_own_events(
        self, browser_of: Callable[[Any], Client], bought: Order, cleo: Any, cleo_vendor: Any
    ) -> None:
        from tests.factories import make_event

        hers = make_event(cleo_vendor)
        data = {"tickets": self.ids(bought), "confirm": "5500"}
        assert browser_of(cleo).post(self.path(bought), data).status_code == 404
        assert browser_of(cleo).post(f"/admin/market/{hers.pk}/orders/{bought.code}/refund/", data).status_code == 404
        assert Refund.objects.count() == 0

    def test_calls_an_event_off(self, adas: Client, bought: Order, concert: Any) -> None:
        path = f"/admin/market/{concert.pk}/cancel/"
        text = adas.get(path).content.decode()
        assert "2 tickets are out." in text
        assert "€55.00" in text
        unsure = adas.post(path, {"message": "Rain"})
        assert (unsure.status_code, EventCancellation.objects.count()) == (422, 0)
        running = adas.post(path, {"message": "Rain", "sure": "on"}, follow=True)
        assert (running["Refresh"], "0 of 1" in running.content.decode()) == ("3", True)
        undo_orders(concert.pk)
        done = adas.get(path)
        assert ("Refresh" in done, "1 of 1" in done.content.decode()) == (False, True)
        assert "This event was canceled on" in adas.get(f"/admin/market/{concert.pk}/").content.decode()
        concert.refresh_from_db()
        assert "This event was canceled." in Client().get(concert.url).content.decode()


class TestMails:
    def sent(self) -> list[Any]:
        mail.outbox.clear()
        for _time in range(2):
            deliver_due()
            send_due()
        return mail.outbox

    def test_a_refund_is_told_once(self, bought: Order, ben: Any) -> None:
        self.sent()
        refund_tickets(bought, ticket_ids=[bought.tickets.first().pk], reason="Ill")
        (message,) = self.sent()
        assert (message.to, message.subject) == ([ben.email], f"Your refund: Night Orchard ({bought.code})")
        assert "€27.50 for Night Orchard is on its way back to you" in message.body
        assert "One ticket lets nobody in any more." in message.body
        assert "The reason given: Ill" in message.body

    def test_goodwill_says_that_the_tickets_stay(self, bought: Order) -> None:
        self.sent()
        refund_tickets(bought, as_vendor=True, amount=300, keep_tickets=True)
        assert "Your tickets stay good." in self.sent()[0].body

    def test_a_cancellation_without_money(self, concert: Any, ben: Any) -> None:
        order = make_order(make_ticket_type(concert, price=0, capacity=5), user=ben, email=ben.email)
        self.sent()
        cancel_tickets(order)
        (message,) = self.sent()
        assert message.subject == f"Canceled: Night Orchard ({order.code})"
        assert "one of your tickets for Night Orchard was canceled" in message.body


def test_the_policy_is_shown_before_buying(client: Client, concert: Any, kind: Any, card: Any) -> None:
    from marketplace.services.inventory import change_terms

    change_terms(concert, refund_policy=[{"hours_before": 48, "percent_bps": 5_000}])
    assert "50 % back until" in client.get(concert.url).content.decode()
    checkout = client.post(f"/events/{concert.pk}/cart/", {f"type-{kind.pk}": "1"}, follow=True)
    assert "50 % back until" in checkout.content.decode()


def test_rendered_tickets_are_forgotten(bought: Order) -> None:
    from django.core.files.base import ContentFile

    from marketplace.documents import _folder, _store, discard_of

    one, other = bought.tickets.all()
    for ticket in (one, other):
        _store().save(f"{_folder(ticket)}/1.pdf.fernet", ContentFile(b"x"))
    discard_of([str(one.pk)])
    assert (_store().listdir(_folder(one))[1], len(_store().listdir(_folder(other))[1])) == ([], 1)
