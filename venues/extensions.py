"""Venues' extension points: badges on cards, and who attended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from portal.plugins import ExtensionPoint


@dataclass(frozen=True)
class Badge:
    """A short note on an event's card. `tone` is "plain", "accent" or "warning"."""

    text: str
    tone: str = "plain"


@runtime_checkable
class BadgeSource(Protocol):
    def __call__(self, listings: Sequence[Any]) -> dict[int, list[Badge]]:
        """Badges by event id for all of `listings`, in one query at most."""


@runtime_checkable
class Attendance(Protocol):
    def __call__(self, user: Any, event_id: int) -> bool:
        """Whether `user` was at the event."""


badges = ExtensionPoint("badges", BadgeSource, "Notes on the cards of events in lists.")
attendance = ExtensionPoint("attendance", Attendance, "Answers whether a person was at an event.")
