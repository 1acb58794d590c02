"""What the site needs before it starts: its static files, its tables, and demo data the first time."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from deploy.packages import PRODUCT, PYTHON, ROOT, remedy
from deploy.stamps import digest, digest_of_files, stamped
from deploy.terminal import Trouble, progress, say

APPS = ("portal", "venues", "marketplace", "home")
AFTER_MIGRATE = {"apps.py", "tree.py", "jobs.py"}  # what runs after migrating follows from these as well
PANGO = (
    "import ctypes.util as u, sys; sys.exit(not all(map(u.find_library, ['pango-1.0', 'pangoft2-1.0', 'gobject-2.0'])))"
)


def prepare_site(data_dir: Path) -> None:
    data_dir.mkdir(parents=True, exist_ok=True)
    _notice_pango()
    _collect_static(data_dir)
    _migrate(data_dir)
    _seed(data_dir)


def manage(*arguments: str) -> None:
    """Run manage.py; what it prints is progress, and its last line is the reason if it fails."""
    lines: list[str] = []
    process = subprocess.Popen(
        [PYTHON, "manage.py", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    for line in process.stdout:
        lines.append(line.rstrip())
        progress(line.strip())
    progress("")
    if process.wait():
        log = ROOT / "var" / "log" / f"{arguments[0]}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("\n".join(lines))
        last = next((line for line in reversed(lines) if line.strip()), "nothing")
        raise Trouble(remedy(last) or f"manage.py {arguments[0]} failed: {last} (all of it: {log})")


def _notice_pango() -> None:
    if subprocess.run([PYTHON, "-c", PANGO], capture_output=True).returncode:
        say(
            "Notice: Pango is missing, so tickets can't be had as PDF; everything else works. To install it: apt-get install "
            "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core (macOS: brew install pango)."
        )


def _collect_static(data_dir: Path) -> None:
    with stamped(data_dir / "static" / ".collected", static_digest(data_dir)) as to_do:
        if to_do:
            say("Collecting static files")
            manage("collectstatic", "--noinput", "--clear", "--skip-checks", "-v0")


def static_digest(data_dir: Path) -> str:
    """A hash of all that collectstatic reads."""
    files = sorted({path for path in _static_files(data_dir) if path.is_file()})
    return digest(ROOT / PRODUCT, os.environ.get("OPTIONAL_APPS", ""), *map(str, files), *files)


def _static_files(data_dir: Path) -> Iterator[Path]:
    yield from (data_dir / "assets").rglob("*")
    for app in APPS:
        for folder in (ROOT / app).rglob("static"):
            yield from folder.rglob("*")


def _migrate(data_dir: Path) -> None:
    code = [path for app in APPS for path in (ROOT / app).rglob("*.py") if _shapes_tables(path)]
    where = os.environ.get("DATABASE_URL", "")
    here = where or str((data_dir / "foyer.sqlite3").exists())
    key = digest(ROOT / PRODUCT, digest_of_files(ROOT, code), os.environ.get("OPTIONAL_APPS", ""), where or "True")
    stamp = data_dir / ".migrated"
    if here == "False":
        stamp.unlink(missing_ok=True)
    with stamped(stamp, key) as to_do:
        if to_do:
            say("Migrating the database")
            manage("migrate", "--noinput", "--skip-checks")


def _shapes_tables(path: Path) -> bool:
    return path.parent.name == "migrations" or path.name in AFTER_MIGRATE


def _seed(data_dir: Path) -> None:
    """The first time alone: what the person deletes later stays deleted. DEMO=0 leaves the site empty."""
    stamp = data_dir / ".seeded"
    if stamp.exists() or os.environ.get("DEMO") == "0":
        return
    say("Loading demo data")
    manage("seed_demo")
    stamp.touch()
