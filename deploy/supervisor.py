"""Runs the site's processes together, starts again what ends, and leaves none behind. Standard library alone."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from deploy.processes import kill_group, start, stop
from deploy.terminal import say

TICK = 0.2  # seconds
PAUSES = (1, 2, 5, 10, 30)  # seconds before the next start of what keeps ending
PATIENCE = 20  # seconds that patient services wait at most
STEADY = 60  # seconds of running after which a service is taken to be well again


@dataclass
class Service:
    """One process, and when it is to be started again. A `patient` one waits until the others are ready to serve."""

    name: str
    arguments: Sequence[str]
    log: Path
    patient: bool = False
    process: subprocess.Popen[bytes] | None = None
    started: float = 0
    due: float = 0
    failures: int = field(default=0)

    def begin(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = start(self.arguments, stdout=log, stderr=log, cwd=Path(__file__).resolve().parents[1])
        self.started = time.monotonic()

    def look(self) -> None:
        """Start the process when it is due; notice when it has ended."""
        if self.process is None:
            if time.monotonic() >= self.due:
                self.begin()
        elif (code := self.process.poll()) is not None:
            kill_group(self.process)  # what it left behind holds its port
            self._plan_restart(code)

    def _plan_restart(self, code: int) -> None:
        if time.monotonic() - self.started > STEADY:
            self.failures = 0
        pause = PAUSES[min(self.failures, len(PAUSES) - 1)]
        self.failures += 1
        self.process, self.due = None, time.monotonic() + pause
        say(f"The {self.name} ended ({_how(code)}). It starts again in {pause} s. Its log: {self.log}")


class Supervisor:
    """Keeps `services` running until SIGINT, SIGTERM or SIGHUP."""

    def __init__(self, services: Sequence[Service]) -> None:
        self.services, self.stopping = services, False

    def run(self, *, ready: Callable[[], bool], announce: Callable[[], None]) -> None:
        """Start everything, call `announce` once when `ready`, and return when all has stopped."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        announced, began = False, time.monotonic()
        try:
            while not self.stopping:
                for service in self.services:
                    if announced or not service.patient or time.monotonic() - began > PATIENCE:
                        service.look()
                if not announced and ready():
                    announced = True
                    announce()
                time.sleep(TICK)
        finally:
            say("\nStopping …")
            stop(*[service.process for service in self.services if service.process])
            say("Stopped.")

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        if self.stopping:  # asked twice: no more waiting
            for service in self.services:
                if service.process:
                    kill_group(service.process)
        self.stopping = True


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"code {code}"
