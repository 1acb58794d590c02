"""The door in a real browser: by keyboard without JavaScript, by keyboard with it, and by camera."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from marketplace.codes import code_of, qr_png
from marketplace.models import CheckIn, CheckInAttempt
from tests.infra.browser import ARGUMENTS, find_chromium
from tests.infra.prepared import ROOT

pytestmark = pytest.mark.browser
NONCE = "form.scan input[name=nonce]"
JSQR = ROOT / "node_modules" / "jsqr" / "dist" / "jsQR.js"


@pytest.fixture
def door_server(transactional_db: None) -> Iterator[str]:
    """A server on this test's own database, which is another file for the next test."""
    server = LiveServer("localhost")
    yield server.url
    server.stop()


@pytest.fixture
def tab(browser: Browser, door_server: str, browser_of: Any, ada: Any) -> Any:
    """``tab(java_script_enabled=False)`` is a tab that Ada is signed in with."""

    def open_tab(browser: Browser = browser, **options: Any) -> Page:
        context = browser.new_context(base_url=door_server, **options)
        key = browser_of(ada).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": key, "url": door_server}])
        context.set_default_timeout(15_000)
        return context.new_page()

    return open_tab


@pytest.mark.parametrize("javascript", [True, False])
def test_a_scanner_that_types_gets_its_answer_and_can_go_on_at_once(
    order: Any, concert: Any, tab: Any, javascript: bool
) -> None:
    page = tab(java_script_enabled=javascript)
    page.goto(f"/door/{concert.pk}/")
    first, second = order.tickets.all()
    for ticket, word in ((first, "Come in"), (second, "Come in"), (first, "Used")):
        nonce = ready(page)
        page.keyboard.type(code_of(ticket))
        expect(page.locator("#code")).to_have_value(code_of(ticket))
        page.keyboard.press("Enter")
        expect(page.locator(NONCE)).not_to_have_value(nonce)  # the answer is here, as a new page or within this one
        expect(page.locator(".scan-result__word")).to_contain_text(word)
    assert CheckIn.objects.count() == 2


def ready(page: Page) -> str:
    """Wait until who scans sees that the next code may come; the nonce that the scan will have.

    A browser drops keys until a page has the focus and is drawn once; of that, a screenshot is the proof.
    """
    expect(page.locator("#code")).to_have_value("")
    expect(page.locator("#code")).to_be_focused()
    page.screenshot()
    return page.locator(NONCE).input_value()


def test_codes_that_come_faster_than_the_network_are_all_checked(order: Any, concert: Any, tab: Any) -> None:
    page = tab()
    page.goto(f"/door/{concert.pk}/")
    ready(page)
    first, second = order.tickets.all()
    held: list[Any] = []
    page.route("**/door/*/", lambda route: route.continue_() if held else held.append(route))
    for ticket in (first, second, first):
        page.keyboard.insert_text(code_of(ticket))
        page.keyboard.press("Enter")
        expect(page.locator("#code")).to_have_value("")
    held[0].continue_()
    expect(page.locator(".scan-result__word")).to_contain_text("Used")
    results = CheckInAttempt.objects.order_by("pk").values_list("ticket", "result")
    assert list(results) == [(first.pk, "valid"), (second.pk, "valid"), (first.pk, "used")]


def test_a_lost_network_is_said_and_the_same_scan_goes_through_later(ticket: Any, concert: Any, tab: Any) -> None:
    page = tab()
    page.goto(f"/door/{concert.pk}/")
    page.context.set_offline(True)
    page.fill("#code", code_of(ticket))
    page.keyboard.press("Enter")
    page.get_by_text("No network: this code was not checked").wait_for()
    assert page.input_value("#code") == code_of(ticket)
    page.context.set_offline(False)
    page.keyboard.press("Enter")
    page.get_by_text("Come in").wait_for()


def test_cash_is_taken_without_leaving_the_page(cash_order: Any, concert: Any, tab: Any) -> None:
    page = tab()
    page.goto(f"/door/{concert.pk}/")
    page.fill("#code", code_of(cash_order.tickets.first()))
    page.keyboard.press("Enter")
    page.get_by_role("button", name="I have taken €55.00: let in").click()
    page.get_by_text("Come in").wait_for()


def film_of(code: str, path: Path) -> Path:
    """What a camera sees that looks at `code`: frames of JPEG, one after the other."""
    qr = Image.open(io.BytesIO(qr_png(code, pixels_per_module=7)))
    frame = Image.new("RGB", (640, 480), "#777777")
    frame.paste(qr.convert("RGB"), (130, 60))
    buffer = io.BytesIO()
    frame.save(buffer, "JPEG", quality=90)
    path.write_bytes(buffer.getvalue() * 30)
    return path


@pytest.mark.skipif(not JSQR.exists(), reason="jsQR is not fetched: make run, or npm ci")
def test_the_camera_reads_a_ticket(
    ticket: Any, concert: Any, browser: Browser, tab: Any, tmp_path: Path, settings: Any
) -> None:
    assets = tmp_path / "assets" / "jsqr"
    assets.mkdir(parents=True)
    (assets / "jsQR.js").write_bytes(JSQR.read_bytes())
    settings.STATICFILES_DIRS = [*settings.STATICFILES_DIRS, ("vendor", tmp_path / "assets")]
    film = film_of(code_of(ticket), tmp_path / "camera.mjpeg")
    watching = browser.browser_type.launch(
        executable_path=find_chromium(),
        args=[
            *ARGUMENTS,
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ],
    )
    with closing(watching):
        page = tab(watching)
        page.goto(f"/door/{concert.pk}/")
        page.get_by_role("button", name="Use the camera").click()
        page.get_by_text("Come in").wait_for(timeout=20_000)
        # While it stays in front of the camera it is one scan: it does not turn red on the person who just came in.
        page.wait_for_timeout(5_000)
        assert page.locator(".scan-result__word").inner_text().strip() == "Come in"
    assert CheckIn.objects.count() == CheckInAttempt.objects.count() == 1
