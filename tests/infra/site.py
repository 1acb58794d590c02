"""The whole site as it really runs: server, task worker, outbox and Stripe sandbox, each in a process of its own."""

from __future__ import annotations

import email
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from deploy.processes import kill_group, start, stop
from deploy.site import static_digest
from deploy.start import is_ready, services
from tests.infra.prepared import ROOT, prepare, run_manage


class Site:
    """Processes on the database and data folder that the environment names, so that a test can look into both."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.data_dir = Path(environment["DATA_DIR"])
        self.port = int(environment["PORT"])
        self.url = f"http://localhost:{self.port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        """Start the services `names` ("site", "task worker", "outbox", "Stripe sandbox"), by default all."""
        for service in services(self.data_dir, self.port, with_sandbox=True):
            if not names or service.name in names:
                log = service.log.open("ab")
                self.processes[service.name] = start(
                    service.arguments, cwd=ROOT, env=self.environment, stdout=log, stderr=log
                )
                log.close()
        self.wait_until_ready()

    def kill(self, name: str) -> None:
        """kill -9 of a service and all of its processes."""
        kill_group(self.processes[name])
        self.processes.pop(name).wait()

    def stop(self) -> None:
        stop(*self.processes.values())
        self.processes.clear()

    def wait_until_ready(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not is_ready(self.port):
            if time.monotonic() > deadline or self._ended():
                raise RuntimeError(f"The site did not become ready: {self._ended()}\n{self.logs()}")
            time.sleep(0.1)

    def logs(self) -> str:
        """The last lines of every service's log."""
        return "\n".join(
            f"== {path.name}\n{path.read_text()[-2000:]}" for path in (self.data_dir / "log").glob("*.log")
        )

    def mails(self) -> list[EmailMessage]:
        """What was sent since `forget_mails`, oldest first."""
        paths = sorted((self.data_dir / "mail").glob("*.log"), key=lambda path: path.stat().st_mtime_ns)
        texts = [text for path in paths for text in path.read_text().split("\n" + "-" * 79 + "\n")]
        return [email.message_from_string(text, policy=default) for text in texts if text.strip()]

    def forget_mails(self) -> None:
        shutil.rmtree(self.data_dir / "mail", ignore_errors=True)

    def manage(self, *arguments: str) -> None:
        run_manage(*arguments, **self.environment)

    def _ended(self) -> list[str]:
        return [name for name, process in self.processes.items() if process.poll() is not None]


@contextmanager
def running_site(**environment: str) -> Iterator[Site]:
    """A Site on this test process's own database, or on what `environment` says instead."""
    site = Site({**os.environ, "LOG_LEVEL": "INFO", "WEB_WORKERS": "1", "PYTHONWARNINGS": "default", **environment})
    (site.data_dir / "log").mkdir(parents=True, exist_ok=True)
    static = site.data_dir / "static"
    if not static.is_symlink():
        shutil.rmtree(static, ignore_errors=True)
        static.symlink_to(prepare("static", _build_static, key=static_digest(site.data_dir)))
    try:
        site.start()
        yield site
    finally:
        site.stop()


def _build_static(made: Path, _earlier: Path | None) -> None:
    folder = made.parent / "data"
    run_manage(
        "collectstatic", "--noinput", "-v0", "--skip-checks", DATA_DIR=str(folder), DATABASE_URL="", REDIS_URL=""
    )
    (folder / "static").rename(made)
