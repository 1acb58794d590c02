"""The same purchase through the API alone, as a partner's program makes it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.factories import make_event, make_ticket_type
from tests.journeys.steps import attachments, codes_in, confirmation_to
from tests.people import PASSWORD

if TYPE_CHECKING:
    from portal.accounts.models import User
    from tests.infra.site import Site
    from venues.models import Vendor


@pytest.fixture
def event(site: Site, ada_vendor: Vendor) -> Any:
    from marketplace.services.methods import add_method, attach_method

    event = make_event(ada_vendor, title="Tidewater Tour", days=1)
    make_ticket_type(event, name="Standing", price=2500, capacity=3)
    for provider, title in (("stripe", "Card"), ("cash", "Cash on arrival")):
        attach_method(event, method=add_method(ada_vendor, provider=provider, title=title))
    return event


@pytest.fixture
def api(site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{site.url}/api/v1", timeout=20) as client:
        yield client


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid.uuid4().hex}


def signed_in(api: httpx.Client, email: str) -> dict[str, str]:
    answer = api.post("/login", json={"email": email, "password": PASSWORD}).raise_for_status().json()
    return {"Authorization": f"Bearer {answer['access_token']}"}


def method_of(answer: dict[str, Any], provider: str) -> str:
    return next(method["id"] for method in answer["payment_methods"] if method["provider"] == provider)


def test_register_browse_book_pay_and_be_let_in(api: httpx.Client, site: Site, event: Any, ada: User) -> None:
    person = {"email": "dora@example.org", "password": PASSWORD, "name": "Dora Dean", "role": "attendee"}
    assert api.post("/register", json=person).status_code == 201
    dora = signed_in(api, "dora@example.org")

    found = api.get("/events", params={"search": "tidewater", "sort": "price_asc"}).json()["results"]
    assert [row["title"] for row in found] == ["Tidewater Tour"]
    shown = api.get(f"/events/{found[0]['id']}").json()
    assert shown["ticket_types"][0]["total"] == {"amount": 2500, "currency": "EUR"}
    head = api.head(f"/events/{found[0]['id']}/tickets")
    assert head.headers["X-Tickets-Available"] == "3"

    wanted = {"event": found[0]["id"], "items": [{"ticket_type": shown["ticket_types"][0]["id"], "quantity": 2}]}
    booked = api.post("/tickets/book", json=wanted, headers=dora | key())
    assert booked.status_code == 201, booked.text
    order = booked.json()["order"]
    assert (order["state"], order["total"]) == ("pending", {"amount": 5000, "currency": "EUR"})

    body = {"order": order["code"], "payment_method": method_of(booked.json(), "stripe"), "token": "pm_card_visa"}
    paid = api.post("/payment", json=body, headers=dora | key())
    assert paid.status_code == 200, paid.text
    assert paid.json()["state"] == "succeeded"
    tickets = paid.json()["tickets"]
    assert len(tickets) == 2

    state = api.head(f"/tickets/{tickets[0]['id']}", headers=dora)
    assert state.headers["X-Ticket-State"] == "valid"
    door = signed_in(api, ada.email)
    mail = confirmation_to(site, "dora@example.org")
    assert (sorted(codes_in(mail)), len(attachments(mail, "text/calendar"))) == (sorted(t["qr"] for t in tickets), 1)
    scan = {"code": tickets[0]["qr"], "event": str(event.pk)}
    assert api.post("/checkins", json=scan, headers=door | key()).json()["result"] == "valid"
    assert api.post("/checkins", json=scan, headers=door | key()).json()["result"] == "used"
    assert api.head(f"/tickets/{tickets[0]['id']}", headers=dora).headers["X-Ticket-State"] == "used"

    assert api.post("/logout", headers=dora).status_code == 204
    assert api.get(f"/tickets/{tickets[0]['id']}", headers=dora).status_code == 401


def test_a_guest_books_and_chooses_cash(api: httpx.Client, event: Any) -> None:
    kind = api.get(f"/events/{event.pk}/tickets").json()["results"][0]["id"]
    wanted = {"event": str(event.pk), "items": [{"ticket_type": kind, "quantity": 1}], "email": "gesa@example.org"}
    booked = api.post("/tickets/book", json=wanted, headers=key()).raise_for_status().json()
    as_guest = {"Order-Token": booked["access_token"]}

    body = {"order": booked["order"]["code"], "payment_method": method_of(booked, "cash")}
    assert api.post("/payment", json=body, headers=key()).status_code == 404  # who does not know the order's token
    paid = api.post("/payment", json=body, headers=as_guest | key()).raise_for_status().json()

    assert paid["state"] == "pending"
    assert len(paid["tickets"]) == 1


def test_the_last_place_is_sold_once(api: httpx.Client, event: Any) -> None:
    kind = api.get(f"/events/{event.pk}/tickets").json()["results"][0]["id"]

    def book(quantity: int) -> httpx.Response:
        wanted = {
            "event": str(event.pk),
            "items": [{"ticket_type": kind, "quantity": quantity}],
            "email": "g@example.org",
        }
        return api.post("/tickets/book", json=wanted, headers=key())

    assert book(3).status_code == 201
    refused = book(1)

    assert refused.status_code == 409
    assert refused.json()["code"] == "sold-out"
    assert refused.json()["left"][kind] == {"remaining": 0, "reason": "pending"}
    assert api.head(f"/events/{event.pk}/tickets").headers["Availability"] == "sold-out"
