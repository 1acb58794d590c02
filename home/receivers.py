"""The front page is made after migrating, like the rest of the site's tree."""

from __future__ import annotations

from typing import Any

from home.services import ensure_home
from venues.receivers import tree_can_be_made


def on_migrated(using: str, plan: Any = None, **kwargs: Any) -> None:
    if tree_can_be_made(using, plan):
        ensure_home()
