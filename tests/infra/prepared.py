"""Databases migrated once and copied for each run: migrating from nothing takes 20 s, copying a few milliseconds.

A prepared database is keyed by the migrations, by the versions of the installed packages that bring migrations, and by
the code that runs after migrating. Any number of runs may prepare at the same time: the first builds, the others wait.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import distributions
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from portal.secrets import MAKERS
from tests.infra.servers import cluster_folder, copy_cluster, make_cluster, postgres

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {
    "SECRET_KEY": "for-tests-only-and-long-enough-to-satisfy-the-checks-0123456789",
    "FIELD_ENCRYPTION_KEYS": "Zm9yLXRlc3RzLW9ubHktMzItYnl0ZXMtbG9uZy4uLi4=",
    "STRIPE_WEBHOOK_SECRET": "whsec_for-tests-only",
    "OIDC_KEYS": os.environ.get("OIDC_KEYS") or MAKERS["OIDC_KEYS"](),
}
TEMPLATE = "foyer_template"

APPS = ("portal", "venues", "marketplace", "home")
AFTER_MIGRATE = ("apps.py", "tree.py", "jobs.py", "signals.py")
KEPT = 6


def fingerprint() -> str:
    """``<what the schema follows from>-<what is done after migrating>``, each as a hash."""
    schema, after = hashlib.sha256(), hashlib.sha256()
    for line in sorted(f"{package.name}=={package.version}" for package in distributions()):
        schema.update(line.encode())
    for path in sorted(path for app in APPS for path in (ROOT / app).rglob("*.py")):
        if path.parent.name == "migrations":
            schema.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
        elif path.name in AFTER_MIGRATE:
            after.update(path.read_bytes())
    after.update(Path(__file__).with_name("pristine.sql").read_bytes())
    return f"{schema.hexdigest()[:16]}-{after.hexdigest()[:8]}"


def cache_folder() -> Path:
    folder = Path(os.environ.get("FOYER_TEST_CACHE", ROOT / "var" / "tests"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def locked(name: str) -> Iterator[None]:
    """One process at a time; freed by the system if it dies."""
    with (cache_folder() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def prepare(prefix: str, build: Callable[[Path, Path | None], None], *, key: str = "") -> Path:
    """The path of the prepared file or folder `prefix`-<key>; the key is the fingerprint where none is given.

    Where it is missing, `build` makes it in a temporary place, from an earlier one with the same migrations if any.
    """
    key = key or fingerprint()
    ready = cache_folder() / f"{prefix}-{key}"
    if ready.exists():
        return ready
    with locked(prefix):
        if not ready.exists():
            earlier = _newest(f"{prefix}-{key.split('-')[0]}-*")
            scratch = Path(tempfile.mkdtemp(prefix=f"building-{prefix}-", dir=cache_folder()))
            scratch.chmod(0o755)
            try:
                build(scratch / "made", earlier)
                (scratch / "made").rename(ready)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
            _forget_old(prefix)
    return ready


def prepared_sqlite() -> Path:
    """A migrated SQLite file. Copy it; never open it."""
    return prepare("sqlite", _build_sqlite)


def prepared_cluster() -> Path:
    """A stopped PostgreSQL cluster with a migrated database `TEMPLATE`. Copy it; never start it."""
    return prepare("postgres", _build_cluster)


def ensure_template(server: str, name: str) -> None:
    """Make the migrated database `name` on the server at the URL `server`, unless it is there."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(7015)")
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return
        draft = f"{name}_draft"
        connection.execute(f'DROP DATABASE IF EXISTS "{draft}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{draft}"')
        _migrate_postgres(named(server, draft))
        connection.execute(f'ALTER DATABASE "{draft}" RENAME TO "{name}"')


def named(server: str, name: str) -> str:
    """The URL of the database `name` on the server at the URL `server`."""
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def run_manage(*arguments: str, **environment: str) -> None:
    """Run manage.py in a process of its own; its output is the error's text when it fails."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **SECRETS, "LOG_LEVEL": "WARNING", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"manage.py {' '.join(arguments)} failed:\n{done.stdout[-2000:]}{done.stderr[-6000:]}")


def _build_sqlite(made: Path, earlier: Path | None) -> None:
    folder = made.parent
    if earlier:
        shutil.copyfile(earlier, folder / "foyer.sqlite3")
    run_manage("migrate", "-v0", "--skip-checks", DATA_DIR=str(folder), DATABASE_URL="", REDIS_URL="")
    with sqlite3.connect(folder / "foyer.sqlite3") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    (folder / "foyer.sqlite3").rename(made)


def _build_cluster(made: Path, earlier: Path | None) -> None:
    """Built below /tmp, because PostgreSQL's user may not reach the cache."""
    with cluster_folder() as data:
        copy_cluster(earlier, data) if earlier else make_cluster(data)
        with postgres(data) as server:
            if earlier:
                _migrate_postgres(named(server, TEMPLATE))
            else:
                ensure_template(server, TEMPLATE)
        copy_cluster(data, made)


def _migrate_postgres(url: str) -> None:
    run_manage("migrate", "-v0", "--skip-checks", DATABASE_URL=url, REDIS_URL="")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(Path(__file__).with_name("pristine.sql").read_text())


def _newest(pattern: str) -> Path | None:
    return max(cache_folder().glob(pattern), key=lambda path: path.stat().st_mtime, default=None)


def _forget_old(prefix: str) -> None:
    found = sorted(cache_folder().glob(f"{prefix}-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in found[KEPT:]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
