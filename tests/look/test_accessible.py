"""axe-core finds nothing on any page, light and dark, empty, full and wrong; and nothing scrolls sideways."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.utils.timezone import now
from wagtail.rich_text import RichText

from tests.factories import (
    make_affiliate,
    make_artist,
    make_event,
    make_image,
    make_order,
    make_ticket_type,
    make_venue,
    pay,
)
from tests.journeys.steps import choose, pay_on_the_hosted_page, sign_in
from tests.look.watching import Watcher
from tests.people import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from portal.accounts.models import User
    from tests.infra.site import Site
    from venues.models import Vendor

pytestmark = pytest.mark.browser
ACCOUNT = ("", "email/", "password/change/", "2fa/", "2fa/webauthn/", "2fa/webauthn/add/", "sessions/", "apps/")


@pytest.fixture
def watcher(page: Page, axe: str) -> Watcher:
    return Watcher(page, axe)


@pytest.fixture
def concert(site: Site, ada_vendor: Vendor) -> Any:
    """Tomorrow, with everything on its page that a page can have."""
    from marketplace.services.methods import add_method, attach_method

    venue = make_venue(
        ada_vendor, title="Kulturwerft", capacity=300, transport="<p>Bus 9</p>", latitude=52, longitude=13
    )
    artist = make_artist(ada_vendor, title="Night Ferry", summary="Loud.", genres="pop, rock")
    image = make_image(ada_vendor, colour="#cc2244")
    body = [
        ("text", RichText("<h2>All night</h2><p>An <a href='https://example.org'>evening</a>.</p>")),
        ("quote", {"text": "Loud.", "source": "A guest"}),
        ("programme", {"day": None, "items": [{"time": time(20), "title": "Doors", "place": "Foyer"}]}),
        ("faq", [{"question": "When?", "answer": RichText("<p>Early.</p>")}]),
    ]
    event = make_event(
        ada_vendor, title="Tidewater Tour", venue=venue, artists=[artist], image=image, days=1, body=body
    )
    make_ticket_type(event, name="Standing", price=2500, fee=250, capacity=20, description="In front.")
    make_ticket_type(event, name="Balcony", price=4000, capacity=2, sales_start=now() + timedelta(hours=2))
    for provider, title in (("stripe", "Card"), ("cash", "Cash on arrival")):
        attach_method(event, method=add_method(ada_vendor, provider=provider, title=title))
    return event


@pytest.fixture
def others(concert: Any, ada_vendor: Vendor) -> list[Any]:
    """Sold out, nearly so, not on sale yet, canceled, and over."""
    from venues.services.events import cancel_event

    soon, full, few, off, over = (make_event(ada_vendor, days=days) for days in (2, 3, 4, 5, -5))
    make_ticket_type(soon, sales_start=now() + timedelta(days=1))
    make_order(make_ticket_type(full, price=0, capacity=1))
    make_order(make_ticket_type(few, price=0, capacity=8), quantity=5)
    make_ticket_type(off)
    cancel_event(off)
    make_ticket_type(over)
    return [soon, full, few, off, over]


@pytest.fixture
def plain(site: Site) -> Any:
    from home.models import HomePage, PlainPage

    made = PlainPage(title="About us", body=[("text", RichText("<h2>Who?</h2><p>We <i>are</i>.</p>"))])
    HomePage.objects.get().add_child(instance=made)
    made.save_revision().publish()
    return made


def test_what_is_on(watcher: Watcher, concert: Any, others: list[Any], plain: Any, ada_vendor: Vendor) -> None:
    watcher.visit("/", "/events/", "/events/?search=tide&city=Berlin&available=on", "/events/?search=nothing")
    watcher.visit("/events/?price_min=9&price_max=3&date_from=soon", "/venues/", "/artists/", "/vendors/")
    artist = concert.lineup.get().artist
    watcher.visit(concert.url, *(event.url for event in others))
    watcher.visit(concert.venue.url, artist.url, ada_vendor.page.url, plain.url)
    watcher.visit(f"/events/{concert.pk}/embed/", f"/embed/events/{concert.pk}/", f"/embed/events/{others[3].pk}/")
    watcher.visit("/nowhere/", status=404)
    assert watcher.wrong == {}


def test_the_way_in(watcher: Watcher, page: Page, site: Site) -> None:
    watcher.visit("/account/login/", "/account/signup/", "/account/password/reset/", "/account/password/reset/done/")
    watcher.visit("/account/password/reset/key/1-bad/", "/account/confirm-email/bad/")
    page.goto("/account/signup/")
    page.get_by_label("Sell tickets").check()
    page.evaluate("document.querySelectorAll('form').forEach((form) => { form.noValidate = true; })")
    page.get_by_label("Email").fill("nobody")
    page.get_by_role("button", name="Create account").click()
    page.locator(".field__errors").first.wait_for()
    watcher.look("what is wrong with a sign-up")
    page.goto("/account/login/")
    page.get_by_label("Email").fill("nobody@example.org")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("alert").wait_for()
    watcher.look("a sign-in that failed")
    assert watcher.wrong == {}


def test_buying(watcher: Watcher, page: Page, concert: Any) -> None:
    page.goto(concert.url)
    choose(page, "Standing", 2)
    checkout = page.url
    watcher.look("checkout")
    page.get_by_label("E-mail address").fill("nobody")
    page.get_by_role("button", name="Buy for").click()
    page.locator(".field__errors").first.wait_for()
    watcher.look("what is wrong with a checkout")
    page.get_by_role("button", name="Choose other tickets").click()
    page.wait_for_url("**#tickets")
    watcher.visit(checkout, status=410)

    page.goto(concert.url)
    choose(page, "Standing", 1)
    page.get_by_label("Your name").fill("Gesa Guest")
    page.get_by_label("E-mail address").fill("gesa@example.org")
    page.get_by_label("Card").check()
    page.get_by_role("button", name="Buy for").click()
    page.get_by_label("Card number").wait_for()
    watcher.look("the hosted page")
    pay_on_the_hosted_page(page, "4000 0000 0000 0002")
    page.get_by_text("declined").first.wait_for()
    watcher.look("a card that is declined")
    pay_on_the_hosted_page(page, "4000 0025 0000 3155")
    page.get_by_role("button", name="Confirm").wait_for()
    watcher.look("the bank's page")
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/orders/*/")
    page.get_by_text("Ticket 1 of 1").first.wait_for()
    watcher.look("tickets")
    assert watcher.wrong == {}


def test_what_a_buyer_has(watcher: Watcher, page: Page, concert: Any, ben: User) -> None:
    from marketplace.models import Order
    from marketplace.services.methods import methods_for
    from marketplace.services.pay import start_payment
    from marketplace.services.refund import cancel_tickets

    kind = concert.ticket_types.first()
    sign_in(page, ben.email, PASSWORD)
    watcher.visit("/account/bookings/", *(f"/account/{name}" for name in ACCOUNT))
    pending, paid, owed, late, off = (make_order(kind, user=ben, email=ben.email, name="Ben") for _ in range(5))
    pay(paid)
    cash = next(way for way in methods_for(concert) if way.provider == "cash")
    start_payment(owed, method_id=cash.pk, return_url="")
    Order.objects.filter(pk=late.pk).update(state=Order.State.EXPIRED)
    Order.objects.filter(pk=off.pk).update(state=Order.State.CANCELED)
    watcher.visit(*(f"/orders/{order.code}/" for order in (pending, paid, owed, late, off)))
    watcher.visit(f"/tickets/{paid.tickets.get().pk}/", f"/tickets/{owed.tickets.get().pk}/", "/account/bookings/")
    back, owed_ticket = make_order(kind, user=ben, email=ben.email, name="Ben"), owed.tickets.get().pk
    Order.objects.filter(pk=back.pk).update(refund_policy=[{"hours_before": 0, "percent_bps": 5000}])
    back.refresh_from_db()
    pay(back)
    watcher.visit(f"/orders/{paid.code}/refund/", f"/orders/{back.code}/refund/", f"/tickets/{owed_ticket}/refund/")
    cancel_tickets(back)
    watcher.visit(f"/orders/{back.code}/")
    watcher.visit("/admin/", status=403)
    assert watcher.wrong == {}


def test_what_an_affiliate_has(watcher: Watcher, page: Page, concert: Any, ben: User, ada_vendor: Vendor) -> None:
    affiliate = make_affiliate(ada_vendor, ben)
    sign_in(page, ben.email, PASSWORD)
    watcher.visit("/account/affiliate/", f"/affiliates/{ada_vendor.slug}/")
    pay(make_order(concert.ticket_types.first(), affiliate=affiliate.code))
    watcher.visit("/account/affiliate/", "/account/")
    assert watcher.wrong == {}


def test_an_app_asks_for_access(watcher: Watcher, page: Page, site: Site, ben: User) -> None:
    from oauth2_provider.models import Application

    back = "https://planner.example/back"
    Application.objects.create(
        name="Planner", client_id="planner", client_type="public", authorization_grant_type="authorization-code",
        redirect_uris=back,
    )  # fmt: skip
    sign_in(page, ben.email, PASSWORD)
    asked = f"client_id=planner&redirect_uri={back}&code_challenge={'a' * 43}&code_challenge_method=S256"
    watcher.visit(f"/o/authorize/?response_type=code&scope=profile&{asked}")
    watcher.visit("/o/authorize/?response_type=code&client_id=nobody", status=400)
    assert watcher.wrong == {}


def test_an_app_is_registered(watcher: Watcher, page: Page, site: Site, ada: User) -> None:
    sign_in(page, ada.email, PASSWORD)
    watcher.visit("/developers/", "/developers/new/", "/device/")
    page.goto("/developers/new/")
    page.get_by_label("Name").fill("Planner")
    for addresses, shown in (("http://evil.example/", ".field__errors"), ("http://localhost:3000/back", ".notice")):
        page.get_by_label("Redirect URIs").fill(addresses)
        page.get_by_role("button", name="Register").click()
        page.locator(shown).first.wait_for()
        watcher.look(f"an app at {addresses}")
    page.get_by_role("link", name="I have copied it").click()
    watcher.visit(path := urlsplit(page.url).path, *(f"{path}{part}/" for part in ("edit", "secret", "delete")))
    watcher.visit("/developers/", "/account/apps/")
    assert watcher.wrong == {}


def test_the_door(watcher: Watcher, page: Page, concert: Any, ada: User) -> None:
    from marketplace.facts import facts_of

    order = make_order(concert.ticket_types.first())
    pay(order)
    sign_in(page, ada.email, PASSWORD)
    watcher.visit("/door/", f"/door/{concert.pk}/")
    for code in (facts_of(order.tickets.get()).hand_code, "NOTATICKET-00000"):
        page.get_by_label("Scan a ticket").fill(code)
        page.get_by_role("button", name="Check").click()
        page.locator(".scan-result").wait_for()
        watcher.look(f"the answer to {code}")
    assert watcher.wrong == {}


def test_our_screens_in_the_admin(watcher: Watcher, page: Page, concert: Any, ada: User) -> None:
    from marketplace.services.refund import refund_tickets

    order = make_order(concert.ticket_types.first(), quantity=2)
    pay(order)
    refund_tickets(order, as_vendor=True, amount=100, keep_tickets=True)
    sign_in(page, ada.email, PASSWORD)
    for path in (
        "",
        f"{concert.pk}/",
        f"{concert.pk}/terms/",
        f"{concert.pk}/types/add/",
        f"{concert.pk}/guests/",
        f"{concert.pk}/cancel/",
        f"{concert.pk}/orders/{order.code}/refund/",
        "refunds/",
        f"{concert.pk}/places/add/",
    ):
        page.goto(f"/admin/market/{path}")
        watcher.look(path, within="main")
    page.get_by_role("main").get_by_role("button", name="Save").click()
    page.locator(".error-message").first.wait_for()
    watcher.look("what is wrong with places", within="main")
    for path in ("", "add/stripe/"):
        page.goto(f"/admin/payment-methods/{path}")
        watcher.look(path, within="main")
    order = make_order(concert.ticket_types.first(), affiliate=make_affiliate(ada.vendor_membership.vendor).code)
    pay(order)
    page.goto("/admin/affiliates/")
    watcher.look("affiliates", within="main")
    assert watcher.wrong == {}


def test_what_is_wrong_is_seen(watcher: Watcher, page: Page, site: Site) -> None:
    """The control: a picture without words, text that fades at night, and parts too wide for a phone or for large text."""
    page.goto("/nowhere/")
    page.evaluate("""
      for (const [of, tag, style] of [
        ["nameless", "img", {}],
        ["faded", "p", { color: "light-dark(#000, #222)", background: "light-dark(#fff, #111)" }],
        ["wide", "div", { inlineSize: "330px" }],
        ["large", "div", { inlineSize: "13rem" }],
      ]) {
        const element = document.createElement(tag);
        element.className = of;
        element.textContent = of;
        Object.assign(element.style, style);
        document.querySelector("main").append(element);
      }
    """)
    watcher.look("spoilt")
    kinds = {line.partition(": ")[0] + ": " + line.partition(": ")[2].split()[0] for line in watcher.wrong["spoilt"]}
    assert kinds == {"light: image-alt:", "320 px: DIV", "large text: DIV", "dark: color-contrast:"}
