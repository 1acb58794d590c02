"""Money that was paid in cash is handed back by the vendor, who says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from marketplace.models import Order, Payment, Refund
from marketplace.services.reconcile import reconcile, send_now, stuck_refunds
from marketplace.services.refund import refund_tickets
from marketplace.services.settle import confirm_handed_back, take_cash
from portal.errors import Rejected
from tests.marketplace.pay.refunding import books
from tests.marketplace.pay.steps import begin

pytestmark = pytest.mark.django_db


@pytest.fixture
def refund(order: Order, cash: Any, ada: Any) -> Refund:
    begin(order, cash)
    take_cash(order, user=ada)
    refund_tickets(Order.objects.get(pk=order.pk), as_vendor=True)
    refund = Refund.objects.get()
    send_now(refund.pk)
    refund.refresh_from_db()
    return refund


def test_it_is_under_way_until_the_vendor_says_otherwise(refund: Refund) -> None:
    assert (refund.state, refund.check_at) == ("in_transit", None)
    Refund.objects.update(created_at=now() - timedelta(days=9))
    assert (reconcile(), list(stuck_refunds())) == (0, [])  # nobody else can know
    assert confirm_handed_back(refund).state == "done"
    assert (Payment.objects.get().state, books(refund.payment.order)) == (
        "refunded",
        {"fees": -500, "refunds": 5500, "sales": -5000},
    )
    with pytest.raises(Rejected) as caught:
        confirm_handed_back(Refund.objects.get())
    assert caught.value.code == "nothing-due"


def test_the_vendor_confirms_on_the_list(refund: Refund, browser_of: Callable[[Any], Client], ada: Any) -> None:
    page = browser_of(ada).get("/admin/market/refunds/").content.decode()
    assert "To be handed back" in page
    assert "€55.00" in page
    answer = browser_of(ada).post(f"/admin/market/refunds/{refund.pk}/done/", follow=True)
    assert "€55.00 is noted as handed back." in answer.content.decode()
    assert "To be handed back" not in answer.content.decode()
    refund.refresh_from_db()
    assert refund.state == "done"
    again = browser_of(ada).post(f"/admin/market/refunds/{refund.pk}/done/", follow=True)
    assert "given back already" in again.content.decode()


def test_nobody_else_does(refund: Refund, browser_of: Callable[[Any], Client], ben: Any, cleo: Any, sam: Any) -> None:
    assert browser_of(cleo).post(f"/admin/market/refunds/{refund.pk}/done/").status_code == 404
    assert browser_of(ben).post(f"/admin/market/refunds/{refund.pk}/done/").status_code == 302
    assert "€55.00" not in browser_of(cleo).get("/admin/market/refunds/").content.decode()
    refund.refresh_from_db()
    assert refund.state == "in_transit"
    assert browser_of(sam).post(f"/admin/market/refunds/{refund.pk}/done/").status_code == 302
    refund.refresh_from_db()
    assert refund.state == "done"


def test_what_goes_another_way_is_not_confirmed_by_hand(order: Order, card: Any) -> None:
    from tests.factories import pay

    pay(order)
    refund_tickets(Order.objects.get(pk=order.pk), as_vendor=True)
    with pytest.raises(Rejected):
        confirm_handed_back(Refund.objects.get())
