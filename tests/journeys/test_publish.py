"""From nothing to a full house: a new vendor publishes an event in the browser, and an attendee finds it, pays and gets in."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from django.utils.timezone import now

from tests.factories import make_event, make_ticket_type
from tests.journeys.steps import (
    choose,
    codes_in,
    confirmation_to,
    pay_on_the_hosted_page,
    publish,
    save,
    sign_in,
    sign_up_as_vendor,
    upload_poster,
)
from tests.people import PASSWORD
from venues.demo.posters import poster

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

    from portal.accounts.models import User
    from tests.infra.site import Site

pytestmark = [pytest.mark.browser]


START = (now() + timedelta(hours=6)).astimezone(ZoneInfo("Europe/Lisbon"))  # the door lets people in from a day before


def test_a_new_vendor_publishes_an_event_and_an_attendee_gets_in(
    page: Page, context: BrowserContext, site: Site, ben: User
) -> None:
    other = make_event(title="Chess by Neon", type="gaming", days=40)
    make_ticket_type(other, name="Seat", price=300)
    sign_up_as_vendor(page, name="Ines Faria", email="ines@example.org", vendor="Salt Cellar")
    add_payment_methods(page)
    add_venue(page)
    add_artist(page)
    add_event(page)
    add_tickets(page)

    visitor = context.browser.new_context(base_url=site.url, locale="en-GB").new_page()  # type: ignore[union-attr]
    find_it(visitor)
    sign_in(visitor, ben.email, PASSWORD)
    buy_two_by_card(visitor)
    codes = codes_in(confirmation_to(site, ben.email))
    assert len(codes) == 2
    visitor.context.close()

    page.goto("/door/")
    page.get_by_role("link", name="Salt Songs").first.click()
    assert [scan(page, codes[0]), scan(page, codes[0]), scan(page, codes[1])] == ["good", "bad", "good"]


def find_it(page: Page) -> None:
    """By artist, venue and name in the masthead's search, and by each of the filters."""
    page.goto("/")
    for words in ("maré alta", "cellar", "salt songs"):
        page.get_by_role("searchbox").first.fill(words)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert shown(page) == ["Salt Songs"]
    day = START.date().isoformat()
    for filters in ({"Type": "Concert"}, {"From": day, "To": day}, {"Price from": "7.50", "Price to": "8"}):
        page.goto("/events/")
        assert shown(page) == ["Salt Songs", "Chess by Neon"]
        form = page.get_by_role("search", name="Filter events")
        for label, value in filters.items():
            field = form.get_by_label(re.compile(rf"^\s*{label}\b"))
            field.select_option(label=value) if label == "Type" else field.fill(value)
        with page.expect_navigation():
            form.get_by_role("button", name="Show events").click()
        assert shown(page) == ["Salt Songs"]


def shown(page: Page) -> list[str]:
    return page.locator(".event-list h2").all_inner_texts()


def buy_two_by_card(page: Page) -> None:
    page.goto("/events/?search=salt+songs")
    page.get_by_role("link", name="Salt Songs", exact=True).click()
    page.get_by_text("The Cellar").first.wait_for()
    assert page.get_by_text("Maré Alta").count() >= 1
    poster_width = page.locator("main img").first.evaluate("image => image.complete && image.naturalWidth")
    assert poster_width > 200
    choose(page, "Seat", 2)
    assert page.get_by_label("Cash on arrival").count() == 1
    page.get_by_label("Card").check()
    page.get_by_role("button", name="Buy for €24.00").click()
    pay_on_the_hosted_page(page)
    page.wait_for_url("**/orders/*/")
    page.get_by_text("Ticket 2 of 2").first.wait_for()


def scan(page: Page, code: str) -> str:
    """Type `code` at the door as a hardware scanner does; what it shows: good, warning or bad."""
    page.goto(page.url)
    page.get_by_label("Scan a ticket").fill(code)
    page.get_by_role("button", name="Check").click()
    result = page.locator(".scan-result")
    result.wait_for()
    classes = result.get_attribute("class") or ""
    return next(tone for tone in ("good", "warning", "bad") if f"scan-result--{tone}" in classes)


def add_payment_methods(page: Page) -> None:
    for provider, title in (("stripe", "Card"), ("cash", "Cash on arrival")):
        page.goto(f"/admin/payment-methods/add/{provider}/")
        page.get_by_label("Title").fill(title)
        save(page)


def add_venue(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="Add a venue").click()
    page.get_by_placeholder("Page title").fill("The Cellar")
    page.get_by_label("Street and number").fill("Rua do Sal 3")
    page.get_by_role("textbox", name="City").fill("Lisbon")
    page.get_by_label("Country").fill("PT")
    page.get_by_label("Time zone").select_option("Europe/Lisbon")
    publish(page)


def add_artist(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="Add an artist").click()
    page.get_by_placeholder("Page title").fill("Maré Alta")
    publish(page)


def add_event(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="Add an event").click()
    page.get_by_placeholder("Page title").fill("Salt Songs")
    page.get_by_role("combobox", name="Type").select_option(label="Concert")
    upload_poster(page, poster("salt", title="Salt Songs", line="The Cellar", kind="concert"))
    page.get_by_role("button", name="Choose a venue").click()
    page.get_by_role("dialog").get_by_role("link", name="The Cellar").click()
    for name, clock in (("Start", START), ("End", START + timedelta(hours=2))):
        field = page.get_by_role("textbox", name=name)
        field.fill(f"{clock:%Y-%m-%d %H:%M}")
        field.press("Tab")  # closes the calendar
    page.get_by_role("button", name="Add artist").click()
    page.get_by_role("button", name="Choose an artist").click()
    page.get_by_role("dialog").get_by_role("link", name="Maré Alta").click()
    publish(page)


def add_tickets(page: Page) -> None:
    page.goto("/admin/market/")
    page.get_by_role("link", name="Salt Songs", exact=True).click()
    for name, price, places in (("Seat", "12.00", "80"), ("Standing", "8.00", "120")):
        page.get_by_role("link", name="Add a ticket type").click()
        page.get_by_label("Name", exact=False).first.fill(name)
        page.get_by_label("Price").fill(price)
        page.get_by_label("Places").fill(places)
        save(page)
    page.get_by_role("link", name="Change the terms").click()
    page.get_by_label("Card").check()
    page.get_by_label("Cash on arrival").check()
    save(page)
