"""What the browser's checks share: axe-core, and pages as people of all kinds see them."""

from __future__ import annotations

import os

import pytest

from deploy.assets import MODULES, fetch
from deploy.terminal import Trouble


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core, fetched where it is not there yet."""
    try:
        fetch()
    except (Trouble, OSError) as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"axe-core can't be fetched: {error}")
    return (MODULES / "axe-core" / "axe.min.js").read_text()
