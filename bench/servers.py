"""What is measured: the site and the bare ceiling, on one PostgreSQL and one Redis, started here on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.processes import start, stop

ROOT = Path(__file__).resolve().parents[1]
WORKERS, THREADS = 2, 4  # as in deploy/role


@dataclass
class Server:
    """A running WSGI server."""

    port: int
    process: subprocess.Popen[bytes]

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def cpu(self) -> float:
        """CPU seconds that its workers have used."""
        return sum(sum(worker.cpu_times()[:2]) for worker in self.workers())

    def peak_memory(self) -> float:
        """The largest worker's peak of resident memory, in MB."""
        return max(_peak(worker.pid) for worker in self.workers())


def _peak(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


@contextmanager
def serve(application: str, *, port: int, environment: dict[str, str], probe: str, log: Path) -> Iterator[Server]:
    """Run `application` under granian with two workers until `probe` answers."""
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws"]
    options += ["--workers", str(WORKERS), "--blocking-threads", str(THREADS)]
    arguments = [str(Path(sys.executable).with_name("granian")), *options, application]
    with log.open("wb") as output:
        process = start(arguments, stdout=output, stderr=output, cwd=ROOT, env={**os.environ, **environment})
        try:
            wait_for(f"http://127.0.0.1:{port}{probe}", process, log)
            yield Server(port, process)
        finally:
            stop(process)


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"{url} did not answer:\n{log.read_text()[-3000:]}")


def manage(*arguments: str, environment: dict[str, str]) -> float:
    """Run manage.py; returns the seconds that it took."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        stdout=sys.stderr,
    )
    return time.perf_counter() - began


def postgres_cpu() -> float:
    """CPU seconds of every PostgreSQL process that descends from this one."""
    children = psutil.Process().children(recursive=True)
    return sum(sum(child.cpu_times()[:2]) for child in children if child.name() == "postgres")
