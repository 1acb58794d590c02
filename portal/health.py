"""Whether this process lives, and whether it is ready to serve."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core.cache import caches
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.outbox.queries import oldest_wait

LAG = 60  # seconds that a message may wait before we say so
PATIENCE = 2  # seconds that a database server has to answer


@require_safe
@never_cache
def live(_request: HttpRequest) -> JsonResponse:
    """The process answers. Nothing else is asked: a database that is away is no reason to restart this process."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(_request: HttpRequest) -> JsonResponse:
    """503 while the database can't be used. What works without (cache, worker) makes it "degraded", still 200."""
    checks = _checks()
    down = {checks["database"], checks["migrations"]} - {"ok"}
    degraded = set(checks.values()) - {"ok"}
    status = "unavailable" if down else "degraded" if degraded else "ok"
    return JsonResponse({"status": status, "checks": checks}, status=503 if down else 200)


def _checks() -> dict[str, str]:
    try:
        checks = {"database": _database(), "migrations": _migrations(), "outbox": _outbox()}
    except DatabaseError:
        checks = {"database": "unreachable", "migrations": "unknown", "outbox": "unknown"}
    return {**checks, "cache": _cache()}


def _database() -> str:
    if "pool" in connection.settings_dict["OPTIONS"]:
        _ask_the_server()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _ask_the_server() -> None:
    """Ask over a connection of its own: the pool waits long for a server that is away, and for one that hangs for ever."""
    fresh = connection.copy()
    options = fresh.settings_dict["OPTIONS"]
    del options["pool"]
    options.update(connect_timeout=PATIENCE, tcp_user_timeout=PATIENCE * 1000)
    try:
        fresh.ensure_connection()
    finally:
        fresh.close()


class _Migrations:
    """Once all migrations are applied they stay so, for this process's code."""

    applied = False


def _migrations() -> str:
    if not _Migrations.applied:
        executor = MigrationExecutor(connection)
        _Migrations.applied = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "ok" if _Migrations.applied else "missing"


def _outbox() -> str:
    wait = oldest_wait()
    return "ok" if wait < LAG else f"behind by {wait:.0f} s"


def _cache() -> str:
    cache = caches[settings.SESSION_CACHE_ALIAS]  # the one that does not go on by itself where Redis is away
    value = secrets.token_hex(4)
    cache.set("health", value, 10)
    return "ok" if cache.get("health") == value else "unreachable"


urlpatterns = [path("live", live, name="health_live"), path("ready", ready, name="health_ready")]
