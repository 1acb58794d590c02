"""Buying tickets in a real browser, from the search to the door."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils.timezone import now

from tests.factories import make_artist, make_event, make_ticket_type, make_venue
from tests.journeys.steps import (
    attachments,
    choose,
    codes_in,
    confirmation_to,
    pay_on_the_hosted_page,
    sign_in,
    wait_for,
)
from tests.people import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from portal.accounts.models import User
    from tests.infra.site import Site
    from venues.models import Vendor

pytestmark = [pytest.mark.browser]


@pytest.fixture
def concert(site: Site, ada_vendor: Vendor) -> Any:
    """Night Ferry at the Kulturwerft, tomorrow: €25 and €40, by card or cash; beside an event that is none of these."""
    from marketplace.services.methods import add_method, attach_method

    venue = make_venue(ada_vendor, title="Kulturwerft")
    artist = make_artist(ada_vendor, title="Night Ferry")
    event = make_event(ada_vendor, title="Tidewater Tour", venue=venue, artists=[artist], days=1)
    make_ticket_type(event, name="Standing", price=2500, capacity=10)
    make_ticket_type(event, name="Balcony", price=4000, capacity=2)
    for provider, title in (("stripe", "Card"), ("cash", "Cash on arrival")):
        attach_method(event, method=add_method(ada_vendor, provider=provider, title=title))
    other = make_event(ada_vendor, title="Chess by Neon", type="gaming", days=40)
    make_ticket_type(other, name="Seat", price=900)
    wait_for(lambda: priced(event) and priced(other))
    return event


def priced(event: Any) -> bool:
    """Whether the list knows what the event costs: it is told through the outbox."""
    from venues.models import EventListing

    return EventListing.objects.filter(event=event.pk).exclude(price_from=None).exists()


@pytest.mark.parametrize(
    "query",
    [
        "search=night ferry",
        "search=kulturwerft",
        "search=tidewater",
        "type=concert",
        "price_min=20",
        "date_from={tomorrow}&date_to={tomorrow_after}",
    ],
)
def test_an_event_is_found_by_name_artist_venue_type_price_and_date(page: Page, concert: Any, query: str) -> None:
    tomorrow = concert.start.date()
    page.goto("/events/?" + query.format(tomorrow=tomorrow, tomorrow_after=tomorrow + timedelta(days=1)))

    titles = page.get_by_role("main").get_by_role("heading", level=2).filter(has_text="o").all_inner_texts()

    assert "Tidewater Tour" in titles
    assert "Chess by Neon" not in titles


def test_ben_pays_by_card_and_is_let_in_once(
    page: Page, context: Any, site: Site, concert: Any, ada: User, ben: User
) -> None:
    sign_in(page, ben.email, PASSWORD)
    page.goto("/events/?search=night+ferry")
    page.get_by_role("link", name="Tidewater Tour").click()
    choose(page, "Standing", 2)
    page.get_by_label("Card").check()
    page.get_by_role("button", name="Buy for €50.00").click()
    pay_on_the_hosted_page(page)
    page.wait_for_url("**/orders/*/")
    page.get_by_text("Ticket 2 of 2").first.wait_for()

    mail = confirmation_to(site, ben.email)
    codes = codes_in(mail)
    assert len(codes) == 2
    assert len(attachments(mail, "text/calendar")) == 1

    page.goto("/account/bookings/")
    assert page.get_by_text("Tidewater Tour").count() >= 1

    assert scans(context, site, ada, concert, codes[0], codes[0], codes[1]) == ["good", "bad", "good"]


def at_the_door(context: Any, site: Site, vendor: User) -> Page:
    door = context.browser.new_context(base_url=site.url).new_page()
    sign_in(door, vendor.email, PASSWORD)
    return door


def scans(context: Any, site: Site, vendor: User, event: Any, *codes: str) -> list[str]:
    """What the vendor's door shows for `codes`, one after the other."""
    door = at_the_door(context, site, vendor)
    shown = [scan(door, event, code) for code in codes]
    door.context.close()
    return shown


def scan(page: Page, event: Any, code: str) -> str:
    """Type `code` as a hardware scanner does; what the door shows: good, warning or bad."""
    page.goto(f"/door/{event.pk}/")
    page.get_by_label("Scan a ticket").fill(code)
    page.get_by_role("button", name="Check").click()
    result = page.locator(".scan-result")
    result.wait_for()
    classes = result.get_attribute("class") or ""
    return next(tone for tone in ("good", "warning", "bad") if f"scan-result--{tone}" in classes)


def test_a_guest_pays_in_cash_at_the_door(page: Page, context: Any, site: Site, concert: Any, ada: User) -> None:
    page.goto(concert.url)
    choose(page, "Balcony", 1)
    page.get_by_label("Your name").fill("Gesa Guest")
    page.get_by_label("E-mail address").fill("gesa@example.org")
    page.get_by_label("Cash on arrival").check()
    page.get_by_role("button", name="Buy for €40.00").click()
    page.wait_for_url("**/orders/*/")

    code = codes_in(confirmation_to(site, "gesa@example.org"))[0]
    door = at_the_door(context, site, ada)
    assert scan(door, concert, code) == "warning"
    door.get_by_role("button", name="€40.00").click()
    door.locator(".scan-result--good").wait_for()
    assert scan(door, concert, code) == "bad"
    door.context.close()


def test_free_tickets_need_no_payment(page: Page, context: Any, site: Site, ada: User, ada_vendor: Vendor) -> None:
    event = make_event(ada_vendor, title="Open House", start=now() + timedelta(hours=3))
    make_ticket_type(event, name="Visitor", price=0)

    page.goto(event.url)
    choose(page, "Visitor", 3)
    page.get_by_label("Your name").fill("Gesa Guest")
    page.get_by_label("E-mail address").fill("gesa@example.org")
    page.get_by_role("button", name="Get the tickets").click()
    page.wait_for_url("**/orders/*/")

    codes = codes_in(confirmation_to(site, "gesa@example.org"))
    assert len(codes) == 3
    assert scans(context, site, ada, event, codes[2], codes[2]) == ["good", "bad"]


def test_the_whole_purchase_works_without_javascript(
    context: Any, browser: Any, site: Site, concert: Any, ada: User
) -> None:
    plain = browser.new_context(base_url=site.url, java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = plain.new_page()
    page.goto(concert.url)
    choose(page, "Standing", 1)
    page.get_by_label("Your name").fill("Nils Noscript")
    page.get_by_label("E-mail address").fill("nils@example.org")
    page.get_by_label("Card").check()
    page.get_by_role("button", name="Buy for").click()
    pay_on_the_hosted_page(page)
    page.wait_for_url("**/orders/*/")

    (code,) = codes_in(confirmation_to(site, "nils@example.org"))
    sign_in(page, ada.email, PASSWORD)
    assert [scan(page, concert, code), scan(page, concert, code)] == ["good", "bad"]
    plain.close()


def test_a_card_that_asks_the_bank_first(page: Page, site: Site, concert: Any) -> None:
    page.goto(concert.url)
    choose(page, "Standing", 1)
    page.get_by_label("Your name").fill("Gesa Guest")
    page.get_by_label("E-mail address").fill("gesa@example.org")
    page.get_by_label("Card").check()
    page.get_by_role("button", name="Buy for").click()
    pay_on_the_hosted_page(page, "4000 0025 0000 3155")
    page.get_by_role("button", name="Confirm payment").click()
    page.wait_for_url("**/orders/*/")
    page.get_by_text("Ticket 1 of 1").first.wait_for()
    assert len(codes_in(confirmation_to(site, "gesa@example.org"))) == 1


def test_a_declined_card_leaves_the_order_payable(page: Page, site: Site, concert: Any) -> None:
    page.goto(concert.url)
    choose(page, "Standing", 1)
    page.get_by_label("Your name").fill("Gesa Guest")
    page.get_by_label("E-mail address").fill("gesa@example.org")
    page.get_by_label("Card").check()
    page.get_by_role("button", name="Buy for").click()
    pay_on_the_hosted_page(page, "4000 0000 0000 0002")
    page.get_by_text("declined").first.wait_for()
    pay_on_the_hosted_page(page)
    page.wait_for_url("**/orders/*/")
    page.get_by_text("Ticket 1 of 1").first.wait_for()


def test_nothing_chosen_and_sold_out_are_said_on_the_events_page(page: Page, concert: Any) -> None:
    page.goto(concert.url)
    page.get_by_role("button", name="Get tickets").click()
    page.get_by_text("Choose at least one ticket.").wait_for()

    other = make_ticket_type(concert, name="Rope", price=500, capacity=1)
    page.reload()
    from marketplace.services.cart import open_cart  # beside the visitor, somebody else takes the last place

    open_cart(concert, items={other.pk: 1})
    page.get_by_label("Rope", exact=True).fill("1")
    page.get_by_role("button", name="Get tickets").click()
    page.get_by_text("All tickets of Rope are taken at the moment").wait_for()
