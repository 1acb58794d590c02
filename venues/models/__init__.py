from venues.models.listing import EventListing
from venues.models.pages import (
    ArtistIndexPage,
    ArtistLink,
    ArtistPage,
    EventIndexPage,
    EventPage,
    LineupEntry,
    VendorIndexPage,
    VendorPage,
    VenueArea,
    VenueIndexPage,
    VenuePage,
)
from venues.models.vendor import EventType, Vendor, VendorMember

__all__ = [
    "ArtistIndexPage",
    "ArtistLink",
    "ArtistPage",
    "EventIndexPage",
    "EventListing",
    "EventPage",
    "EventType",
    "LineupEntry",
    "Vendor",
    "VendorIndexPage",
    "VendorMember",
    "VendorPage",
    "VenueArea",
    "VenueIndexPage",
    "VenuePage",
]
