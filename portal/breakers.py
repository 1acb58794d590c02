"""Where circuit breakers keep their state: in Redis for all processes, and in this process when Redis is away."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from threading import Lock
from typing import Any, cast

import pybreaker
import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

KEPT = 3600  # seconds that Redis keeps a state which nobody changes
REDIS_PAUSE = 5.0  # seconds that a Redis which did not answer is left alone


@cache
def storage_of(dependency: str) -> Storage:
    return Storage(dependency)


class Storage(pybreaker.CircuitBreakerStorage):
    """A breaker's state, one hash in Redis. Every value is also kept here, and used while Redis does not answer."""

    def __init__(self, dependency: str) -> None:
        super().__init__(dependency)
        self._key = f"breaker:{dependency}"
        self._lock = Lock()
        self._own: dict[str, Any] = {}

    @property
    def state(self) -> str:
        return self._read("state", pybreaker.STATE_CLOSED)

    @state.setter
    def state(self, state: str) -> None:
        if state != self.state:
            log.warning("the circuit breaker of %s is %s now", self.name, state)
        self._write("state", state)

    @property
    def counter(self) -> int:
        return int(self._read("failures", 0))

    def increment_counter(self) -> None:
        self._increment("failures")

    def reset_counter(self) -> None:
        if self.counter:  # nearly always zero: a read is cheaper than a write
            self._write("failures", 0)

    @property
    def success_counter(self) -> int:
        return int(self._read("successes", 0))

    def increment_success_counter(self) -> None:
        self._increment("successes")

    def reset_success_counter(self) -> None:
        self._write("successes", 0)

    @property
    def opened_at(self) -> datetime | None:
        at = float(self._read("opened_at", 0))
        return datetime.fromtimestamp(at, UTC) if at else None

    @opened_at.setter
    def opened_at(self, at: datetime) -> None:
        self._write("opened_at", at.timestamp())

    def forget(self) -> None:
        """Start anew, closed."""
        with self._lock:
            self._own = {}
        _ask(lambda server: server.delete(self._key))

    def _read(self, field: str, default: Any) -> Any:
        found = _ask(lambda server: server.hget(self._key, field))
        return self._own.get(field, default) if found is None else found

    def _write(self, field: str, value: Any) -> None:
        with self._lock:
            self._own[field] = value
        _ask(
            lambda server: cast(Any, server.pipeline().hset(self._key, field, value)).expire(self._key, KEPT).execute()
        )

    def _increment(self, field: str) -> None:
        with self._lock:
            self._own[field] = int(self._own.get(field, 0)) + 1
        _ask(lambda server: cast(Any, server.pipeline().hincrby(self._key, field, 1)).expire(self._key, KEPT).execute())


class _Server:
    """The connection to Redis, and until when it is left alone."""

    def __init__(self) -> None:
        self.away_until = 0.0

    @staticmethod
    @cache
    def client(url: str) -> redis.Redis:
        # redis-py's own retries would block each call for seconds while Redis is down.
        return redis.Redis.from_url(
            url,
            decode_responses=True,
            socket_connect_timeout=0.25,
            socket_timeout=0.25,
            retry=Retry(NoBackoff(), 0),
        )


_server = _Server()


def _ask(question: Callable[[redis.Redis], Any]) -> Any:
    """Redis's answer, or None where there is no Redis or it does not answer."""
    if not settings.REDIS_URL or time.monotonic() < _server.away_until:
        return None
    try:
        return question(_server.client(settings.REDIS_URL))
    except redis.RedisError as error:
        _server.away_until = time.monotonic() + REDIS_PAUSE
        log.warning("circuit breakers go on without Redis: %s", error)
        return None
