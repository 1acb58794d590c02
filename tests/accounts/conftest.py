"""Fixtures of the tests about accounts."""

from __future__ import annotations

import pytest


@pytest.fixture
def mails_at_once(settings: pytest.FixtureRequest) -> None:
    """Tasks run where they are enqueued, so that mails are in ``mail.outbox``."""
    settings.TASKS_IMMEDIATE = True
