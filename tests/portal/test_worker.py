"""The task worker as it really runs: ``manage.py qcluster`` in processes of its own, on this run's database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ, Schedule, Task

from portal.jobs import enqueue
from tests.infra.prepared import ROOT

pytestmark = pytest.mark.django_db(transaction=True)

# django-q looks at the schedule every 30 s; its pace is no part of what is tested here.
HASTE = """
import sys
from django.conf import settings
settings.Q_CLUSTER = {**settings.Q_CLUSTER, "guard_cycle": %(cycle)s, "poll": 0.1, "timeout": 4, "retry": %(retry)s}
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "qcluster"])
"""


def mark(name: str) -> None:
    """A task that leaves a trace: a session."""
    Session.objects.create(session_key=name, session_data=str(os.getpid()), expire_date=timezone.now())


def mark_slowly(name: str) -> None:
    """Leaves a trace, then takes its time, the first time that it runs."""
    first = not Session.objects.filter(session_key__startswith=name).exists()
    mark(f"{name}-{time.monotonic_ns()}")
    if first:
        time.sleep(30)


def marks(prefix: str = "") -> list[str]:
    return sorted(Session.objects.filter(session_key__startswith=prefix).values_list("session_key", flat=True))


def wait_for(happened: Callable[[], object], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """``worker()`` starts one; whatever it prints beside its log is an error, above all warnings."""
    processes: list[subprocess.Popen[bytes]] = []
    log = tmp_path / "log"

    def start(cycle: float = 0.1, retry: int = 5) -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-W", "always", "-c", HASTE % {"cycle": cycle, "retry": retry}],
                cwd=ROOT,
                env={**os.environ, "LOG_LEVEL": "INFO"},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        processes.append(process)
        return process

    yield start
    for process in processes:
        for member in family(process):
            member.kill()
        process.wait()
    connection.close()
    strange = [line for line in log.read_text().splitlines() if not line.startswith("{") and "warn" in line.lower()]
    assert strange == []


def family(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Every process of the session that `process` leads, also where it is gone itself."""
    found = []
    for candidate in psutil.process_iter():
        try:
            if os.getsid(candidate.pid) == process.pid:
                found.append(candidate)
        except ProcessLookupError:
            continue
    return found


def test_it_runs_tasks_and_jobs_and_stops_cleanly(worker) -> None:
    enqueue(f"{__name__}.mark", "a-task")
    Schedule.objects.all().delete()
    Schedule.objects.create(
        name="job:test",
        func=f"{__name__}.mark",
        args="'a-job'",
        schedule_type=Schedule.CRON,
        cron="* * * * *",
    )
    Schedule.objects.update(next_run=timezone.now() - timedelta(seconds=1))
    process = worker(cycle=31)  # it looks at the schedule whenever its cycles add up to 30 s: here at once
    wait_for(lambda: marks() == ["a-job", "a-task"])
    wait_for(lambda: not OrmQ.objects.exists())
    assert Schedule.objects.get(name="job:test").next_run > timezone.now()
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 0
    assert family(process) == []


def test_a_failing_task_stops_no_other_and_says_so(worker) -> None:
    enqueue("portal.nowhere.at_all")
    enqueue(f"{__name__}.mark", "after")
    worker()
    wait_for(lambda: marks() == ["after"])
    wait_for(lambda: Task.objects.filter(func="portal.nowhere.at_all", success=False).exists())
    failure = Task.objects.get(func="portal.nowhere.at_all")
    assert "Function portal.nowhere.at_all is not defined" in failure.result
    wait_for(lambda: OrmQ.objects.count() == 1)  # kept, to be tried again


def test_a_killed_worker_loses_no_task(worker) -> None:
    enqueue(f"{__name__}.mark_slowly", "slow")
    process = worker()
    wait_for(lambda: len(marks("slow")) == 1)
    pid = int(Session.objects.get(session_key=marks("slow")[0]).session_data)
    assert pid in {member.pid for member in family(process)} - {process.pid}
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: len(marks("slow")) == 2)
    wait_for(lambda: not OrmQ.objects.exists())
    enqueue(f"{__name__}.mark", "still-working")
    wait_for(lambda: "still-working" in marks())


def test_a_killed_cluster_loses_no_task(worker) -> None:
    enqueue(f"{__name__}.mark_slowly", "slow")
    process = worker()
    wait_for(lambda: len(marks("slow")) == 1)
    for member in family(process):
        member.kill()
    process.wait()
    worker()
    wait_for(lambda: len(marks("slow")) == 2)
    wait_for(lambda: not OrmQ.objects.exists())
