"""Queries that are compiled once. Of a small read, Django spends most of its time on writing the same SQL anew.

For the few reads that every sale runs; elsewhere a plain QuerySet is fast enough, and can be changed at will.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Model, QuerySet
from django.db.models.query import ModelIterable

M = TypeVar("M", bound=Model)


class Given(Expression):
    """Stands in a query for a value that comes when it is run."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


class Prepared(Generic[M]):
    """The query that `make` returns, to be called with values for the parameters of `make`: integers and text.

    ``OPEN = Prepared(lambda event: Order.objects.filter(event=event))``, then ``OPEN(event=7)`` is a list.
    """

    def __init__(self, make: Callable[..., QuerySet[M]]) -> None:
        self.make = make
        self.compiled: dict[str, tuple[Any, str, tuple[Any, ...]]] = {}

    def __call__(self, **values: int | str) -> list[M]:
        connection = connections[DEFAULT_DB_ALIAS]
        if connection.vendor not in self.compiled:
            self.compiled[connection.vendor] = self._compile()
        model, sql, params = self.compiled[connection.vendor]
        compiler = copy.copy(model)
        filled = tuple(values[param.name] if isinstance(param, Given) else param for param in params)
        compiler.connection, compiler.as_sql = connection, lambda *_args, **_options: (sql, filled)
        query = SimpleNamespace(get_compiler=lambda using: compiler)
        ready: Any = SimpleNamespace(db=DEFAULT_DB_ALIAS, query=query, _known_related_objects={})
        return list(ModelIterable(ready))

    def first(self, **values: int | str) -> M | None:
        """The first row, if there is one."""
        return next(iter(self(**values)), None)

    def _compile(self) -> tuple[Any, str, tuple[Any, ...]]:
        names = inspect.signature(self.make).parameters
        queryset = self.make(**{name: Given(name) for name in names})
        compiler = queryset.query.get_compiler(using=DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        return compiler, sql, tuple(params)
