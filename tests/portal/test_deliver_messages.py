"""The outbox as it really runs: ``manage.py deliver_messages`` in processes of its own, on this run's database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from portal.outbox.models import MessageDelivery, StoredMessage
from portal.outbox.services import publish
from tests.infra.prepared import ROOT
from tests.plugins.lantern.messages import Lit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def deliverer() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-W", "always", "-m", "tests.portal.deliverer", *arguments],
            cwd=ROOT,
            env={**os.environ, "LOG_LEVEL": "INFO"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()
    connection.close()


def publish_all(count: int, *, brightness: int = 0, first: int = 0) -> None:
    with transaction.atomic():
        for number in range(first, first + count):
            publish(Lit(f"{number:03}", brightness))


def counts() -> Counter[str]:
    """How often each message was handled."""
    keys = Session.objects.filter(session_key__startswith="n-").values_list("session_key", flat=True)
    return Counter(key.split("-")[1] for key in keys)


def states() -> Counter[str]:
    return Counter(MessageDelivery.objects.filter(subscriber="count").values_list("state", flat=True))


def wait_for(happened: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, (states(), counts())
        time.sleep(0.05)


def test_once_delivers_what_is_due_and_ends(deliverer) -> None:
    publish_all(3)
    process = deliverer("--once")
    output, _none = process.communicate(timeout=60)
    assert process.returncode == 0
    assert output.strip().splitlines()[-1] == "6 deliveries tried"  # to the plugin's own subscriber and to the counter
    assert counts() == {"000": 1, "001": 1, "002": 1}


def test_it_delivers_until_it_is_told_to_stop(deliverer) -> None:
    process = deliverer()
    publish_all(1)
    wait_for(lambda: states() == {"done": 1})
    with transaction.atomic():
        publish(Lit("later", 0))
    wait_for(lambda: states() == {"done": 2})
    process.send_signal(signal.SIGTERM)
    output, _none = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "stopped delivering messages" in output
    assert all(line.startswith("{") for line in output.splitlines()), output


def test_two_at_once_deliver_each_message_once(deliverer) -> None:
    publish_all(60, brightness=4)
    deliverer(), deliverer()
    wait_for(lambda: states() == {"done": 60}, 60)
    assert counts() == {f"{number:03}": 1 for number in range(60)}
    assert set(MessageDelivery.objects.values_list("attempts", flat=True)) == {1}


def test_control_without_claims_messages_are_delivered_twice(deliverer) -> None:
    """Shows that the test above can fail: the same, with lock and compare-and-set left out."""
    deliverer("--careless"), deliverer("--careless")
    for batch in range(5):  # the first may be over before the second deliverer has started
        publish_all(60, brightness=4, first=60 * batch)
        wait_for(lambda: states() == {"done": 60 * (batch + 1)}, 60)  # noqa: B023 - called at once
        if max(counts().values()) > 1:
            break
    assert max(counts().values()) > 1


def test_killed_in_the_middle_of_a_delivery_it_loses_and_doubles_nothing(deliverer) -> None:
    publish_all(1, brightness=2000)  # ten seconds of work
    process = deliverer()
    wait_for(lambda: MessageDelivery.objects.filter(subscriber="count", attempts=1).exists())
    time.sleep(0.3)
    process.kill()
    process.wait()
    assert counts() == {}
    StoredMessage.objects.update(payload={"who": "000", "brightness": 0})
    deliverer()
    wait_for(lambda: states() == {"done": 1})
    assert counts() == {"000": 1}


@pytest.mark.postgres
def test_it_survives_a_restart_of_the_database(deliverer) -> None:
    process = deliverer()
    publish_all(1)
    wait_for(lambda: states() == {"done": 1})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    time.sleep(1)
    with transaction.atomic():
        publish(Lit("after", 0))
    wait_for(lambda: states() == {"done": 2})
    assert process.poll() is None
