from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest


@pytest.fixture
def lantern() -> Iterator[None]:
    """With the plugin ``tests.plugins.lantern`` installed."""
    from tests.plugins import installed

    with installed("tests.plugins.lantern"):
        yield


@pytest.fixture
def contribute() -> Iterator[Callable[..., None]]:
    """``contribute(point, key, item)`` adds to an extension point for this test, as the plugin "a test"."""
    from portal.plugins import ExtensionPoint, registering

    def add(point: ExtensionPoint[Any], key: str, item: Any, *, order: int = 0) -> None:
        with registering("a test"):
            point.add(key, item, order=order)

    yield add
    for point in ExtensionPoint.all.values():
        point.discard_owner("a test")
