"""That nobody keeps an event's places from all others by holding them again and again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from marketplace.services.hold import HOLD_TIME
from portal.accounts.addresses import client_address
from portal.errors import Rejected

WINDOW = int(HOLD_TIME.total_seconds())
MOST_FOR_ONE = 10  # places that one order counts as at most: where a vendor sells to groups, a group may buy


@contextmanager
def fair_share(request: Any, *, event_id: int, places: int) -> Iterator[None]:
    """Count `places` that are held within, or held for longer, for whoever sends `request`.

    Raises Rejected("too-many-requests", status=429, retry_after=seconds) where that account, or of guests that address,
    has had its share of the event for now. What is refused within does not count.
    """
    share, limit = min(places, MOST_FOR_ONE), settings.PLACES_PER_CALLER
    window, passed = divmod(int(time.time()), WINDOW)
    key = f"places:{event_id}:{_caller(request)}:{window}"
    if limit and _add(key, share) > limit:
        _add(key, -share)
        text = _("Many tickets of this event were reserved from here. Please wait a few minutes, and try again.")
        raise Rejected("too-many-requests", text, status=429, retry_after=WINDOW - passed)
    try:
        yield
    except Rejected:
        if limit:
            _add(key, -share)
        raise


def _caller(request: Any) -> str:
    return f"user:{request.user.pk}" if request.user.is_authenticated else client_address(request)


def _add(key: str, number: int) -> int:
    try:
        return cache.incr(key, number)
    except ValueError:  # the first of this window
        cache.add(key, 0, WINDOW)
        return cache.incr(key, number)
