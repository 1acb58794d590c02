from __future__ import annotations

from collections.abc import Iterator

import pytest
import stripe

from tests.infra.sandbox import Receiver, Sandbox, running_receiver, running_sandbox


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with running_receiver() as found:
        yield found


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), webhooks_to=receiver.url) as found:
        yield found


@pytest.fixture
def sandbox(process: Sandbox, receiver: Receiver) -> Sandbox:
    """Empty, and with nothing on its way."""
    process.control("reset")
    receiver.got.clear()
    receiver.statuses.clear()
    return process


@pytest.fixture
def client(sandbox: Sandbox) -> stripe.StripeClient:
    return sandbox.client()
