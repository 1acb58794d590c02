"""`make test` and `make lint`: several tools behind one command, each run even if one before it failed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from deploy.packages import ROOT, tool
from deploy.terminal import Trouble, say

PYTEST = [sys.executable, "-m", "pytest", "-q"]
WORKERS = ["-n", str(min(os.cpu_count() or 2, 8)), "--dist", "loadfile"]  # a file's tests share what they start


def main(arguments: list[str]) -> int:
    try:
        match arguments:
            case ["lint"]:
                return lint()
            case ["test", "", ""]:
                return test_everything()
            case ["test", app, database]:
                return test_app(app, database or "sqlite")
            case _:
                raise Trouble("It can be: lint, or test APP ON.")
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 2


def lint() -> int:
    return _all(
        [tool("ruff"), "check", "--quiet", "."],
        [tool("ruff"), "format", "--check", "--quiet", "."],
        [tool("lint-imports")],
    )


def test_everything() -> int:
    """First what touches the database on PostgreSQL and Redis, then the whole suite on SQLite, its summary the last lines."""
    say("== PostgreSQL and Redis: what touches the database")
    first = _run([*PYTEST, *WORKERS, "-m", "not slow and not browser and not once"], FOYER_TEST_ON="postgres")
    say("\n== SQLite: everything")
    second = _run([*PYTEST, *WORKERS], DATABASE_URL="", REDIS_URL="", FOYER_TEST_ON="sqlite")
    return first or second


def test_app(app: str, database: str) -> int:
    """The fast loop: one app's tests on one database, without the slow ones."""
    if database not in {"sqlite", "postgres"}:
        raise Trouble(f"ON can be sqlite or postgres, not '{database}'.")
    if app and not (ROOT / "tests" / app).exists():
        apps = sorted(
            path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and any(path.glob("**/test_*.py"))
        )
        raise Trouble(f"There is no tests/{app}. APP can be: {', '.join(apps)}.")
    return _run([*PYTEST, *WORKERS, str(Path("tests") / app), "-m", "not slow"], FOYER_TEST_ON=database)


def _all(*commands: list[str]) -> int:
    return max(_run(command) for command in commands)


def _run(command: list[str], **environment: str) -> int:
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
