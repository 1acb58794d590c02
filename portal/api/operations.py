"""What an endpoint tells of itself beyond `scopes` and `query`: an Operation for each method."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rest_framework import serializers


class Media(NamedTuple):
    """An answer that is no JSON, with how one begins."""

    type: str
    example: str


class Link(NamedTuple):
    """What can be done next: the id of another operation, with what it takes of this one's answer (runtime expressions)."""

    operation: str
    parameters: Mapping[str, str] = {}
    body: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Operation:
    """One method of an endpoint."""

    id: str  # its name in generated clients, which never changes
    summary: str
    # By status the answer's type: a TypedDict, Media, a tuple of these, None for no body, or a function that gives one of
    # them once all plugins are there.
    answers: Mapping[int, Any]
    body: type[serializers.Serializer] | None = None
    example: Mapping[str, Any] | None = None  # of a body
    problems: tuple[str, ...] = ()  # codes beyond those that follow from the view: see portal.api.refusals
    headers: tuple[str, ...] = ()  # of the good answers, by their names in portal.api.answering
    links: Mapping[str, Link] = field(default_factory=dict)
    matches: bool = False  # whether If-Match is honoured
    scopes: tuple[str, ...] = ()  # any one of them opens it, where the view itself looks at more than its own `scopes`
    guest: bool = False  # whether a guest's Order-Token opens it
    head: tuple[str, str] | None = None  # id and summary of HEAD, where that has a use of its own
    tag: str = ""  # the group that it is shown in; by default the first part of the path
    retires: str = ""  # the day ("2027-06-30") from which a deprecated one may be gone


def operation_of(view: Any, method: str, path: str) -> Operation:
    """What `view` says of `method`; of a plugin's view that says nothing what can be seen from outside."""
    found = getattr(view, "operations", {}).get(method)
    if found is not None:
        return found
    words = [word for word in re.split(r"\W+", path.removeprefix("/api/v1")) if word]
    summary = (type(view).__doc__ or " ".join(words)).strip().partition("\n")[0].rstrip(".")
    return Operation("_".join([method.lower(), *words]), summary, {200: dict[str, Any]})
