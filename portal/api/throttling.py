"""How often one caller may call: a count for each minute, in Redis where there is one and in the process elsewhere.

Logins are counted apart, in the database: see ``portal.accounts.limiter``.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, NamedTuple

from django.conf import settings
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from portal.accounts.addresses import client_address

logger = logging.getLogger("portal.api")
WINDOW = 60  # seconds
REDIS_PAUSE = 10.0  # seconds without Redis after it failed, so that its timeout is not paid on every request


class Allowance(NamedTuple):
    """`remaining` of `quota` calls until `reset` seconds from now; negative when there were too many."""

    policy: str
    quota: int
    remaining: int
    reset: int


class LocalCounter:
    """Counts of this process. Only the current minute is kept, so memory stays small."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._counts: dict[str, int] = {}

    def increment(self, key: str, window: int) -> int:
        with self._lock:
            if window != self._window:
                self._window, self._counts = window, {}
            self._counts[key] = count = self._counts.get(key, 0) + 1
            return count


class RedisCounter:
    """Counts that all processes share; the process's own while Redis is away."""

    def __init__(self, fallback: LocalCounter) -> None:
        self._fallback, self._away_until = fallback, 0.0

    def increment(self, key: str, window: int) -> int:
        if time.monotonic() >= self._away_until:
            try:
                return _increment_in_redis(f"calls:{window}:{key}")
            except (RedisError, OSError) as error:
                self._away_until = time.monotonic() + REDIS_PAUSE
                logger.warning("Counting API calls without Redis: %s", error)
        return self._fallback.increment(key, window)


def _increment_in_redis(key: str) -> int:
    client = get_redis_connection("default")
    count = int(client.incr(key))
    if count == 1:
        client.expire(key, 2 * WINDOW)
    return count


_local = LocalCounter()
_counter = RedisCounter(_local) if settings.REDIS_URL else _local


def allowance(request: Any, *, policy: str, quota: int) -> Allowance:
    """Count one call of `request`'s caller against `quota` calls a minute."""
    now = time.time()
    window = int(now // WINDOW)
    count = _counter.increment(f"{policy}:{_caller(request)}", window)
    return Allowance(policy, quota, quota - count, WINDOW - int(now % WINDOW))


def _caller(request: Any) -> str:
    """The token's user at its client, or the client, or for strangers the address."""
    token = request.auth
    if token is not None:
        return f"t{token.application_id}:{token.user_id}"
    return client_address(request)
