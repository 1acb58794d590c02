"""The description of answers: the good ones with headers and links, and the problems by status."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from portal.api.catalogue import kind_of
from portal.api.components import Components
from portal.api.operations import Link, Operation
from portal.api.refusals import idempotency_of

TEXT = {"type": "string"}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong (RFC 9457). Some codes have further members, which their pages explain.",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "The page that explains this kind of problem."},
        "title": {**TEXT, "description": "The kind of problem, for people."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {**TEXT, "description": "What is wrong this time, for people."},
        "code": {**TEXT, "description": "The kind of problem, for programs. It does not change."},
        "request_id": {**TEXT, "description": "Name it when you ask us about this answer."},
        "errors": {
            "type": "array",
            "description": "With 422: what is wrong where.",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {**TEXT, "description": "JSON pointer into the body, or / and the parameter's name."},
                    "code": TEXT,
                    "detail": TEXT,
                },
            },
        },
    },
}
ORDER_TOKEN = {
    "type": "apiKey",
    "in": "header",
    "name": "Order-Token",
    "description": "A guest's key to one order: the access_token that POST /tickets/book answered.",
}
REQUEST_HEADERS = {
    "Idempotency-Key": "A new random key for each action. Sent again with the same body it has the first answer.",
    "If-None-Match": "The ETag of the answer that you have. 304 where it is still the same.",
    "If-Match": "The ETag of what you have read. 412 where it has changed since.",
}
_TOLD = {
    "Request-Id": "Names this call in our logs.",
    "RateLimit-Policy": 'How many calls a minute are allowed, as in `"read";q=6000;w=60`.',
    "RateLimit": 'How many are left and for how many seconds, as in `"read";r=5999;t=42`.',
    "ETag": "Names this state of the answer, for If-None-Match and If-Match.",
    "Cache-Control": "Who may keep the answer, and for how long.",
    "Idempotency-Replayed": "`true` where this is the stored answer to an earlier call with the same key.",
    "Retry-After": "Seconds to wait before the next try.",
    "WWW-Authenticate": "How to authenticate, and what was wrong (RFC 6750).",
    "Location": "The address of what was made.",
    "X-Tickets-Available": "How many places can be bought now.",
    "Availability": "`available`, `few`, `sold-out` or `not-on-sale`.",
    "X-Ticket-State": "`valid`, `unpaid`, `used`, `canceled`, `refunded`, `transferred` or `expired`.",
    "Degraded": "Names the part that answered in a plainer way than usual.",
}
HEADERS = {name: {"description": text, "schema": TEXT} for name, text in _TOLD.items()}
LONGEST_NAME = 60
ALWAYS = ("Request-Id", "RateLimit", "RateLimit-Policy")
OF_PROBLEMS = {401: ("WWW-Authenticate",), 403: ("WWW-Authenticate",), 409: ("Retry-After",), 429: ("Retry-After",)}


def good(components: Components, view: Any, method: str, operation: Operation) -> dict[str, Any]:
    """By status what is answered when all goes well."""
    headers = (*operation.headers, *(("Cache-Control",) if method == "GET" else ()))
    headers += ("ETag",) if has_etag(view, method) else ()
    headers += ("Idempotency-Replayed",) if idempotency_of(view, method) else ()
    made = {
        str(status): {
            "description": HTTPStatus(status).phrase,
            "headers": references(*headers),
            "content": components.content(operation, status),
            "links": {name: _link(link) for name, link in operation.links.items()},
        }
        for status in operation.answers
    }
    if has_etag(view, method):
        made["304"] = {"description": "You have it already", "headers": references("ETag", "Cache-Control")}
    return {status: {name: part for name, part in answer.items() if part} for status, answer in made.items()}


def has_etag(view: Any, method: str) -> bool:
    """A view with a head() of its own makes no bodies to name."""
    return method == "GET" and not hasattr(type(view), "head")


def references(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*names, *ALWAYS)}


def _link(link: Link) -> dict[str, Any]:
    made = {"operationId": link.operation, "parameters": dict(link.parameters), "requestBody": dict(link.body)}
    return {name: part for name, part in made.items() if part}


def refusals(codes: list[str]) -> dict[str, Any]:
    """By status the problems with `codes`."""
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(kind_of(code).status, []).append(code)
    return {str(status): refusal(status, found) for status, found in by_status.items()}


def share_refusals(description: dict[str, Any]) -> None:
    """Write what many operations answer alike once: those with few codes, under their names."""
    shared = description["components"].setdefault("responses", {})
    for operation in operations_in(description):
        for status, answer in operation["responses"].items():
            name = ".".join(codes_in(answer))
            if 0 < len(name) < LONGEST_NAME:
                shared[name] = answer
                operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}


def refusal(status: int, codes: list[str]) -> dict[str, Any]:
    told = [f"`{code}`: {kind_of(code).title}." for code in codes]
    examples = {code: {"$ref": f"#/components/examples/{code}"} for code in codes}
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": " ".join(told),
        "headers": references(*OF_PROBLEMS.get(status, ())),
        "content": {"application/problem+json": {"schema": schema, "examples": examples}},
    }


def operations_in(description: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in description["paths"].values() for operation in path.values()]


def tags_in(description: dict[str, Any]) -> list[str]:
    return sorted({tag for operation in operations_in(description) for tag in operation["tags"]})


def codes_in(answer: dict[str, Any]) -> list[str]:
    """The codes that a described answer names."""
    return list(answer.get("content", {}).get("application/problem+json", {}).get("examples", {}))


def examples(description: dict[str, Any], base_url: str) -> dict[str, Any]:
    """An example of each problem that the operations name."""
    answers = [answer for operation in operations_in(description) for answer in operation["responses"].values()]
    codes = sorted({code for answer in answers for code in codes_in(answer)})
    return {code: {"summary": kind_of(code).title, "value": example(code, base_url)} for code in codes}


def example(code: str, base_url: str) -> dict[str, Any]:
    """A problem as it is answered."""
    kind = kind_of(code)
    body = {
        "type": f"{base_url}/api/docs/problems/{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": kind.detail or f"{kind.title}.",
        "code": code,
        "request_id": "5f2b7c1e9d3a4f60",
    }
    if kind.status == HTTPStatus.UNPROCESSABLE_ENTITY and not code.startswith("idempotency"):
        body["errors"] = [{"pointer": "/items/0/quantity", "code": code, "detail": kind.title}]
    return {**body, **kind.members}


def add_head(path: dict[str, Any]) -> None:
    """Where GET says what HEAD is good for: its answers, without the bodies."""
    told = path.get("get", {}).pop("x-head", None)
    if told:
        answers = {
            status: {name: part for name, part in answer.items() if name in ("description", "headers")}
            for status, answer in path["get"]["responses"].items()
        }
        path["head"] = {**path["get"], "operationId": told[0], "summary": told[1], "responses": answers}
