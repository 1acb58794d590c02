"""What venues tells the others."""

from dataclasses import dataclass
from typing import ClassVar

from portal.outbox.messages import Message


@dataclass(frozen=True)
class EventPublished(Message):
    """The event's page is live, or was published anew."""

    name: ClassVar[str] = "venues.EventPublished"
    event_id: int


@dataclass(frozen=True)
class EventMoved(Message):
    """A published event's start, end or venue changed."""

    name: ClassVar[str] = "venues.EventMoved"
    event_id: int


@dataclass(frozen=True)
class EventWithdrawn(Message):
    """The event's page is no longer live, or gone."""

    name: ClassVar[str] = "venues.EventWithdrawn"
    event_id: int


@dataclass(frozen=True)
class VendorJoined(Message):
    name: ClassVar[str] = "venues.VendorJoined"
    vendor_id: int


@dataclass(frozen=True)
class ListingMade(Message):
    """The event's row in the lists is new: whoever knows its prices and availability pushes them."""

    name: ClassVar[str] = "venues.ListingMade"
    event_id: int


@dataclass(frozen=True)
class EventCanceled(Message):
    """The event will not happen."""

    name: ClassVar[str] = "venues.EventCanceled"
    event_id: int
