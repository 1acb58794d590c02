"""ETag, If-None-Match and If-Match (RFC 9110), and HEAD."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

KEPT_ON_304 = ("ETag", "Cache-Control", "Vary", "RateLimit", "RateLimit-Policy", "Link")


def etag_of(content: bytes) -> str:
    return f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'


def matches(header: str, etag: str, *, weak: bool) -> bool:
    """Whether `header`, a list of entity tags or ``*``, names `etag`; `weak` ones count where it says so."""
    tags = [tag.strip() for tag in header.split(",")]
    if weak:
        tags = [tag.removeprefix("W/") for tag in tags]
    return "*" in tags or etag in tags


def tell_caching(response: HttpResponse, *, public: bool, max_age: int) -> None:
    """Say who may keep the answer. Every answer must be asked for again after `max_age` seconds."""
    if "Cache-Control" not in response:
        response["Cache-Control"] = f"public, max-age={max_age}" if public else "private, no-cache"
    vary = response.get("Vary", "")
    response["Vary"] = f"{vary}, Authorization" if vary else "Authorization"


def not_modified(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """`response` with its ETag, or a 304 where the client has it already."""
    if response.streaming:
        return response
    response["ETag"] = etag = response.get("ETag") or etag_of(response.content)
    wanted = request.META.get("HTTP_IF_NONE_MATCH")
    if wanted is None or not matches(wanted, etag, weak=True):
        return response
    headers = {name: response[name] for name in KEPT_ON_304 if name in response}
    return HttpResponseNotModified(headers=headers)


def without_body(response: HttpResponse) -> HttpResponse:
    """What HEAD answers: the headers of GET, its length included, and nothing else."""
    if not response.streaming:
        if response.status_code != 304:
            response["Content-Length"] = response.get("Content-Length") or str(len(response.content))
        response.content = b""
    return response
