"""Holds every answer of the API, in all tests, against what its description says: status, headers, JSON, codes of problems."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

ROOT = "urn:api"


def checked(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A middleware. A test client raises what it finds."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        match = request.resolver_match
        if match is not None and match.route.startswith("api/v1/"):
            check(match, request.method or "", response)
        return response

    return middleware


def check(match: Any, method: str, response: HttpResponse) -> None:
    # These need the app registry, which is not there yet when the middleware is named.
    from portal.api.schema import PARTS, description

    view = getattr(match.func, "view_class", None)
    operation = description()["paths"].get("/" + PARTS.sub(r"{\1}", match.route.removeprefix("api/v1/")), {})
    told = operation.get("get" if method == "HEAD" else method.lower())
    if told is None or method not in {*getattr(view, "operations", {}), "HEAD"}:
        return  # a method that there is not, or a plugin's own endpoint
    for wrong in differences(told, response):
        raise AssertionError(f"{method} {match.route} {response.status_code}: {wrong}; see docs/api/conventions.md")


def differences(told: dict[str, Any], response: HttpResponse) -> list[str]:
    """Where `response` is not what the operation `told` says."""
    answer = resolved(told["responses"].get(str(response.status_code)))
    if answer is None:
        return [f"this status is not described: {response.content[:300]!r}"]
    if not response.content:
        return []
    media = response["Content-Type"].partition(";")[0]
    content = answer.get("content", {}).get(media)
    if content is None:
        return [f"{media} is not described"]
    if media == "application/problem+json":
        code = json.loads(response.content)["code"]
        return [] if code in content["examples"] else [f"the code {code} is not described"]
    if media != "application/json":
        return []
    return errors(content["schema"], json.loads(response.content))


def errors(schema: dict[str, Any], value: Any) -> list[str]:
    """Why `value` is not what `schema`, a part of the description, allows."""
    found = Draft202012Validator(schema, registry=_registry(), _resolver=_registry().resolver(ROOT))
    return [f"{error.json_path}: {error.message[:300]}" for error in found.iter_errors(value)]


@cache
def _registry() -> Registry[Any]:
    from portal.api.schema import description

    return Registry().with_resource(ROOT, DRAFT202012.create_resource(description()))


def resolved(part: dict[str, Any] | None) -> dict[str, Any] | None:
    """`part` of the description, or what it refers to."""
    from portal.api.schema import description

    if part is None or "$ref" not in part:
        return part
    found = description()
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found
