"""Requests and answers, and the encoding of forms that Stripe's API uses."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from marketplace.sandbox.errors import ApiError


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: dict[str, str]  # names in lower case
    body: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """What was sent, nested: from the query of a GET, else from the form in the body."""
        text = urlsplit(self.target).query if self.method == "GET" else self.body.decode("utf-8", "replace")
        return nest(parse_qsl(text, keep_blank_values=True))

    @cached_property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body or b"{}")


@dataclass
class Response:
    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def answer(value: Any, status: int = 200, **headers: str) -> Response:
    """`value` as JSON."""
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return Response(json.dumps(value, indent=2).encode(), status, headers=names)


def redirect(url: str) -> Response:
    return Response(status=303, headers={"Location": url})


def nest(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """``[("a[b][0]", "x")]`` as ``{"a": {"b": {"0": "x"}}}``; ``a[]`` counts on from 0."""
    result: dict[str, Any] = {}
    for name, value in pairs:
        keys = name.replace("]", "").split("[")
        node = result
        for key in keys[:-1]:
            node = _step(node, key, name)
        node[keys[-1] or str(len(node))] = value
    return result


def _step(node: dict[str, Any], key: str, name: str) -> dict[str, Any]:
    child = node.setdefault(key or str(len(node)), {})
    if not isinstance(child, dict):
        raise ApiError(f"Invalid {name}: it is given as a value and as an object.", param=name)
    return child
