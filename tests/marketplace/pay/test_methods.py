"""A vendor's ways to be paid: services and API. Secrets go in and never come out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from marketplace.models import PaymentMethod
from marketplace.services.inventory import ensure_terms
from marketplace.services.methods import (
    add_method,
    attach_method,
    brands_of,
    change_method,
    methods_for,
    remove_method,
)
from portal.errors import Rejected
from tests.factories import make_event, make_payment, make_ticket_type

pytestmark = pytest.mark.django_db
KEYS = {"secret_key": "sk_test_adas_own_key_1234", "webhook_secret": "whsec_adas_secret_5678"}
URL = "/api/v1/vendors/payment-methods"


def problem(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(path, body, content_type="application/json")


def put(client: Client, path: str, **body: Any) -> Any:
    return client.put(path, body, content_type="application/json")


@pytest.fixture
def adas(ada: Any, api_of: Callable[..., Client]) -> Client:
    return api_of(ada, "payment-methods")


@pytest.fixture
def cleos(cleo: Any, api_of: Callable[..., Client]) -> Client:
    return api_of(cleo, "payment-methods")


class TestServices:
    def test_secrets_are_encrypted_where_they_are_stored(self, ada_vendor: Any) -> None:
        method = add_method(ada_vendor, provider="stripe", title="Card", config=KEYS)
        with connection.cursor() as cursor:
            cursor.execute("SELECT config FROM marketplace_paymentmethod WHERE id = %s", [method.pk])
            stored = cursor.fetchone()[0]
        assert not any(secret in stored for secret in KEYS.values())
        assert PaymentMethod.objects.get(pk=method.pk).config == KEYS

    def test_a_secret_that_is_left_out_stays(self, ada_vendor: Any) -> None:
        method = add_method(ada_vendor, provider="stripe", title="Card", config=KEYS)
        method = change_method(method, config={"brands": ["visa"]})
        assert method.config == {**KEYS, "brands": ["visa"]}
        assert list(brands_of(method)) == ["visa"]
        method = change_method(method, config={"webhook_secret": ""})
        assert method.config == {"secret_key": KEYS["secret_key"]}

    def test_money_is_given_back_from_the_account_that_got_it(self, ada_vendor: Any, order: Any) -> None:
        method = add_method(ada_vendor, provider="stripe", title="Card")
        make_payment(order, method=method)
        with pytest.raises(Rejected) as caught:
            change_method(method, config=KEYS)
        assert caught.value.code == "account-in-use"
        assert change_method(method, title="Cards").title == "Cards"

    def test_the_last_way_to_pay_stays_while_an_event_is_on_sale(self, concert: Any, kind: Any, card: Any) -> None:
        with pytest.raises(Rejected) as caught:
            remove_method(card)
        assert (caught.value.code, caught.value.data["events"]) == ("in-use", [str(concert.pk)])
        other = add_method(card.vendor, provider="cash", title="Cash")
        attach_method(concert, method=other)
        remove_method(card)
        assert methods_for(concert) == [other]
        with pytest.raises(Rejected):
            remove_method(other)

    def test_free_and_past_events_need_none(self, ada_vendor: Any) -> None:
        method = add_method(ada_vendor, provider="cash", title="Cash")
        free, draft, past = make_event(ada_vendor), make_event(ada_vendor, publish=False), make_event(ada_vendor)
        make_ticket_type(free, price=0)
        for event in (draft, past):
            make_ticket_type(event)
        for event in (free, draft, past):
            attach_method(event, method=method)
        type(past).objects.filter(pk=past.pk).update(start="2020-01-01T10:00Z", end="2020-01-01T12:00Z")
        remove_method(method)
        assert methods_for(free) == []

    def test_a_foreign_method_is_not_attached(self, concert: Any, cleo_vendor: Any) -> None:
        foreign = add_method(cleo_vendor, provider="cash", title="Cleo's")
        with pytest.raises(Rejected) as caught:
            attach_method(concert, method=foreign)
        assert caught.value.status == 404
        assert not ensure_terms(concert).payment_methods.exists()


class TestApi:
    def test_a_vendor_adds_reads_changes_and_removes(self, adas: Client) -> None:
        made = post(adas, URL, provider="stripe", title="Card", config={**KEYS, "brands": ["visa", "mastercard"]})
        assert made.status_code == 201
        assert made.json() == {
            "id": made.json()["id"],
            "provider": "stripe",
            "title": "Card",
            "brands": ["visa", "mastercard"],
            "config": {"brands": ["visa", "mastercard"]},
            "secrets_set": ["secret_key", "webhook_secret"],
            "status": "active",
        }
        own = made["Location"]
        assert adas.get(own).json() == made.json()
        changed = put(adas, own, title="Cards", config={"brands": []})
        assert (changed.json()["title"], len(changed.json()["brands"])) == ("Cards", 4)
        assert changed.json()["secrets_set"] == ["secret_key", "webhook_secret"]
        assert adas.get(URL).json()["results"] == [changed.json()]
        assert adas.delete(own).status_code == 204
        assert problem(adas.delete(own)) == (404, "not-found")
        assert adas.get(URL).json()["results"] == []

    def test_no_secret_ever_comes_back(self, adas: Client, ada_vendor: Any, concert: Any) -> None:
        made = post(adas, URL, provider="stripe", title="Card", config=KEYS)
        own = made["Location"]
        answers = [
            made,
            adas.get(own),
            adas.get(URL),
            put(adas, own, title="Cards"),
            put(adas, own, config={"secret_key": "nonsense_zzz987"}),
            post(adas, f"/api/v1/events/{concert.pk}/payment-methods", payment_method=made.json()["id"]),
            Client().get(f"{URL}?event={concert.pk}"),
        ]
        for answer in answers:
            text = json.dumps(answer.json()) + str(answer.headers)
            assert not any(secret[-6:] in text for secret in (*KEYS.values(), "nonsense_zzz987"))

    def test_anyone_reads_what_an_event_accepts(self, concert: Any, card: Any, cash: Any, cleos: Client) -> None:
        change_method(card, config={"brands": ["mastercard"]})
        for client in (Client(), cleos):
            answer = client.get(f"{URL}?event={concert.pk}")
            assert answer.status_code == 200
            assert answer.json()["results"] == [
                {"id": str(card.pk), "provider": "stripe", "title": "Card", "brands": ["mastercard"]},
                {"id": str(cash.pk), "provider": "cash", "title": "Cash at the door"},
            ]

    def test_a_draft_is_its_vendors(self, ada_vendor: Any, adas: Client, cleos: Client) -> None:
        draft = make_event(ada_vendor, publish=False)
        path = f"{URL}?event={draft.pk}"
        assert [client.get(path).status_code for client in (adas, cleos, Client())] == [200, 404, 404]

    def test_attach_or_create_for_an_event(self, adas: Client, concert: Any) -> None:
        path = f"/api/v1/events/{concert.pk}/payment-methods"
        assert post(adas, path, provider="cash", title="Cash", config={"max_amount": 10_000}).status_code == 201
        own = post(adas, URL, provider="stripe", title="Card").json()["id"]
        assert post(adas, path, payment_method=own).status_code == 201
        assert post(adas, path, payment_method=own).status_code == 201
        assert [method.provider for method in methods_for(concert)] == ["cash", "stripe"]

    def test_in_use(self, adas: Client, concert: Any, kind: Any, card: Any) -> None:
        answer = adas.delete(f"{URL}/{card.pk}")
        assert problem(answer) == (409, "in-use")
        assert answer.json()["events"] == [str(concert.pk)]

    def test_cleo_finds_nothing_of_adas(self, cleos: Client, card: Any, concert: Any, cleo_vendor: Any) -> None:
        own = f"{URL}/{card.pk}"
        path = f"/api/v1/events/{concert.pk}/payment-methods"
        cleos_method = add_method(cleo_vendor, provider="cash", title="Cleo's")
        assert [row["id"] for row in cleos.get(URL).json()["results"]] == [str(cleos_method.pk)]
        for answer in (
            cleos.get(own),
            put(cleos, own, title="Mine"),
            cleos.delete(own),
            post(cleos, path, payment_method=str(cleos_method.pk)),
            post(cleos, path, provider="cash", title="Mine"),
        ):
            assert problem(answer) == (404, "not-found")
        card.refresh_from_db()
        assert (card.title, card.removed_at, methods_for(concert)) == ("Card", None, [card])

    def test_cleo_can_not_lend_adas_method_to_her_event(self, cleos: Client, card: Any, cleo_vendor: Any) -> None:
        event = make_event(cleo_vendor)
        answer = post(cleos, f"/api/v1/events/{event.pk}/payment-methods", payment_method=str(card.pk))
        assert problem(answer) == (422, "invalid-input")
        assert methods_for(event) == []

    def test_buyers_and_strangers(self, ben: Any, api_of: Callable[..., Client], card: Any, ada: Any) -> None:
        bens = api_of(ben, "payment-methods")
        for answer in (bens.get(URL), post(bens, URL, provider="cash", title="x"), bens.get(f"{URL}/{card.pk}")):
            assert problem(answer) == (403, "forbidden")
        for answer in (
            Client().get(URL),
            Client().get(f"{URL}/{card.pk}"),
            Client().delete(f"{URL}/{card.pk}"),
            post(Client(), URL, provider="cash", title="x"),
        ):
            assert problem(answer) == (401, "unauthorized")
        other_scope = api_of(ada, "profile")
        assert problem(other_scope.get(URL)) == (403, "insufficient-scope")

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({}, "/provider"),
            ({"provider": "paypal", "title": "x"}, "/provider"),
            ({"provider": "free", "title": "x"}, "/provider"),
            ({"provider": "cash"}, "/title"),
            ({"provider": "cash", "title": "x" * 81}, "/title"),
            ({"provider": "cash", "title": "   "}, "/title"),
            ({"provider": "cash", "title": "x", "config": []}, "/config"),
            ({"provider": "cash", "title": "x", "config": {"colour": 1}}, "/config/colour"),
            ({"provider": "cash", "title": "x", "config": {"max_amount": -1}}, "/config/max_amount"),
            ({"provider": "cash", "title": "x", "config": {"max_amount": "many"}}, "/config/max_amount"),
            ({"provider": "cash", "title": "x", "config": {"max_amount": 1e300}}, "/config/max_amount"),
            ({"provider": "cash", "title": "x", "config": {"max_tickets": {}}}, "/config/max_tickets"),
            ({"provider": "stripe", "title": "x", "config": {"secret_key": "pk_test_12345678"}}, "/config/secret_key"),
            ({"provider": "stripe", "title": "x", "config": {"secret_key": "sk_live_12345678"}}, "/config/secret_key"),
            ({"provider": "stripe", "title": "x", "config": {"secret_key": ["x"]}}, "/config/secret_key"),
            ({"provider": "stripe", "title": "x", "config": {"secret_key": "x" * 601}}, "/config/secret_key"),
            ({"provider": "stripe", "title": "x", "config": {"secret_key": "sk_test_\r\nX: y"}}, "/config/secret_key"),
            ({"provider": "stripe", "title": "x", "config": {"webhook_secret": "whsec_1234"}}, "/config/secret_key"),
            ({"provider": "stripe", "title": "x", "config": {"brands": ["maestro"]}}, "/config/brands"),
            ({"provider": "stripe", "title": "x", "config": {"brands": "visa"}}, "/config/brands"),
            ({"provider": "stripe", "title": "x", "config": {"brands": [{}]}}, "/config/brands"),
        ],
    )
    def test_bad_input_is_named(self, adas: Client, ada_vendor: Any, body: dict[str, Any], pointer: str) -> None:
        answer = post(adas, URL, **body)
        assert problem(answer) == (422, "invalid-input")
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]
        assert not PaymentMethod.objects.exists()

    @pytest.mark.parametrize("name", ["x", "9" * 30, "-1", "1.5", "٣", "%00"])
    def test_ids_that_are_none(self, adas: Client, name: str) -> None:
        assert problem(adas.get(f"{URL}/{name}"))[0] == 404
        assert problem(post(adas, f"/api/v1/events/{name}/payment-methods", provider="cash", title="x"))[0] == 404

    def test_both_or_neither(self, adas: Client, concert: Any, card: Any) -> None:
        path = f"/api/v1/events/{concert.pk}/payment-methods"
        assert problem(post(adas, path)) == (422, "invalid-input")
        both = post(adas, path, payment_method=str(card.pk), provider="cash", title="x")
        assert problem(both) == (422, "invalid-input")
        assert problem(adas.get(f"{URL}?event=x")) == (422, "invalid-input")
        assert problem(adas.get(f"{URL}?colour=red")) == (400, "unknown-parameter")
