"""`make run` as a person would call it: in a copy of the repository, in a terminal's process group."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.architecture.source import repository_files
from tests.infra.prepared import ROOT
from tests.infra.servers import free_port

# What this test run has set for itself, which a newcomer has not.
OURS = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "FIELD_ENCRYPTION_KEYS",
    "STRIPE_WEBHOOK_SECRET",
    "LOG_LEVEL",
    "VIRTUAL_ENV",
)


def clone(target: Path) -> Path:
    """The files that are or would be committed, and nothing else."""
    for path in repository_files():
        copy = target / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    return target


class Run:
    """A running `make run`."""

    def __init__(self, folder: Path, data_dir: Path) -> None:
        self.folder, self.data_dir, self.port = folder, data_dir, free_port(2)
        self.url = f"http://localhost:{self.port}"
        self.output = data_dir.with_suffix(".txt")
        environment = {name: value for name, value in os.environ.items() if name not in OURS}
        environment |= {"PORT": str(self.port), "DATA_DIR": str(data_dir)}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        self.began = time.monotonic()
        with self.output.open("wb") as output:
            self.make = subprocess.Popen(
                ["make", "run"],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
            )

    def text(self) -> str:
        return self.output.read_text()

    def wait_until_it_says(self, words: str, *, seconds: float) -> float:
        """How long it took since the start, in seconds."""
        while words not in self.text():
            if self.make.poll() is not None or time.monotonic() - self.began > seconds:
                raise AssertionError(f"It never said “{words}”:\n{self.text()}")
            time.sleep(0.1)
        return time.monotonic() - self.began

    def press_ctrl_c(self) -> None:
        """The terminal sends SIGINT to the whole foreground group."""
        os.killpg(self.make.pid, signal.SIGINT)
        self.make.wait(30)

    def processes(self) -> list[str]:
        """What still runs on this data folder."""
        return [process for process in map(_described, psutil.process_iter()) if str(self.data_dir) in process]


def _described(process: psutil.Process) -> str:
    try:
        return f"{process.pid} {' '.join(process.cmdline())} {process.environ().get('DATA_DIR', '')}"
    except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
        return ""


@contextmanager
def make_run(folder: Path, data_dir: Path) -> Iterator[Run]:
    run = Run(folder, data_dir)
    try:
        yield run
    finally:
        if run.make.poll() is None:
            run.press_ctrl_c()
