"""Starting and stopping processes so that none is ever left behind. Standard library alone."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """In a child, before exec: ask Linux to terminate it when its parent is gone, even by kill -9."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start(arguments: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, which Ctrl-C in the terminal does not reach and which dies with us."""
    return subprocess.Popen(
        arguments, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=die_with_parent, **options
    )


def stop(*processes: subprocess.Popen[bytes], patience: float = 10, first: int = signal.SIGTERM) -> None:
    """Ask the masters alone to end (a signal to the group hangs some), wait, then kill what is left of their groups."""
    for process in processes:
        _signal(process.pid, first)
    deadline = time.monotonic() + patience
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
    for process in processes:
        kill_group(process)
        process.wait()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever lives in the session that `process` led, itself included."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
