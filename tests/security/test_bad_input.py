"""The API under malformed, missing, oversized, foreign and hostile input: a clear problem, nothing changed, never a 500."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client
from django.urls import resolve

from tests.security.hostile import BODIES, JSON, TEXTS, TYPES, changed, places, without
from tests.security.test_routes import API
from tests.security.world import World, snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300), pytest.mark.usefixtures("patience")]


# ---- what each endpoint takes: who calls, how, and a body that is good


def endpoints(world: World) -> dict[str, tuple[str, str, str, Any]]:
    """By name: the caller, the method, the path, and a good body."""
    event, kind = str(world.event.pk), str(world.kind.pk)
    method = f"/api/v1/vendors/payment-methods/{world.cash.pk}"
    config = {"provider": "cash", "title": "Cash", "config": {"max_amount": 5000}}
    book = {
        "event": event,
        "items": [{"ticket_type": kind, "quantity": 1}],
        "email": "new@example.org",
        "name": "New",
        "attendees": ["A"],
        "voucher": "V",
        "loyalty_points": 1,
        "affiliate": world.affiliate.code,
        "expected_total": {"amount": 2600, "currency": "EUR"},
    }
    keys = {"secret_key": "sk_test_abcdefgh", "publishable_key": "pk_test_abcdefgh", "webhook_secret": "whsec_abcdefgh"}
    cards = {"provider": "stripe", "title": "C", "config": {**keys, "brands": ["visa"]}}
    terms = {"commission_bps": 1000, "cookie_days": 30, "admission": "open"}
    scan = {"code": "X", "event": event, "nonce": "n", "gate": "g", "take_cash": False, "at": "2026-01-01T10:00:00Z"}
    repaid = world.repaid.tickets.get().pk
    refund = {"amount": {"amount": 5, "currency": "EUR"}, "reason": "R", "keep_tickets": True}
    register = {"email": "new@example.org", "password": "a-long-phrase", "name": "New", "role": "vendor"}
    payment = {"order": world.pending.code, "payment_method": str(world.cash.pk), "return_url": "https://example.org"}
    return {
        "register": ("nobody", "post", "/api/v1/register", {**register, "vendor_name": "New"}),
        "login": ("nobody", "post", "/api/v1/login", {"email": "ben@example.org", "password": "x", "mfa_code": "1"}),
        "logout": ("ben", "post", "/api/v1/logout", {}),
        "book": ("nobody", "post", "/api/v1/tickets/book", book),
        "book as a user": ("ben", "post", "/api/v1/tickets/book", {**book, "email": "ben@example.org"}),
        "payment": ("ben", "post", "/api/v1/payment", {**payment, "token": "pm_card_visa"}),
        "add a method": ("ada", "post", "/api/v1/vendors/payment-methods", config),
        "add cards": ("ada", "post", "/api/v1/vendors/payment-methods", cards),
        "change a method": ("ada", "put", method, {"title": "Cash", "config": {"max_amount": 5000}}),
        "attach a method": ("ada", "post", f"/api/v1/events/{event}/payment-methods", {"payment_method": str(world.cash.pk)}),
        "attach a new one": ("ada", "post", f"/api/v1/events/{event}/payment-methods", config),
        "become an affiliate": ("cleo", "post", "/api/v1/affiliate", {"vendor": str(world.affiliate.vendor_id)}),
        "set terms": ("ada", "put", "/api/v1/affiliate/programme", terms),
        "end a part": ("ada", "patch", f"/api/v1/affiliate/partners/{world.affiliate.pk}", {"state": "ended"}),
        "check in": ("ada", "post", "/api/v1/checkins", scan),
        "give away": ("ben", "post", f"/api/v1/tickets/{repaid}/transfer", {"name": "D", "email": "d@example.org"}),
        "refund": ("ada", "post", "/api/v1/tickets/refund", {**refund, "tickets": [str(world.repaid.tickets.get().pk)]}),
        "refund an order": ("ada", "post", "/api/v1/tickets/refund", {**refund, "order": world.repaid.code}),
        "cancel an event": ("ada", "post", f"/api/v1/events/{event}/cancel", {"message": "M"}),
    }  # fmt: skip


ENDPOINTS = (
    *("register", "login", "logout", "book", "book as a user", "payment", "add a method", "add cards"),
    *(
        "change a method",
        "attach a method",
        "attach a new one",
        "check in",
        "give away",
        "refund",
        "refund an order",
        "cancel an event",
    ),
    *("become an affiliate", "set terms", "end a part"),
)


def test_every_endpoint_that_takes_a_body_is_tried(world: World) -> None:
    tried = {resolve(path).route for _person, _method, path, _body in endpoints(world).values()}
    assert tried == {f"api/v1/{path}" for path, row in API.items() if {"POST", "PUT", "PATCH"} & row.says.keys()}


UNKNOWN_HERE = {"voucher", "loyalty_points", "token"}  # no plugin takes them
LENIENT = {
    "logout",
    "change a method",
    "cancel an event",
}  # one reads no body, the others have nothing that must be in it


def send(client: Client, method: str, path: str, body: Any, **extra: Any) -> Any:
    """The answer; what was accepted is undone, and what was refused has to have undone itself."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    extra = {"content_type": "application/json", "HTTP_IDEMPOTENCY_KEY": f"key-{time.monotonic_ns()}", **extra}
    with transaction.atomic():
        response = client.generic(method.upper(), path, raw, **extra)
        if response.status_code < 400:
            transaction.set_rollback(True)
    return response


def complaint(response: Any) -> str:
    """What is wrong with an answer of the API; "" where it is a good one, or a clear error."""
    if response.status_code < 400:
        return ""
    if response.status_code >= 500:
        return f"{response.status_code}"
    if response["Content-Type"] != "application/problem+json":
        return f"{response.status_code} is {response['Content-Type']}"
    told = response.json()
    if not (told["code"] and told["title"] and told["detail"]):
        return f"{response.status_code} says too little: {told}"
    rows = told.get("errors")
    if told["status"] == 422 and told["code"] != "idempotency-key-reused":
        good = isinstance(rows, list) and all(row["pointer"] == "" or row["pointer"][0] == "/" for row in rows) and rows
        return "" if good and all(row["detail"] for row in rows) else f"422 without pointers: {told}"
    return ""


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_field_of_every_endpoint(world: World, name: str) -> None:
    person, method, path, body = endpoints(world)[name]
    client, found = world.api(person), []
    before = snapshot()
    for place in places(body):
        for kind, value in JSON.items():
            response = send(client, method, path, changed(body, place, value))
            found += [f"{place} {kind}: {told}" for told in [complaint(response)] if told]
        response = send(client, method, path, without(body, place))
        found += [f"{place} missing: {told}" for told in [complaint(response)] if told]
    assert not found, "\n".join(found)
    assert snapshot() == before


@pytest.mark.parametrize("name", ENDPOINTS)
def test_bodies_that_are_none(world: World, name: str) -> None:
    person, method, path, body = endpoints(world)[name]
    client = world.api(person)
    before, found = snapshot(), []
    for kind, raw in BODIES.items():
        response = send(client, method, path, raw)
        refused = response.status_code >= 400 or name in LENIENT
        found += (
            [f"{kind}: {complaint(response) or response.status_code}"] if complaint(response) or not refused else []
        )
    for media_type in TYPES:
        response = send(client, method, path, json.dumps(body).encode(), content_type=media_type)
        if complaint(response) or (response.status_code not in {400, 415} and name not in LENIENT):
            found.append(f"{media_type!r}: {complaint(response) or response.status_code}")
    assert not found, "\n".join(found)
    assert snapshot() == before


def test_the_control_bodies_are_good(world: World) -> None:
    """Each body above is refused for what was broken in it, and for nothing else."""
    got = {}
    for name, (person, method, path, body) in endpoints(world).items():
        body = {field: value for field, value in body.items() if field not in UNKNOWN_HERE}
        got[name] = send(world.api(person), method, path, body).status_code
    wanted = dict.fromkeys(ENDPOINTS, 201) | {"login": 401, "logout": 204, "payment": 200, "change a method": 200}
    wanted |= {"set terms": 200, "end a part": 200}
    assert got == wanted | {"check in": 200, "give away": 200, "cancel an event": 202}


# ---- what is asked for


READS = {
    "/api/v1/events": ("search", "type", "price_min", "price_max", "date_from", "date_to", "venue", "artist", "city",
                       "vendor", "available", "free", "sort", "limit", "cursor"),
    "/api/v1/venues": ("search", "city", "limit", "cursor"),
    "/api/v1/artists": ("search", "limit", "cursor"),
    "/api/v1/orders": ("state", "event", "limit", "cursor"),
    "/api/v1/tickets": ("event", "limit", "cursor"),
    "/api/v1/vendors/payment-methods": ("event",),
    "/api/v1/checkins/sync": ("event", "since"),
    "/api/v1/notifications": ("limit", "cursor"),
    "/api/v1/vendors/{vendor}/sales": ("from", "to", "event", "currency", "group"),
}  # fmt: skip
CURSORS = (
    *("WzBd", "W10", "bnVsbA", "WzAsbnVsbCxudWxsXQ", "WzEsIjk5OTk5OTk5LTEtMSIsMV0", "WzAsIiIsIiJd", "====", "\u00e9"),
    *("WzAsOTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5LDFd", "WzAsIlx1MDAwMCIsIlx1MDAwMCJd", "W1tbW1tbW1tbW1tbXV1d", "x" * 1000),
)


def test_every_query_parameter(world: World) -> None:
    client, found = world.api("ada"), []
    before = snapshot()
    for pattern, names in READS.items():
        path = pattern.format(**world.names)
        for name in names:
            for kind, value in {
                **TEXTS,
                **({cursor: cursor for cursor in CURSORS} if name == "cursor" else {}),
            }.items():
                response = client.get(
                    f"{path}?{name}={quote(value)}&{name}=2" if kind == "path" else f"{path}?{name}={quote(value)}"
                )
                found += [f"{path}?{name} {kind}: {told}" for told in [complaint(response)] if told]
        response = client.get(f"{path}?{quote('<script>')}=1")
        assert (response.status_code, response.json()["code"]) == (400, "unknown-parameter")
    assert not found, "\n".join(found)
    assert snapshot() == before


def test_every_id_in_a_path(world: World) -> None:
    paths = (
        *("/api/v1/events/{}", "/api/v1/events/{}/tickets", "/api/v1/events/{}/payment-methods", "/api/v1/venues/{}"),
        *("/api/v1/artists/{}", "/api/v1/orders/{}", "/api/v1/tickets/{}", "/api/v1/tickets/{}.pdf"),
        *("/api/v1/vendors/payment-methods/{}", "/api/docs/problems/{}"),
        *("/api/v1/events/{}/cancel", "/api/v1/orders/{}/refund", "/api/v1/tickets/{}/refund"),
        *("/api/v1/tickets/{}/transfer", "/api/v1/vendors/{}/sales"),
    )
    foreign = {"a gap": str(2**31 - 1), "Cleo's": str(world.cleos_cash.pk), "unicode digits": "\u0663"}
    client, found = world.api("ada"), []
    for path in paths:
        for kind, value in {**TEXTS, **foreign, "no UTF-8": "\udcff"}.items():
            at = path.format(quote(value, safe="", errors="surrogateescape"))
            for method in ("get", "head", "post", "put", "delete"):
                response = getattr(client, method)(
                    at, **({"data": "{}", "content_type": "application/json"} if method in {"post", "put"} else {})
                )
                told = (
                    complaint(response)
                    if method != "head"
                    else str(response.status_code) * (response.status_code >= 500)
                )
                found += [f"{method} {path} {kind}: {told}"] if told else []
    assert not found, "\n".join(found)
