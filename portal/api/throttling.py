"""How often one caller may call: a count for each minute, in Redis where there is one and in the process elsewhere.

Logins are counted apart, in the database: see ``portal.accounts.limiter``.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from portal.accounts.addresses import client_address
from portal.api.problems import Problem

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

    def increment(self, keys: Sequence[str], window: int) -> list[int]:
        """Count one more under each of `keys`, and tell how many there are now."""
        with self._lock:
            if window != self._window:
                self._window, self._counts = window, {}
            for key in keys:
                self._counts[key] = self._counts.get(key, 0) + 1
            return [self._counts[key] for key in keys]


class RedisCounter:
    """Counts that all processes share; the process's own while Redis is away."""

    def __init__(self, fallback: LocalCounter) -> None:
        self._fallback, self._away_until = fallback, 0.0

    def increment(self, keys: Sequence[str], window: int) -> list[int]:
        if time.monotonic() >= self._away_until:
            try:
                return _increment_in_redis([f"calls:{window}:{key}" for key in keys])
            except (RedisError, OSError) as error:
                self._away_until = time.monotonic() + REDIS_PAUSE
                logger.warning("Counting API calls without Redis: %s", error)
        return self._fallback.increment(keys, window)


def _increment_in_redis(keys: Sequence[str]) -> list[int]:
    """All in one round trip, with a life of their own from the first call on."""
    pipeline = get_redis_connection("default").pipeline(transaction=False)
    for key in keys:
        pipeline.incr(key)
        pipeline.expire(key, 2 * WINDOW)
    return [int(count) for count in pipeline.execute()[::2]]


_local = LocalCounter()
_counter = RedisCounter(_local) if settings.REDIS_URL else _local


def allowance(request: Any, *, policy: str) -> Allowance:
    """Count one call of `request`'s caller, and of the app that calls for it; what is left of the scarcer of the two."""
    quota = settings.API_QUOTAS[policy]
    token = request.auth
    if token is None:
        return _count({client_address(request): quota}, policy=policy)
    return _count(_quotas(token, quota), policy=policy)


def _quotas(token: Any, quota: int) -> dict[str, int]:
    """By who is counted: a person whatever app calls for it, and a partner's app whoever it calls for.

    The portal's own clients are counted apart, so that no app locks a person out of those.
    """
    if not is_partners(token):
        return {f"own:{token.user_id}": quota}
    person = {f"user:{token.user_id}": quota} if token.user_id else {}
    app = quota * settings.API_APP_FACTOR if token.user_id else quota
    return {**person, f"app:{token.application_id}:{bool(token.user_id)}": app}


def is_partners(token: Any) -> bool:
    """Whether `token` is of another app than the portal's own."""
    return token is not None and token.application is not None and token.application.client_id != settings.OWN_CLIENT


def count_endpoint(request: HttpRequest) -> None:
    """Count a call of the OAuth endpoints by its address. Raises a 429 problem."""
    check(_count({client_address(request): settings.API_QUOTAS["oauth"]}, policy="oauth"))


def check(allowed: Allowance) -> None:
    """Raise a 429 problem where there were too many calls."""
    if allowed.remaining < 0:
        headers = {"Retry-After": str(allowed.reset)}
        raise Problem(429, "too-many-requests", f"Wait {allowed.reset} seconds.", headers=headers)


def _count(quotas: dict[str, int], *, policy: str) -> Allowance:
    now = time.time()
    counts = _counter.increment([f"{policy}:{key}" for key in quotas], int(now // WINDOW))
    left = [(quota - count, quota) for quota, count in zip(quotas.values(), counts, strict=True)]
    remaining, quota = min(left)
    return Allowance(policy, quota, remaining, WINDOW - int(now % WINDOW))
