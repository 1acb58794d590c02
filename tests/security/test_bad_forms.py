"""The site under hostile addresses and forms: an error that says what is wrong, nothing changed, never a 500."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client
from django.urls import resolve

from portal.accounts.provider import DEVICE_GRANT
from tests.security.hostile import TEXTS
from tests.security.test_routes import ADMIN, SITE
from tests.security.world import World, snapshot

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300), pytest.mark.usefixtures("patience")]


SITE_READS = {
    "/events/": ("search", "type", "date_from", "date_to", "price_min", "price_max", "city", "venue", "artist", "vendor",
                 "available", "free", "sort", "page"),
    "/venues/": ("page",), "/artists/": ("page",), "/vendors/": ("page",), "/": ("x",),
    "/account/login/": ("next",), "/account/signup/": ("next", "role"), "/admin/login/": ("next",),
    "/_util/login/": ("next",), "/account/logout/": ("next",), "/account/bookings/": ("page",),
    "/orders/{code}/": ("token",), "/door/{event_id}/": ("gate",), "/admin/failed-deliveries/": ("p", "n"),
    "/o/authorize/": ("client_id", "redirect_uri", "scope", "state", "response_type", "code_challenge", "resource"),
    "/account/affiliate/": ("page",), "/admin/affiliates/": ("p",), "/via/{affiliate_code}/{event_id}/": ("x",),
    "/admin/market/sales/": ("from", "to", "event", "currency", "vendor"), "/admin/market/sales.csv": ("group", "from", "to"),
    "/tickets/{ticket_id}/": ("x", "key"), "/admin/marketplace/order/": ("q", "p", "o", "state__exact", "export", "id__in"),
    "/admin/marketplace/ticket/": ("q", "p", "e"), "/admin/users/": ("q", "p", "ordering"),
    "/admin/venue_chooser/": ("q", "p", "id"), "/admin/artist_chooser/chosen-multiple/": ("id",),
}  # fmt: skip


# Whoever gets furthest there, by how the path begins.
READERS = {
    **dict.fromkeys(("/admin/login", "/account/login", "/account/signup", "/_util"), "nobody"),
    **dict.fromkeys(("/account/", "/orders/", "/tickets/", "/checkout/", "/o/"), "ben"),
    **dict.fromkeys(("/door/", "/admin/market", "/admin/payment-methods", "/admin/affiliates"), "ada"),
    "/admin/": "sam",
    "/": "nobody",
}


def browsers(world: World) -> Callable[[str], Client]:
    """The test client of whoever is to read a path."""
    clients = {name: world.browser(name) for name in set(READERS.values())}
    return lambda path: clients[next(name for start, name in READERS.items() if path.startswith(start))]


def test_every_parameter_of_the_site(world: World) -> None:
    reader, found = browsers(world), []
    for pattern, names in SITE_READS.items():
        path = pattern.format(**world.names)
        client = reader(path)
        for name in names:
            for kind, value in TEXTS.items():
                status = client.get(f"{path}?{name}={quote(value)}").status_code
                found += [f"{path}?{name} {kind}: {status}"] if status >= 500 else []
    assert not found, "\n".join(found)


PATHS = (
    *("/events/{}/cart/", "/checkout/{}/", "/orders/{}/", "/orders/{}/pay/", "/tickets/{}/", "/tickets/{}.pdf"),
    *("/door/{}/", "/webhooks/{}/", "/webhooks/stripe/{}/", "/documents/{}/x", "/media/{}", "/{}/", "/events/{}/"),
    *("/account/confirm-email/{}/", "/account/password/reset/key/{}-{}/", "/admin/market/{}/", "/admin/{}/"),
    *("/admin/market/1/types/{}/", "/admin/payment-methods/{}/", "/admin/payment-methods/add/{}/"),
    *("/via/{}/", "/via/x/{}/", "/affiliates/{}/", "/admin/affiliates/{}/paid/"),
    *("/admin/venue_chooser/chosen/{}/", "/admin/marketplace/order/inspect/{}/", "/_util/{}/"),
)


def test_every_path_of_the_site(world: World) -> None:
    reader, found = browsers(world), []
    for pattern in PATHS:
        client = reader(pattern)
        for kind, value in {**TEXTS, "no UTF-8": "\udcff"}.items():
            path = pattern.replace("{}", quote(value, safe="", errors="surrogateescape"))
            for method in ("get", "post"):
                with transaction.atomic():
                    status = getattr(client, method)(path).status_code
                    transaction.set_rollback(True)
                found += [f"{method} {pattern} {kind}: {status}"] if status >= 500 else []
    assert not found, "\n".join(found)


# ---- forms


TYPE = {"name": "Balcony", "description": "", "price": "12.50", "fee": "0", "capacity": "20", "max_per_order": "2",
        "sales_start": "2030-01-01T10:00", "sales_end": "2030-01-02T10:00", "quotas": ""}  # fmt: skip
TERMS = {"max_per_order": "6", "max_per_person": "8", "payment_methods": "", "refund-TOTAL_FORMS": "1",
         "refund-INITIAL_FORMS": "0", "refund-0-days": "7", "refund-0-percent": "50"}  # fmt: skip
STRIPE = {"title": "Card", "config-brands": "visa", "config-secret_key": "sk_test_abcdefgh", "clear-secret_key": "",
          "config-publishable_key": "pk_test_abcdefgh", "config-webhook_secret": "whsec_abcdefgh"}  # fmt: skip
AUTHORIZE = {"client_id": "foyer", "redirect_uri": "https://example.org", "scope": "profile", "response_type": "code",
             "state": "x", "code_challenge": "x", "code_challenge_method": "S256", "allow": "on", "nonce": "",
             "claims": "", "resource": ""}  # fmt: skip
TOKEN = {"grant_type": "authorization_code", "code": "x", "client_id": "foyer", "redirect_uri": "https://example.org",
         "code_verifier": "x" * 43, "scope": "profile", "client_secret": "", "refresh_token": "", "resource": ""}  # fmt: skip
APP = {"name": "App", "website": "https://app.example", "description": "D", "kind": "public", "mode": "live",
       "redirect_uris": "https://app.example/back", "origins": "https://app.example", "uses_devices": "on",
       "scopes": "profile"}  # fmt: skip
MARKET = "/admin/market/{event_id}/"
FORMS: dict[str, tuple[str, str, dict[str, str]]] = {
    "sign up": ("nobody", "/account/signup/", {"role": "vendor", "name": "N", "vendor_name": "V", "email": "n@example.org",
                                               "password1": "a-long-phrase", "next": "/"}),
    "sign up as an attendee": ("nobody", "/account/signup/", {"role": "attendee", "name": "N", "email": "n@example.org",
                                                              "password1": "a-long-phrase"}),
    "log in": ("nobody", "/account/login/", {"login": "ben@example.org", "password": "x", "remember": "on", "next": "/"}),
    "forget the password": ("nobody", "/account/password/reset/", {"email": "ben@example.org"}),
    "log out": ("ben", "/account/logout/", {"next": "/"}),
    "profile": ("ben", "/account/", {"name": "Ben", "city": "Berlin", "language": "en", "timezone": "Europe/Berlin"}),
    "apps": ("ben", "/account/apps/", {"application": "1"}),
    "e-mail": ("ben", "/account/email/", {"email": "other@example.org", "action_add": "1"}),
    "password": ("ben", "/account/password/change/", {"oldpassword": "x", "password1": "a-new-phrase"}),
    "sessions": ("ben", "/account/sessions/", {"x": "y"}),
    "cart": ("nobody", "/events/{event_id}/cart/", {"type-{pk}": "1", "via": "{affiliate_code}"}),
    "checkout": ("ben", "/checkout/{cart_id}/", {"name": "Ben", "total": "2600", "payment_method": "{method_id}",
                                              "affiliate": "{affiliate_code}"}),
    "more time": ("ben", "/checkout/{cart_id}/more-time/", {"x": "y"}),
    "pay": ("ben", "/orders/{pending}/pay/", {"payment_method": "{method_id}"}),
    "more time for an order": ("ben", "/orders/{pending}/more-time/", {"x": "y"}),
    "give up": ("ben", "/checkout/{cart_id}/give-up/", {"x": "y"}),
    "give tickets back": ("ben", "/orders/{code}/refund/", {"amount": "0"}),
    "give a ticket away": ("ben", "/tickets/{repaid_ticket}/transfer/", {"name": "D", "email": "d@example.org"}),
    "give a ticket back": ("ben", "/tickets/{ticket_id}/refund/", {"amount": "0"}),
    "cancel tickets": ("ada", MARKET + "orders/{code}/refund/", {"tickets": "{ticket_id}", "confirm": "1"}),
    "refund": ("ada", MARKET + "orders/{repaid}/refund/", {"tickets": "{repaid_ticket}", "amount": "5", "reason": "R",
                                                           "keep_tickets": "", "confirm": "500"}),
    "preview a refund": ("ada", MARKET + "orders/{repaid}/refund/", {"tickets": "{repaid_ticket}", "amount": "5", "reason": "R"}),
    "handed back": ("ada", "/admin/market/refunds/{refund}/done/", {"x": "y"}),
    "cancel the event": ("ada", MARKET + "cancel/", {"message": "M", "sure": "on"}),
    "door": ("ada", "/door/{event_id}/", {"code": "X", "gate": "g", "nonce": "n", "take_cash": ""}),
    "add a type": ("ada", MARKET + "types/add/", TYPE),
    "change a type": ("ada", MARKET + "types/{pk}/", TYPE),
    "archive a type": ("ada", MARKET + "types/{pk}/archive/", {"x": "y"}),
    "add places": ("ada", MARKET + "places/add/", {"name": "House", "capacity": "10"}),
    "change places": ("ada", MARKET + "places/{quota}/", {"name": "House", "capacity": "10"}),
    "remove places": ("ada", MARKET + "places/{quota}/remove/", {"x": "y"}),
    "terms": ("ada", MARKET + "terms/", TERMS),
    "add cards": ("ada", "/admin/payment-methods/add/stripe/", STRIPE),
    "add cash": ("ada", "/admin/payment-methods/add/cash/", {"title": "C", "config-max_amount": "5", "config-max_tickets": "2"}),
    "change cash": ("ada", "/admin/payment-methods/{method_id}/", {"title": "C", "config-max_amount": "5"}),
    "remove cash": ("ada", "/admin/payment-methods/{method_id}/remove/", {"x": "y"}),
    "join a programme": ("ben", "/affiliates/{slug}/", {"x": "y"}),
    "a programme": ("ada", "/admin/affiliates/", {"commission_bps": "10", "cookie_days": "30", "admission": "open"}),
    "an event's commission": ("ada", "/admin/affiliates/rate/", {"event": "{event_id}", "commission_bps": "5"}),
    "accept": ("ada", "/admin/affiliates/{affiliate}/accept/", {"x": "y"}),
    "end": ("ada", "/admin/affiliates/{affiliate}/end/", {"x": "y"}),
    "mark as paid": ("ada", "/admin/affiliates/{affiliate}/paid/", {"currency": "EUR", "amount": "250"}),
    "log out of the admin": ("sam", "/admin/logout/", {"x": "y"}),
    "to look at": ("sam", "/admin/payments-to-look-at/", {"kind": "payment", "id": "1"}),
    "failed": ("sam", "/admin/failed-deliveries/", {"delivery": "1", "notice": "1"}),
    "authorize": ("ben", "/o/authorize/", AUTHORIZE),
    "token": ("nobody", "/o/token/", TOKEN),
    "refresh": ("nobody", "/o/token/", {**TOKEN, "grant_type": "refresh_token", "refresh_token": "x"}),
    "client's token": ("nobody", "/o/token/", {**TOKEN, "grant_type": "client_credentials"}),
    "revoke": ("nobody", "/o/revoke_token/", {"token": "x", "client_id": "foyer", "token_type_hint": "access_token"}),
    "introspect": ("nobody", "/o/introspect/", {"token": "x", "client_id": "foyer", "client_secret": "x"}),
    "device's token": ("nobody", "/o/token/", {"grant_type": DEVICE_GRANT, "device_code": "x", "client_id": "foyer"}),
    "device's codes": ("nobody", "/o/device-authorization/", {"client_id": "foyer", "scope": "profile"}),
    "who it is": ("nobody", "/o/userinfo/", {"access_token": "x"}),
    "device": ("ben", "/device/", {"user_code": "BBBB-BBBB", "answer": "allow"}),
    "register an app": ("ada", "/developers/new/", APP),
    "change an app": ("ada", "/developers/{app_id}/edit/", APP),
    "new secret": ("ada", "/developers/{app_id}/secret/", {"hours": "24"}),
    "delete an app": ("ada", "/developers/{app_id}/delete/", {"x": "y"}),
}  # fmt: skip
# Forms that do what they are for whatever is typed beside.
HEEDLESS = {"log out", "log out of the admin", "apps", "sessions", "more time", "more time for an order", "give up",
            "archive a type", "remove places", "remove cash", "failed", "door", "handed back", "delete an app",
            "join a programme", "accept", "end"}  # fmt: skip
# Where other tests do the same; and what says no, or leads elsewhere, whatever is sent.
BY_OTHER_TESTS = ("account/2fa/", "account/reauthenticate/", "account/^password/reset/key/", "webhooks/")
HEARS_NOTHING = {
    *("account/password/set/", "account/login/code/confirm/", "account/^confirm-email/(?P<key>[-:\\w]+)/$"),
    *("documents/authenticate_with_password/<int:restriction_id>/", "_util/login/", "admin/login/", "api/^(?!cms/)"),
    "_util/authenticate_with_password/<int:page_view_restriction_id>/<int:page_id>/",
}


def test_every_form_is_tried(world: World) -> None:
    """Each route of ours that takes a POST has a row in FORMS."""
    tried = {resolve(path.format(**world.names)).route for _person, path, _data in FORMS.values()}
    takes = {pattern for pattern, row in {**SITE, **ADMIN}.items() if "POST" in row.says}
    elsewhere = {pattern for pattern in takes if pattern.startswith(BY_OTHER_TESTS)}
    assert takes - elsewhere - HEARS_NOTHING - tried == set()
    assert takes >= HEARS_NOTHING


@pytest.mark.parametrize("name", FORMS)
def test_every_field_of_every_form(world: World, name: str) -> None:
    person, path, data = FORMS[name]
    names = {key: str(value) for key, value in world.names.items()}
    data = {field.format(**names): value.format(**names) for field, value in data.items()}
    client, path = world.browser(person), path.format(**names)
    before, found = snapshot(), []
    for what, typed in hostile_forms(data):
        cookies = client.cookies.copy()
        with transaction.atomic():
            response = client.post(path, typed)
            status = response.status_code
            if status < 400 and (status != 200 or name in HEEDLESS):
                transaction.set_rollback(True)
        client.cookies = cookies
        found += [f"{what}: {status}"] if status >= 500 else []
    assert not found, "\n".join(found)
    assert snapshot() == before


def hostile_forms(data: dict[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for field in data:
        for kind, value in TEXTS.items():
            yield f"{field} {kind}", {**data, field: value}
        yield f"{field} twice", {**data, field: [data[field], "9"]}
        yield f"{field} missing", {other: value for other, value in data.items() if other != field}
    for kind in ("HTML", "10,000 characters", "huge number"):
        yield f"unknown {kind}", {**data, TEXTS[kind]: TEXTS[kind], "is_superuser": "on", "id": "1", "user": "1"}


def test_forms_in_other_shapes(world: World) -> None:
    bodies: dict[str, bytes] = {
        "application/x-www-form-urlencoded": b"a=%ff%fe&=&&%=%%&a[]=1",
        "application/x-www-form-urlencoded; charset=zlib": b"a=b",
        "application/x-www-form-urlencoded; charset=utf-7": b"a=b",
        "multipart/form-data": b"a=b",
        "multipart/form-data; boundary=x": b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb',
        'multipart/form-data; boundary="\xff"': b"--x",
        "application/json": b"{",
        "text/plain": b"\0",
    }
    many = "&".join(f"f{number}=1" for number in range(10_001)).encode()
    found = []
    for name, (person, path, _data) in FORMS.items():
        client = world.browser(person)
        at = path.format(**world.names)
        for media_type, body in {**bodies, "application/x-www-form-urlencoded; ": many}.items():
            with transaction.atomic():
                status = client.generic("POST", at, body, media_type).status_code
                transaction.set_rollback(True)
            found += [f"{name} {media_type}: {status}"] if status >= 500 else []
    assert not found, "\n".join(found)
