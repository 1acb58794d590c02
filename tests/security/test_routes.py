"""Who may call which route, for every route of ours: a new one without a row fails, and so does another answer.

A row says for each method what each person gets, with Ada's event and Ben's order in the path. Other methods must do
nothing for anybody. Somebody else's object is 404, as if it were not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver

from tests.security.world import PEOPLE, World, snapshot, undone

pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NOTHING = {302, 400, 401, 403, 404, 405, 422, 429}


class Row(NamedTuple):
    """Per method the statuses for PEOPLE in their order, and for API rows a last one for a token without the scope.

    One number stands for everybody. `names` fill the path's parts in place of the world's own; `body` is what is sent.
    """

    says: dict[str, str]
    names: dict[str, str] = {}
    body: dict[str, Any] = {}


def who(**says: str) -> Row:
    return Row(says)


# ---- the site: nobody, Ben (attendee), Ada (owner), Cleo (another vendor), Sam (staff)
OPEN = who(GET="200")
SIGNED_IN = "302 200 200 200 200"
ENTRY = who(GET="200 302 302 302 302", POST="200 302 302 302 302")  # who is signed in has nothing to do here
BENS = "404 200 404 404 404"  # what he holds, and no vendor may have
DOOR = "302 404 200 404 404"  # and an app of Ada's
NO_FACTOR = "302 404 404 404 404"

SITE: dict[str, Row] = {
    "health/live": OPEN,
    "health/ready": OPEN,
    "account/": who(GET=SIGNED_IN, POST="302 422 422 422 422"),
    "account/apps/": who(GET=SIGNED_IN, POST="302"),
    "account/login/": ENTRY,
    "account/logout/": who(GET="302 200 200 200 200", POST="302"),
    "account/inactive/": OPEN,
    "account/signup/": ENTRY,
    "account/reauthenticate/": who(GET=SIGNED_IN, POST=SIGNED_IN),
    "account/email/": who(GET=SIGNED_IN, POST="302"),
    "account/confirm-email/": OPEN,
    "account/password/change/": who(GET=SIGNED_IN, POST=SIGNED_IN),
    "account/password/set/": who(GET="302", POST="302"),
    "account/password/reset/": who(GET="200", POST="200"),
    "account/login/code/confirm/": who(GET="302", POST="302"),
    "account/^confirm-email/(?P<key>[-:\\w]+)/$": who(GET="200", POST="404"),
    "account/password/reset/key/done/": OPEN,
    "account/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": who(
        **dict.fromkeys(METHODS, "200")  # "bad link", whatever the method
    ),
    "account/password/reset/done/": OPEN,
    "account/2fa/": who(GET=SIGNED_IN),
    "account/2fa/authenticate/": who(GET="302", POST="302"),
    "account/2fa/reauthenticate/": who(GET="302", POST="302"),
    "account/2fa/totp/activate/": who(GET="302", POST="302"),
    "account/2fa/totp/deactivate/": who(GET=NO_FACTOR, POST=NO_FACTOR),
    "account/2fa/recovery-codes/": who(GET=NO_FACTOR),
    "account/2fa/recovery-codes/generate/": who(GET="302", POST="302"),
    "account/2fa/recovery-codes/download/": who(GET=NO_FACTOR),
    "account/2fa/webauthn/": who(GET=SIGNED_IN),
    "account/2fa/webauthn/add/": who(GET="302", POST="302"),
    "account/2fa/webauthn/reauthenticate/": who(GET="302", POST="302"),
    "account/2fa/webauthn/keys/<int:pk>/remove/": who(GET="302", POST="302"),
    "account/2fa/webauthn/keys/<int:pk>/edit/": who(GET="302", POST="302"),
    "account/2fa/webauthn/login/": who(GET="302", POST="302"),
    "account/sessions/": who(GET=SIGNED_IN, POST="302"),
    "account/bookings/": who(GET=SIGNED_IN),
    "account/affiliate/": who(GET=SIGNED_IN),
    "affiliates/<slug:slug>/": who(GET=SIGNED_IN, POST="302"),
    "via/<slug:code>/": Row({"GET": "302"}, {"code": "affiliate_code"}),
    "via/<slug:code>/<id:event_id>/": Row({"GET": "302"}, {"code": "affiliate_code"}),
    "events/": OPEN,
    "events/<id:event_id>/cart/": who(POST="302"),
    "checkout/<uuid:cart_id>/": who(GET=BENS, POST="404 422 404 404 404"),
    "checkout/<uuid:cart_id>/more-time/": who(POST="404 302 404 404 404"),
    "checkout/<uuid:cart_id>/give-up/": who(POST="404 302 404 404 404"),
    "orders/<slug:code>/": who(GET="404 200 200 404 404"),  # its vendor reads it too
    "orders/<slug:code>/pay/": who(POST="404 302 404 404 404"),
    "orders/<slug:code>/more-time/": who(POST="404 302 404 404 404"),
    "orders/<slug:code>/return/": who(GET="404 302 302 404 404"),
    "orders/<slug:code>/refund/": who(GET=BENS, POST="404 409 404 404 404"),  # the amount shown is missing
    "tickets/<uuid:ticket_id>/refund/": who(GET=BENS, POST="404 409 404 404 404"),
    "tickets/<uuid:ticket_id>/transfer/": who(POST="404 422 404 404 404"),
    "tickets/<uuid:ticket_id>/": who(GET=BENS),
    "tickets/<uuid:ticket_id>.pdf": who(GET=BENS),
    "tickets/<uuid:ticket_id>.svg": who(GET=BENS),
    "tickets/<uuid:ticket_id>.ics": who(GET=BENS),
    "door/": who(GET="302 404 200 200 404"),
    "door/<id:event_id>/": who(GET=DOOR, POST="302 404 422 404 404"),
    "webhooks/<slug:provider>/": who(POST="400"),
    "webhooks/<slug:provider>/<id:method_id>/": who(POST="404"),
    "o/authorize/": who(GET="302 400 400 400 400", POST=SIGNED_IN),
    "o/token/": who(POST="400"),
    "o/revoke_token/": who(POST="400"),
    "o/introspect/": who(POST="401"),
    "o/device-authorization/": who(POST="401"),
    "o/userinfo/": who(GET="401", POST="401"),  # for tokens, not for sessions
    **{
        f".well-known/{name}": OPEN
        for name in (
            *("oauth-authorization-server", "openid-configuration", "jwks.json"),
            *("oauth-protected-resource", "oauth-protected-resource/api/v1"),
        )
    },
    "device/": who(GET=SIGNED_IN, POST="302 422 422 422 422"),
    "developers/": who(GET=SIGNED_IN),
    "developers/new/": who(GET=SIGNED_IN, POST="302 422 422 422 422"),
    "developers/<id:app_id>/": who(GET=DOOR),
    "developers/<id:app_id>/edit/": who(GET=DOOR, POST="302 404 422 404 404"),
    "developers/<id:app_id>/secret/": who(GET=DOOR, POST="302 404 422 404 404"),
    "developers/<id:app_id>/delete/": who(GET=DOOR, POST="302 404 302 404 404"),
    "documents/^(\\d+)/(.*)$": who(GET="404"),
    "documents/authenticate_with_password/<int:restriction_id>/": who(GET="404", POST="404"),
    "_util/authenticate_with_password/<int:page_view_restriction_id>/<int:page_id>/": who(GET="404", POST="404"),
    "_util/login/": who(GET="302 403 302 302 302", POST="302 403 302 302 302"),
    "^((?:[\\w\\-]+/)*)$": OPEN,
    "^media/(?P<path>.*)$": who(GET="404"),
    "api/docs/problems/<slug:code>": OPEN,
    "api/^(?!cms/)": who(**dict.fromkeys(METHODS, "404")),
}

# ---- the admin's own screens
ADA_AND_STAFF = "302 302 200 404 200"
STAFF = "302 302 403 403 200"
MARKET = "302 302 422 404 422"
DONE = "302 302 302 404 302"
CHOOSER = "302 302 200 200 200"  # published venues and artists are everybody's to name
RECORDS = ("order", "payment", "refund", "ticket", "checkin", "checkinattempt", "ledgerentry")
ADMIN: dict[str, Row] = {
    "admin/login/": who(GET="302 403 302 302 302", POST="302 403 302 302 302"),
    "admin/logout/": who(GET="302 200 200 200 200", POST="302"),
    "admin/market/": who(GET="302 302 200 200 200"),
    "admin/market/<id:event_id>/": who(GET=ADA_AND_STAFF),
    "admin/market/<id:event_id>/terms/": who(GET=ADA_AND_STAFF, POST=MARKET),
    "admin/market/<id:event_id>/types/add/": who(GET=ADA_AND_STAFF, POST=MARKET),
    "admin/market/<id:event_id>/types/<id:pk>/": who(GET=ADA_AND_STAFF, POST=MARKET),
    "admin/market/<id:event_id>/types/<id:pk>/archive/": who(POST=DONE),
    "admin/market/<id:event_id>/places/add/": who(GET=ADA_AND_STAFF, POST=MARKET),
    "admin/market/<id:event_id>/places/<id:pk>/": Row({"GET": ADA_AND_STAFF, "POST": MARKET}, {"pk": "quota"}),
    "admin/market/<id:event_id>/places/<id:pk>/remove/": Row({"POST": DONE}, {"pk": "quota"}),
    "admin/market/<id:event_id>/guests/": who(GET=ADA_AND_STAFF),
    "admin/market/<id:event_id>/guests.csv": who(GET=ADA_AND_STAFF),
    "admin/market/sales/": who(GET="302 302 200 200 200"),
    "admin/market/sales.csv": who(GET="302 302 200 200 200"),
    "admin/market/refunds/": who(GET="302 302 200 200 200"),
    "admin/market/refunds/<id:pk>/done/": Row({"POST": DONE}, {"pk": "refund"}),
    "admin/market/<id:event_id>/orders/<slug:code>/refund/": who(GET=ADA_AND_STAFF, POST=MARKET),
    "admin/market/<id:event_id>/cancel/": who(GET=ADA_AND_STAFF, POST=MARKET),
    "admin/affiliates/": who(GET="302 302 200 200 302", POST="302 302 422 422 302"),
    "admin/affiliates/rate/": who(POST="302"),
    **{
        f"admin/affiliates/<id:pk>/{action}/": Row({"POST": DONE}, {"pk": "affiliate"})
        for action in ("accept", "end", "paid")
    },
    "admin/payment-methods/": who(GET="302 302 200 200 200"),
    "admin/payment-methods/add/<slug:provider>/": who(GET="302 302 200 200 302", POST="302 302 422 422 302"),
    "admin/payment-methods/<id:method_id>/": who(GET=ADA_AND_STAFF, POST=MARKET),
    "admin/payment-methods/<id:method_id>/remove/": who(GET=ADA_AND_STAFF, POST=DONE),
    "admin/payments-to-look-at/": who(GET=STAFF, POST="302 302 403 403 404"),
    "admin/users/": who(GET=STAFF),
    "admin/users/results/": who(GET=STAFF),
    "admin/failed-deliveries/": who(GET=STAFF, POST="302 302 403 403 302"),
    **{
        f"admin/{chooser}_chooser/{part}": Row({"GET": CHOOSER}, {"pk": chooser})
        for chooser in ("venue", "artist")
        for part in ("", "results/", "chosen/<str:pk>/", "chosen-multiple/")
    },
}

# ---- the API: as above with tokens, and at last Ben's or Ada's token without the scope
PUBLIC = who(GET="200")
BOOK = {"items": [{"ticket_type": "{pk}", "quantity": 1}], "event": "{event_id}"}
VENDORS = "401 403 200 200 403 403"
ADAS = "401 403 200 404 403 403"
API: dict[str, Row] = {
    "openapi.json": PUBLIC,
    "register": Row({"POST": "201"}, body={"email": "new@example.org", "password": "a-long-phrase", "name": "New"}),
    "login": Row({"POST": "200"}, body={"email": "ben@example.org", "password": "correct-horse-battery"}),
    "logout": who(POST="401 204 204 204 204 204"),
    "events": PUBLIC,
    "events/<str:event_id>": PUBLIC,
    "venues": PUBLIC,
    "venues/<str:page_id>": Row({"GET": "200"}, {"page_id": "venue"}),
    "artists": PUBLIC,
    "artists/<str:page_id>": Row({"GET": "200"}, {"page_id": "artist"}),
    "events/<str:event_id>/tickets": PUBLIC,
    "tickets/book": Row({"POST": "422 201 201 201 201 403"}, body=BOOK),
    "orders": who(GET="401 200 200 200 200 403"),
    "orders/<str:code>": who(GET="401 200 200 404 404 403"),
    "payment": Row(
        {"POST": "404 200 404 404 404 403"},
        body={"order": "{pending}", "payment_method": "{method_id}", "return_url": "https://example.org/"},
    ),
    "vendors/payment-methods": Row({"GET": VENDORS, "POST": "401 403 201 201 403 403"}, body={"provider": "cash", "title": "C"}),
    "vendors/payment-methods/<str:method_id>": Row(
        {"GET": ADAS, "PUT": ADAS, "PATCH": ADAS, "DELETE": "401 403 409 404 403 403"}, body={"title": "Mine"}
    ),
    "events/<str:event_id>/payment-methods": Row(
        {"POST": "401 403 201 404 403 403"}, body={"payment_method": "{method_id}"}
    ),
    "tickets": who(GET="401 200 200 200 200 403"),
    "tickets/<uuid:ticket_id>": who(GET="401 200 200 404 404 403", DELETE="401 200 200 404 404 403"),
    "tickets/<uuid:ticket_id>/refund": who(GET="401 200 200 404 404 403"),
    "orders/<str:code>/refund": who(GET="401 200 200 404 404 403"),
    "tickets/refund": Row({"POST": "401 409 201 404 404 403"}, body={"order": "{repaid}"}),  # the policy gives Ben nothing
    "events/<str:event_id>/cancel": who(GET="401 403 404 404 403 403", POST="401 403 202 404 403 403"),
    "tickets/<uuid:ticket_id>.pdf": who(GET="401 200 404 404 404 403"),
    "tickets/<uuid:ticket_id>.ics": who(GET="401 200 404 404 404 403"),
    "tickets/<uuid:ticket_id>/qr.svg": who(GET="401 200 404 404 404 403"),
    "affiliate": Row({"GET": "401 200 200 200 200 403", "POST": "401 201 409 201 201 403"}, body={"vendor": "{vendor}"}),
    "affiliate/conversions": who(GET="401 200 200 200 200 403"),
    "affiliate/programme": Row(
        {"GET": ADAS, "PUT": VENDORS}, body={"commission_bps": 1000, "cookie_days": 30, "admission": "open"}
    ),
    "affiliate/partners": who(GET=VENDORS),
    "affiliate/partners/<str:partner_id>": Row({"GET": ADAS, "PATCH": ADAS}, {"partner_id": "affiliate"}, {"state": "ended"}),
    "tickets/<uuid:ticket_id>/transfer": Row(
        {"POST": "401 200 403 404 404 403"}, {"ticket_id": "repaid_ticket"}, {"name": "D", "email": "d@example.org"}
    ),
    "checkins/sync": who(GET="401 422 422 422 422 403"),  # the event is missing
    "vendors/<str:vendor_id>/sales": Row({"GET": "401 404 200 404 404 403"}, {"vendor_id": "vendor"}),
    "notifications": who(GET="401 200 200 200 200 403"),
    "checkins": Row({"POST": "401 404 200 404 404 403"}, body={"code": "X", "event": "{event_id}"}),
}  # fmt: skip
CAPTURED = {
    "provider": "stripe",
    "uidb36": "x",
    "key": "x-y",
    "restriction_id": "1",
    "page_view_restriction_id": "1",
    "page_id": "1",
    "path": "a.png",
}
WILD = {  # paths of patterns that capture without a name
    "documents/^(\\d+)/(.*)$": "documents/1/a.pdf",
    "^((?:[\\w\\-]+/)*)$": "venues/",
    "api/^(?!cms/)": "api/v1/nowhere",
    "^media/(?P<path>.*)$": "media/a.png",
    "account/^confirm-email/(?P<key>[-:\\w]+)/$": "account/confirm-email/x/",
    "account/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "account/password/reset/key/x-y/",
}


def routes(patterns: Any, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Every route of the site: its pattern, its name, and the module that its view is of."""
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern.url_patterns, prefix + str(pattern.pattern))
        else:
            yield prefix + str(pattern.pattern), pattern.name or "", pattern.callback.__module__


def is_ours(pattern: str, name: str, module: str) -> bool:
    """Whether a row is due. Wagtail's own screens are crawled as the other vendor by tests/venues/test_fence.py."""
    if not pattern.startswith("admin/"):
        return True
    return module.partition(".")[0] in {"portal", "venues", "marketplace", "home", "allauth"} or "modeladmin" in name


def expected() -> set[str]:
    records = {pattern for pattern, _row, _path in record_rows()}
    site = set(SITE) - (set() if settings.EMBEDDED else {"^media/(?P<path>.*)$"})  # a proxy serves it then
    return {*site, *ADMIN, *(f"api/v1/{path}" for path in API), *records}


def record_rows() -> Iterator[tuple[str, Row, str]]:
    """Staff's lists of what was sold: nothing is added, changed or deleted there by anybody."""
    for pattern, name, _module in routes(get_resolver().url_patterns):
        if "_modeladmin_" in name:
            model = name.split("_")[1]
            inspect = name.endswith("inspect")
            path = f"admin/marketplace/{model}/" + (f"inspect/{{{model}}}/" if inspect else "")
            yield pattern, who(GET="302 302 403 403 200"), path


def test_every_route_has_a_row() -> None:
    found = {pattern for pattern, name, module in routes(get_resolver().url_patterns) if is_ours(pattern, name, module)}
    assert (found - expected(), expected() - found) == (set(), set())


def path_of(pattern: str, row: Row, names: dict[str, Any]) -> str:
    path = WILD.get(pattern, pattern)
    while "<" in path:
        before, _, rest = path.partition("<")
        part, _, after = rest.partition(">")
        name = part.partition(":")[2]
        key = row.names.get(name, name)
        path = f"{before}{names.get(key, CAPTURED.get(key))}{after}"
    return "/" + path


def answer(client: Client, method: str, path: str, body: Any, **extra: Any) -> int:
    cookies = client.cookies.copy()
    with undone():
        response = client.generic(method, path, *body, **extra)
        list(response.streaming_content) if response.streaming else None
        client.cookies = cookies
        return response.status_code


def says(text: str, place: int) -> int:
    statuses = text.split()
    return int(statuses[place] if len(statuses) > 1 else statuses[0])


def differences(
    pattern: str, row: Row, path: str, clients: list[Client], body: Any = (), **extra: Any
) -> Iterator[str]:
    for method in METHODS:
        for place, client in enumerate(clients):
            if method not in row.says and PEOPLE[place : place + 1] == ("cleo",):
                continue  # what nobody may do is asked by others often enough
            status = answer(client, method, path, body if method != "GET" else (), **extra)
            person = [*PEOPLE, "no scope"][place]
            if method in row.says:
                if status != says(row.says[method], place):
                    yield f"{method} {pattern}: {person} gets {status}, not {says(row.says[method], place)}"
            elif method == "PUT" and says(row.says.get("POST", "0"), place) == status:
                pass  # Django's own form views take it for a post, forgery protection included
            elif status not in NOTHING:
                yield f"{method} {pattern}: {person} gets {status}, and there is no row for it"


def test_the_site(world: World) -> None:
    clients = [world.browser(name) for name in PEOPLE]
    found = [
        wrong
        for pattern, row in SITE.items()
        for wrong in differences(pattern, row, path_of(pattern, row, {**world.names, "pk": 1}), clients)
    ]
    assert not found, "\n".join(found)


def test_the_admin(world: World) -> None:
    clients = [world.browser(name) for name in PEOPLE]
    rows = [(pattern, row, path_of(pattern, row, world.names)) for pattern, row in ADMIN.items()]
    found = [wrong for row in rows for wrong in differences(*row, clients)]
    assert not found, "\n".join(found)


def test_staffs_records(world: World) -> None:
    from marketplace.models import LedgerEntry, Payment

    clients = [world.browser(name) for name in PEOPLE]
    names = {"order": world.order.pk, "ticket": world.ticket.pk, "payment": Payment.objects.first().pk}
    names |= {"ledgerentry": LedgerEntry.objects.first().pk} if LedgerEntry.objects.exists() else {}
    found = []
    for pattern, row, path in record_rows():
        if "{" not in path or path[path.index("{") + 1 : path.index("}")] in names:
            found += differences(pattern, row, "/" + path.format(**names), clients)
    assert not found, "\n".join(found)


def test_the_api(world: World) -> None:
    found = []
    for pattern, row in API.items():
        scopes = row.says.get("GET", row.says.get("POST", "")).split()
        owner = "ada" if len(scopes) > 2 and scopes[1] in {"403", "404"} else "ben"
        clients = [*(world.api(name) for name in PEOPLE), world.api(owner, "webhooks")]
        names = world.names
        path = "/api/v1" + path_of(pattern, row, names)
        found += differences(pattern, row, path, clients, json_of(row.body, names), HTTP_IDEMPOTENCY_KEY="a-key")
    assert not found, "\n".join(found)


def json_of(body: Any, names: dict[str, Any]) -> tuple[str, str]:
    import json

    text = json.dumps(body)
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text, "application/json"


def test_asking_changes_nothing(world: World) -> None:
    """GET is safe for everybody, also for who may see it."""
    before = snapshot()
    for pattern, row in {**SITE, **ADMIN}.items():
        if "GET" in row.says and "return" not in pattern:
            for name in PEOPLE:
                world.browser(name).get(
                    path_of(pattern, row, {**world.names, **({"pk": 1} if "2fa" in pattern else {})})
                )
    assert snapshot() == before
