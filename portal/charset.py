"""Text comes as UTF-8. Python also knows "encodings" such as zlib, which fail where nobody expects it."""

from __future__ import annotations

import codecs
from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

TAKEN = {"utf-8", "ascii"}


class Utf8Middleware:
    """Refuses a request whose Content-Type names another encoding than browsers and clients use here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.encoding and codecs.lookup(request.encoding).name not in TAKEN:
            raise BadRequest("Send text as UTF-8.")
        return self.get_response(request)
