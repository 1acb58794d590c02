"""What can go wrong while a newcomer starts the site, each answered in one line that says what to do."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.packages import explain
from deploy.site import PANGO
from tests.infra.prepared import ROOT

pytestmark = pytest.mark.once


def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.run", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("name", ["PORT", "STRIPE_SANDBOX_PORT"])
def test_a_port_in_use(tmp_path: Path, name: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = start("run", DATA_DIR=str(tmp_path), **{"PORT": "58123", name: str(port)})
    assert done.returncode == 1
    assert done.stderr == f"\nPort {port} is in use. Choose another: make run {name}={port + 100}\n"


@pytest.mark.parametrize("port", ["eighty", "0", "70000", "-1"])
def test_a_port_that_is_none(tmp_path: Path, port: str) -> None:
    done = start("run", DATA_DIR=str(tmp_path), PORT=port)
    assert (done.returncode, done.stderr.strip()) == (1, f"PORT must be a number from 1 to 65534, not '{port}'.")


def test_a_python_that_is_too_old_or_too_new() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import deploy.run as run; run.SUPPORTED = [(3, 99)]; run.use_supported_python()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Foyer needs Python 3.11, 3.12 or 3.13, and this is 3.")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("log", "advice"),
    [
        ("error: command 'gcc' failed: No such file or directory", "build-essential"),
        ("error: command 'x86_64-linux-gnu-gcc' failed: No such file or directory", "build-essential"),
        ("../meson.build:1:0: ERROR: Unknown compiler(s): [['cc'], ['gcc']]", "build-essential"),
        ("src/x.c:1:10: fatal error: Python.h: No such file or directory", "python3-dev"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "not the one that was pinned"),
        ("Failed to establish: [Errno -3] Temporary failure in name resolution", "Check the network"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: something else", "ERROR: something else"),
    ],
)
def test_packages_that_do_not_install(log: str, advice: str) -> None:
    said = explain(log)
    assert advice in said
    assert "\n" not in said


def test_pango_is_looked_for_where_it_may_be_missing() -> None:
    hidden = PANGO.replace("'pango-1.0'", "'pango-9.9'")
    assert subprocess.run([sys.executable, "-c", hidden]).returncode == 1
