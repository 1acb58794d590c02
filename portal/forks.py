"""Forked processes and PostgreSQL's connection pool: a child must not use its parent's sockets."""

import os
from typing import Any

from django.db import connections

_inherited: list[Any] = []


def protect() -> None:
    """From now on each forked child starts with no pools; its first query opens one of its own."""
    os.register_at_fork(after_in_child=_forget_pools)


def _forget_pools() -> None:
    for connection in connections.all(initialized_only=True):
        pools = getattr(connection, "_connection_pools", None)  # PostgreSQL's alone, shared by all of its connections
        if pools:
            # Kept, for a pool that is collected would wait for its threads, and those are the parent's.
            _inherited.append(dict(pools))
            pools.clear()
