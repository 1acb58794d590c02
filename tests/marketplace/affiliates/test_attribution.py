"""Whom an order is owed to: by link, by code, through the API; frozen, ended by time, and never one's own."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from marketplace import affiliates
from marketplace.models import Cart, Conversion, Order
from marketplace.services import checkout
from marketplace.services.affiliate import accept, end, join, save_programme, set_rate
from marketplace.services.affiliate_attribution import Referral, record
from marketplace.services.cart import open_cart
from marketplace.services.checkout import place_order
from portal.errors import Rejected
from tests.factories import make_event, make_order, make_ticket_type, make_user, make_vendor
from venues.models import VendorMember

pytestmark = pytest.mark.django_db


def buy_on_the_site(
    client: Client, kind: Any, *, email: str = "gesa@example.org", code: str = "", via: str = ""
) -> Any:
    """The answer of the checkout; it was a purchase where it leads on."""
    chosen = client.post(f"/events/{kind.event_id}/cart/", {f"type-{kind.pk}": 1, **({"via": via} if via else {})})
    page = client.get(chosen["Location"])
    total, policy = (re.search(rf'name="{name}" value="(\w+)"', page.text) for name in ("total", "policy"))
    assert total
    assert policy
    sent = {"name": "Gesa", "email": email, "total": total[1], "policy": policy[1], "affiliate": code}
    return client.post(chosen["Location"], sent)


def brought() -> list[tuple[str, int, str]]:
    return list(
        Conversion.objects.order_by("pk").values_list("affiliate__user__name", "commission_bps", "source")
    )  # fmt: skip


@pytest.fixture
def free(kind: Any) -> Any:
    """What needs no way to pay."""
    return make_ticket_type(kind.event, name="Balcony", price=0)


def test_a_link_leads_to_the_event_and_counts(free: Any, dora: Any) -> None:
    client = Client()
    answer = client.get(f"/via/{dora.code.lower()}/{free.event_id}/")
    assert (answer.status_code, answer["Location"]) == (302, free.event.get_url())
    assert "no-store" in answer["Cache-Control"]
    assert buy_on_the_site(client, free).status_code == 302
    assert brought() == [("Dora Dale", 1000, "link")]


def test_a_link_to_all_events_counts_for_each(free: Any, dora: Any) -> None:
    client = Client()
    assert client.get(f"/via/{dora.code}/")["Location"] == dora.vendor.page.get_url()
    buy_on_the_site(client, free)
    assert brought() == [("Dora Dale", 1000, "link")]


def test_the_last_click_counts(free: Any, dora: Any, emil: Any) -> None:
    client = Client()
    for affiliate in (dora, emil):
        client.get(f"/via/{affiliate.code}/")
    buy_on_the_site(client, free)
    end(emil)
    client.get(f"/via/{dora.code}/")
    client.get(f"/via/{emil.code}/")  # counts no more, and so takes nothing from Dora
    buy_on_the_site(client, free)
    assert brought() == [("Emil Ek", 1000, "link"), ("Dora Dale", 1000, "link")]


def test_a_click_ends_when_the_terms_of_its_day_said(free: Any, dora: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    client.get(f"/via/{dora.code}/")
    save_programme(dora.vendor, commission_bps=1000, cookie_days=365, admission="open")
    later = timezone.now() + timedelta(days=29, hours=23)
    monkeypatch.setattr(affiliates.timezone, "now", lambda: later)
    buy_on_the_site(client, free)
    later += timedelta(hours=2)
    buy_on_the_site(client, free)
    assert brought() == [("Dora Dale", 1000, "link")]


def test_traces_are_signed(free: Any, dora: Any) -> None:
    client = Client()
    client.cookies[f"via-{dora.vendor_id}"] = f'["{dora.code}", 99999999999]'
    assert buy_on_the_site(client, free).status_code == 302
    assert brought() == []


def test_a_link_of_one_vendor_is_none_of_anothers(free: Any, dora: Any, cleo_vendor: Any) -> None:
    other = make_ticket_type(make_event(cleo_vendor), price=0)
    client = Client()
    assert client.get(f"/via/{dora.code}/{other.event_id}/").status_code == 404
    client.get(f"/via/{dora.code}/")
    buy_on_the_site(client, other)
    buy_on_the_site(client, other, via=dora.code)
    assert brought() == []


@pytest.mark.parametrize("path", ["NOBODY2222/", "NOBODY2222/1/", "{code}/999999/"])
def test_links_to_nothing(path: str, dora: Any) -> None:
    assert Client().get(f"/via/{path.format(code=dora.code)}").status_code == 404


def test_drafts_stay_unseen(dora: Any) -> None:
    draft = make_event(dora.vendor, publish=False)
    assert Client().get(f"/via/{dora.code}/{draft.pk}/").status_code == 404


def test_strangers_with_a_trace_share_pages_with_all_others(free: Any, dora: Any, settings: Any) -> None:
    settings.SHARED_CACHE_SECONDS = 60
    client = Client()
    client.get(f"/via/{dora.code}/")
    address = free.event.get_url()
    first = Client().get(address)
    with CaptureQueriesContext(connection) as asked:
        again = client.get(address)
    assert (again.content == first.content, len(asked)) == (True, 0)
    assert dora.code not in first.text


def test_an_embedded_form_carries_the_code_without_cookies(free: Any, dora: Any) -> None:
    page = Client().get(free.event.get_url(), {"via": dora.code})
    assert f'<input type="hidden" name="via" value="{dora.code}">' in page.text
    buy_on_the_site(Client(), free, via=dora.code)
    assert brought() == [("Dora Dale", 1000, "link")]


def test_a_code_typed_at_checkout_goes_before_a_link(free: Any, dora: Any, emil: Any) -> None:
    client = Client()
    client.get(f"/via/{dora.code}/")
    assert buy_on_the_site(client, free, code=f" {emil.code.lower()} ").status_code == 302
    assert brought() == [("Emil Ek", 1000, "code")]


def test_a_wrong_code_is_told_of_beside_its_field(free: Any, dora: Any) -> None:
    answer = buy_on_the_site(Client(), free, code="WRONG")
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"affiliate": ["This is not a code of an affiliate for this event."]}
    assert not Order.objects.exists()


def test_no_programme_no_field(cleo_vendor: Any) -> None:
    client = Client()
    other = make_ticket_type(make_event(cleo_vendor), price=0)
    chosen = client.post(f"/events/{other.event_id}/cart/", {f"type-{other.pk}": 1})
    assert 'name="affiliate"' not in client.get(chosen["Location"]).text


def book(kind: Any, api: Client, **more: Any) -> Any:
    body = {"event": kind.event_id, "items": [{"ticket_type": kind.pk, "quantity": 1}], **more}
    headers = {"Idempotency-Key": str(more)}
    return api.post("/api/v1/tickets/book", body, content_type="application/json", headers=headers)


def test_a_code_in_the_api(kind: Any, dora: Any, ben: Any, api_of: Callable[..., Client]) -> None:
    assert book(kind, api_of(ben), affiliate=dora.code).status_code == 201
    assert book(kind, Client(), email="gesa@example.org", affiliate=dora.code).status_code == 201
    assert brought() == [("Dora Dale", 1000, "api")] * 2


def test_a_bad_code_in_the_api_names_the_field(kind: Any, dora: Any, ben: Any, api_of: Callable[..., Client]) -> None:
    end(dora)
    for code in ("NOBODY2222", dora.code):
        answer = book(kind, api_of(ben), affiliate=code)
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown-affiliate")
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/affiliate"]
    assert not Order.objects.exists()


def own_codes(dora: Any, ada: Any) -> list[tuple[Any, str]]:
    """Who buys, and by which address, where Dora would earn by herself or Ada pay her own people."""
    EmailAddress.objects.create(user=dora.user, email="dd@example.org", verified=True, primary=False)
    return [
        (dora.user, dora.user.email),
        (None, "DORA@example.org"),
        (None, "dora+again@example.org"),
        (None, "dd@example.org"),
        (ada, ada.email),
        (None, ada.email),
    ]


def test_nobody_earns_by_themselves_with_a_code(kind: Any, dora: Any, ada: Any) -> None:
    for user, email in own_codes(dora, ada):
        with pytest.raises(Rejected) as refusal:
            make_order(kind, user=user, email=email, affiliate=dora.code)
        assert (refusal.value.code, refusal.value.status, refusal.value.data) == (
            "self-referral", 422, {"field": "affiliate"},
        )  # fmt: skip
    assert not Order.objects.exists()


def test_nobody_earns_by_themselves_with_a_link(kind: Any, dora: Any, ada: Any) -> None:
    for user, email in own_codes(dora, ada):
        cart = open_cart(kind.event, items={kind.pk: 1}, user=user, codes=[dora.code])
        assert not place_order(kind.event_id, cart=cart, user=user, email=email).order.referred
    assert (Order.objects.count(), brought()) == (6, [])


def test_who_joins_the_vendor_later_earns_no_more(kind: Any, dora: Any) -> None:
    VendorMember.objects.create(vendor=dora.vendor, user=dora.user)
    with pytest.raises(Rejected, match="for others"):
        make_order(kind, affiliate=dora.code)


def test_terms_are_those_of_the_moment(kind: Any, dora: Any) -> None:
    cart = open_cart(kind.event, items={kind.pk: 1}, codes=[dora.code])
    order = make_order(kind, affiliate=dora.code)
    save_programme(dora.vendor, commission_bps=100, cookie_days=1, admission="closed")
    set_rate(kind.event, commission_bps=0)
    end(dora)
    place_order(kind.event_id, cart=cart, email="gesa@example.org")
    assert brought() == [("Dora Dale", 1000, "code"), ("Dora Dale", 1000, "link")]
    assert order.conversion.commission_bps == 1000


def test_an_event_has_its_own_commission_or_none(kind: Any, dora: Any) -> None:
    set_rate(kind.event, commission_bps=2500)
    make_order(kind, affiliate=dora.code)
    set_rate(kind.event, commission_bps=0)
    with pytest.raises(Rejected, match="not a code"):
        make_order(kind, affiliate=dora.code)
    assert open_cart(kind.event, items={kind.pk: 1}, codes=[dora.code]).referral is None
    set_rate(kind.event, commission_bps=None)
    make_order(kind, affiliate=dora.code)
    assert [bps for _name, bps, _source in brought()] == [2500, 1000]


def test_joining(programme: Any, ada: Any, ben: Any, cleo: Any) -> None:
    vendor = programme.vendor
    assert join(vendor, user=ben).state == "active"
    assert join(vendor, user=ben) == join(vendor, user=ben)
    save_programme(vendor, commission_bps=1000, cookie_days=30, admission="approval")
    applicant = join(vendor, user=cleo)
    assert applicant.state == "applied"
    assert (accept(applicant), accept(applicant), end(applicant), join(vendor, user=cleo).state) == (
        True, False, True, "ended",
    )  # fmt: skip
    save_programme(vendor, commission_bps=1000, cookie_days=30, admission="closed")
    for user, code in ((make_user(), "programme-closed"), (ada, "own-programme")):
        with pytest.raises(Rejected) as refusal:
            join(vendor, user=user)
        assert refusal.value.code == code
    with pytest.raises(Rejected, match="no new"):
        join(make_vendor(), user=ben)


def test_an_applicants_code_counts_not_yet(programme: Any, kind: Any, ben: Any) -> None:
    save_programme(programme.vendor, commission_bps=1000, cookie_days=30, admission="approval")
    applicant = join(programme.vendor, user=ben)
    assert Client().get(f"/via/{applicant.code}/").cookies == {}
    with pytest.raises(Rejected, match="not a code"):
        make_order(kind, affiliate=applicant.code)


def test_without_an_affiliate_nothing_is_asked(kind: Any) -> None:
    """A programme costs purchases without one no statement: not the order, not its payment."""
    from tests.factories import pay

    with CaptureQueriesContext(connection) as asked:
        order = make_order(kind)
        pay(order)
        open_cart(kind.event, items={kind.pk: 1})
    assert [query["sql"] for query in asked if "affiliate" in query["sql"] or "conversion" in query["sql"]] == []
    assert len(asked) > 5


def test_one_order_has_one_conversion(kind: Any, dora: Any, emil: Any) -> None:
    order = make_order(kind, affiliate=dora.code)
    with pytest.raises(IntegrityError), transaction.atomic():
        record(order, Referral(emil.pk, 1000, "link"))
    assert brought() == [("Dora Dale", 1000, "code")]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_a_cart_sent_many_times_at_once_is_one_conversion(
    kind: Any, dora: Any, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The control, without the compare-and-set of the cart's state, has one for each time."""
    if not guarded:
        monkeypatch.setattr(checkout, "move", lambda *_args, **_fields: True)
    cart = open_cart(kind.event, items={kind.pk: 1}, codes=[dora.code])
    start = threading.Barrier(6)

    def send(_number: int) -> int:
        try:
            start.wait(30)
            mine = Cart.objects.get(pk=cart.pk)
            return place_order(kind.event_id, cart=mine, email="gesa@example.org").order.pk
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        orders = set(pool.map(send, range(6)))
    expected = 1 if guarded else 6
    assert (len(orders), brought()) == (expected, [("Dora Dale", 1000, "link")] * expected)
