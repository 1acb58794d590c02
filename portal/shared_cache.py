"""One answer for all strangers: public pages and reads are made once in a few seconds, however many ask.

Only an answer that calls itself public for a time is kept, and only for that time; who is signed in, has a session, or
sends a token never meets it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language_from_request

PUBLIC = re.compile(r"^public, max-age=(\d+)$")
# Cookies so named tell who sent a visitor here, and no page shows anything of it.
TRACE = "via-"
# What tells requests apart beside the address: the key has the first two, and the others never come here.
KNOWN_VARY = {"accept", "accept-language", "accept-encoding", "authorization", "cookie"}
OF_ONE_REQUEST = {"Request-Id", "RateLimit", "RateLimit-Policy", "Content-Length"}


class SharedCacheMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not from_a_stranger(request):
            return self.get_response(request)
        key = _key(request)
        if kept := caches["shared"].get(key):
            return _answer(*kept)
        response = self.get_response(request)
        if seconds := lifetime(response):
            headers = {name: value for name, value in response.items() if name not in OF_ONE_REQUEST}
            caches["shared"].set(key, (response.content, headers), seconds)
        return response


def from_a_stranger(request: HttpRequest) -> bool:
    """Whether nothing in `request` says who asks, or asks for a part or a change."""
    return (
        request.method == "GET"
        and all(name.startswith(TRACE) for name in request.COOKIES)
        and not request.META.keys() & {"HTTP_AUTHORIZATION", "HTTP_IF_NONE_MATCH", "HTTP_RANGE", "HTTP_HX_REQUEST"}
    )


def lifetime(response: HttpResponse) -> int:
    """For how many seconds `response` may be shared; 0 for not at all."""
    found = PUBLIC.match(response.get("Cache-Control", ""))
    vary = {name.strip().lower() for name in response.get("Vary", "").split(",") if name.strip()}
    if not found or response.status_code != 200 or response.streaming or response.cookies or not vary <= KNOWN_VARY:
        return 0
    return min(int(found[1]), settings.SHARED_CACHE_SECONDS)


def offer_to_strangers(request: HttpRequest, response: HttpResponse) -> None:
    """Say that a page which shows nothing of its reader may be shared."""
    if settings.SHARED_CACHE_SECONDS and from_a_stranger(request) and not response.cookies:
        patch_cache_control(response, public=True, max_age=settings.SHARED_CACHE_SECONDS)


def _key(request: HttpRequest) -> str:
    language = get_language_from_request(request)
    told = f"{request.get_host()}|{language}|{request.headers.get('Accept', '')}|{request.get_full_path()}"
    return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()  # addresses can be long, or no text


def _answer(content: bytes, headers: dict[str, Any]) -> HttpResponse:
    return HttpResponse(content, headers=headers)
