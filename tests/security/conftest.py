from __future__ import annotations

from typing import Any

import pytest

from portal.accounts import limiter


@pytest.fixture
def world(db: None) -> Any:
    from tests.security.world import make_world

    return make_world()


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Hundreds of tries from one address, which is what the limits are there to stop."""
    for name in ("PER_ADDRESS", "PER_ACCOUNT", "REGISTRATIONS", "GUESSES"):
        monkeypatch.setattr(limiter, name, 10**6)
    settings.API_QUOTAS = {"read": 10**6, "write": 10**6, "oauth": 10**6}
    settings.ACCOUNT_RATE_LIMITS = False
    settings.PLACES_PER_CALLER = 0
