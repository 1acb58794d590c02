"""A newcomer's first minutes: a clean copy, one command, a purchase, Ctrl-C; and a second site beside it."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import psutil
import pytest

from tests.infra.prepared import ROOT
from tests.run.buying import buy_by_card, buy_on_the_site
from tests.run.made import clone, make_run

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.timeout(1200)]


def test_from_a_clean_copy_to_a_ticket_and_back_to_nothing(tmp_path: Path) -> None:
    folder = clone(tmp_path / "foyer")
    assert not (folder / ".venv").exists()
    with make_run(folder, tmp_path / "first") as first:
        first.wait_until_it_says("Ctrl-C stops everything", seconds=900)
        assert f"http://localhost:{first.port}" in first.text()
        assert "ben@example.org" in first.text()
        assert "4242 4242 4242 4242" in first.text()
        for path in ("/", "/events/", "/account/login/"):
            assert httpx.get(first.url + path).status_code == 200
        with make_run(folder, tmp_path / "second") as second:
            second.wait_until_it_says("Ctrl-C stops everything", seconds=600)
            assert buy_by_card(first.url)["order"]["state"] == "paid"
            assert buy_by_card(second.url)["order"]["state"] == "paid"
            assert [pdf[:5] for pdf in buy_on_the_site(second.url)] == [b"%PDF-"] * 2
            second.press_ctrl_c()
            assert second.processes() == []
        assert httpx.get(f"{first.url}/health/ready").status_code == 200
        first.press_ctrl_c()
        assert first.processes() == []
    with make_run(folder, tmp_path / "first") as again:  # nothing is left to be set up
        again.wait_until_it_says("Ctrl-C stops everything", seconds=120)
        said = again.text()[: again.text().index("Foyer runs at")].split("\n")
        assert [line for line in said if line] == ["Starting site, task worker, outbox, Stripe sandbox"]
        again.press_ctrl_c()
        assert again.processes() == []


def test_a_killed_service_comes_back_and_a_killed_supervisor_leaves_nothing(tmp_path: Path) -> None:
    with make_run(ROOT, tmp_path / "data") as run:
        run.wait_until_it_says("Ctrl-C stops everything", seconds=600)
        supervisor = next(
            process for process in psutil.Process(run.make.pid).children(recursive=True) if process.children()
        )
        served = next(child for child in supervisor.children() if "granian" in " ".join(child.cmdline()))
        served.kill()
        run.wait_until_it_says("The site ended", seconds=400)
        deadline = time.monotonic() + 20
        while _status(f"{run.url}/health/ready") != 200:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        supervisor.kill()
        deadline = time.monotonic() + 20
        while run.processes():
            assert time.monotonic() < deadline, run.processes()
            time.sleep(0.2)


def _status(url: str) -> int:
    try:
        return httpx.get(url, timeout=5).status_code
    except httpx.TransportError:
        return 0
