"""Logs: one JSON object a line, with the request's id, and without personal data, tokens or query strings."""

from __future__ import annotations

import json
import logging
import re
import time
import traceback
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse

log = logging.getLogger("portal.requests")

request_id: ContextVar[str] = ContextVar("request_id", default="")

ACCEPTED_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")
SECRET_LENGTH = 12  # a part of a path that a route captured and that is this long may be a secret
UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.I)
# What is cut out of every line, whoever wrote it.
SCRUBBED = (
    (re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}|[\w.+%-]+@localhost"), "<e-mail>"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), r"\1 <secret>"),
    (re.compile(r"\b(?:sk|rk|pk|whsec)_[A-Za-z0-9_-]{8,}"), "<secret>"),
    (
        re.compile(r"(?i)\b([\w-]*(?:token|secret|password|api_?key|client_secret|authorization|code_verifier))"
                   r"(['\"]?\s*[=:]\s*)(?:'[^']*'|\"[^\"]*\"|[^\s&'\",}]{4,})"),
        r"\1\2<secret>",
    ),
)  # fmt: skip
EXTRA = ("method", "path", "status", "duration_ms", "role", "subscriber", "message_name", "job", "dependency")


class RequestIdMiddleware:
    """Gives each request an id, which its log lines and the answer's ``Request-Id`` carry, and logs the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("Request-Id", "")
        name = given if ACCEPTED_ID.fullmatch(given) else uuid.uuid4().hex
        request.request_id = name  # type: ignore[attr-defined]
        token = request_id.set(name)
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            _log(request, response.status_code, started)
        finally:
            request_id.reset(token)
        response["Request-Id"] = name
        return response


class RequestIdFilter(logging.Filter):
    """Puts the current request's id on each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class JsonFormatter(logging.Formatter):
    """One line of JSON a record."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
            "request_id": getattr(record, "request_id", "") or None,
            **{name: getattr(record, name, None) for name in EXTRA},
        }
        if record.exc_info:
            line["exception"] = scrub("".join(traceback.format_exception(*record.exc_info)))
        return json.dumps({name: value for name, value in line.items() if value is not None}, default=str)


def scrub(text: str) -> str:
    """`text` without e-mail addresses, tokens, keys and passwords."""
    for pattern, replacement in SCRUBBED:
        text = pattern.sub(replacement, text)
    return text


def safe_path(request: HttpRequest) -> str:
    """The request's path, with each captured part that may be a secret shown by its name: ``/tickets/<ticket>/``."""
    match, path = getattr(request, "resolver_match", None), request.path
    if match is not None and match.view_name != "wagtail_serve":
        for name, value in match.kwargs.items():
            text = str(value)
            if len(text) >= SECRET_LENGTH and not text.isdecimal():
                path = path.replace(text, f"<{name}>")
    return UUID.sub("<uuid>", path)[:300]


def _log(request: HttpRequest, status: int, started: float) -> None:
    fields = {
        "method": request.method,
        "path": safe_path(request),
        "status": status,
        "duration_ms": round((time.perf_counter() - started) * 1000, 1),
    }
    level = logging.ERROR if status >= 500 else logging.INFO
    log.log(level, "request", extra=fields)


def _message(record: logging.LogRecord) -> str:
    request = getattr(record, "request", None)
    if isinstance(request, HttpRequest) and record.args:
        # Django's own lines about a request say its raw path.
        return scrub(f"{record.args[0]}: {safe_path(request)}") if isinstance(record.args, tuple) else "request"
    return scrub(record.getMessage())
