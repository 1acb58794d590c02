"""Cross-origin calls. The API knows no cookies, so any origin may call it with a token that it has been given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from portal.api.views import ApiView

EXPOSED = (
    "ETag, Link, Location, RateLimit, RateLimit-Policy, Request-Id, Retry-After, Idempotency-Replayed, "
    "X-Tickets-Available, Availability, X-Ticket-State, Degraded"
)
TAKEN = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Order-Token, Request-Id"
A_DAY = "86400"


def open_to_all(response: HttpResponse) -> None:
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = EXPOSED


def preflight(request: HttpRequest, view: ApiView) -> HttpResponse:
    """The answer to OPTIONS: what the endpoint takes, and for browsers that other origins may use it."""
    methods = ", ".join(view.allowed_methods)
    response = HttpResponse(status=204, headers={"Allow": methods})
    if view.cors:
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Allow-Methods"] = methods
        response["Access-Control-Allow-Headers"] = TAKEN
        response["Access-Control-Max-Age"] = A_DAY
    return response
