"""Cross-origin calls: public reads are everybody's; the rest is for the pages of apps that have registered their origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from oauth2_provider.models import Application

if TYPE_CHECKING:
    from portal.api.views import ApiView

EXPOSED = (
    "ETag, Link, Location, RateLimit, RateLimit-Policy, Request-Id, Retry-After, Idempotency-Replayed, "
    "X-Tickets-Available, Availability, X-Ticket-State, Degraded"
)
TAKEN = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Order-Token, Request-Id"
A_DAY = "86400"
MAX_ORIGIN = 400


def open_to_all(response: HttpResponseBase) -> None:
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = EXPOSED


def open_to_apps(request: HttpRequest, response: HttpResponseBase, *, application: Any = None) -> None:
    """Let a page read `response` whose origin `application` has registered, or any app where none is known."""
    patch_vary_headers(response, ("Origin",))
    origin = request.META.get("HTTP_ORIGIN", "")
    del response["Access-Control-Allow-Origin"]  # the toolkit's own idea of it
    if _is_registered(origin, application):
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Expose-Headers"] = EXPOSED


def preflight(request: HttpRequest, view: ApiView) -> HttpResponse:
    """The answer to OPTIONS: what the endpoint takes, and for browsers whether the page's origin may use it."""
    methods = ", ".join(view.allowed_methods)
    response = HttpResponse(status=204, headers={"Allow": methods})
    if not view.cors:
        return response
    if _is_public(request, view):
        open_to_all(response)
    else:
        open_to_apps(request, response)
    if "Access-Control-Allow-Origin" in response:
        response["Access-Control-Allow-Methods"] = methods
        response["Access-Control-Allow-Headers"] = TAKEN
        response["Access-Control-Max-Age"] = A_DAY
    return response


def _is_public(request: HttpRequest, view: ApiView) -> bool:
    """Whether what the browser asks about is a read without a token."""
    method = request.META.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD", "GET")
    headers = request.META.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "").lower()
    return view.is_public(method) and "authorization" not in headers


def _is_registered(origin: str, application: Any) -> bool:
    if not origin or len(origin) > MAX_ORIGIN or origin == "null" or "\0" in origin:
        return False
    if application is not None:
        return origin in application.allowed_origins.split()
    found = Application.objects.filter(allowed_origins__contains=origin).values_list("allowed_origins", flat=True)
    return any(origin in origins.split() for origins in found)
