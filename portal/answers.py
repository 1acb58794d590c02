"""What the types of the API's answers are made of.

An answer's type is a TypedDict beside the function that makes the answer: mypy holds the function to it, and the API's
description is generated from it. ``Annotated[str, Like("Tidewater Tour", "As on the poster")]`` adds an example and a note.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, NotRequired, TypeVar, get_origin

from typing_extensions import TypedDict, get_type_hints, is_typeddict

Row = TypeVar("Row")


@dataclass(frozen=True)
class Like:
    """An example of a member, what it means, its format in JSON Schema's words, and the values that it can have.

    An object's example names only the members in which it differs from the examples of its parts.
    """

    example: Any = ...
    about: str = ""
    format: str = ""
    choices: Iterable[str] = ()

    def __get_pydantic_json_schema__(self, core: Any, handler: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        schema = handler(core)
        notes = {"description": self.about, "format": self.format, "enum": [str(choice) for choice in self.choices]}
        schema |= {name: note for name, note in notes.items() if note}
        if self.example is not ...:
            schema |= {"x-example": self.example} if isinstance(self.example, dict) else {"examples": [self.example]}
        return schema


Id = Annotated[str, Like("17", "An id. Don't look into it: it is only to be sent back.")]
Name = Annotated[str, Like("Tidewater")]
Url = Annotated[str, Like("https://foyer.example/events/tidewater-tour/", format="uri")]
Html = Annotated[str, Like("<p>Doors open at seven.</p>", "HTML, safe to be shown")]
Zone = Annotated[str, Like("Europe/Berlin", "The venue's IANA time zone")]
Currency = Annotated[str, Like("EUR", "ISO 4217")]
Instant = Annotated[
    str, Like("2026-02-14T20:00:00+01:00", "RFC 3339, with the offset at the venue's place", "date-time")
]


class PageOf(TypedDict, Generic[Row]):
    """A page of a list. `next` and `previous` are addresses, to be followed as they are."""

    next: Annotated[str | None, Like("https://foyer.example/api/v1/events?cursor=WzAsIjIwMjYi", format="uri")]
    previous: Annotated[str | None, Like(None, format="uri")]
    results: list[Row]


class ListOf(TypedDict, Generic[Row]):
    """A whole list."""

    results: list[Row]


def extended(base: Any, functions: Iterable[Callable[..., Any]]) -> Any:
    """`base` with the members that plugins' `functions` say, by the TypedDict that they return, that they add."""
    for function in functions:
        returned = inspect.signature(function, eval_str=True).return_annotation
        if is_typeddict(returned):
            base = _joined(base, returned)
    return base


def _joined(base: Any, more: Any) -> Any:
    """`base` with the members of `more`; one within the other is joined too."""
    had, members = get_type_hints(base, include_extras=True), {}
    for name, kind in get_type_hints(more, include_extras=True).items():
        both = _joined(had[name], kind) if is_typeddict(kind) and is_typeddict(had.get(name)) else kind
        always = name in base.__required_keys__ | more.__required_keys__ or get_origin(both) is NotRequired
        members[name] = both if always else NotRequired[both]
    return with_members(base, members)


def with_members(base: Any, members: dict[str, Any]) -> Any:
    """`base` with `members`, types by name, added or in place of its own."""
    made: Any = TypedDict(base.__name__, {**get_type_hints(base, include_extras=True), **members})  # type: ignore[misc]
    made.__doc__ = base.__doc__
    return made
