"""The kernel's own kind of account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _


class Attendee:
    """Somebody who goes to events. Needs nothing but the account."""

    title: Any = _("I want to go to events")

    def errors(self, data: Mapping[str, Any]) -> dict[str, str]:
        return {}

    def create(self, user: Any, data: Mapping[str, Any]) -> None:
        return None

    def represent(self, user: Any) -> dict[str, Any]:
        return {}
