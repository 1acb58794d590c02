"""A cache in Redis that goes on without it.

While Redis does not answer, locks, limits and codes that were used are kept in this process: a cache that forgot them
at once would let nobody log in, because ``add`` then says that somebody else holds every lock.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django_redis.cache import RedisCache
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
PAUSE = 5.0  # seconds that a Redis which did not answer is left alone
OPERATIONS = (
    "add",
    "get",
    "set",
    "touch",
    "delete",
    "incr",
    "decr",
    "has_key",
    "get_many",
    "set_many",
    "delete_many",
    "clear",
)


class RedisOrLocalCache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._ignore_exceptions = False
        self._local = LocMemCache("without-redis", {"OPTIONS": {"MAX_ENTRIES": 5000}})
        self._away_until = 0.0


def _with_fallback(name: str) -> Callable[..., Any]:
    in_redis, in_process = getattr(RedisCache, name), getattr(LocMemCache, name)

    def operation(self: RedisOrLocalCache, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self._away_until:
            try:
                return in_redis(self, *args, **kwargs)
            except (RedisError, ConnectionInterrupted, OSError) as error:
                self._away_until = time.monotonic() + PAUSE
                log.warning("Redis does not answer; the cache is this process's own meanwhile: %s", error)
        return in_process(self._local, *args, **kwargs)

    return operation


for _name in OPERATIONS:
    setattr(RedisOrLocalCache, _name, _with_fallback(_name))
