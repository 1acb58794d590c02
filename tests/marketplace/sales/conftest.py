"""Ada's books, written entry by entry. Imports of models wait until the app registry is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def concert(ada_vendor: Any) -> Any:
    from tests import factories

    return factories.make_event(ada_vendor, title="Night Orchard")


@pytest.fixture
def stalls(concert: Any) -> Any:
    from tests import factories

    return factories.make_ticket_type(concert, name="Stalls", price=2500, fee=250)


@pytest.fixture
def balcony(concert: Any) -> Any:
    from tests import factories

    return factories.make_ticket_type(concert, name="Balcony", price=4000)


@pytest.fixture
def card(ada_vendor: Any) -> Any:
    from marketplace.services.methods import add_method

    return add_method(ada_vendor, provider="stripe", title="Card")


@pytest.fixture
def book(card: Any) -> Callable[..., None]:
    """Book one transaction of an order of `kind`, as its accounts and amounts; what is missing to zero is money's."""
    return make_book(card)


def make_book(card: Any) -> Callable[..., None]:
    from itertools import count

    from marketplace.models import LedgerEntry
    from marketplace.services import ledger
    from tests import factories

    numbers = count(1)
    orders: dict[int, Any] = {}

    def entry(kind: Any, account: str, amount: int, fields: dict[str, Any]) -> LedgerEntry:
        order = orders.setdefault(kind.event_id, None) or factories.make_order(kind)
        orders[kind.event_id] = order
        typed = {"ticket_type": kind} if account in {"sales", "fees", "refunds"} else {}
        given = {"currency": order.currency, "payment_method": card, "at": NOON, **fields}
        event = {"vendor_id": order.vendor_id, "event_id": order.event_id, "order": order}
        return LedgerEntry(account=account, amount=amount, **event, **typed, **given)

    def book(kind: Any, *, tickets: int = 0, **said: Any) -> None:
        fields = {name: said.pop(name) for name in ("at", "currency", "payment_method") if name in said}
        entries = [entry(kind, account, amount, fields) for account, amount in said.items()]
        for booked in entries:
            booked.tickets = tickets if booked.account in {"sales", "refunds"} else 0
        money = -sum(said.values())
        ledger.write(f"test:{next(numbers)}", [*entries, entry(kind, "provider", money, fields)])

    return book
