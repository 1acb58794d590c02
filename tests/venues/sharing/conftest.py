"""What the tests of sharing share. Factories are imported inside: the app registry is not there yet when this is read."""

from __future__ import annotations

import json
from typing import Any

import pytest

HOSTILE = "</script><script>alert(1)</script><!-- \"' & \x0b\u2028]]>"


@pytest.fixture
def concert(ada_vendor: Any) -> Any:
    """Tidewater Tour at the Kulturwerft in Berlin, with all that a page can have."""
    from tests.factories import make_artist, make_event, make_image, make_ticket_type, make_venue

    venue = make_venue(
        ada_vendor, title="Kulturwerft", capacity=300, latitude="52.5", longitude="13.4", postcode="10969"
    )
    artists = [make_artist(ada_vendor, title="Night Ferry", genres="pop, rock"), make_artist(ada_vendor, title="Ola")]
    image = make_image(ada_vendor, colour="#cc2244")
    event = make_event(
        ada_vendor, title="Tidewater Tour", summary="Loud.", venue=venue, artists=artists, image=image, age_limit=16
    )
    make_ticket_type(event, name="Standing", price=2500, fee=250, capacity=20)
    return event


@pytest.fixture
def hidden(ada_vendor: Any, concert: Any) -> list[Any]:
    """What no stranger may see: a draft, an event that asks for a login, and one that was withdrawn."""
    from wagtail.models import PageViewRestriction

    from tests.factories import make_event

    draft, closed, withdrawn = (
        make_event(ada_vendor, title=f"SECRET {kind}", publish=kind != "draft")
        for kind in ("draft", "closed", "withdrawn")
    )
    PageViewRestriction.objects.create(page=closed, restriction_type=PageViewRestriction.LOGIN)
    withdrawn.unpublish()
    return [draft, closed, withdrawn]


def nodes_of(html: str) -> list[dict[str, Any]]:
    """The nodes of a page's JSON-LD, read as a search engine does: up to the first end of the script element."""
    block = html.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    graph = json.loads(block)
    assert graph["@context"] == "https://schema.org"
    return graph["@graph"]
