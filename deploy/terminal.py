"""What the person at the terminal sees. Standard library alone."""

from __future__ import annotations

import sys


class Trouble(Exception):
    """Something that the person can mend; the text is one line that says what to do."""


def say(line: str) -> None:
    print(line, flush=True)


def progress(line: str) -> None:
    """Show `line` in place of the last progress; "" ends it. Shown on a terminal alone."""
    if sys.stdout.isatty():
        print(f"\r\033[K  {line[:76]}" if line else "\r\033[K", end="", flush=True)
