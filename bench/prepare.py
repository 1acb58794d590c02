"""Writes what the benchmark books: one event with a large free and a large paid ticket type.

Prints its ids as JSON, with those of one of the demo's events to look at, and the cookie of somebody who is signed in.
"""

import json
from datetime import timedelta

import django

django.setup()

from django.test import Client  # noqa: E402
from django.utils.timezone import now  # noqa: E402

from marketplace.services.inventory import add_ticket_type, push_sales  # noqa: E402
from marketplace.services.methods import add_method, attach_method  # noqa: E402
from portal.accounts.models import User  # noqa: E402
from portal.accounts.services import register  # noqa: E402
from venues.models import ArtistPage, EventListing, VenuePage  # noqa: E402
from venues.services.events import create_event  # noqa: E402

PLACES = 1_000_000


def main() -> None:
    data = {"vendor_name": "Bench"}
    user = register(
        email="bench@example.org", password="a long enough password", name="Bench", role="vendor", data=data
    )
    vendor = user.vendor_membership.vendor
    start = now() + timedelta(days=20)
    event = create_event(
        vendor,
        title="Bench",
        type="concert",
        start=start,
        end=start + timedelta(hours=3),
        venue=VenuePage.objects.live().first(),
        artists=ArtistPage.objects.live()[:2],
        summary="Every seat is sold, again and again.",
        body="<p>A long evening.</p>" * 20,
        publish=True,
    )
    cash = add_method(vendor, provider="cash", title="Cash")
    attach_method(event, method=cash)
    paid = add_ticket_type(event, name="Paid", price=2500, capacity=PLACES)
    free = add_ticket_type(event, name="Free", price=0, capacity=PLACES)
    push_sales(event.pk)
    shown = EventListing.objects.filter(start__gt=now(), availability="available").order_by("start")[0]
    rows = {"event": event, "cash": cash, "paid": paid, "free": free, "shown": shown}
    ids = {name: row.pk for name, row in rows.items()}
    print(json.dumps({**ids, "path": shown.path, "cookie": _signed_in(user)}))


def _signed_in(user: User) -> str:
    """The session cookie of `user`'s browser."""
    browser = Client()
    browser.force_login(user)
    return f"sessionid={browser.cookies['sessionid'].value}"


main()
