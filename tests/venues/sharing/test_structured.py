"""JSON-LD: by schema.org's own vocabulary, and by what Google asks of events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec_schemaorg.enums as enums
import msgspec_schemaorg.models as models
import pytest
from django.test import Client
from django.utils.timezone import now

from marketplace.models import TicketType
from tests.factories import make_artist, make_event, make_order, make_ticket_type, make_venue
from tests.venues.sharing.conftest import HOSTILE, nodes_of
from venues.models import EventListing, EventType
from venues.services.events import cancel_event
from venues.sharing.structured import TYPES

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
SCHEMA = "https://schema.org/"
# https://developers.google.com/search/docs/appearance/structured-data/event
REQUIRED = {"name", "startDate", "location"}
RECOMMENDED = {"description", "endDate", "eventStatus", "image", "offers", "organizer", "performer"}
OFFER = {"availability", "price", "priceCurrency", "validFrom", "url"}


def faults(node: dict[str, Any]) -> Iterator[str]:
    """What schema.org's vocabulary says against `node`: unknown types and properties, and values of a kind not allowed."""
    kind = getattr(models, node["@type"], None)
    if kind is None:
        yield f"no type {node['@type']}"
        return
    allowed = {name: text for parent in kind.__mro__ for name, text in getattr(parent, "__annotations__", {}).items()}
    for name, value in node.items():
        for one in value if isinstance(value, list) else [value]:
            if name.startswith("@"):
                continue
            if name not in allowed:
                yield f"{node['@type']}.{name} is unknown"
            elif isinstance(one, dict):
                yield from _misplaced(node, name, one, str(allowed[name]))
                yield from faults(one)
            elif isinstance(one, str) and one.startswith(SCHEMA):
                yield from _no_member(name, one, str(allowed[name]))


def _misplaced(node: dict[str, Any], name: str, value: dict[str, Any], allowed: str) -> Iterator[str]:
    parents = {parent.__name__ for parent in getattr(models, value["@type"], object).__mro__}
    if not parents & set(re.findall(r"\w+", allowed)):
        yield f"{node['@type']}.{name} takes no {value['@type']}"


def _no_member(name: str, value: str, allowed: str) -> Iterator[str]:
    known = [getattr(enums, word) for word in re.findall(r"\w+", allowed) if hasattr(enums, word)]
    members = {str(member.value).rpartition("/")[2] for enum in known for member in enum}
    if value.removeprefix(SCHEMA) not in members:
        yield f"{name} can't be {value}"


def event_node(client: Client, event: Any) -> dict[str, Any]:
    return nodes_of(client.get(event.url).content.decode())[0]


def test_an_event_says_all_that_search_engines_ask(client: Client, concert: Any) -> None:
    event, crumbs = nodes_of(client.get(concert.url).content.decode())
    assert [*faults(event), *faults(crumbs)] == []
    assert (REQUIRED | RECOMMENDED) - set(event) == set()
    assert OFFER - set(event["offers"][0]) == set()
    assert (event["@type"], event["name"], event["startDate"]) == (
        "MusicEvent",
        "Tidewater Tour",
        concert.start.astimezone(BERLIN).isoformat(),
    )
    assert event["location"]["address"] == {
        "@type": "PostalAddress",
        "streetAddress": "Lindenstr. 1",
        "postalCode": "10969",
        "addressLocality": "Berlin",
        "addressCountry": "DE",
    }
    assert [(one["@type"], one["name"]) for one in event["performer"]] == [
        ("MusicGroup", "Night Ferry"),
        ("PerformingGroup", "Ola"),
    ]
    assert (event["organizer"]["name"], event["organizer"]["url"]) == (
        "Ada's Hall",
        concert.get_parent().specific.full_url,
    )
    assert (event["offers"][0]["price"], event["offers"][0]["priceCurrency"]) == ("27.50", "EUR")
    assert client.get(urlsplit(event["image"][0]).path).status_code == 200
    assert [step["name"] for step in crumbs["itemListElement"]] == ["Home", "Events", "Tidewater Tour"]


def test_a_venue_and_an_artist_say_what_they_are(client: Client, concert: Any) -> None:
    venue, crumbs = nodes_of(client.get(concert.venue.url).content.decode())
    assert ([*faults(venue), *faults(crumbs)], venue["@type"], venue["geo"]["latitude"]) == ([], "EventVenue", 52.5)
    artists = [nodes_of(client.get(entry.artist.url).content.decode())[0] for entry in concert.lineup.all()]
    assert [(list(faults(artist)), artist["@type"]) for artist in artists] == [([], "MusicGroup"), ([], "Person")]


def test_the_check_finds_what_is_wrong() -> None:
    node = {
        "@type": "MusicEvent",
        "price": "1",
        "eventStatus": f"{SCHEMA}EventOver",
        "location": {"@type": "Offer", "availability": f"{SCHEMA}InStock"},
        "performer": {"@type": "Band"},
    }
    assert list(faults(node)) == [
        "MusicEvent.price is unknown",
        f"eventStatus can't be {SCHEMA}EventOver",
        "MusicEvent.location takes no Offer",
        "MusicEvent.performer takes no Band",
        "no type Band",
    ]


@pytest.mark.parametrize("slug", [*TYPES, "gaming", "knitting"])
def test_every_type_of_event_is_one_of_the_vocabulary(client: Client, slug: str) -> None:
    EventType.objects.get_or_create(slug=slug, defaults={"title": slug.title()})
    node = event_node(client, make_event(type=slug, venue=make_venue(), artists=[make_artist()]))
    assert (list(faults(node)), node["@type"]) == ([], TYPES.get(slug, "Event"))


def availability(client: Client, kind: TicketType) -> str:
    return event_node(client, kind.event)["offers"][0]["availability"].removeprefix(SCHEMA)


def test_offers_follow_the_sale(client: Client) -> None:
    soon = make_ticket_type(sales_start=now() + timedelta(days=1))
    full, few = make_ticket_type(price=0, capacity=1), make_ticket_type(price=0, capacity=8)
    make_order(full)
    make_order(few, quantity=5)
    ended = make_ticket_type(sales_end=now() - timedelta(days=1))
    off, over = make_ticket_type(), make_ticket_type(make_event(days=-5))
    cancel_event(off.event)
    found = [availability(client, kind) for kind in (make_ticket_type(), soon, few, full, ended, off, over)]
    assert found == [
        "InStock",
        "PreOrder",
        "LimitedAvailability",
        "SoldOut",
        "OutOfStock",
        "Discontinued",
        "Discontinued",
    ]
    assert event_node(client, off.event)["eventStatus"] == f"{SCHEMA}EventCancelled"
    assert event_node(client, soon.event)["offers"][0]["validFrom"] == soon.sales_start.astimezone(BERLIN).isoformat()


def test_no_words_get_out_of_the_block(client: Client, ada_vendor: Any) -> None:
    venue = make_venue(ada_vendor, title=HOSTILE, summary=HOSTILE)
    event = make_event(
        ada_vendor, title=HOSTILE, summary=HOSTILE, venue=venue, artists=[make_artist(ada_vendor, title=HOSTILE)]
    )
    make_ticket_type(event, name=HOSTILE[:80])
    for page in (event, venue, event.lineup.get().artist):
        html = client.get(page.url).content.decode()
        assert ("<script>alert" in html, html.count("</script>") == html.count("<script")) == (False, True)
        assert nodes_of(html)[0]["name"] == page.title


def test_a_preview_and_an_event_for_members_alone_say_nothing(
    hidden: list[Any], ada: Any, browser_of: Any, client: Client
) -> None:
    draft, closed, _withdrawn = hidden
    page = browser_of(ada).get(closed.url)
    assert (page.status_code, "ld+json" in page.content.decode(), "og:" in page.content.decode()) == (200, False, False)
    preview = browser_of(ada).get(f"/admin/pages/{draft.pk}/view_draft/")
    assert (preview.status_code, "ld+json" in preview.content.decode()) == (200, False)
    assert not EventListing.objects.filter(pk__in=[event.pk for event in hidden]).exists()


def test_the_head_and_the_tickets_ask_for_the_sale_once(
    client: Client, concert: Any, django_assert_max_num_queries: Any
) -> None:
    client.get(concert.url)
    with django_assert_max_num_queries(30) as asked:
        client.get(concert.url)
    assert sum("marketplace_eventterms" in query["sql"] for query in asked.captured_queries) == 1
    assert sum("marketplace_quotatickettype" in query["sql"] for query in asked.captured_queries) == 1
