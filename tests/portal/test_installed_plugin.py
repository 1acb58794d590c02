"""A plugin that pip installed: found by its entry point, served by a real process, and gone when it is uninstalled."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra.prepared import ROOT, prepared_sqlite

LOOK = """
import django; django.setup()
from django.core.management import call_command
from django.test import Client
call_command("plugins", no_color=True)
call_command("sync_jobs")
for path in ("/lantern/", "/api/v1/lanterns", "/health/ready"):
    print(path, Client().get(path, headers={"host": "localhost"}).status_code)
"""


@pytest.fixture
def look(tmp_path: Path):
    """``look(plugin=True)``: what a process of its own finds, with or without the plugin."""
    shutil.copyfile(prepared_sqlite(), tmp_path / "foyer.sqlite3")
    (tmp_path / "static").mkdir()
    distribution = tmp_path / "packages" / "lantern-1.0.dist-info"
    distribution.mkdir(parents=True)
    (distribution / "METADATA").write_text("Metadata-Version: 2.1\nName: lantern\nVersion: 1.0\n")
    (distribution / "entry_points.txt").write_text("[portal.plugins]\nlantern = tests.plugins.lantern\n")

    def look(*, plugin: bool) -> list[str]:
        path = os.pathsep.join([str(ROOT), *([str(distribution.parent)] if plugin else [])])
        done = subprocess.run(
            [sys.executable, "-c", LOOK],
            cwd=ROOT,
            env={
                **os.environ,
                "DATA_DIR": str(tmp_path),
                "DATABASE_URL": "",
                "REDIS_URL": "",
                "DEBUG": "1",  # no static files are collected here
                "PYTHONPATH": path,
            },
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return [line.strip() for line in done.stdout.splitlines()]

    return look


def test_it_is_found_by_its_entry_point_and_gone_when_it_is_uninstalled(look) -> None:
    found = look(plugin=True)
    start = found.index("tests.plugins.lantern (installed)") + 1
    assert found[start : start + 8] == [
        "api: lantern",
        "jobs: lantern.trim",
        "notices: lantern.lit",
        "panels: lantern.panel",
        "payment_providers: shells",
        "slots: lantern.block, lantern.light",
        "subscribers: lantern.lit",
        "urls: lantern",
    ]
    assert "lantern.trim" in found[start + 8 :]
    assert found[-3:] == ["/lantern/ 200", "/api/v1/lanterns 200", "/health/ready 200"]

    without = look(plugin=False)
    assert without[-3:] == ["/lantern/ 404", "/api/v1/lanterns 404", "/health/ready 200"]
    assert not [line for line in without[:-3] if "lantern" in line]
