"""Text comes as UTF-8 and without NUL: what else would fail only later, where nobody expects it.

Python also knows "encodings" such as zlib, and PostgreSQL takes no NUL, not even to look for a session of that name.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse

TAKEN = {"utf-8", "ascii"}


class Utf8Middleware:
    """Refuses other encodings, and NUL in addresses and cookies. Forms and the API look at their fields themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.encoding and codecs.lookup(request.encoding).name not in TAKEN:
            raise BadRequest("Send text as UTF-8.")
        if "\0" in request.path_info:
            raise Http404
        if any("\0" in value for value in request.COOKIES.values()):
            raise BadRequest("There is a character in the request that can't be stored.")
        return self.get_response(request)
