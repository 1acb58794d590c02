"""Tickets bought from a partner's page on another origin, through the widget's frame."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.factories import make_affiliate, make_event, make_image, make_ticket_type, make_venue
from tests.journeys.steps import pay_on_the_hosted_page

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

    from tests.infra.site import Site
    from venues.models import Vendor

pytestmark = [pytest.mark.browser]


@pytest.fixture
def partner() -> Iterator[Any]:
    """A site of somebody else's: ``partner(html)`` is the address of a page of it, on an origin of its own."""
    pages: dict[str, bytes] = {}

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = pages.get(self.path)
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(found or b"")

        def log_message(self, *_arguments: Any) -> None:
            """The test's output stays readable."""

    def publish(html: str) -> str:
        path = f"/{len(pages)}"
        pages[path] = f"<!doctype html><title>A partner</title><h1>My festival guide</h1>{html}".encode()
        return f"http://127.0.0.1:{server.server_port}{path}"

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield publish
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def concert(site: Site, ada_vendor: Vendor) -> Any:
    from marketplace.services.methods import add_method, attach_method

    venue = make_venue(ada_vendor, title="Kulturwerft")
    event = make_event(ada_vendor, title="Tidewater Tour", venue=venue, image=make_image(ada_vendor), days=1)
    make_ticket_type(event, name="Standing", price=2500, capacity=10)
    attach_method(event, method=add_method(ada_vendor, provider="stripe", title="Card"))
    return event


def widget_of(site: Site, event: Any) -> str:
    link = f'<a href="{event.full_url}" data-foyer-event="{event.pk}">Tickets</a>'
    return f'{link}<script src="{site.url}/widget.js"></script>'


def test_a_ticket_is_bought_from_a_partner_s_page(
    page: Page, context: BrowserContext, site: Site, concert: Any, ada_vendor: Vendor, partner: Any
) -> None:
    from marketplace.models import Order

    affiliate = make_affiliate(ada_vendor)

    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text) if "Content Security Policy" in line.text else None)
    page.goto(f"/events/{concert.pk}/embed/?via={affiliate.code}&theme=light")
    page.goto(partner(page.get_by_label("Code with a script").input_value()))
    frame = page.frame_locator("iframe")
    frame.get_by_label("Standing", exact=True).fill("2")

    # As high as what it shows, and no higher: nothing scrolls within.
    inner = next(inner for inner in page.frames if inner != page.main_frame)
    assert inner.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert inner.evaluate("innerHeight - document.body.getBoundingClientRect().height < 2")
    assert inner.evaluate("document.cookie") == ""

    with context.expect_page() as opened:
        frame.get_by_role("button", name="Get tickets").click()
    shop = opened.value
    shop.wait_for_load_state()
    assert shop.evaluate("opener") is None
    assert parse_qs(urlsplit(shop.url).query)["via"] == [affiliate.code]
    assert shop.get_by_label("Standing", exact=True).input_value() == "2"
    shop.get_by_role("button", name="Get tickets").click()
    shop.get_by_label("Your name").fill("Gesa Guest")
    shop.get_by_label("E-mail address").fill("gesa@example.org")
    shop.get_by_role("button", name="Buy for").click()
    pay_on_the_hosted_page(shop)
    shop.wait_for_url("**/orders/*/")
    shop.get_by_text("Ticket 2 of 2").first.wait_for()
    order = Order.objects.get()
    assert (order.state, order.email, order.total) == ("paid", "gesa@example.org", 5000)
    assert order.conversion.affiliate == affiliate  # the partner earns by it
    assert refused == []


def test_the_widget_listens_to_its_frame_alone_and_the_rest_of_the_site_stays_out_of_frames(
    page: Page, site: Site, concert: Any, partner: Any
) -> None:
    stranger = partner("<script>parent.postMessage({ foyer: 'height', height: 4000 }, '*')</script>")
    framed = f'<iframe id="page" src="{concert.full_url}"></iframe>'
    page.goto(partner(f'{widget_of(site, concert)}{framed}<iframe id="stranger" src="{stranger}"></iframe>'))
    shown = page.frame_locator("iframe[data-foyer-event]").get_by_label("Standing", exact=True)
    shown.wait_for()
    page.evaluate("postMessage({ foyer: 'height', height: 4000 }, '*')")
    page.wait_for_function("document.querySelector('iframe[data-foyer-event]').style.height !== '26rem'")
    assert page.locator("iframe[data-foyer-event]").bounding_box()["height"] < 1000  # type: ignore[index]
    refused = page.frame_locator("#page").get_by_role("heading", name="Tidewater Tour")
    assert refused.count() == 0


def test_without_scripts_it_is_a_link(browser: Any, site: Site, concert: Any, partner: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(partner(widget_of(site, concert)))
    page.get_by_role("link", name="Tickets").click()
    page.get_by_role("heading", name="Tidewater Tour", level=1).wait_for()
    context.close()
