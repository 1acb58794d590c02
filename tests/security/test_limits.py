"""How often somebody may try, and how much of an event one caller may keep from all others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from marketplace.models import Cart, Hold, Quota
from portal.accounts import limiter
from portal.accounts.models import User
from tests.factories import make_event, make_ticket_type

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind(ada_vendor: Any) -> Any:
    return make_ticket_type(make_event(ada_vendor), capacity=1000)


def choose(client: Client, kind: Any, quantity: int = 10, **extra: Any) -> Any:
    return client.post(f"/events/{kind.event_id}/cart/", {f"type-{kind.pk}": quantity}, **extra)


def book(client: Client, kind: Any, quantity: int = 10) -> Any:
    body = {"event": str(kind.event_id), "items": [{"ticket_type": str(kind.pk), "quantity": quantity}]}
    guest = {} if "HTTP_AUTHORIZATION" in client.defaults else {"email": "guest@example.org"}
    key = {
        "Idempotency-Key": f"key-{Hold.objects.count()}-{cache.incr('books') if cache.add('books', 1) is False else 0}"
    }
    return client.post("/api/v1/tickets/book", json.dumps({**body, **guest}), "application/json", headers=key)


def held(kind: Any) -> int:
    return sum(Quota.objects.filter(event=kind.event_id).values_list("held", flat=True))


def test_one_session_holds_one_cart_of_an_event(client: Client, kind: Any) -> None:
    for quantity in (4, 10, 2):
        assert choose(client, kind, quantity).status_code == 302
    assert (held(kind), Cart.objects.filter(state=Cart.State.OPEN).count()) == (2, 1)


def test_one_address_gets_its_share_of_an_event_and_no_more(kind: Any) -> None:
    places = [choose(Client(), kind)["Location"] for _visitor in range(12)]
    assert [place.startswith("/checkout/") for place in places] == [True] * 10 + [False] * 2
    assert held(kind) == 100


def test_the_refusal_says_what_to_do(client: Client, kind: Any) -> None:
    for _visitor in range(10):
        choose(Client(), kind)
    page = client.get(choose(client, kind)["Location"])
    assert "Please wait a few minutes" in page.content.decode()


def test_the_api_takes_from_the_same_share(client: Client, kind: Any) -> None:
    for _visitor in range(9):
        choose(Client(), kind)
    assert (book(client, kind).status_code, held(kind)) == (201, 100)
    refusal = book(client, kind)
    assert (refusal.status_code, refusal.json()["code"]) == (429, "too-many-requests")
    assert 0 < int(refusal["Retry-After"]) <= 900


def test_other_addresses_events_and_people_have_shares_of_their_own(
    kind: Any, ada_vendor: Any, ben: User, browser_of: Any
) -> None:
    for _visitor in range(11):
        choose(Client(), kind)
    other = make_ticket_type(make_event(ada_vendor), capacity=1000)
    for got in (
        choose(Client(), other),
        choose(Client(), kind, REMOTE_ADDR="198.51.100.7"),
        choose(browser_of(ben), kind),
    ):
        assert got["Location"].startswith("/checkout/")


def test_more_time_is_taken_from_the_share_too(kind: Any) -> None:
    visitor = Client()
    checkout = choose(visitor, kind)["Location"]
    for _visitor in range(9):
        choose(Client(), kind)
    before = Cart.objects.get(pk=checkout.split("/")[2]).extensions
    visitor.post(f"{checkout}more-time/")
    assert Cart.objects.get(pk=checkout.split("/")[2]).extensions == before


def test_what_is_refused_takes_no_share(kind: Any) -> None:
    for _try in range(30):
        choose(Client(), kind, 11)  # more than an order may have
    assert choose(Client(), kind)["Location"].startswith("/checkout/")


def test_without_a_limit_all_can_be_held_from_one_address(kind: Any, settings: Any) -> None:
    """The control."""
    settings.PLACES_PER_CALLER = 0
    for _visitor in range(12):
        choose(Client(), kind)
    assert held(kind) == 120


def test_an_address_makes_so_many_accounts(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "REGISTRATIONS", 3)

    def register(number: int, **extra: Any) -> Any:
        body = {"email": f"new{number}@example.org", "password": "a-long-phrase", "name": "New"}
        return client.post("/api/v1/register", json.dumps(body), "application/json", **extra)

    answers = [register(number) for number in range(5)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 900
    assert register(9, REMOTE_ADDR="198.51.100.7").status_code == 201


def test_the_sites_sign_up_and_password_reset_are_limited_too(client: Client) -> None:
    statuses = [client.post("/account/signup/", {"email": "no"}).status_code for _try in range(21)]
    assert (statuses[0], statuses[-1]) == (200, 429)
    statuses = [client.post("/account/password/reset/", {"email": "ada@example.org"}).status_code for _try in range(21)]
    assert (statuses[0], statuses[-1]) == (302, 429)
