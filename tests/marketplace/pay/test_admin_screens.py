"""The vendors' screens for payment methods, and staff's list of what got stuck."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from marketplace.models import Payment, PaymentMethod
from marketplace.services.methods import add_method
from tests.factories import make_payment

pytestmark = pytest.mark.django_db
INDEX = "/admin/payment-methods/"
STUCK = "/admin/payments-to-look-at/"
SECRET = "sk_test_adas_own_key_1234"


@pytest.fixture
def adas(ada: Any, browser_of: Callable[..., Client]) -> Client:
    return browser_of(ada)


def test_a_vendor_adds_a_card_with_own_keys(adas: Client, ada_vendor: Any) -> None:
    assert adas.get(f"{INDEX}add/stripe/").status_code == 200
    typed = {
        "title": "Card",
        "config-brands": ["visa"],
        "config-secret_key": SECRET,
        "config-webhook_secret": "whsec_12345678",
    }
    assert adas.post(f"{INDEX}add/stripe/", typed)["Location"] == INDEX
    method = PaymentMethod.objects.get()
    assert (method.vendor, method.config) == (
        ada_vendor,
        {"secret_key": SECRET, "webhook_secret": "whsec_12345678", "brands": ["visa"]},
    )


def test_secrets_are_shown_as_set_and_kept(adas: Client, ada_vendor: Any) -> None:
    method = add_method(ada_vendor, provider="stripe", title="Card", config={"secret_key": SECRET})
    page = adas.get(f"{INDEX}{method.pk}/").content.decode()
    assert ("ends in …1234" in page, SECRET in page, SECRET[-5:] in page) == (True, False, False)
    assert f"/webhooks/stripe/{method.pk}/" in page
    adas.post(f"{INDEX}{method.pk}/", {"title": "Cards", "config-secret_key": ""})
    method.refresh_from_db()
    assert (method.title, method.config) == ("Cards", {"secret_key": SECRET})
    adas.post(f"{INDEX}{method.pk}/", {"title": "Cards", "clear-secret_key": "on"})
    method.refresh_from_db()
    assert method.config == {}


def test_a_mistake_is_shown_beside_its_field_and_no_secret_with_it(adas: Client, ada_vendor: Any) -> None:
    answer = adas.post(f"{INDEX}add/stripe/", {"title": "My card", "config-secret_key": "pk_test_mistyped_key"})
    page = answer.content.decode()
    assert (answer.status_code, "A secret key begins with" in page) == (422, True)
    assert ('value="My card"' in page, "pk_test_mistyped_key" in page) == (True, False)
    assert not PaymentMethod.objects.exists()


def test_cash_limits_are_typed_in_major_units(adas: Client, ada_vendor: Any) -> None:
    adas.post(f"{INDEX}add/cash/", {"title": "Cash", "config-max_amount": "99.50", "config-max_tickets": "4"})
    method = PaymentMethod.objects.get()
    assert method.config == {"max_amount": 9950, "max_tickets": 4}
    assert 'value="99.50"' in adas.get(f"{INDEX}{method.pk}/").content.decode()
    assert "up to €99.50 · at most 4 tickets" in adas.get(INDEX).content.decode()


@pytest.mark.parametrize("amount", ["many", "-3", "0.001", "1e999", "9" * 400, "NaN", "Infinity"])
def test_amounts_that_are_none(adas: Client, ada_vendor: Any, amount: str) -> None:
    answer = adas.post(f"{INDEX}add/cash/", {"title": "Cash", "config-max_amount": amount})
    assert answer.status_code == 422
    assert not PaymentMethod.objects.exists()


def test_removing(adas: Client, card: Any, cash: Any, kind: Any) -> None:
    assert adas.get(f"{INDEX}{card.pk}/remove/").status_code == 200
    adas.post(f"{INDEX}{card.pk}/remove/")
    card.refresh_from_db()
    assert card.removed_at is not None
    assert "no other way to be paid" in adas.post(f"{INDEX}{cash.pk}/remove/", follow=True).content.decode()
    cash.refresh_from_db()
    assert cash.removed_at is None


def test_cleo_sees_and_changes_nothing_of_adas(cleo: Any, card: Any, browser_of: Callable[..., Client]) -> None:
    cleos = browser_of(cleo)
    assert ("Card" in cleos.get(INDEX).content.decode()) is ("Card" in cleos.get(f"{INDEX}?").content.decode())
    assert f"{INDEX}{card.pk}/" not in cleos.get(INDEX).content.decode()
    for path in (f"{INDEX}{card.pk}/", f"{INDEX}{card.pk}/remove/"):
        assert [cleos.get(path).status_code, cleos.post(path, {"title": "Mine"}).status_code] == [404, 404]
    card.refresh_from_db()
    assert (card.title, card.removed_at) == ("Card", None)


def test_buyers_and_strangers_do_not_get_in(ben: Any, card: Any, browser_of: Callable[..., Client]) -> None:
    for client in (Client(), browser_of(ben)):
        for path in (INDEX, f"{INDEX}add/cash/", f"{INDEX}{card.pk}/", f"{INDEX}{card.pk}/remove/", STUCK):
            assert client.get(path).status_code in (302, 403)


def test_a_provider_that_is_not_there(adas: Client) -> None:
    assert [adas.get(f"{INDEX}add/{name}/").status_code for name in ("paypal", "free")] == [404, 404]


def test_staff_look_at_what_got_stuck(sam: Any, ada: Any, order: Any, browser_of: Callable[..., Client]) -> None:
    payment = make_payment(order, state="pending", external_id="cs_test_stuck", checks=12)
    sams = browser_of(sam)
    assert "cs_test_stuck" in sams.get(STUCK).content.decode()
    assert browser_of(ada).get(STUCK).status_code in (302, 403)
    assert sams.post(STUCK, {"kind": "payment", "id": payment.pk}).status_code == 302
    assert Payment.objects.get(pk=payment.pk).check_at <= timezone.now() + timedelta(seconds=1)
    for kind, number in (("payment", "x"), ("payment", "999999"), ("nothing", "1"), ("", "")):
        assert sams.post(STUCK, {"kind": kind, "id": number}).status_code == 404


def test_staff_see_every_vendors_methods_without_secrets(
    sam: Any, ada_vendor: Any, browser_of: Callable[..., Client]
) -> None:
    method = add_method(ada_vendor, provider="stripe", title="Card", config={"secret_key": SECRET})
    sams = browser_of(sam)
    for path in (INDEX, f"{INDEX}{method.pk}/"):
        page = sams.get(path)
        assert (page.status_code, SECRET in page.content.decode()) == (200, False)
    assert sams.get(f"{INDEX}add/cash/").status_code in (302, 403)
