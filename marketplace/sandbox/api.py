"""The API below /v1: who calls, what was asked, and the same answer again for the same Idempotency-Key."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any, cast

from marketplace.sandbox import checkout, endpoints, intents, refunds
from marketplace.sandbox import parameters as p
from marketplace.sandbox.errors import ApiError
from marketplace.sandbox.events import API_VERSION, Call, Sandbox
from marketplace.sandbox.lists import LISTS, expand, list_of
from marketplace.sandbox.store import new_id
from marketplace.sandbox.web import Request, Response, answer

Endpoint = Callable[..., dict[str, Any]]
KEY = re.compile(r"(sk|rk)_test_\w{4,}")
ID = r"(?P<id>\w+)"


def charge(call: Call, sent: dict[str, Any], id: str) -> dict[str, Any]:
    p.checked(sent, {})
    return call.store.get(call.account, "charge", id, "charge")


def event(call: Call, sent: dict[str, Any], id: str) -> dict[str, Any]:
    p.checked(sent, {})
    return call.store.get(call.account, "event", id)


def lister(kind: str) -> Endpoint:
    return lambda call, sent: list_of(call, kind, sent)


ROUTES: list[tuple[str, re.Pattern[str], Endpoint]] = [
    (method, re.compile(pattern), cast(Endpoint, endpoint))
    for method, pattern, endpoint in (
        ("POST", "/v1/checkout/sessions", checkout.create),
        ("GET", f"/v1/checkout/sessions/{ID}", checkout.retrieve),
        ("POST", f"/v1/checkout/sessions/{ID}/expire", checkout.expire),
        ("POST", "/v1/payment_intents", intents.create),
        ("GET", f"/v1/payment_intents/{ID}", intents.retrieve),
        ("POST", f"/v1/payment_intents/{ID}/confirm", intents.confirm),
        ("POST", f"/v1/payment_intents/{ID}/cancel", intents.cancel),
        ("POST", "/v1/refunds", refunds.create),
        ("GET", f"/v1/refunds/{ID}", refunds.retrieve),
        ("GET", f"/v1/charges/{ID}", charge),
        ("GET", f"/v1/events/{ID}", event),
        ("GET", f"/v1/payment_methods/{ID}", endpoints.payment_method),
        ("POST", "/v1/webhook_endpoints", endpoints.create),
        ("DELETE", f"/v1/webhook_endpoints/{ID}", endpoints.delete),
        ("GET", "/v1/account", endpoints.account),
        ("GET", "/v1/balance", endpoints.balance),
        *(("GET", path, lister(kind)) for kind, (path, _filters) in LISTS.items()),
    )
]


def respond(sandbox: Sandbox, request: Request) -> Response:
    """The API's answer; every error is one of Stripe's."""
    try:
        call = Call(sandbox, authenticate(request))
        with sandbox.store.transaction():
            response = once(call, request)
    except ApiError as error:
        response = answer(error.body, error.status)
    response.headers |= {"Request-Id": new_id("req", 14), "Stripe-Version": API_VERSION}
    return response


def authenticate(request: Request) -> str:
    scheme, _space, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        value = base64.b64decode(value + "==").decode("utf-8", "replace").partition(":")[0]
    if not value:
        raise ApiError("You did not provide an API key.", status=401)
    if not KEY.fullmatch(value) or "revoked" in value:
        raise ApiError(f"Invalid API Key provided: {value[:8]}***{value[-4:]}", status=401)
    return value


def once(call: Call, request: Request) -> Response:
    """Answer; a POST with a key that was used before gets the first answer again."""
    key = request.headers.get("idempotency-key", "") if request.method == "POST" else ""
    if not key:
        return run(call, request)
    fingerprint = sha256(f"{request.path} {json.dumps(request.parameters, sort_keys=True)}".encode()).hexdigest()
    query = "SELECT request, status, body FROM answers WHERE account = ? AND key = ?"
    if first := call.store.db.execute(query, (call.account, key)).fetchone():
        return replay(key, fingerprint, *first)
    response = run(call, request)
    if response.status in (200, 402):  # what was refused before it began may be corrected and sent again
        row = (call.account, key, fingerprint, response.status, response.body.decode())
        call.store.db.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?)", row)
    return response


def replay(key: str, fingerprint: str, first: str, status: int, body: str) -> Response:
    if fingerprint != first:
        raise ApiError(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request.",
            type="idempotency_error",
        )
    return Response(body.encode(), status, headers={"Idempotent-Replayed": "true", "Idempotency-Key": key})


def run(call: Call, request: Request) -> Response:
    """Answer. A card's error is an answer like another: what led to it is kept."""
    try:
        endpoint, arguments = route(request)
        asked = request.parameters.get("expand")
        paths = p.each(p.text(500), 20)(asked, "expand") if asked else []
        body = endpoint(call, request.parameters, **arguments)
        return answer(expand(call, body, paths))
    except ApiError as error:
        return answer(error.body, error.status)


def route(request: Request) -> tuple[Endpoint, dict[str, str]]:
    for method, pattern, endpoint in ROUTES:
        if method == request.method and (match := pattern.fullmatch(request.path)):
            return endpoint, match.groupdict()
    raise ApiError(f"Unrecognized request URL ({request.method}: {request.path}).", status=404)
