"""What the sandbox knows, in one SQLite file: it outlives a restart."""

from __future__ import annotations

import json
import secrets
import sqlite3
import string
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from marketplace.sandbox.errors import missing

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    position INTEGER PRIMARY KEY, id TEXT UNIQUE, account TEXT, kind TEXT, parent TEXT, created INTEGER, body TEXT);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (account, kind, parent, position);
CREATE TABLE IF NOT EXISTS answers (
    account TEXT, key TEXT, request TEXT, status INTEGER, body TEXT, PRIMARY KEY (account, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY, event TEXT, endpoint TEXT, due REAL, attempts INTEGER DEFAULT 0, state TEXT, answer TEXT);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, due);
"""
_LETTERS = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    return f"{prefix}_{''.join(secrets.choice(_LETTERS) for _letter in range(length))}"


@dataclass(frozen=True)
class Query:
    """What a list is asked for: `created` between two moments, `equal` values by name of a member of the object."""

    created: tuple[int, int] = (0, 2**62)
    equal: dict[str, list[str]] = field(default_factory=dict)
    after: str = ""
    limit: int = 10


class Store:
    """Objects by id, answers by idempotency key, and webhooks to deliver. One request at a time is inside."""

    def __init__(self, path: Path | str) -> None:
        self.lock = threading.RLock()
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=NORMAL")
        self.db.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self.lock:
            if self.db.in_transaction:
                yield
                return
            self.db.execute("BEGIN")
            try:
                yield
            except BaseException:
                self.db.execute("ROLLBACK")
                raise
            self.db.execute("COMMIT")

    def add(self, account: str, body: dict[str, Any], *, parent: str = "") -> dict[str, Any]:
        """Keep a new object. `parent` is the id of what it belongs to, for lists."""
        body.setdefault("created", int(time.time()))
        self.db.execute(
            "INSERT INTO objects (id, account, kind, parent, created, body) VALUES (?, ?, ?, ?, ?, ?)",
            (body["id"], account, body["object"], parent, body["created"], json.dumps(body)),
        )
        return body

    def save(self, body: dict[str, Any]) -> None:
        self.db.execute("UPDATE objects SET body = ? WHERE id = ?", (json.dumps(body), body["id"]))

    def find(self, account: str, kind: str, id: str) -> dict[str, Any] | None:
        query = "SELECT body FROM objects WHERE id = ? AND account = ? AND kind = ?"
        with self.lock:
            row = self.db.execute(query, (id, account, kind)).fetchone()
        return json.loads(row[0]) if row else None

    def get(self, account: str, kind: str, id: str, param: str = "id") -> dict[str, Any]:
        """The object, or Stripe's error that there is none."""
        if found := self.find(account, kind, id):
            return found
        raise missing(kind.replace(".", " "), id, param)

    def owner(self, id: str) -> str | None:
        """The account that has the object `id`, for pages that its customers open."""
        with self.lock:
            row = self.db.execute("SELECT account FROM objects WHERE id = ?", (id,)).fetchone()
        return row[0] if row else None

    def all(self, account: str, kind: str, *, parent: str | None = None) -> list[dict[str, Any]]:
        """Newest first."""
        query = "SELECT body FROM objects WHERE account = ? AND kind = ? AND (? IS NULL OR parent = ?)"
        with self.lock:
            rows = self.db.execute(f"{query} ORDER BY position DESC", (account, kind, parent, parent)).fetchall()
        return [json.loads(row[0]) for row in rows]

    def page(self, account: str, kind: str, query: Query) -> tuple[list[dict[str, Any]], bool]:
        """One page, newest first, and whether there is more."""
        where, values = ["account = ?", "kind = ?", "created >= ?", "created <= ?"], [account, kind, *query.created]
        for name, wanted in query.equal.items():
            where.append(f"json_extract(body, '$.{name}') IN ({', '.join('?' * len(wanted))})")
            values += wanted
        if query.after:
            where.append("position < (SELECT position FROM objects WHERE id = ?)")
            values.append(query.after)
        # Names of members come from LISTS alone; what a caller sent is bound.
        sql = f"SELECT body FROM objects WHERE {' AND '.join(where)} ORDER BY position DESC LIMIT ?"  # noqa: S608
        with self.lock:
            rows = self.db.execute(sql, (*values, query.limit + 1)).fetchall()
        return [json.loads(row[0]) for row in rows[: query.limit]], len(rows) > query.limit

    def clear(self) -> None:
        with self.transaction():
            for statement in ("DELETE FROM objects", "DELETE FROM answers", "DELETE FROM deliveries"):
                self.db.execute(statement)
