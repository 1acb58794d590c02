"""The API's tickets of an event, bookings and orders."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from marketplace.models import Order
from marketplace.services.inventory import archive_ticket_type, change_terms
from portal.accounts.models import User
from portal.accounts.tokens import issue_tokens
from tests.factories import make_event, make_order, make_ticket_type, pay
from tests.marketplace.stock.figures import counts

pytestmark = pytest.mark.django_db


def call(method: str, path: str, body: Any = None, **headers: str) -> Any:
    given = {"content_type": "application/json"} if body is not None else {}
    data = body if isinstance(body, (str, bytes)) else json.dumps(body) if body is not None else None
    return Client().generic(method, f"/api/v1{path}", data or "", headers=headers, **given)


def book(kind: Any, body: dict[str, Any] | None = None, *, key: str = "k", **headers: str) -> Any:
    items = [{"ticket_type": str(kind.pk), "quantity": 1}]
    body = {"event": str(kind.event_id), "items": items, "email": "ben@example.org", **(body or {})}
    return call("POST", "/tickets/book", body, **{"Idempotency-Key": key, **headers})


def bearer(user: User, scope: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {issue_tokens(user, scope=scope).access_token}"}


# ---- tickets of an event


def test_what_an_event_sells():
    kind = make_ticket_type(price=2500, fee=150, capacity=40, description="Stalls", max_per_order=4)
    archive_ticket_type(make_ticket_type(kind.event))
    response = call("GET", f"/events/{kind.event_id}/tickets")
    assert response.status_code == 200
    assert response.json() == {
        "results": [
            {
                "id": str(kind.pk),
                "name": kind.name,
                "description": "Stalls",
                "price": {"amount": 2500, "currency": "EUR"},
                "fees": {"amount": 150, "currency": "EUR"},
                "total": {"amount": 2650, "currency": "EUR"},
                "sales_start": None,
                "sales_end": None,
                "max_per_order": 4,
                "availability": "available",
                "remaining": 40,
            }
        ]
    }
    assert (response["X-Tickets-Available"], response["Availability"]) == ("40", "available")


@pytest.mark.parametrize(("sold", "availability"), [(0, "available"), (15, "few"), (20, "sold-out")])
def test_head_says_how_many_are_left(sold, availability, django_assert_max_num_queries):
    kind = make_ticket_type(price=0, capacity=20)
    change_terms(kind.event, max_per_order=100)
    if sold:
        make_order(kind, quantity=sold)
    path = f"/events/{kind.event_id}/tickets"
    with django_assert_max_num_queries(2):
        head = call("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    get = call("GET", path)
    for response in (head, get):
        assert (response["X-Tickets-Available"], response["Availability"]) == (str(20 - sold), availability)


def test_an_event_without_ticket_types_is_not_on_sale():
    event = make_event()
    head = call("HEAD", f"/events/{event.pk}/tickets")
    assert (head.status_code, head["X-Tickets-Available"], head["Availability"]) == (200, "0", "not-on-sale")


def test_a_draft_is_there_for_its_vendor_alone(ada, ada_vendor, cleo):
    kind = make_ticket_type(make_event(ada_vendor, publish=False))
    path = f"/events/{kind.event_id}/tickets"
    for method in ("GET", "HEAD"):
        assert call(method, path).status_code == 404
        assert call(method, path, **bearer(cleo, "profile")).status_code == 404
        assert call(method, path, **bearer(ada, "profile")).status_code == 200


@pytest.mark.parametrize("event", ["0", "999999", "x", "-1", "9" * 30, "%00", "1'--"])
def test_no_such_event(event):
    for method in ("GET", "HEAD"):
        assert call(method, f"/events/{event}/tickets").status_code == 404


def test_unknown_parameters_are_named():
    kind = make_ticket_type()
    response = call("GET", f"/events/{kind.event_id}/tickets?colour=red")
    assert (response.status_code, response.json()["code"]) == (400, "unknown-parameter")


def test_the_event_itself_names_its_tickets():
    kind = make_ticket_type()
    event = call("GET", f"/events/{kind.event_id}").json()
    assert event["ticket_types"] == call("GET", f"/events/{kind.event_id}/tickets").json()["results"]
    assert event["policies"]["refunds"] == []


# ---- booking


def test_a_guest_books():
    kind = make_ticket_type(price=2500, capacity=10)
    response = book(kind, {"name": "Ben", "attendees": ["Ada"], "expected_total": {"amount": 2500, "currency": "EUR"}})
    assert response.status_code == 201
    answer = response.json()
    order = Order.objects.get()
    assert (answer["order"]["code"], answer["order"]["state"]) == (order.code, "pending")
    assert answer["order"]["total"] == {"amount": 2500, "currency": "EUR"}
    assert answer["order"]["lines"][0]["attendees"] == ["Ada"]
    assert answer["payment_methods"] == []
    assert "tickets" not in answer
    found = call("GET", f"/orders/{order.code}", **{"Order-Token": answer["access_token"]})
    assert found.json() == {**answer["order"], "tickets": [], "refunds": []}


def test_free_tickets_are_there_at_once():
    answer = book(make_ticket_type(price=0)).json()
    assert (answer["order"]["state"], len(answer["tickets"])) == ("paid", 1)
    assert answer["tickets"][0]["qr"]


def test_a_user_books_without_a_guests_token(ben):
    kind = make_ticket_type()
    response = book(kind, {"email": "BEN@example.org"}, **bearer(ben, "tickets:book"))
    assert response.status_code == 201
    assert "access_token" not in response.json()
    assert Order.objects.get().user == ben


def test_a_users_address_is_the_accounts(ben):
    response = book(make_ticket_type(), {"email": "other@example.org"}, **bearer(ben, "tickets:book"))
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "/email")


def test_a_token_without_the_scope_may_not_book(ben):
    assert book(make_ticket_type(), **bearer(ben, "profile")).status_code == 403


def test_the_same_key_books_once():
    kind = make_ticket_type(capacity=10)
    first, again = book(kind), book(kind)
    assert (first.status_code, again.status_code, again["Idempotency-Replayed"]) == (201, 201, "true")
    assert first.json() == again.json()
    assert (Order.objects.count(), counts(kind)) == (1, (1, 0))
    assert book(kind, {"name": "Other"}).status_code == 422


def test_a_key_is_needed():
    kind = make_ticket_type()
    body = {
        "event": str(kind.event_id),
        "items": [{"ticket_type": str(kind.pk), "quantity": 1}],
        "email": "b@example.org",
    }
    response = call("POST", "/tickets/book", body)
    assert (response.status_code, response.json()["code"]) == (400, "idempotency-key-required")


def test_sold_out_tells_what_is_left():
    kind = make_ticket_type(price=0, capacity=1)
    book(kind)
    refusal = book(kind, key="k2")
    assert (refusal.status_code, refusal.json()["code"]) == (409, "sold-out")
    assert refusal.json()["left"] == {str(kind.pk): {"remaining": 0, "reason": "sold"}}


def test_a_changed_price_is_told():
    kind = make_ticket_type(price=2500)
    refusal = book(kind, {"expected_total": 2400})
    assert (refusal.status_code, refusal.json()["code"]) == (409, "price-changed")
    assert refusal.json()["total"] == {"amount": 2500, "currency": "EUR"}
    assert not Order.objects.exists()


ONE = [{"ticket_type": "TYPE", "quantity": 1}]
BAD = [
    ({"event": None}, "/event"),
    ({"event": "abc"}, "/event"),
    ({"event": "9" * 19}, "/event"),
    ({"event": {"id": 1}}, "/event"),
    ({"items": None}, "/items"),
    ({"items": []}, "/items"),
    ({"items": "all"}, "/items"),
    ({"items": {"ticket_type": "1"}}, "/items"),
    ({"items": [1]}, "/items/0"),
    ({"items": [{"quantity": 1}]}, "/items/0/ticket_type"),
    ({"items": [{"ticket_type": "TYPE"}]}, "/items/0/quantity"),
    ({"items": [{"ticket_type": "TYPE", "quantity": 0}]}, "/items/0/quantity"),
    ({"items": [{"ticket_type": "TYPE", "quantity": -5}]}, "/items/0/quantity"),
    ({"items": [{"ticket_type": "TYPE", "quantity": 10**12}]}, "/items/0/quantity"),
    ({"items": [{"ticket_type": "TYPE", "quantity": 1.5}]}, "/items/0/quantity"),
    ({"items": [{"ticket_type": "TYPE", "quantity": True}]}, "/items/0/quantity"),
    ({"items": [{"ticket_type": "TYPE", "quantity": "many"}]}, "/items/0/quantity"),
    ({"items": [{"ticket_type": "1'; DROP TABLE", "quantity": 1}]}, "/items/0/ticket_type"),
    ({"items": ONE * 2}, "/items"),
    ({"items": ONE * 51}, "/items"),
    ({"items": [{"ticket_type": "FOREIGN", "quantity": 1}]}, "/items"),
    ({"items": [{"ticket_type": "999999", "quantity": 1}]}, "/items"),
    ({"email": "nobody"}, "/email"),
    ({"email": ""}, "/email"),
    ({"email": None}, "/email"),
    ({"email": "a" * 250 + "@example.org"}, "/email"),
    ({"email": "ben@example.org\nBcc: all@example.org"}, "/email"),
    ({"name": "x" * 151}, "/name"),
    ({"name": ["Ben"]}, "/name"),
    ({"name": "a\x00b"}, "/name"),
    ({"attendees": "Ben"}, "/attendees"),
    ({"attendees": ["a", "b"]}, "/attendees"),
    ({"attendees": ["x" * 151]}, "/attendees/0"),
    ({"attendees": [{"name": "Ben"}]}, "/attendees/0"),
    ({"expected_total": "2500"}, "/expected_total"),
    ({"expected_total": -1}, "/expected_total"),
    ({"expected_total": True}, "/expected_total"),
    ({"expected_total": {"amount": 25.0}}, "/expected_total"),
    ({"expected_total": {"currency": "EUR"}}, "/expected_total"),
    ({"voucher": "SPRING"}, "/voucher"),
    ({"loyalty_points": 5}, "/loyalty_points"),
    ({"loyalty_points": -5}, "/loyalty_points"),
    ({"affiliate": "x" * 61}, "/affiliate"),
]


@pytest.mark.parametrize(("bad", "pointer"), BAD, ids=[f"{n}{pointer}" for n, (_bad, pointer) in enumerate(BAD)])
def test_bad_input_is_named_and_changes_nothing(bad, pointer):
    kind, foreign = make_ticket_type(), make_ticket_type()
    text = json.dumps(bad).replace("TYPE", str(kind.pk)).replace("FOREIGN", str(foreign.pk))
    response = book(kind, json.loads(text))
    assert response.status_code == 422, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert pointer in [error["pointer"] for error in response.json()["errors"]]
    assert not Order.objects.exists()
    assert (counts(kind), counts(foreign)) == ((0, 0), (0, 0))


@pytest.mark.parametrize("body", ["{", "[]", '"text"', "null", "1", b"\xff\xfe", '{"event": ' + "[" * 2000])
def test_a_body_that_is_no_object_is_refused(body):
    response = call("POST", "/tickets/book", body, **{"Idempotency-Key": "k"})
    assert response.status_code in (400, 422), response.content
    assert response["Content-Type"] == "application/problem+json"


def test_an_event_that_is_not_there():
    kind = make_ticket_type()
    assert book(kind, {"event": "999999"}).status_code == 404
    draft = make_ticket_type(make_event(publish=False))
    assert book(draft, key="k2").status_code == 404


def test_a_limit_is_told():
    kind = make_ticket_type(max_per_order=2)
    response = book(kind, {"items": [{"ticket_type": kind.pk, "quantity": 3}]})
    assert (response.status_code, response.json()["code"], response.json()["limit"]) == (409, "limit-per-order", 2)


def test_booking_takes_few_statements(django_assert_max_num_queries):
    kind = make_ticket_type()
    with django_assert_max_num_queries(19):
        assert book(kind).status_code == 201


# ---- orders


def test_who_sees_an_order(ada, ada_vendor, ben, cleo):
    order = make_order(make_ticket_type(make_event(ada_vendor)), user=ben, email=ben.email)
    path, scope = f"/orders/{order.code}", "tickets:read"
    assert call("GET", path, **bearer(ben, scope)).status_code == 200
    assert call("GET", path, **bearer(ada, scope)).status_code == 200
    assert call("GET", path, **bearer(cleo, scope)).status_code == 404
    assert call("GET", path, **bearer(ben, "profile")).status_code == 403
    assert call("GET", path).status_code == 401
    assert call("GET", path, **{"Order-Token": "x"}).status_code == 404
    assert call("GET", "/orders/NOSUCHCODE", **bearer(ben, scope)).status_code == 404
    assert call("HEAD", path, **bearer(ben, scope)).status_code == 200


def test_codes_of_tickets_are_for_their_buyer(ada, ada_vendor, ben):
    order = make_order(make_ticket_type(make_event(ada_vendor), price=0), user=ben, email=ben.email)
    seen = {
        who.email: call("GET", f"/orders/{order.code}", **bearer(who, "tickets:read")).json()["tickets"][0]["qr"]
        for who in (ada, ben)
    }
    assert seen[ada.email] is None
    assert seen[ben.email]


def test_a_guests_order_is_no_users(ben):
    order = make_order(email=ben.email)
    assert call("GET", f"/orders/{order.code}", **bearer(ben, "tickets:read")).status_code == 404


def test_a_list_of_ones_own_orders(ben, cleo, django_assert_max_num_queries):
    kind = make_ticket_type()
    mine = [make_order(kind, user=ben, email=ben.email) for _n in range(3)]
    make_order(kind, user=cleo, email=cleo.email)
    pay(mine[0])
    headers = bearer(ben, "tickets:read")
    with django_assert_max_num_queries(8):
        listed = call("GET", "/orders", **headers).json()
    assert [order["code"] for order in listed["results"]] == [order.code for order in reversed(mine)]
    paid = call("GET", "/orders?state=paid", **headers).json()
    assert [order["code"] for order in paid["results"]] == [mine[0].code]
    assert call("GET", "/orders").status_code == 401


@pytest.mark.parametrize("query", ["state=lost", "event=x", "event=-1", "limit=0", "limit=1000", "cursor=%00"])
def test_bad_filters_are_refused(ben, query):
    response = call("GET", f"/orders?{query}", **bearer(ben, "tickets:read"))
    assert response.status_code in (400, 422)
    assert response["Content-Type"] == "application/problem+json"
