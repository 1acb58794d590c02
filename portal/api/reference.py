"""The API's description as its pages show it: operations by tag, members as rows, and calls in three languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.text import slugify

from portal.api import snippets
from portal.api.answering import codes_in
from portal.api.catalogue import KINDS, Kind, kind_of
from portal.api.schema import description

DEPTH = 4
HUGE = 10**9
LIMITS = {"minimum": "from {}", "maximum": "to {}", "maxLength": "up to {} characters"}


@dataclass(frozen=True)
class Member:
    """One line of a table of members: `name` is the path to it ("lines[].total.amount")."""

    name: str
    kind: str
    needed: bool
    about: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    status: str
    title: str
    media: tuple[str, ...]
    example: str
    members: tuple[Member, ...]
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Refusal:
    code: str
    kind: Kind


@dataclass(frozen=True)
class Shown:
    """An operation on its page."""

    id: str
    method: str
    path: str
    tag: str
    summary: str
    about: str
    sunset: str
    access: tuple[str, ...]
    parameters: tuple[Member, ...]
    members: tuple[Member, ...]
    example: str
    answers: tuple[Answer, ...]
    refusals: tuple[Refusal, ...]
    calls: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Tag:
    slug: str
    title: str
    operations: tuple[Shown, ...]


@cache
def tags() -> tuple[Tag, ...]:
    """All operations. They are as fixed as the description."""
    shown = [_shown(*found) for found in _operations()]
    return tuple(
        Tag(slugify(tag["name"]), tag["name"].capitalize(), tuple(each for each in shown if each.tag == tag["name"]))
        for tag in description()["tags"]
    )


def answering_with(code: str) -> list[Shown]:
    """The operations that answer with the problem `code`."""
    return [
        operation
        for tag in tags()
        for operation in tag.operations
        if code in {refusal.code for refusal in operation.refusals}
    ]


def kinds() -> dict[int, list[tuple[str, Kind]]]:
    """The error catalogue by status."""
    by_status: dict[int, list[tuple[str, Kind]]] = {}
    for code, kind in sorted(KINDS.items(), key=lambda found: (found[1].status, found[0])):
        by_status.setdefault(kind.status, []).append((code, kind))
    return by_status


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in description()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _shown(path: str, method: str, told: dict[str, Any]) -> Shown:
    body = _first(told.get("requestBody", {}).get("content", {}))
    example = _first(body.get("examples", {})).get("value")
    answers = {status: resolved(answer) for status, answer in told["responses"].items()}
    return Shown(
        id=told["operationId"],
        method=method.upper(),
        path=path,
        tag=told["tags"][0],
        summary=told["summary"],
        about=told.get("description", ""),
        sunset=told.get("x-sunset", ""),
        access=tuple(_access(way) for way in told["security"]),
        parameters=tuple(_parameter(item) for item in told.get("parameters", ())),
        members=tuple(members(body.get("schema", {}))),
        example=snippets.pretty(example) if example else "",
        answers=tuple(_answer(status, answer) for status, answer in answers.items() if status < "400"),
        refusals=tuple(Refusal(code, kind_of(code)) for answer in answers.values() for code in codes_in(answer)),
        calls=tuple(snippets.calls(method, path, told, example)),
    )


def _first(parts: dict[str, Any]) -> dict[str, Any]:
    return next(iter(parts.values()), {})


def _access(way: dict[str, list[str]]) -> str:
    """What a call needs: a scope, "any" token, a guest's "order-token", or "" for nothing."""
    if "oauth2" in way:
        return (way["oauth2"] or ["any"])[0]
    return "order-token" if way else ""


def _parameter(item: dict[str, Any]) -> Member:
    needed = item.get("required", False)
    return _member(item["name"], {**item["schema"], "description": item.get("description", "")}, needed, item["in"])


def _answer(status: str, told: dict[str, Any]) -> Answer:
    content = told.get("content", {})
    first = _first(content)
    example = first.get("example", "")
    return Answer(
        status=status,
        title=told["description"],
        media=tuple(content),
        example=example if isinstance(example, str) else snippets.pretty(example),
        members=tuple(members(first.get("schema", {}))),
        headers=tuple((name, resolved(header)["description"]) for name, header in told.get("headers", {}).items()),
    )


def members(schema: dict[str, Any], at: str = "", depth: int = 0) -> Iterator[Member]:
    """The members of an object, and those of objects within."""
    schema = _inner(schema)
    for name, part in schema.get("properties", {}).items():
        inner = _inner(part)
        path = f"{at}{name}"
        yield _member(path, {**inner, **part}, name in schema.get("required", ()))
        if depth < DEPTH:
            listed = "[]" if inner.get("type") == "array" else ""
            yield from members(inner.get("items", inner), f"{path}{listed}.", depth + 1)


def _inner(schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` itself, what it refers to, or the first of several that is an object."""
    schema = resolved(schema)
    choices = [resolved(choice) for choice in schema.get("anyOf", schema.get("oneOf", ()))]
    return next((choice for choice in choices if "properties" in choice), schema)


def _member(name: str, schema: dict[str, Any], needed: bool, place: str = "") -> Member:
    limits = [text.format(schema[rule]) for rule, text in LIMITS.items() if schema.get(rule, HUGE) < HUGE]
    about = " · ".join(part for part in (schema.get("description", ""), ", ".join(limits)) if part)
    kinds = " or ".join(_kinds(schema))
    return Member(
        name, f"{kinds} ({place})" if place else kinds, needed, about, tuple(map(str, schema.get("enum", ())))
    )


def _kinds(schema: dict[str, Any]) -> list[str]:
    choices = schema.get("anyOf", schema.get("oneOf"))
    if choices:
        return sorted({kind for choice in choices for kind in _kinds(resolved(choice))})
    kind = schema.get("type", "any")
    return list(kind) if isinstance(kind, list) else [schema.get("format", kind) if kind == "string" else kind]


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """`part`, or what it refers to, with what it says beside."""
    if "$ref" not in part:
        return part
    found: Any = description()
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return {**found, **{name: said for name, said in part.items() if name != "$ref"}}
