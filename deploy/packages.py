"""The virtual environment and what is installed in it. Standard library alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from deploy.stamps import alone, digest, stamped
from deploy.terminal import Trouble, progress, say

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = ROOT / "var" / "log" / "install.log"
PRODUCT = Path("requirements.txt")
DEVELOPMENT = Path("tests/requirements.txt")
NODE = Path("deploy/requirements-node.txt")
REDIS = Path("tests/requirements-redis.txt")

# What a failed installation's log says -> what to do about it.
REMEDIES = (
    (
        r"(command|program) '?[\w./+-]*(gcc|cc|clang|c\+\+|g\+\+)[\w.+-]*'? failed: No such file|Unknown compiler|"
        r"unable to execute '?\w*(gcc|cc|clang)",
        "A package has to be compiled here and no C compiler was found. Install one and try again: "
        "apt-get install build-essential python3-dev (macOS: xcode-select --install).",
    ),
    (
        r"Python\.h: No such file",
        "A package has to be compiled here and Python's headers are missing. Install them and try again: "
        "apt-get install python3-dev.",
    ),
    (
        r"THESE PACKAGES DO NOT MATCH THE HASHES",
        "A downloaded package is not the one that was pinned. Nothing was installed; try again or look at {log}.",
    ),
    (
        r"Temporary failure in name resolution|NewConnectionError|ConnectTimeout|Network is unreachable|ProxyError",
        "The packages could not be downloaded: the package index can't be reached. Check the network and try again.",
    ),
    (r"No space left on device", "The disk is full."),
    (
        r"fatal error: (?P<missing>[\w./+-]+\.h): No such file",
        "A package has to be compiled here and the headers of a native library are missing: {missing}. Install its "
        "development package and try again.",
    ),
    (
        r"(?P<missing>(?P<stem>lib[\w+-]+?)\.so(\.(?P<major>\d+))?[\d.]*): cannot open shared object file",
        "A native library that a Python package needs is missing: {missing}. Install it and try again (Debian: "
        "apt-get install {stem}{major}).",
    ),
)


def ensure_venv() -> None:
    """Make the virtual environment unless it is there and works."""
    if PYTHON.exists() and subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0:
        return
    say("Making the virtual environment in .venv")
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True)
    if made.returncode:
        raise Trouble(
            "Python's venv module does not work here. Install it and try again: apt-get install python3-venv "
            f"(it said: {_last_line(made.stdout + made.stderr)})"
        )


def ensure_packages(*requirements: Path) -> None:
    """Install the pinned and hashed `requirements` where they have changed since the last time."""
    with alone(ROOT / "var" / "install.lock"):
        ensure_venv()
        for file in requirements:
            key = digest(ROOT / file)
            with stamped(VENV / f".installed-{file.as_posix().replace('/', '-')}", key) as to_do:
                if to_do:
                    _install(file)


def ensure_redis() -> None:
    """Install the tests' Redis server. It is a program alone, but its wheels say that they are for Python 3.11."""
    site_packages = next((VENV / "lib").glob("python3.*/site-packages"))
    with stamped(VENV / ".installed-redis", digest(ROOT / REDIS)) as to_do:
        if to_do:
            as_if = ("--python-version=3.11", "--implementation=cp", "--abi=cp311", "--only-binary=:all:", "--no-deps")
            _install(REDIS, *as_if, "--upgrade", f"--target={site_packages}")


def _install(file: Path, *options: str) -> None:
    wanted = _count(ROOT / file)
    say(f"Installing {wanted} package{'s' * (wanted > 1)} from {file} (a minute or two, once)")
    LOG.parent.mkdir(parents=True, exist_ok=True)
    arguments: list[str | Path] = [PYTHON, "-m", "pip", "install", "--require-hashes", "--no-input"]
    arguments += ["--disable-pip-version-check", *options]
    seen = 0
    with LOG.open("w") as log:
        pip = subprocess.Popen(
            [*arguments, "-r", file], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert pip.stdout
        for line in pip.stdout:
            log.write(line)
            if found := re.match(r"Collecting ([\w.-]+)", line):
                seen += 1
                progress(f"{seen} of {wanted}: {found[1]}")
            elif line.startswith(("Building wheel", "Installing collected")):
                progress(line.split(":")[0].strip())
    progress("")
    if pip.wait():
        raise Trouble(explain(LOG.read_text()))


def explain(log: str) -> str:
    """One line that says what to do about a failed installation, from its `log`."""
    return remedy(log) or f"The packages could not be installed: {_last_line(log)} (all of it: {LOG})"


def remedy(log: str) -> str:
    """What to do about what a `log` says went wrong, or "" where we don't know."""
    for pattern, told in REMEDIES:
        if found := re.search(pattern, log):
            names = {name: text or "" for name, text in found.groupdict().items()}
            return told.format(log=LOG, **names)
    return ""


def _count(file: Path) -> int:
    return sum(1 for line in file.read_text().splitlines() if re.match(r"[\w.-]+(\[[\w,-]+\])?==", line))


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return (errors or lines or ["nothing"])[-1]


def tool(name: str) -> str:
    """The path of a program of the virtual environment."""
    return str(VENV / "bin" / name)


def in_venv(name: str) -> bool:
    return os.access(VENV / "bin" / name, os.X_OK)
