"""The narrow read model that browse, search, filters and sort run on: one row for each published event."""

from typing import Any

from django.db import models
from django.utils.timezone import now


class EventListing(models.Model):
    """What lists show of an event. Written by ``venues.services.listing`` alone, and rebuilt by `rebuild_listings`.

    Prices are all-in, in the currency's minor unit; `price_from` is empty while nothing can be bought.
    """

    class Availability(models.TextChoices):
        AVAILABLE = "available"
        FEW = "few"
        SOLD_OUT = "sold_out"
        NOT_ON_SALE = "not_on_sale"

    event = models.OneToOneField("venues.EventPage", on_delete=models.CASCADE, primary_key=True, related_name="listing")
    title = models.CharField(max_length=255)
    path = models.CharField(max_length=500, help_text="The page's path below the site's root.")
    summary = models.CharField(max_length=300, blank=True)
    type = models.CharField(max_length=50)
    start = models.DateTimeField()
    end = models.DateTimeField()
    timezone = models.CharField(max_length=50)
    first_day = models.DateField(help_text="In the venue's zone.")
    last_day = models.DateField(help_text="In the venue's zone.")
    venue_id = models.BigIntegerField(null=True)
    venue_name = models.CharField(max_length=255, blank=True)
    venue_path = models.CharField(max_length=500, blank=True)
    city = models.CharField(max_length=100, blank=True)
    artists = models.JSONField(default=list, help_text='[{"id": 1, "name": "…"}] in the line-up\'s order.')
    vendor_id = models.BigIntegerField()
    vendor_name = models.CharField(max_length=120)
    image_url = models.CharField(max_length=500, blank=True, help_text="The poster's card rendition.")
    accent = models.CharField(max_length=7, blank=True, help_text="#rrggbb from the poster.")
    canceled = models.BooleanField(default=False)
    price_from = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    availability = models.CharField(max_length=12, choices=Availability, default=Availability.NOT_ON_SALE)
    on_sale_at = models.DateTimeField(null=True, help_text="When the sale starts, while it has not.")
    popularity = models.PositiveIntegerField(default=0, help_text="Tickets sold.")
    published_at = models.DateTimeField(default=now)
    changed_at = models.DateTimeField(
        null=True, help_text="When what is told of the event changed last, for calendars."
    )
    search_text = models.TextField(blank=True, help_text="Event, artists, venue, city; folded for search.")

    badges: list[Any]  # for cards: what `venues.queries.with_badges` found

    class Meta:
        indexes = [
            models.Index(fields=["start", "event"], name="listing_start"),
            models.Index(fields=["end"], name="listing_end"),
            models.Index(fields=["type", "start"], name="listing_type"),
            models.Index(fields=["city", "start"], name="listing_city"),
            models.Index(fields=["price_from", "event"], name="listing_price"),
            models.Index(fields=["popularity"], name="listing_popularity"),
            models.Index(fields=["published_at"], name="listing_published"),
            models.Index(fields=["vendor_id"], name="listing_vendor"),
            models.Index(fields=["venue_id"], name="listing_venue"),
        ]

    def __str__(self) -> str:
        return self.title


class ListingArtist(models.Model):
    """Who appears in which listed event: the artists' filter joins this narrow table instead of reading JSON."""

    listing = models.ForeignKey(EventListing, on_delete=models.CASCADE, related_name="artist_links")
    artist_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["artist_id", "listing"], name="listing_artist")]

    def __str__(self) -> str:
        return f"{self.artist_id} in {self.listing_id}"


class DeletedEvent(models.Model):
    """The tombstone of an event that was public once: the API answers 410 for it, not 404."""

    event_id = models.BigIntegerField(primary_key=True)
    vendor_id = models.BigIntegerField(null=True)
    deleted_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return f"event {self.event_id}"
