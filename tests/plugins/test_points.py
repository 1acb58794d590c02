"""Extension points that the lantern plugin has nothing for: what a plugin adds to them shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client, RequestFactory

from marketplace.extensions import Adjustment, price_rules
from marketplace.services.checkout import place_order
from portal.accounts.models import User
from portal.accounts.services import register
from portal.errors import Rejected
from portal.extensions import account_kinds, seeders
from portal.plugins import ExtensionPoint, registering
from tests.factories import make_event, make_ticket_type
from tests.people import PASSWORD
from venues.extensions import Badge, Offer, VendorUrls, attendance, badges, event_details, offers, vendor_urls
from venues.fence import check
from venues.models import EventListing
from venues.queries import with_badges

pytestmark = pytest.mark.django_db
OWNER = "tests.somebody"


@pytest.fixture(autouse=True)
def plugin() -> Iterator[None]:
    """Within the test, what is added is a plugin's; afterwards it is gone."""
    with registering(OWNER):
        yield
    for point in ExtensionPoint.all.values():
        point.discard_owner(OWNER)


def test_account_kinds_can_be_signed_up_as() -> None:
    class Patron:
        title = "Patron"

        def errors(self, data: Any) -> dict[str, str]:
            return {} if data.get("pledge") else {"pledge": "Say what you pledge."}

        def create(self, user: User, data: Any) -> None:
            user.interests = [data["pledge"]]
            user.save()

        def represent(self, user: User) -> dict[str, Any]:
            return {"pledge": user.interests[0]}

    account_kinds.add("patron", Patron())
    with pytest.raises(Rejected) as refused:
        register(email="pat@example.org", password=PASSWORD, name="Pat", role="patron", data={})
    assert [error["pointer"] for error in refused.value.data["errors"]] == ["/pledge"]
    user = register(email="pat@example.org", password=PASSWORD, name="Pat", role="patron", data={"pledge": "time"})
    assert User.objects.get(pk=user.pk).interests == ["time"]


def test_seeders_run_when_the_demo_is_seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeders, "_entries", {})  # the built-in ones take half a minute
    seeders.add("lantern", lambda *, scale, say: say(f"{scale} lanterns"))
    lines = Lines()
    call_command("seed_demo", scale=3, stdout=lines)
    assert "  3 lanterns" in lines.text.splitlines()


class Lines:
    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text


def test_badges_are_on_the_cards_of_a_list(django_assert_num_queries: Callable) -> None:
    late, early = make_event(), make_event()
    badges.add("late", lambda listings: {late.pk: [Badge("Late show")]})
    listings = list(EventListing.objects.order_by("pk"))
    with django_assert_num_queries(0):
        with_badges(listings)
    found = {listing.pk: [badge.text for badge in listing.badges] for listing in listings}
    assert found == {late.pk: ["Late show"], early.pk: []}


def test_attendance_is_answered_by_a_plugin(ben: User, cleo: User) -> None:
    event = make_event()
    attendance.add("list", lambda user, event_id: (user, event_id) == (ben, event.pk))
    assert any(was_there(ben, event.pk) for was_there in attendance)
    assert not any(was_there(cleo, event.pk) for was_there in attendance)


def test_event_details_are_members_of_the_event(client: Client) -> None:
    event = make_event()
    event_details.add("lantern", lambda page: {"lanterns": page.pk + 1})
    answer = client.get(f"/api/v1/events/{event.pk}")
    assert answer.status_code == httpx.codes.OK
    assert answer.json()["lanterns"] == event.pk + 1


def test_offers_are_told_to_search_engines(client: Client) -> None:
    event = make_event()
    offers.add("lantern", lambda page: [Offer("At the box office", 1200, "EUR", "few", url="https://box.example/")])
    graph = json.loads(client.get(event.url).content.decode().partition('ld+json">')[2].partition("</script>")[0])
    assert graph["@graph"][0]["offers"] == [
        {
            "@type": "Offer",
            "name": "At the box office",
            "price": "12.00",
            "priceCurrency": "EUR",
            "availability": "https://schema.org/LimitedAvailability",
            "url": "https://box.example/",
        }
    ]


def test_vendor_urls_are_open_to_vendors_and_others_are_not(ada: User) -> None:
    request = RequestFactory().get("/admin/lanterns/")
    request.user = ada
    vendor = ada.vendor_membership.vendor
    with pytest.raises(PermissionDenied):
        check(request, vendor, "lantern_list", {})
    vendor_urls.add("lantern", VendorUrls(("lantern_list",)))
    check(request, vendor, "lantern_list", {})


def test_price_rules_change_the_total_and_take_part_in_the_order() -> None:
    class Tuesday:
        inputs = ("lucky_number",)

        def __init__(self) -> None:
            self.committed: list[int] = []

        def quote(self, quote: Any) -> list[Adjustment]:
            return [Adjustment("Tuesday", -quote.subtotal // 10)] if quote.inputs.get("lucky_number") == 7 else []

        def commit(self, order: Any) -> None:
            self.committed.append(order.pk)

        def release(self, order: Any) -> None:
            self.committed.remove(order.pk)

    rule = Tuesday()
    price_rules.add("tuesday", rule)
    ticket_type = make_ticket_type(price=2500)
    event = ticket_type.event
    placed = place_order(event.pk, items={ticket_type.pk: 2}, email="ben@example.org", inputs={"lucky_number": 7})
    assert placed.order.total == 4500
    assert rule.committed == [placed.order.pk]
    plain = place_order(event.pk, items={ticket_type.pk: 2}, email="ben@example.org")
    assert plain.order.total == 5000
