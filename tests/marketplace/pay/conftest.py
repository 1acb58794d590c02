"""Ada's concert, her two ways to be paid, Ben's order of two tickets, and a Stripe sandbox to pay through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.infra.sandbox import Sandbox, running_sandbox


@pytest.fixture(scope="session")
def _sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as found:
        yield found


@pytest.fixture
def sandbox(_sandbox_process: Sandbox, settings: Any) -> Iterator[Sandbox]:
    """Empty; this process pays through it, and nothing is remembered of its failures."""
    from portal.breakers import storage_of

    _sandbox_process.control("reset")
    settings.STRIPE_API_BASE = _sandbox_process.url
    yield _sandbox_process
    storage_of("stripe").forget()


@pytest.fixture
def quick_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls that fail are repeated at once."""
    from portal import resilience

    monkeypatch.setattr(resilience, "FIRST_WAIT", 0.01)


@pytest.fixture
def concert(ada_vendor: Any) -> Any:
    from tests.factories import make_event

    return make_event(ada_vendor, title="Night Orchard")


@pytest.fixture
def kind(concert: Any) -> Any:
    from tests.factories import make_ticket_type

    return make_ticket_type(concert, name="Standing", price=2500, fee=250, capacity=10)


@pytest.fixture
def card(ada_vendor: Any, concert: Any) -> Any:
    """Cards, through the portal's account."""
    from marketplace.services.methods import add_method, attach_method

    method = add_method(ada_vendor, provider="stripe", title="Card")
    attach_method(concert, method=method)
    return method


@pytest.fixture
def cash(ada_vendor: Any, concert: Any) -> Any:
    from marketplace.services.methods import add_method, attach_method

    method = add_method(ada_vendor, provider="cash", title="Cash at the door")
    attach_method(concert, method=method)
    return method


@pytest.fixture
def order(kind: Any, ben: Any) -> Any:
    """Two tickets, €55.00, held for a quarter of an hour."""
    from tests.factories import make_order

    return make_order(kind, quantity=2, user=ben, email=ben.email, name=ben.name)


@pytest.fixture
def webhook(sandbox: Sandbox) -> Callable[..., Any]:
    """``webhook("payment_intent.succeeded")`` sends the sandbox's newest event of that type to the site."""
    from tests.marketplace.pay.steps import post_event

    def send(kind: str, **options: Any) -> Any:
        event = sandbox.client().v1.events.list({"type": kind, "limit": 1}).data[0]
        return post_event(event.to_dict(), **options)

    return send
