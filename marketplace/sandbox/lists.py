"""Lists of objects, and the expansion of ids into what they name."""

from __future__ import annotations

from typing import Any

from marketplace.sandbox import parameters as p
from marketplace.sandbox.errors import ApiError
from marketplace.sandbox.events import Call
from marketplace.sandbox.store import Query

EXPANDABLE = {"latest_charge": "charge", "payment_intent": "payment_intent", "charge": "charge"}
# Kind of object -> its path, and what its list can be filtered by.
LISTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "payment_intent": ("/v1/payment_intents", ()),
    "charge": ("/v1/charges", ("payment_intent",)),
    "refund": ("/v1/refunds", ("payment_intent", "charge")),
    "checkout.session": ("/v1/checkout/sessions", ("payment_intent", "status")),
    "event": ("/v1/events", ("type", "types")),
    "webhook_endpoint": ("/v1/webhook_endpoints", ()),
}


def list_of(call: Call, kind: str, sent: dict[str, Any]) -> dict[str, Any]:
    path, filters = LISTS[kind]
    checks: dict[str, p.Check] = {name: p.text() for name in filters}
    if kind == "event":
        checks["types"] = p.each(p.text(), 20)
    values = p.checked(sent, {"created": p.created, **p.PAGE, **checks})
    if values.get("ending_before"):
        raise ApiError("The sandbox pages forwards only: use starting_after.", param="ending_before")
    items, more = call.store.page(call.account, kind, query_of(values, filters))
    return {"object": "list", "url": path, "has_more": more, "data": items}


def query_of(values: dict[str, Any], filters: tuple[str, ...]) -> Query:
    asked = values.get("created", {})
    least = max(asked.get("gte", 0), asked.get("gt", -1) + 1)
    most = min(asked.get("lte", 2**62), asked.get("lt", 2**62) - 1)
    equal = {name: [values[name]] for name in filters if isinstance(values.get(name), str)}
    if values.get("types"):
        equal["type"] = values["types"]
    return Query((least, most), equal, values.get("starting_after", ""), values.get("limit", 10))


def expand(call: Call, body: dict[str, Any], paths: list[str]) -> dict[str, Any]:
    """`body` with the ids at `paths` ("latest_charge", "data.payment_intent") replaced by their objects."""
    for path in paths:
        _expand(call, body, path.split("."), path)
    return body


def _expand(call: Call, body: dict[str, Any], keys: list[str], path: str) -> None:
    name, rest = keys[0], keys[1:]
    if name == "data" and body.get("object") == "list":
        for item in body["data"]:
            _expand(call, item, rest, path)
        return
    if name not in EXPANDABLE or name not in body:
        raise ApiError(f"This property cannot be expanded ({path}).", param="expand")
    if isinstance(body[name], str):
        body[name] = call.store.get(call.account, EXPANDABLE[name], body[name])
    if rest and body[name]:
        _expand(call, body[name], rest, path)
