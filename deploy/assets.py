"""Third-party files for the browser: `npm ci` by package-lock.json, then the wanted ones go to DATA_DIR/assets.

The site serves them below /static/vendor/. Without npm, or without a network, it does with the system's fonts.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from deploy.packages import NODE, ROOT, Trouble, ensure_packages, in_venv, tool
from deploy.stamps import alone, digest, stamped
from deploy.terminal import say

MODULES = ROOT / "node_modules"
MANIFEST, LOCK = ROOT / "package.json", ROOT / "package-lock.json"
SUBSETS = ("latin", "latin-ext")
FACE = re.compile(r"/\* [\w-]+? \*/\s*@font-face \{.*?\}", re.DOTALL)
FILE = re.compile(r"url\(\./files/([\w.-]+)\)")
PAUSE = 3600  # seconds until a fetch that failed is tried again


def ensure_assets(data_dir: Path) -> None:
    """Fetch and place the assets where they have changed; a failure is a notice, never an error."""
    failed = data_dir / "assets-failed"
    if failed.exists() and time.time() - failed.stat().st_mtime < PAUSE:
        return
    try:
        fetch()
    except (Trouble, OSError) as error:
        failed.parent.mkdir(parents=True, exist_ok=True)
        failed.write_text(str(error))
        say(f"Notice: the fonts could not be fetched ({error}), so pages use the system's.")
        return
    failed.unlink(missing_ok=True)
    with stamped(data_dir / "assets" / ".placed", digest(MANIFEST, LOCK)) as to_do:
        if to_do:
            place_fonts(data_dir / "assets" / "fonts")
            place_files(data_dir / "assets")


def fetch() -> None:
    """Everything that package-lock.json names, into node_modules. Raises Trouble where it can't be had."""
    with alone(ROOT / "var" / "assets.lock"), stamped(MODULES / ".fetched", digest(MANIFEST, LOCK)) as to_do:
        if to_do:
            say("Fetching the fonts")
            arguments = [
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--fetch-retries=1",
                "--fetch-timeout=20000",
            ]
            done = subprocess.run(
                [_npm(), *arguments],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                env=_environment(),
            )
            if done.returncode:
                raise Trouble(_reason(done.stderr))


def _npm() -> str:
    """The machine's npm, or the one that a wheel brings into the virtual environment."""
    if found := shutil.which("npm"):
        return found
    if not in_venv("npm"):
        ensure_packages(NODE)
    return tool("npm")


def place_fonts(target: Path) -> None:
    """Copy the wanted faces to `target`, with one stylesheet for all of them."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    rules = []
    for package, sheets in json.loads(MANIFEST.read_text())["fonts"].items():
        for sheet in sheets:
            rules += _faces(MODULES / package / sheet, target)
    (target / "fonts.css").write_text("\n".join(rules) + "\n")


def place_files(target: Path) -> None:
    """Copy single files to `target`: package.json's "files" says which, and where to."""
    for source, name in json.loads(MANIFEST.read_text())["files"].items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(MODULES / source, target / name)


def _faces(sheet: Path, target: Path) -> list[str]:
    """The @font-face rules of `sheet` for our subsets; their files are copied to `target`."""
    rules = []
    for rule in FACE.findall(sheet.read_text()):
        name = FILE.search(rule)
        if name and any(re.search(rf"-{subset}-(?!ext)", name[1]) for subset in SUBSETS):
            shutil.copyfile(sheet.parent / "files" / name[1], target / name[1])
            rules.append(FILE.sub(r"url(\1)", rule))
    return rules


def _environment() -> dict[str, str] | None:
    """npm from the wheel needs its node on the path."""
    if shutil.which("npm"):
        return None
    return {**os.environ, "PATH": f"{Path(tool('npm')).parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def _reason(log: str) -> str:
    lines = [line.removeprefix("npm error ").strip() for line in log.splitlines() if line.startswith("npm error ")]
    return next((line for line in lines if not line.startswith(("code", "errno"))), "npm failed")
