"""Venues' extension points: badges on cards, who attended, and what the API says of an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
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


@runtime_checkable
class EventDetails(Protocol):
    def __call__(self, event: Any) -> dict[str, Any]:
        """Members to add to the API's representation of the event page `event`: JSON values."""


@dataclass(frozen=True)
class Offer:
    """What somebody sells for an event: the all-in `price` in minor units of `currency`, and how the sale stands.

    `availability` is "available", "few", "sold_out" or "not_on_sale"; `url` is where it is sold, by default the event's page.
    """

    name: str
    price: int
    currency: str
    availability: str
    valid_from: datetime | None = None
    valid_through: datetime | None = None
    url: str = ""


@runtime_checkable
class OfferSource(Protocol):
    def __call__(self, event: Any) -> Sequence[Offer]:
        """What is sold for the event page `event`."""


@dataclass(frozen=True)
class VendorUrls:
    """Names of admin routes that vendors may open. Their views show each vendor its own, and check every id."""

    names: tuple[str, ...]


badges = ExtensionPoint("badges", BadgeSource, "Notes on the cards of events in lists.")
attendance = ExtensionPoint("attendance", Attendance, "Answers whether a person was at an event.")
event_details = ExtensionPoint("event_details", EventDetails, "What GET /events/{id} says besides the page's content.")
offers = ExtensionPoint("offers", OfferSource, "What is sold for an event, as search engines are told.")
vendor_urls = ExtensionPoint("vendor_urls", VendorUrls, "Routes of the admin that vendors may open.")
