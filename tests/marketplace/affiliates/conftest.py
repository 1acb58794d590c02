"""Ada's concert and her programme of 10 %, and two people who recommend it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import make_event, make_ticket_type, make_user


@pytest.fixture
def programme(ada_vendor: Any) -> Any:
    from marketplace.services.affiliate import save_programme

    return save_programme(ada_vendor, commission_bps=1000, cookie_days=30, admission="open")


@pytest.fixture
def kind(ada_vendor: Any, programme: Any) -> Any:
    concert = make_event(ada_vendor, title="Night Orchard")
    return make_ticket_type(concert, name="Standing", price=2500, fee=250, capacity=50)


@pytest.fixture
def dora(programme: Any) -> Any:
    """An affiliate of Ada's."""
    from marketplace.services.affiliate import join

    return join(programme.vendor, user=make_user(email="dora@example.org", name="Dora Dale"))


@pytest.fixture
def emil(programme: Any) -> Any:
    """Another one."""
    from marketplace.services.affiliate import join

    return join(programme.vendor, user=make_user(email="emil@example.org", name="Emil Ek"))
