"""Without a mouse: a purchase by keyboard alone, with the focus in sight. Without a screen: a printed ticket scans."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest
import zxingcpp

from tests.factories import make_event, make_order, make_ticket_type, pay
from tests.journeys.steps import sign_in
from tests.people import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from portal.accounts.models import User
    from tests.infra.site import Site
    from venues.models import Vendor

pytestmark = pytest.mark.browser
MOST_STOPS = 40
# What has the focus, by name, and whether it or what it stands in is outlined.
FOCUSED = """
  () => {
    const at = document.activeElement;
    const outlined = (of) => getComputedStyle(of).outlineStyle !== "none" && getComputedStyle(of).outlineWidth !== "0px";
    const around = [at, at.parentElement, at.closest("article, label")].filter(Boolean);
    const name = at.labels?.length ? at.labels[0].innerText : at.getAttribute("aria-label") || at.innerText;
    return [name.trim(), around.some(outlined)];
  }
"""


@pytest.fixture
def event(site: Site, ada_vendor: Vendor) -> Any:
    from marketplace.services.methods import add_method, attach_method

    event = make_event(ada_vendor, title="Tidewater Tour", days=1)
    make_ticket_type(event, name="Standing", price=2500)
    for provider, title in (("stripe", "Card"), ("cash", "Cash on arrival")):
        attach_method(event, method=add_method(ada_vendor, provider=provider, title=title))
    return event


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what is called `name` has the focus, and see the focus at every stop."""
    for _stop in range(MOST_STOPS):
        page.keyboard.press("Tab")
        focused, visible = page.evaluate(FOCUSED)
        assert visible, focused
        if re.match(name, focused):
            return
    raise AssertionError(f"{name} is not to be reached")


def test_a_purchase_by_keyboard_alone(page: Page, event: Any) -> None:
    page.goto(event.url)
    tab_to(page, "Skip to content")
    page.keyboard.press("Enter")
    tab_to(page, "Standing")
    page.keyboard.type("2")
    tab_to(page, "Get tickets")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Checkout").wait_for()
    tab_to(page, "Your name")
    page.keyboard.type("Kim Keys")
    tab_to(page, "E-mail address")
    page.keyboard.type("kim@example.org")
    tab_to(page, "Card|Cash")
    page.keyboard.press("ArrowDown")
    tab_to(page, "Buy for €50.00")
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/*/")
    assert page.get_by_role("heading", level=1).inner_text() == "Booked"
    assert page.get_by_text("Ticket 2 of 2").count() == 1


def test_a_menu_opens_and_closes_by_keyboard(page: Page, event: Any, ben: User) -> None:
    sign_in(page, ben.email, PASSWORD)
    page.goto(event.url)
    tab_to(page, "Ben")
    page.keyboard.press("Enter")
    tab_to(page, "My bookings")
    page.keyboard.press("Escape")
    assert not page.get_by_role("link", name="My bookings").is_visible()
    assert page.evaluate(FOCUSED)[0] == "Ben"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_printed_ticket_fits_a_page_and_scans(page: Page, event: Any, ben: User, scheme: Any) -> None:
    from marketplace.codes import code_of

    order = make_order(event.ticket_types.get(), user=ben, email=ben.email, name=ben.name)
    pay(order)
    ticket = order.tickets.get()
    page.emulate_media(color_scheme=scheme)
    sign_in(page, ben.email, PASSWORD)
    page.goto(f"/tickets/{ticket.pk}/")
    with pypdfium2.PdfDocument(page.pdf(format="A4", print_background=False)) as document:
        assert len(document) == 1
        picture = document[0].render(scale=4).to_pil()
        words = document[0].get_textpage().get_text_bounded()
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [code_of(ticket)]
    assert "Tidewater Tour" in words
    assert "Sign out" not in words
