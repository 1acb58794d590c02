"""Pages of a list by keyset: each page starts after the last row of the one before, however many rows are equal.

The answer's form is that of DRF's cursor pagination. DRF's own class counts an offset among equal rows, which ends at
1,000 of them, and loses rows where the ordering field is null; lists of 10,000 free events have both.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Model, Q, QuerySet

from portal.api.problems import Problem


class InvalidCursor(Problem):
    def __init__(self) -> None:
        super().__init__(400, "invalid-cursor", "The cursor is not one of this list's; follow the links as they are.")


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and the cursors of its neighbours."""

    rows: list[Any]
    next: str | None
    previous: str | None

    def links(self, request: Any) -> dict[str, str | None]:
        return {"next": _link(request, self.next), "previous": _link(request, self.previous)}


def _link(request: Any, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    given = [(name, value) for name, value in request.query_params.lists() if name != "cursor"]
    return request.build_absolute_uri(f"{request.path}?{urlencode([*given, ('cursor', [cursor])], doseq=True)}")


@dataclass(frozen=True)
class Key:
    """One field of an ordering. Nulls come last in both directions."""

    name: str
    falling: bool
    nullable: bool
    field: Any = None

    def order(self, *, back: bool) -> Any:
        expression = F("pk" if self.name == "pk" else self.name)
        nulls = {"nulls_first": True} if back else {"nulls_last": True}
        options = nulls if self.nullable else {}
        return expression.desc(**options) if self.falling != back else expression.asc(**options)

    def equal(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})

    def beyond(self, value: Any, *, back: bool) -> Q | None:
        """Rows after `value` in this field alone; None where there can be none."""
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if back else None
        after = Q(**{f"{self.name}__{'lt' if self.falling != back else 'gt'}": value})
        return after | Q(**{f"{self.name}__isnull": True}) if self.nullable and not back else after


@dataclass(frozen=True)
class CursorPagination:
    """Cuts an ordered queryset into pages of `limit` rows. `ordering` names fields, "-" first for falling order."""

    ordering: tuple[str, ...]
    limit: int = 20
    keys: list[Key] = field(default_factory=list, init=False, compare=False)

    def page(self, rows: QuerySet[Any], cursor: str | None = None) -> Page:
        """The page that `cursor` names, or the first. Raises a 400 problem for a cursor that is not this list's."""
        keys = _keys(rows.model, self.ordering)
        back, position = _read(cursor, keys) if cursor else (False, None)
        if position is not None:
            rows = rows.filter(_after(keys, position, back=back))
        found = list(rows.order_by(*(key.order(back=back) for key in keys))[: self.limit + 1])
        more, found = len(found) > self.limit, found[: self.limit]
        if back:
            found.reverse()
        return Page(
            found,
            _write(keys, found[-1], back=False) if found and (more or back) else None,
            _write(keys, found[0], back=True) if found and (more if back else cursor) else None,
        )


def _keys(model: type[Model], ordering: tuple[str, ...]) -> list[Key]:
    names = ordering if any(name.lstrip("-") == "pk" for name in ordering) else (*ordering, "pk")
    return [_key(model, name) for name in names]


def _key(model: type[Model], name: str) -> Key:
    bare, falling = name.lstrip("-"), name.startswith("-")
    try:
        field_ = model._meta.pk if bare == "pk" else model._meta.get_field(bare)
    except FieldDoesNotExist:  # an annotation
        return Key(bare, falling, nullable=True)
    return Key(bare, falling, nullable=bool(field_.null), field=field_)


def _after(keys: list[Key], position: list[Any], *, back: bool) -> Q:
    """Rows beyond `position` in the order of `keys`: beyond in one key, equal in all before it."""
    found, equal = Q(pk__in=[]), Q()
    for key, value in zip(keys, position, strict=True):
        beyond = key.beyond(value, back=back)
        if beyond is not None:
            found |= equal & beyond
        equal &= key.equal(value)
    return found


def _write(keys: list[Key], row: Any, *, back: bool) -> str:
    values = [getattr(row, "pk" if key.name == "pk" else _attribute(key)) for key in keys]
    raw = json.dumps([int(back), *values], default=_exact, separators=(",", ":"))
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def _exact(value: Any) -> str:
    """Instants to the microsecond: Django's encoder cuts them to milliseconds, and a row would come again."""
    return value.isoformat() if isinstance(value, date) else str(value)


def _attribute(key: Key) -> str:
    return key.field.attname if key.field is not None else key.name


def _read(cursor: str, keys: list[Key]) -> tuple[bool, list[Any]]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        back, *values = json.loads(raw)
        if len(values) != len(keys) or back not in (0, 1):
            raise InvalidCursor
        return bool(back), [_value(key, value) for key, value in zip(keys, values, strict=True)]
    except (ValueError, TypeError, binascii.Error, ValidationError, RecursionError, OverflowError) as error:
        raise InvalidCursor from error


def _value(key: Key, value: Any) -> Any:
    if value is None:
        if not key.nullable:
            raise InvalidCursor
        return None
    if isinstance(value, dict | list) or (isinstance(value, str) and "\0" in value):
        raise InvalidCursor
    if key.field is None:
        return value
    value = key.field.to_python(value)
    if isinstance(value, int) and abs(value) >= 2**63:
        raise InvalidCursor
    return value
