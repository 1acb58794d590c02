"""Queries that are compiled once. Of a small one, Django spends most of its time on writing the same SQL anew.

For the few that every sale runs; elsewhere a plain QuerySet is fast enough, and can be changed at will.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Expression, Model, QuerySet
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=Model)


class Given(Expression):
    """Stands in a query for a value that comes when it is run."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


@dataclass(frozen=True)
class Plan:
    """What of a query is always the same: its SQL, and how a row becomes a model with its related ones."""

    sql: str
    params: tuple[Any, ...]
    converters: list[tuple[int, tuple[list[Any], Any]]]
    model: type[Model]
    names: list[str]
    related: list[Any]
    annotations: dict[str, int]

    def run(self, values: Mapping[str, int | str]) -> list[Any]:
        filled = [values[param.name] if isinstance(param, Given) else param for param in self.params]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, filled)
            return [self._build(list(row)) for row in cursor.fetchall()]

    def _build(self, row: list[Any]) -> Model:
        for place, (converters, expression) in self.converters:
            for convert in converters:
                row[place] = convert(row[place], expression, connection)
        made = self.model.from_db(DEFAULT_DB_ALIAS, self.names, row[: len(self.names)])
        for populator in self.related:
            populator.populate(row, made)
        for name, place in self.annotations.items():
            setattr(made, name, row[place])
        return made


class Prepared(Generic[M]):
    """The query that `make` returns, to be called with values for the parameters of `make`: integers and text.

    ``OPEN = Prepared(lambda event: Order.objects.filter(event=event))``, then ``OPEN(event=7)`` is a list.
    """

    def __init__(self, make: Callable[..., QuerySet[M]]) -> None:
        self.make = make
        self.plans: dict[str, Plan] = {}

    def __call__(self, **values: int | str) -> list[M]:
        if connection.vendor not in self.plans:
            self.plans[connection.vendor] = self._plan()
        return self.plans[connection.vendor].run(values)

    def first(self, **values: int | str) -> M | None:
        """The first row, if there is one."""
        return next(iter(self(**values)), None)

    def _plan(self) -> Plan:
        names = inspect.signature(self.make).parameters
        compiler: Any = self.make(**{name: Given(name) for name in names}).query.get_compiler(using=DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        fields = [compiler.select[place][0] for place in compiler.klass_info["select_fields"]]
        return Plan(
            sql,
            tuple(params),
            list(compiler.get_converters([column[0] for column in compiler.select]).items()),
            compiler.klass_info["model"],
            [field.target.attname for field in fields],
            get_related_populators(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS),  # type: ignore[call-arg]  # stubs of a later Django
            compiler.annotation_col_map or {},
        )


def insert(rows: Sequence[M]) -> Sequence[M]:
    """Store new `rows` of one model in one statement, as ``bulk_create`` does: without signals, and with their ids."""
    if not rows:
        return rows
    options, quoted = rows[0]._meta, connection.ops.quote_name
    fields = [field for field in options.local_concrete_fields if field.get_internal_type() != "BigAutoField"]
    columns = ", ".join(quoted(str(field.column)) for field in fields)
    places = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * len(rows))
    table, key = quoted(options.db_table), quoted(str(options.pk.column))
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for row in rows for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) VALUES {places} RETURNING {key}", values)  # noqa: S608
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = options.pk.to_python(pk)
            row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return rows
