"""The supervisor: starts again what ends, stops masters first, and leaves no process behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.processes import start, stop
from tests.infra.prepared import ROOT

pytestmark = pytest.mark.once

SUPERVISE = """
import sys
from functools import partial
from pathlib import Path
from deploy import supervisor
from deploy.supervisor import Service, Supervisor

supervisor.stop = partial(supervisor.stop, patience=float(sys.argv.pop(1)))
folder = Path(sys.argv[1])
services = [Service(str(n), [sys.executable, "-c", code], folder / f"{n}.log") for n, code in enumerate(sys.argv[2:])]
Supervisor(services).run(ready=lambda: True, announce=lambda: print("ready", flush=True))
"""
# Says its id, has a child, and ends when asked to.
POLITE = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(os.getpid(), child.pid, flush=True)
time.sleep(600)
"""
# The same, but neither it nor its child heeds SIGTERM.
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
STUBBORN = DEAF + POLITE.replace('"import time;', f'"{DEAF} import time;')


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator:
    started = []

    def begin(*codes: str, patience: float = 10) -> subprocess.Popen:
        """A supervisor that waits `patience` seconds for its services to end."""
        process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISE, str(patience), str(tmp_path), *codes],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def pids(log: Path, *, starts: int = 1) -> list[int]:
    """The ids that a service has written, once it has started `starts` times."""
    deadline = time.monotonic() + 10
    while not log.exists() or log.read_text().count("\n") < starts:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return [int(word) for word in log.read_text().split()]


def wait_until_gone(*numbers: int) -> None:
    deadline = time.monotonic() + 15
    while any(psutil.pid_exists(number) and psutil.Process(number).status() != "zombie" for number in numbers):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_end_it_leaves_nothing(supervise, tmp_path: Path, number: int) -> None:
    supervisor = supervise(POLITE, POLITE)
    children = pids(tmp_path / "0.log") + pids(tmp_path / "1.log")
    supervisor.send_signal(number)
    assert supervisor.wait(10) == 0
    wait_until_gone(*children)


def test_asked_twice_it_does_not_wait_for_the_stubborn(supervise, tmp_path: Path) -> None:
    supervisor = supervise(STUBBORN, patience=3600)
    children = pids(tmp_path / "0.log")
    supervisor.send_signal(signal.SIGINT)
    time.sleep(0.5)
    supervisor.send_signal(signal.SIGINT)
    supervisor.wait(60)
    wait_until_gone(*children)


def test_killed_it_takes_its_services_along(supervise, tmp_path: Path) -> None:
    supervisor = supervise(POLITE)
    master, _child = pids(tmp_path / "0.log")
    supervisor.kill()
    wait_until_gone(master)


def test_what_ends_starts_again_without_its_orphans(supervise, tmp_path: Path) -> None:
    supervise(POLITE)
    master, child = pids(tmp_path / "0.log")
    psutil.Process(master).kill()
    again = pids(tmp_path / "0.log", starts=2)
    assert again[2] != master
    wait_until_gone(master, child)


def test_the_master_alone_is_asked_and_then_the_group_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "stubborn.log"
    with log.open("wb") as output:
        process = start([sys.executable, "-c", STUBBORN], stdout=output)
    children = pids(log)
    stop(process, patience=0.5)
    wait_until_gone(*children)
