"""A payment that the site is told of again and again, at once: one set of tickets, one mail, one entry in the books."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.factories import make_event, make_ticket_type
from tests.journeys.steps import codes_in, confirmation_to, wait_for

if TYPE_CHECKING:
    from tests.infra.site import Site
    from venues.models import Vendor

TIMES = 20
GUEST = "gesa@example.org"
CARD = {"email": GUEST, "number": "4242424242424242", "expiry": "12 / 40", "cvc": "123"}


class Stripe:
    """The running site's own sandbox."""

    def __init__(self, site: Site) -> None:
        self.url = f"http://127.0.0.1:{site.port + 1}"

    def control(self, action: str, **body: Any) -> dict[str, Any]:
        return httpx.post(f"{self.url}/_control/{action}", json=body, timeout=60).raise_for_status().json()

    def newest(self, kind: str) -> str:
        """The id of the newest event of the type `kind`."""
        asked = {"type": kind, "limit": 1}
        return httpx.get(f"{self.url}/v1/events", params=asked, auth=("sk_test_sandbox", "")).json()["data"][0]["id"]


@pytest.fixture
def stripe(site: Site) -> Any:
    """It tells of nothing by itself."""
    sandbox = Stripe(site)
    sandbox.control("reset")
    sandbox.control("webhooks", drop=True)
    yield sandbox
    sandbox.control("reset")


@pytest.fixture
def event(site: Site, ada_vendor: Vendor) -> Any:
    from marketplace.services.methods import add_method, attach_method

    event = make_event(ada_vendor, title="Tidewater Tour", days=1)
    make_ticket_type(event, name="Standing", price=2500, capacity=3)
    attach_method(event, method=add_method(ada_vendor, provider="stripe", title="Card"))
    return event


@pytest.fixture
def guest(site: Site) -> Any:
    with httpx.Client(base_url=site.url, timeout=30, follow_redirects=True) as client:
        yield client


def pay_on_the_page(site: Site, guest: httpx.Client, event: Any) -> str:
    """Book two tickets and pay for them on the hosted page, whose way back is not taken yet; the order's code."""
    kind = guest.get(f"/api/v1/events/{event.pk}/tickets").json()["results"][0]["id"]
    wanted = {"event": str(event.pk), "items": [{"ticket_type": kind, "quantity": 2}], "email": GUEST}
    booked = guest.post("/api/v1/tickets/book", json=wanted, headers=key()).raise_for_status().json()
    code, token = booked["order"]["code"], booked["access_token"]
    guest.get(f"/orders/{code}/", params={"token": token}).raise_for_status()
    body = {
        "order": code,
        "payment_method": booked["payment_methods"][0]["id"],
        "return_url": f"{site.url}/orders/{code}/return/",
    }
    begun = guest.post("/api/v1/payment", json=body, headers=key() | {"Order-Token": token}).raise_for_status().json()
    assert begun["state"] == "requires_action"
    assert httpx.post(begun["redirect_url"], data=CARD).status_code in (302, 303)
    return code


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid.uuid4().hex}


def come_back(guest: httpx.Client, code: str) -> httpx.Response:
    return guest.get(f"/orders/{code}/return/").raise_for_status()


@pytest.mark.parametrize("return_page", ["before", "after"])
def test_one_webhook_twenty_times_in_parallel(
    site: Site, stripe: Stripe, guest: httpx.Client, event: Any, return_page: str
) -> None:
    from marketplace.models import LedgerEntry, Order, Ticket
    from portal.outbox.models import MessageDelivery

    code = pay_on_the_page(site, guest, event)
    if return_page == "before":
        come_back(guest, code)
    answers = stripe.control("send", event=stripe.newest("checkout.session.completed"), times=TIMES)["answers"]
    assert answers == ["200"] * TIMES
    assert "Ticket 2 of 2" in come_back(guest, code).text

    order = Order.objects.get(code=code)
    assert (order.state, Ticket.objects.filter(order=order).count()) == ("paid", 2)
    assert LedgerEntry.objects.filter(order=order).values("transaction").distinct().count() == 1
    assert len(codes_in(confirmation_to(site, GUEST))) == 2
    wait_for(lambda: not MessageDelivery.objects.exclude(state="done").exists())
    assert [mail["to"] for mail in site.mails()] == [GUEST]
