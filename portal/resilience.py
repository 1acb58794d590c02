"""The one door to other systems: repeat what may be repeated, and stop asking one that is down.

A circuit breaker a dependency: after FAILURES failed calls in a row nothing is asked for PAUSE seconds, then one call
tries it. All processes share its state through Redis where there is one; without it each process has its own.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import pybreaker
import stamina

from portal.breakers import storage_of

P = ParamSpec("P")
T = TypeVar("T")

FAILURES = 5
PAUSE = 20.0  # seconds
FIRST_WAIT, LONGEST_WAIT = 0.2, 5.0  # seconds; bounds of the pause before a call is repeated


class Unavailable(Exception):
    """The dependency could not be reached, or has failed so often that it is left alone for a while.

    Nothing is known to have happened there: a call that timed out may have had its effect.
    """

    def __init__(self, dependency: str, message: str) -> None:
        super().__init__(f"{dependency}: {message}")
        self.dependency = dependency


def call(
    dependency: str,
    function: Callable[..., T],
    *args: object,
    timeout: float = 10.0,
    retry: int = 0,
    failures: tuple[type[Exception], ...] = (OSError,),
    **kwargs: object,
) -> T:
    """``function(*args, **kwargs)``, behind the breaker of `dependency`. Raises Unavailable.

    `failures` are the exceptions that mean "it is down": they count towards the breaker and become Unavailable. Every
    other exception is an answer, and passes through. OSError covers sockets, timeouts, SMTP and `requests`.
    `retry` says how often a failed call is repeated, with exponential backoff and full jitter: only for what may be
    repeated. No repetition starts after `timeout` seconds; each call's own I/O needs a timeout of its own, for no
    thread can be interrupted.
    """
    backoff = Backoff(failures)
    try:
        for attempt in stamina.retry_context(on=backoff, attempts=retry + 1, timeout=timeout):
            with attempt:
                return _breaker(dependency, failures).call(function, *args, **kwargs)
    except pybreaker.CircuitBreakerError as error:
        raise Unavailable(dependency, "it failed repeatedly and is left alone for a while") from error
    except failures as error:
        raise Unavailable(dependency, f"{type(error).__name__}: {error}") from error
    raise AssertionError("stamina always makes one attempt")


def is_open(dependency: str) -> bool:
    """Whether `dependency` is being left alone, for pages that offer something else then."""
    return storage_of(dependency).state == pybreaker.STATE_OPEN


class Backoff:
    """Says whether a failed call is repeated and after how many seconds: full jitter below a doubling bound."""

    def __init__(self, failures: tuple[type[Exception], ...]) -> None:
        self.failures, self.bound = failures, FIRST_WAIT

    def __call__(self, error: Exception) -> bool | float:
        if not isinstance(error, self.failures):
            return False
        wait = random.uniform(0, self.bound)  # noqa: S311 - no secret
        self.bound = min(LONGEST_WAIT, self.bound * 2)
        return wait


def _breaker(dependency: str, failures: tuple[type[Exception], ...]) -> pybreaker.CircuitBreaker:
    """A breaker for one call, on the dependency's shared state: a breaker's lock would let one thread in at a time."""
    return pybreaker.CircuitBreaker(
        fail_max=FAILURES,
        reset_timeout=PAUSE,
        exclude=[lambda error: not isinstance(error, failures)],
        state_storage=storage_of(dependency),
        name=dependency,
        throw_new_error_on_trip=False,
    )
