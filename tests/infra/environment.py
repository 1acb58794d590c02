"""The environment that a test run has, set before Django reads its settings.

Variables of our own: FOYER_TEST_ON is "sqlite" (default) or "postgres", which stands for Redis too; FOYER_TEST_CACHE is
the folder that prepared databases are kept in (default ``var/tests``). Where DATABASE_URL or REDIS_URL are set, the tests
run on those servers, in databases of their own (on Redis: numbers 1 and up, which are emptied).
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.infra.prepared import SECRETS, TEMPLATE, ensure_template, fingerprint, named, prepared_cluster
from tests.infra.servers import cluster_folder, copy_cluster, free_port, postgres, redis

# What a developer's shell may hold and a test must not see.
FOREIGN = (
    "ALLOWED_HOSTS",
    "BASE_URL",
    "BEHIND_PROXY",
    "CSP_FORM_ACTION",
    "DEBUG",
    "DEFAULT_FROM_EMAIL",
    "EMAIL_HOST",
    "EMAIL_VERIFICATION",
    "OPTIONAL_APPS",
    "PORTAL_ROLE",
    "STRIPE_API_BASE",
    "STRIPE_PUBLISHABLE_KEY",
    "STRIPE_SANDBOX_PORT",
    "STRIPE_SECRET_KEY",
    "TASK_QUEUES",
    "TASK_WORKERS",
    "TASKS_IMMEDIATE",
    "TRUSTED_PROXIES",
)
_running = ExitStack()
atexit.register(_running.close)


def set_environment() -> None:
    """A data folder of this process's own, fixed secrets, its databases, and nothing of the developer's settings."""
    for name in FOREIGN:
        os.environ.pop(name, None)
    os.environ.update(
        SECRETS, LOG_LEVEL="WARNING", SHARED_CACHE_SECONDS="0", DATA_DIR=str(_running.enter_context(data_folder()))
    )
    # The site that journeys start serves here, and so absolute links agree in both processes.
    os.environ.update(PORT=str(free_port(2)), DJANGO_SETTINGS_MODULE="portal.settings")
    if os.environ.get("FOYER_TEST_ON") == "postgres" or os.environ.get("DATABASE_URL"):
        _use_servers()


@contextmanager
def data_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="foyer-tests-"))
    (folder / "static").mkdir()  # WhiteNoise warns where it is missing
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_server() -> Iterator[tuple[str, str]]:
    """The URL of a PostgreSQL server, and the name of its migrated template database."""
    if given := os.environ.get("FOYER_TEST_POSTGRES") or os.environ.get("DATABASE_URL"):
        template = f"{TEMPLATE}_{fingerprint().replace('-', '_')}"
        ensure_template(given, template)
        yield given, template
        return
    with cluster_folder() as data:
        copy_cluster(prepared_cluster(), data)
        with postgres(data) as server:
            yield server, TEMPLATE


@contextmanager
def redis_server() -> Iterator[str]:
    if given := os.environ.get("REDIS_URL"):
        yield given
        return
    with redis() as server:
        yield server


def _use_servers() -> None:
    """The first process starts the servers; pytest-xdist's workers inherit what it wrote into the environment."""
    if "FOYER_TEST_TEMPLATE" not in os.environ:
        server, template = _running.enter_context(postgres_server())
        redis_url = _running.enter_context(redis_server())
        os.environ.update(FOYER_TEST_POSTGRES=server, FOYER_TEST_TEMPLATE=template, FOYER_TEST_REDIS=redis_url)
    os.environ["DATABASE_URL"] = named(os.environ["FOYER_TEST_POSTGRES"], f"foyer_test_{os.getpid()}")
    os.environ["REDIS_URL"] = numbered(os.environ["FOYER_TEST_REDIS"], _worker_number() + 1)


def numbered(server: str, number: int) -> str:
    """The URL of the database `number` on the Redis server at the URL `server`."""
    if server.startswith("unix:"):
        return f"{server.split('?')[0]}?db={number}"
    return urlsplit(server)._replace(path=f"/{number}").geturl()


def _worker_number() -> int:
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
