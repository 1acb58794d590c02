"""Whether this process lives, and whether it is ready to serve."""

from __future__ import annotations

import secrets

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.outbox.queries import oldest_wait

LAG = 60  # seconds that a message may wait before we say so


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
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


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
    value = secrets.token_hex(4)
    cache.set("health", value, 10)
    return "ok" if cache.get("health") == value else "unreachable"


urlpatterns = [path("live", live, name="health_live"), path("ready", ready, name="health_ready")]
