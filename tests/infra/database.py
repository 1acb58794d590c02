"""The database of this test process: a copy of the prepared one, put back after each transactional test."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from tests.infra.prepared import named, prepared_sqlite


class Sharing:
    """Whether other processes (the site's) have the database open."""

    on = False


def create() -> None:
    if settings.EMBEDDED:
        shutil.copyfile(prepared_sqlite(), _pristine())
        _restore_sqlite()
    else:
        _create_postgres()


def restore() -> None:
    """Make the database as it is after migrating.

    Django's own flush would also empty what migrations filled: the page tree's root, the event types.
    """
    connection.close()
    _restore_sqlite() if settings.EMBEDDED else _restore_postgres()
    ContentType.objects.clear_cache()


def drop() -> None:
    connection.close()
    if not settings.EMBEDDED:
        connection.close_pool()  # type: ignore[attr-defined]
        with _server() as server:
            server.execute(f'DROP DATABASE IF EXISTS "{_name()}" WITH (FORCE)')


def _pristine() -> Path:
    return settings.DATA_DIR / "pristine.sqlite3"


def _restore_sqlite() -> None:
    path = Path(_name())
    if Sharing.on:
        _overwrite_sqlite(path)
        return
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(_pristine(), path)


def _overwrite_sqlite(path: Path) -> None:
    """In one write transaction, which the connections of other processes see as a whole."""
    with closing(sqlite3.connect(_pristine())) as source, closing(sqlite3.connect(path, timeout=20)) as target:
        source.backup(target)


def _create_postgres() -> None:
    with _server() as server:
        server.execute(f'CREATE DATABASE "{_name()}" TEMPLATE "{os.environ["FOYER_TEST_TEMPLATE"]}"')


def _restore_postgres() -> None:
    """Forgotten connections of a test's threads would hold locks: they are ended first."""
    connection.close_pool()  # type: ignore[attr-defined]
    with _server(_name()) as server:
        if not Sharing.on:
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
                [_name()],
            )
        _put_back(server)


def _put_back(server: psycopg.Connection, tries: int = 10) -> None:
    """The site's processes, where a test has them, may be writing just then, in another order."""
    try:
        server.execute("SELECT pristine.restore()")
    except psycopg.errors.DeadlockDetected:
        if tries == 1:
            raise
        _put_back(server, tries - 1)


def _name() -> str:
    return connection.settings_dict["NAME"]


def _server(name: str = "postgres") -> psycopg.Connection:
    return psycopg.connect(named(os.environ["FOYER_TEST_POSTGRES"], name), autocommit=True)
