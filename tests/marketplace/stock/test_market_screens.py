"""A vendor's screens about tickets: what they show, what they change, and whom they know."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from marketplace.admin_market import VENDOR_URLS
from marketplace.models import EventTerms, PaymentMethod, Quota, TicketType
from marketplace.services.methods import add_method
from tests.factories import make_event, make_order, make_ticket_type, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind(ada_vendor):
    return make_ticket_type(make_event(ada_vendor, title="Cello Night"), name="Stalls", price=2500, capacity=50)


@pytest.fixture
def ada_at(ada, browser_of):
    return browser_of(ada)


def url(name: str, kind: Any, *more: Any) -> str:
    return reverse(name, args=[kind.event_id, *more])


EMPTY = dict.fromkeys(("description", "sales_start", "sales_end", "max_per_order"), "")
TYPE = {**EMPTY, "name": "Balcony", "price": "12.50", "fee": "0", "capacity": "20"}
TERMS = {"max_per_order": "6", "max_per_person": "", "refund-TOTAL_FORMS": "2", "refund-INITIAL_FORMS": "0"}


def test_the_screens_show_sold_held_and_left(kind, ada_at):
    pay(make_order(kind, quantity=7))
    make_order(kind, quantity=3)
    for name, args in (("market", ()), ("market_event", (kind.event_id,))):
        response = ada_at.get(reverse(name, args=args))
        assert response.status_code == 200
        cells = " ".join(response.content.decode().split())
        for number in (7, 3, 40):
            assert f"<td>{number}</td>" in cells


def test_adding_a_type(kind, ada_at):
    response = ada_at.post(url("market_add_type", kind), {**TYPE, "sales_start": "2026-12-01T10:00"})
    assert response.status_code == 302
    added = TicketType.objects.get(name="Balcony")
    assert (added.price, added.fee, added.quotas.get().capacity) == (1250, 0, 20)
    assert added.sales_start.isoformat() == "2026-12-01T09:00:00+00:00"  # ten o'clock in Berlin


def test_a_form_shows_what_is_stored(kind, ada_at):
    kind.fee = 150
    kind.save()
    html = ada_at.get(url("market_type", kind, kind.pk)).content.decode()
    for value in ('value="25.00"', 'value="1.50"', 'value="50"', 'value="Stalls"'):
        assert value in html


def test_changing_a_type_and_its_places(kind, ada_at):
    shared = Quota.objects.create(event=kind.event, name="House", capacity=30)
    body = {**TYPE, "name": "Stalls", "price": "30", "capacity": "60", "quotas": [shared.pk]}
    assert ada_at.post(url("market_type", kind, kind.pk), body).status_code == 302
    kind.refresh_from_db()
    assert kind.price == 3000
    assert sorted(kind.quotas.values_list("capacity", flat=True)) == [30, 60]


def test_capacity_below_what_is_sold_is_refused_with_the_numbers(kind, ada_at):
    pay(make_order(kind, quantity=7))
    make_order(kind, quantity=2)
    quota = kind.quotas.get()
    for name, pk, body in (("market_quota", quota.pk, {"name": "Stalls", "capacity": "8"}),
                           ("market_type", kind.pk, {**TYPE, "capacity": "8"})):  # fmt: skip
        response = ada_at.post(url(name, kind, pk), body)
        assert response.status_code == 422
        assert "7 places are sold and 2 are held, so there can&#x27;t be fewer than 9" in response.content.decode()
    quota.refresh_from_db()
    kind.refresh_from_db()
    assert (quota.capacity, kind.name) == (50, "Stalls")
    assert ada_at.post(url("market_quota", kind, quota.pk), {"name": "S", "capacity": "9"}).status_code == 302


BAD_TYPES = [
    ("name", ""), ("name", "x" * 81), ("price", ""), ("price", "-1"), ("price", "1.234"), ("price", "NaN"),
    ("price", "1e30"), ("price", "free"), ("fee", "-0.01"), ("capacity", "-1"), ("capacity", "1e9"), ("capacity", ""),
    ("capacity", "9" * 20), ("sales_start", "tomorrow"), ("sales_end", "2026-13-45T99:99"), ("max_per_order", "0"),
    ("quotas", "999999"), ("quotas", "x"), ("description", "x" * 301), ("name", "a\x00b"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), BAD_TYPES, ids=[f"{f}-{v[:9]!r}" for f, v in BAD_TYPES])
def test_bad_values_are_explained_and_kept(kind, ada_at, field, value):
    Quota.objects.create(event=kind.event, name="House", capacity=30)
    response = ada_at.post(url("market_add_type", kind), {**TYPE, field: value})
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert TicketType.objects.count() == 1


def test_a_sale_that_ends_before_it_starts(kind, ada_at):
    body = {**TYPE, "sales_start": "2026-12-02T10:00", "sales_end": "2026-12-01T10:00"}
    response = ada_at.post(url("market_add_type", kind), body)
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["sales_end"])


def test_archiving_and_selling_again(kind, ada_at):
    for archived in (True, False):
        ada_at.post(url("market_archive_type", kind, kind.pk))
        kind.refresh_from_db()
        assert (kind.archived_at is not None) is archived
    assert ada_at.get(url("market_archive_type", kind, kind.pk)).status_code == 405


def test_places_that_nobody_needs_can_go_and_others_not(kind, ada_at):
    spare = Quota.objects.create(event=kind.event, name="Spare", capacity=1)
    ada_at.post(url("market_remove_quota", kind, spare.pk))
    response = ada_at.post(url("market_remove_quota", kind, kind.quotas.get().pk), follow=True)
    assert "take their places from this quota" in response.content.decode()
    assert [quota.name for quota in Quota.objects.all()] == ["Stalls"]


def test_the_terms(kind, ada_vendor, ada_at):
    method = add_method(ada_vendor, provider="cash", title="At the door", config={})
    steps = {"refund-0-days": "2", "refund-0-percent": "50", "refund-1-days": "14", "refund-1-percent": "100"}
    body = {**TERMS, **steps, "max_per_person": "4", "payment_methods": [method.pk]}
    assert ada_at.post(url("market_terms", kind), body).status_code == 302
    terms = EventTerms.objects.get()
    assert (terms.max_per_order, terms.max_per_person, list(terms.payment_methods.all())) == (6, 4, [method])
    assert terms.refund_policy == [
        {"hours_before": 336, "percent_bps": 10000},
        {"hours_before": 48, "percent_bps": 5000},
    ]
    html = ada_at.get(url("market_terms", kind)).content.decode()
    assert 'value="14"' in html
    assert "100" in html


@pytest.mark.parametrize(
    "bad",
    [{"max_per_order": "0"}, {"max_per_order": ""}, {"max_per_person": "x"}, {"refund-0-days": "3"},
     {"refund-0-days": "3", "refund-0-percent": "101"}, {"refund-0-days": "-1", "refund-0-percent": "1"},
     {"refund-0-days": "3", "refund-0-percent": "5", "refund-1-days": "3", "refund-1-percent": "6"},
     {"payment_methods": "999999"}, {"refund-TOTAL_FORMS": "x"}, {"refund-TOTAL_FORMS": "99999999"}],
)  # fmt: skip
def test_bad_terms_are_explained(kind, ada_at, bad):
    response = ada_at.post(url("market_terms", kind), {**TERMS, **bad})
    assert response.status_code == 422
    assert EventTerms.objects.get().max_per_order == 10


def test_another_vendors_payment_method_can_not_be_chosen(kind, cleo_vendor, ada_at):
    foreign = add_method(cleo_vendor, provider="cash", title="Cleo's", config={})
    response = ada_at.post(url("market_terms", kind), {**TERMS, "payment_methods": [foreign.pk]})
    assert response.status_code == 422
    assert not PaymentMethod.objects.filter(events__isnull=False).exists()


# ---- whom they know


def addresses(kind: TicketType) -> dict[str, str]:
    rows = {"market_type": kind.pk, "market_archive_type": kind.pk}
    rows |= dict.fromkeys(("market_quota", "market_remove_quota"), kind.quotas.get().pk)
    events = [
        name for name in VENDOR_URLS if name != "market" and not name.startswith("market_refund")
    ]  # of no event alone
    return {name: url(name, kind, *([rows[name]] if name in rows else [])) for name in events}


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_vendors_event_is_not_there(kind, cleo, browser_of, method):
    client = browser_of(cleo)
    for name, address in addresses(kind).items():
        response = getattr(client, method)(address, {**TYPE, **TERMS})
        assert response.status_code in (404, 405), name
        if method == "post":
            assert response.status_code in (404, 405), name
    kind.refresh_from_db()
    assert (kind.archived_at, kind.name, TicketType.objects.count()) == (None, "Stalls", 1)


def test_a_row_of_another_event_is_not_there(kind, cleo_vendor, cleo, browser_of):
    own = make_ticket_type(make_event(cleo_vendor))
    for name, foreign in (("market_type", kind.pk), ("market_quota", kind.quotas.get().pk)):
        assert browser_of(cleo).get(url(name, own, foreign)).status_code == 404
    assert browser_of(cleo).post(url("market_archive_type", own, kind.pk)).status_code == 404
    foreign_places = {**TYPE, "quotas": [kind.quotas.get().pk]}
    assert browser_of(cleo).post(url("market_add_type", own), foreign_places).status_code == 422


def test_buyers_and_strangers_have_no_business_here(kind, ben, browser_of, client):
    for address in (reverse("market"), *addresses(kind).values()):
        assert browser_of(ben).get(address).status_code in (302, 403, 404)
        assert client.get(address).status_code == 302


def test_a_vendors_list_holds_its_own_events(kind, cleo_vendor, ada_at):
    make_event(cleo_vendor, title="Cleo's Night")
    html = ada_at.get(reverse("market")).content.decode()
    assert "Cello Night" in html
    assert "Cleo&#x27;s Night" not in html


def test_staff_see_every_event(kind, sam, browser_of):
    for name, address in addresses(kind).items():
        if name not in ("market_archive_type", "market_remove_quota"):
            assert browser_of(sam).get(address).status_code == 200
