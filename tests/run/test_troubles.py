"""What can go wrong while a newcomer starts the site, each answered in one line that says what to do."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.packages import explain
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
@pytest.mark.parametrize("name", ["PORT", "STRIPE_SANDBOX_PORT"])
def test_a_port_that_is_none(tmp_path: Path, name: str, port: str) -> None:
    done = start("run", DATA_DIR=str(tmp_path), **{"PORT": "58123", name: port})
    assert (done.returncode, done.stderr.strip()) == (1, f"{name} must be a number from 1 to 65534, not '{port}'.")


def test_a_data_folder_that_can_not_be_one(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = start("run", DATA_DIR=str(tmp_path / "file"), PORT="58123", STRIPE_SANDBOX_PORT="58124")
    assert done.returncode == 1
    assert done.stderr.startswith(f"\n{tmp_path}/file")
    assert done.stderr.endswith("Choose another folder: make run DATA_DIR=/path\n")
    assert done.stderr.count("\n") == 2


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
        ("src/x.c:1:10: fatal error: jpeglib.h: No such file or directory", "missing: jpeglib.h."),
        ("ImportError: libgomp.so.1: cannot open shared object file: No such file", "apt-get install libgomp1)"),
        ("ImportError: libstdc++.so.6: cannot open shared object file: No such", "apt-get install libstdc++6)"),
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


# A Python that fails as pip, or as venv, does on a machine where something is missing.
FAILING = """#!/bin/sh
case "$*" in *install*|*venv*) echo "{says}"; exit 1;; esac
"""
INSTALL = """
import sys
from pathlib import Path
from deploy import packages
packages.VENV = Path(sys.argv[1])
packages.PYTHON, packages.LOG, sys.executable = packages.VENV / sys.argv[2], packages.VENV / "log", sys.argv[1] + "/python"
from deploy.start import main
sys.exit(main(["install"]))
"""


def install(folder: Path, *, says: str, python: str) -> subprocess.CompletedProcess[str]:
    """An installation into `folder`, where everything that is tried fails and `says` so."""
    (folder / "python").write_text(FAILING.format(says=says))
    (folder / "python").chmod(0o755)
    return subprocess.run(
        [sys.executable, "-c", INSTALL, str(folder), python], cwd=ROOT, capture_output=True, text=True, timeout=60
    )


def test_no_compiler_ends_the_installation_with_what_to_do(tmp_path: Path) -> None:
    done = install(tmp_path, says="error: command 'gcc' failed: No such file or directory", python="python")
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "A package has to be compiled here and no C compiler was found. Install one and try again: "
        "apt-get install build-essential python3-dev (macOS: xcode-select --install)."
    )


def test_no_venv_ends_it_with_what_to_do(tmp_path: Path) -> None:
    done = install(tmp_path, says="ensurepip is not available", python="nowhere")
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "Python's venv module does not work here. Install it and try again: apt-get install python3-venv "
        "(it said: ensurepip is not available)"
    )


CHECK = """
from deploy.site import manage
from deploy.terminal import Trouble
try:
    manage("check")
except Trouble as trouble:
    print(trouble)
"""


def test_a_missing_native_library_is_named(tmp_path: Path) -> None:
    (tmp_path / "csp").mkdir()  # in place of a package that the settings import
    (tmp_path / "csp" / "__init__.py").write_text("raise ImportError('libgomp.so.1: cannot open shared object file')")
    done = python(CHECK, PYTHONPATH=str(tmp_path))
    assert done.stdout == (
        "A native library that a Python package needs is missing: libgomp.so.1. Install it and try again (Debian: "
        "apt-get install libgomp1).\n"
    )


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


# In place of a machine without Pango: the loader does not find what has it in its name.
WITHOUT_PANGO = """
import ctypes.util
find = ctypes.util.find_library
ctypes.util.find_library = lambda name: None if "pango" in name else find(name)
"""


def test_without_pango_it_says_so_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_PANGO)
    say = "from deploy.site import _notice_pango; _notice_pango()"
    said = python(say, PYTHONPATH=str(tmp_path)).stdout
    assert said.startswith("Notice: Pango is missing, so tickets can't be had as PDF; everything else works.")
    assert said.count("\n") == 1


FETCH = """
import sys
from pathlib import Path
from deploy import assets
folder = Path(sys.argv[1])
assets.MODULES = folder / "node_modules"
assets.ensure_assets(folder / "data")
"""


def test_fonts_that_can_not_be_fetched_are_a_notice(tmp_path: Path) -> None:
    (tmp_path / "npm").write_text('#!/bin/sh\necho "npm error code E1\nnpm error network is unreachable" >&2; exit 1')
    (tmp_path / "npm").chmod(0o755)
    code = FETCH.replace("sys.argv[1]", repr(str(tmp_path)))
    path = f"{tmp_path}:{os.environ['PATH']}"
    assert python(code, PATH=path).stdout.splitlines() == [
        "Fetching the fonts",
        "Notice: the fonts could not be fetched (network is unreachable), so pages use the system's.",
    ]
    assert python(code, PATH=path).stdout == ""  # for an hour nobody waits for it again
    assert not (tmp_path / "data" / "assets").exists()
