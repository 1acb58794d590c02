"""Read JSON bodies, and refuse what would only fail later: too much, not UTF-8, too deep, characters nothing can store."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.conf import settings
from rest_framework.parsers import BaseParser

from portal.api.problems import InvalidInput, Problem


class JsonParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        # Django's copy, which stays readable for the idempotency's fingerprint, and refuses what is far too large.
        raw = parser_context["request"]._request.body
        if len(raw) > settings.API_MAX_BODY:
            raise Problem(413, "too-large", f"A body may have {settings.API_MAX_BODY} bytes at most.")
        return parse_json(raw)


def parse_json(raw: bytes) -> Any:
    """`raw` as a JSON value. Raises a 400 or 422 problem."""
    try:
        text = raw.decode("utf-8")
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Problem(400, "malformed-json", f"The body is not valid JSON: {_reason(error)}") from error
    if "\\u" in text:
        _check_text(value, "")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8."
    if isinstance(error, RecursionError):
        return "it is nested too deeply."
    return f"{error}."


def _check_text(value: Any, at: str) -> None:
    """Refuse NUL and lone surrogates, which databases can't hold."""
    if isinstance(value, dict):
        for name, inner in value.items():
            _check_text(name, at)
            _check_text(inner, f"{at}/{name}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            _check_text(inner, f"{at}/{place}")
    elif isinstance(value, str) and ("\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value)):
        raise InvalidInput({at.encode("utf-8", "replace").decode(): ["Characters that can't be stored."]})
