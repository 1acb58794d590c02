"""An evening of Ada's, and the tickets that Ben holds for it. Imports of models wait until the app registry is there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now


@pytest.fixture
def hall(ada_vendor: Any) -> Any:
    from venues.services.pages import create_venue

    return create_venue(
        ada_vendor,
        title="Kantine am Ufer",
        address="Am Ufer 12",
        postcode="10115",
        city="Berlin",
        country="DE",
        timezone="Europe/Berlin",
        publish=True,
    )


@pytest.fixture
def concert(ada_vendor: Any, hall: Any) -> Any:
    """Starts in two hours."""
    from tests import factories

    start = now().replace(microsecond=0) + timedelta(hours=2)
    return factories.make_event(
        ada_vendor, title="Night Orchard", venue=hall, start=start, end=start + timedelta(hours=3)
    )


@pytest.fixture
def kind(concert: Any) -> Any:
    from tests import factories

    return factories.make_ticket_type(concert, name="Standing", price=2500, fee=250)


@pytest.fixture
def order(kind: Any, ben: Any) -> Any:
    """Two tickets of Ben's, paid by card."""
    from tests import factories

    made = factories.make_order(kind, quantity=2, user=ben, email=ben.email, name="Ben Brook")
    factories.pay(made)
    made.refresh_from_db()
    return made


@pytest.fixture
def ticket(order: Any) -> Any:
    return order.tickets.first()


@pytest.fixture
def cash_order(kind: Any, ben: Any, ada_vendor: Any) -> Any:
    """Two tickets of Ben's, to be paid at the door."""
    return make_cash_order(kind, ada_vendor, user=ben, email=ben.email, name="Ben Brook")


def make_cash_order(kind: Any, vendor: Any, **buyer: Any) -> Any:
    from marketplace.services.methods import add_method, attach_method
    from marketplace.services.pay import start_payment
    from tests import factories

    method = add_method(vendor, provider="cash", title="Cash at the door")
    attach_method(kind.event, method=method)
    made = factories.make_order(kind, quantity=2, **buyer)
    start_payment(made, method_id=method.pk, return_url="http://localhost/")
    made.refresh_from_db()
    return made


@pytest.fixture
def guest_order(kind: Any) -> tuple[Any, str]:
    """A guest's paid order, and the token that opens it."""
    from marketplace.services.checkout import place_order
    from tests import factories

    placed = place_order(kind.event_id, items={kind.pk: 1}, email="guest@example.org", name="Gus Guest")
    factories.pay(placed.order)
    placed.order.refresh_from_db()
    return placed.order, placed.token
