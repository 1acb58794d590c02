"""Calls to other systems: repeated where they may be, left alone when down, the same with and without Redis."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from smtplib import SMTPServerDisconnected

import pytest
from freezegun import freeze_time

from portal import breakers, resilience
from portal.resilience import FAILURES, PAUSE, Unavailable, call, is_open
from tests.infra import servers


class Dependency:
    """Fails `failing` times with `error`, then answers."""

    def __init__(self, failing: int, error: Exception | None = None) -> None:
        self.name = f"test-{uuid.uuid4().hex}"
        self.failing, self.error, self.calls = failing, error or ConnectionRefusedError("nobody there"), 0

    def __call__(self, answer: str = "yes", *, loud: bool = False) -> str:
        self.calls += 1
        if self.calls <= self.failing:
            raise self.error
        return answer.upper() if loud else answer

    def ask(self, **options: object) -> str:
        return call(self.name, self, **options)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resilience, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(resilience, "LONGEST_WAIT", 0.002)


@pytest.fixture(params=["alone", "redis"])
def shared(request: pytest.FixtureRequest, settings) -> Iterator[None]:
    """Each test that uses it runs without Redis and with it."""
    breakers._server.away_until = 0
    if request.param == "alone":
        settings.REDIS_URL = ""
        yield
    else:
        with servers.redis() as url:
            settings.REDIS_URL = url
            yield
    breakers._server.away_until = 0


def test_the_answer_comes_through_with_its_arguments() -> None:
    dependency = Dependency(0)
    assert call(dependency.name, dependency, "no", loud=True) == "NO"


def test_a_call_is_made_once_unless_it_may_be_repeated() -> None:
    once, again = Dependency(1), Dependency(2)
    with pytest.raises(Unavailable, match="ConnectionRefusedError: nobody there") as caught:
        once.ask()
    assert (once.calls, caught.value.dependency) == (1, once.name)
    assert again.ask(retry=2) == "yes"
    assert again.calls == 3


def test_repetitions_end() -> None:
    dependency = Dependency(100)
    with pytest.raises(Unavailable):
        dependency.ask(retry=3)
    assert dependency.calls == 4


def test_no_repetition_starts_after_the_timeout() -> None:
    dependency = Dependency(100)

    def slow() -> str:
        time.sleep(0.06)
        return dependency()

    with pytest.raises(Unavailable):
        call(dependency.name, slow, retry=4, timeout=0.1)
    assert dependency.calls == 2


@pytest.mark.parametrize("error", [TimeoutError(), SMTPServerDisconnected("gone")])
def test_timeouts_and_mail_errors_count_as_down(error: Exception) -> None:
    with pytest.raises(Unavailable):
        Dependency(1, error).ask()


def test_an_answer_that_is_an_error_passes_through_and_is_no_failure(shared) -> None:
    declined = Dependency(FAILURES * 2, ValueError("card declined"))
    for _call in range(FAILURES * 2):
        with pytest.raises(ValueError, match="card declined"):
            declined.ask(retry=3)
    assert (declined.calls, is_open(declined.name)) == (FAILURES * 2, False)


def test_what_counts_as_failure_can_be_named() -> None:
    dependency = Dependency(1, LookupError("busy"))
    assert dependency.ask(failures=(LookupError,), retry=1) == "yes"


def test_the_breaker_opens_after_failures_in_a_row_and_recovers(shared) -> None:
    dependency = Dependency(FAILURES)
    for _call in range(FAILURES):
        assert not is_open(dependency.name)
        with pytest.raises(Unavailable, match="nobody there"):
            dependency.ask()
    assert is_open(dependency.name)
    with pytest.raises(Unavailable, match="left alone"):
        dependency.ask(retry=5)
    assert dependency.calls == FAILURES
    with freeze_time(time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + PAUSE + 1))):
        assert dependency.ask() == "yes"
    assert not is_open(dependency.name)
    assert dependency.ask() == "yes"


def test_a_failed_probe_opens_it_again(shared) -> None:
    dependency = Dependency(FAILURES + 1)
    for _call in range(FAILURES):
        with pytest.raises(Unavailable):
            dependency.ask()
    with freeze_time(time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + PAUSE + 1))):
        with pytest.raises(Unavailable, match="nobody there"):
            dependency.ask()
        with pytest.raises(Unavailable, match="left alone"):
            dependency.ask()
    assert dependency.calls == FAILURES + 1


def test_a_success_starts_the_count_anew(shared) -> None:
    dependency = Dependency(FAILURES - 1)
    for _call in range(FAILURES - 1):
        with pytest.raises(Unavailable):
            dependency.ask()
    assert dependency.ask() == "yes"
    dependency.calls, dependency.failing = 0, FAILURES - 1
    for _call in range(FAILURES - 1):
        with pytest.raises(Unavailable):
            dependency.ask()
    assert not is_open(dependency.name)


def test_processes_share_the_breaker_through_redis(settings) -> None:
    breakers._server.away_until = 0
    with servers.redis() as url:
        settings.REDIS_URL = url
        dependency = Dependency(FAILURES)
        for _call in range(FAILURES):
            with pytest.raises(Unavailable):
                dependency.ask()
        other_process = breakers.Storage(dependency.name)  # has none of this process's own memory
        assert other_process.state == "open"
        assert other_process.opened_at is not None
        settings.REDIS_URL = ""
        assert breakers.Storage(dependency.name).state == "closed"


def test_the_breaker_works_on_when_redis_goes_away(settings) -> None:
    breakers._server.away_until = 0
    dependency = Dependency(FAILURES)
    with servers.redis() as url:
        settings.REDIS_URL = url
        with pytest.raises(Unavailable):
            dependency.ask()
    for _call in range(FAILURES - 1):
        with pytest.raises(Unavailable, match="nobody there"):
            dependency.ask()
    assert is_open(dependency.name)
    breakers._server.away_until = 0


def test_slow_calls_do_not_wait_for_each_other() -> None:
    name, together = f"test-{uuid.uuid4().hex}", threading.Barrier(4, timeout=5)
    threads = [threading.Thread(target=call, args=(name, together.wait)) for _thread in range(3)]
    for thread in threads:
        thread.start()
    call(name, together.wait)  # returns only if all four are inside at the same time
    for thread in threads:
        thread.join()
    assert not together.broken


def test_a_dead_redis_is_asked_once_and_then_left_alone(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breakers, "REDIS_PAUSE", 3600.0)
    breakers._server.away_until = 0
    dependency = Dependency(0)
    with servers.hanging_up() as (settings.REDIS_URL, calls):
        assert [dependency.ask() for _call in range(5)] == ["yes"] * 5
    breakers._server.away_until = 0
    assert len(calls) == 1
