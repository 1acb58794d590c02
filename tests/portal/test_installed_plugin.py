"""A plugin that pip installed: found by its entry point, served by a real process, and gone when it is uninstalled."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra.prepared import ROOT, prepared_sqlite

ASK = """
import django; django.setup()
from django.test import Client
for path in ("/lantern/", "/api/v1/lanterns", "/health/ready"):
    print(path, Client().get(path, headers={"host": "localhost"}).status_code)
"""


@pytest.fixture
def site(tmp_path: Path):
    """``site("manage.py", "check", plugin=True)``: the output of a process of its own, with or without the plugin."""
    shutil.copyfile(prepared_sqlite(), tmp_path / "foyer.sqlite3")
    (tmp_path / "static").mkdir()
    distribution = tmp_path / "packages" / "lantern-1.0.dist-info"
    distribution.mkdir(parents=True)
    (distribution / "METADATA").write_text("Metadata-Version: 2.1\nName: lantern\nVersion: 1.0\n")
    (distribution / "entry_points.txt").write_text("[portal.plugins]\nlantern = tests.plugins.lantern\n")

    def run(*arguments: str, plugin: bool) -> str:
        path = os.pathsep.join([str(ROOT), *([str(distribution.parent)] if plugin else [])])
        done = subprocess.run(
            [sys.executable, *arguments],
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
        return done.stdout

    return run


def test_it_is_found_by_its_entry_point_and_served(site) -> None:
    listed = site("manage.py", "plugins", plugin=True).split("tests.plugins.lantern (installed)\n")[1]
    assert [line.strip() for line in listed.splitlines()[:8]] == [
        "api: lantern",
        "jobs: lantern.trim",
        "notices: lantern.lit",
        "panels: lantern.panel",
        "payment_providers: shells",
        "slots: lantern.block, lantern.light",
        "subscribers: lantern.lit",
        "urls: lantern",
    ]
    assert site("-c", ASK, plugin=True).split("\n") == ["/lantern/ 200", "/api/v1/lanterns 200", "/health/ready 200", ""]
    assert "lantern.trim" in site("manage.py", "sync_jobs", plugin=True).split()


def test_uninstalled_it_is_gone_and_the_site_works(site) -> None:
    site("manage.py", "sync_jobs", plugin=True)
    assert "lantern" not in site("manage.py", "plugins", plugin=False)
    assert "lantern.trim" not in site("manage.py", "sync_jobs", plugin=False).split()
    assert site("-c", ASK, plugin=False).split("\n") == ["/lantern/ 404", "/api/v1/lanterns 404", "/health/ready 200", ""]
