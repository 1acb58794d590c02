"""What the tests of venues share: Ada's things, which Cleo must never see.

Factories are imported inside: Django's app registry is not there yet when this file is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest


@dataclass
class Things:
    """Drafts, pictures and documents whose titles all say SECRET, and what is published, which all may see."""

    draft: Any
    venue_draft: Any
    artist_draft: Any
    image: Any
    document: Any
    event: Any
    venue: Any
    artist: Any


def things_of(vendor: Any, *, secret: str, open_: str) -> Things:
    from tests import factories as make

    return Things(
        draft=make.make_event(vendor, title=f"{secret} event", publish=False),
        venue_draft=make.make_venue(vendor, title=f"{secret} venue", publish=False),
        artist_draft=make.make_artist(vendor, title=f"{secret} artist", publish=False),
        image=make.make_image(vendor, title=f"{secret} picture"),
        document=make.make_document(vendor, title=f"{secret} document"),
        event=make.make_event(vendor, title=f"{open_} event"),
        venue=make.make_venue(vendor, title=f"{open_} venue"),
        artist=make.make_artist(vendor, title=f"{open_} artist"),
    )


@pytest.fixture
def adas(ada_vendor: Any) -> Things:
    return things_of(ada_vendor, secret="SECRET", open_="Open")


@pytest.fixture
def cleos(cleo_vendor: Any) -> Things:
    return things_of(cleo_vendor, secret="Private", open_="My")
