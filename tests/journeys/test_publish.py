"""From nothing to tickets on sale, by a new vendor in the browser."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils.timezone import now

from tests.journeys.steps import choose, publish, save, sign_up_as_vendor, upload_poster
from venues.demo.posters import poster

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.infra.site import Site

pytestmark = [pytest.mark.browser]


def test_a_new_vendor_publishes_an_event_and_sells_tickets_for_it(page: Page, site: Site) -> None:
    sign_up_as_vendor(page, name="Ines Faria", email="ines@example.org", vendor="Salt Cellar")
    add_payment_methods(page)
    add_venue(page)
    add_event(page)
    add_tickets(page)

    page.goto("/events/?search=salt+songs")
    page.get_by_role("link", name="Salt Songs", exact=True).click()
    page.get_by_text("The Cellar").first.wait_for()
    poster_width = page.locator("main img").first.evaluate("image => image.complete && image.naturalWidth")
    assert poster_width > 200
    choose(page, "Seat", 2)
    assert page.get_by_text("€24.00").count() >= 1
    assert page.get_by_label("Card").count() == 1
    assert page.get_by_label("Cash on arrival").count() == 1


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


def add_event(page: Page) -> None:
    start = (now() + timedelta(days=20)).date()
    page.goto("/admin/")
    page.get_by_role("link", name="Add an event").click()
    page.get_by_placeholder("Page title").fill("Salt Songs")
    page.get_by_role("combobox", name="Type").select_option(label="Concert")
    upload_poster(page, poster("salt", title="Salt Songs", line="The Cellar", kind="concert"))
    page.get_by_role("button", name="Choose a venue").click()
    page.get_by_role("dialog").get_by_role("link", name="The Cellar").click()
    for name, clock in (("Start", "21:00"), ("End", "23:30")):
        field = page.get_by_role("textbox", name=name)
        field.fill(f"{start} {clock}")
        field.press("Tab")  # closes the calendar
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
