"""One call of an operation, as a partner types it: with curl, in Python and in JavaScript."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings

EXAMPLES = {
    "event_id": "17",
    "page_id": "12",
    "method_id": "8",
    "code": "K7PX2M9QRT",
    "ticket_id": "3f0c2a52-7d4e-4a57-9a0c-2f3f5b6a1c9d",
}


def pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def calls(method: str, path: str, told: dict[str, Any], body: Any) -> Iterator[tuple[str, str]]:
    """The names of the languages, and the call in each."""
    address = f"{settings.BASE_URL}/api/v1" + re.sub(r"\{(\w+)\}", lambda part: EXAMPLES.get(part[1], "1"), path)
    headers = _headers(told)
    yield "curl", _curl(method, address, headers, body)
    yield "Python", _python(method, address, headers, body)
    yield "JavaScript", _javascript(method, address, headers, body)


def _headers(told: dict[str, Any]) -> dict[str, str]:
    """Those without which the call fails; values in capitals are the caller's."""
    found = {"Authorization": "Bearer TOKEN"} if {} not in told["security"] else {}
    if any(item["name"] == "Idempotency-Key" and item.get("required") for item in told.get("parameters", ())):
        found["Idempotency-Key"] = "NEW-KEY"
    return found


def _curl(method: str, address: str, headers: dict[str, str], body: Any) -> str:
    verb = {"get": [], "head": ["--head"]}.get(method, [f"-X {method.upper()}"])
    parts = [f"curl {' '.join([*verb, address])}", *(f'-H "{name}: {value}"' for name, value in headers.items())]
    if body:
        parts += ['-H "Content-Type: application/json"', f"-d '{pretty(body)}'"]
    return " \\\n  ".join(parts)


def _python(method: str, address: str, headers: dict[str, str], body: Any) -> str:
    given = [f'"{address}"']
    given += [f"headers={json.dumps(headers)}"] if headers else []
    given += [f"json={body!r}"] if body else []
    inner = ",\n    ".join(given)
    return f"import httpx\n\nanswer = httpx.{method}(\n    {inner},\n)\nanswer.raise_for_status()"


def _javascript(method: str, address: str, headers: dict[str, str], body: Any) -> str:
    options: list[str] = [] if method == "get" else [f'method: "{method.upper()}"']
    if body:
        headers = {**headers, "Content-Type": "application/json"}
    options += [f"headers: {json.dumps(headers)}"] if headers else []
    options += [f"body: JSON.stringify({json.dumps(body, ensure_ascii=False)})"] if body else []
    inner = ",\n  ".join(options)
    return f'const answer = await fetch("{address}"' + (f", {{\n  {inner},\n}});" if options else ");")
