from venues.models.artist import ArtistLink, ArtistPage
from venues.models.event import EventPage, LineupEntry
from venues.models.listing import DeletedEvent, EventListing, ListingArtist
from venues.models.pages import ArtistIndexPage, EventIndexPage, VendorIndexPage, VendorPage, VenueIndexPage
from venues.models.vendor import EventType, Vendor, VendorMember
from venues.models.venue import VenueArea, VenuePage

__all__ = [
    "ArtistIndexPage",
    "ArtistLink",
    "ArtistPage",
    "DeletedEvent",
    "EventIndexPage",
    "EventListing",
    "EventPage",
    "EventType",
    "LineupEntry",
    "ListingArtist",
    "Vendor",
    "VendorIndexPage",
    "VendorMember",
    "VendorPage",
    "VenueArea",
    "VenueIndexPage",
    "VenuePage",
]
