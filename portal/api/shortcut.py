"""API calls go straight to their view: sessions, messages and the headers of pages are a third of a cheap call's time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.core.context import request_context
from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse

BELOW = "/api/v1/"


class BareHandler(BaseHandler):
    """Django's way from a request to its view, with no middleware."""

    def __init__(self) -> None:
        none: list[Any] = []
        self._view_middleware = self._template_response_middleware = self._exception_middleware = none


class ApiMiddleware:
    """Skips the middleware below it for what lies under `BELOW`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.to_page = get_response
        handler: Any = BareHandler()
        self.to_view: Any = convert_exception_to_response(handler._get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(BELOW):
            return self.to_page(request)
        with request_context(request):  # what allauth works for, as its middleware tells it on pages
            return self.to_view(request)
