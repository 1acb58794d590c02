"""The pages that visitors meet: what's on, where, and by whom."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.fields import RichTextField
from wagtail.models import Orderable, Page
from wagtail.search import index

from portal.streamfield import MigrationLightStreamField
from venues.blocks import BodyBlock

IMAGE = {"null": True, "blank": True, "on_delete": models.SET_NULL, "related_name": "+"}


class VendorIndexPage(Page):
    max_count = 1
    subpage_types: ClassVar[list[str]] = ["venues.VendorPage"]


class VendorPage(Page):
    """A vendor's page, and the root of all that it publishes."""

    vendor = models.OneToOneField("venues.Vendor", on_delete=models.PROTECT, related_name="page")
    about = RichTextField(_("about"), blank=True, features=["bold", "italic", "link"])
    logo = models.ForeignKey("wagtailimages.Image", verbose_name=_("logo"), **IMAGE)

    parent_page_types: ClassVar[list[str]] = ["venues.VendorIndexPage"]
    subpage_types: ClassVar[list[str]] = ["venues.EventPage", "venues.VenuePage", "venues.ArtistPage"]
    search_fields = [*Page.search_fields, index.SearchField("about")]


class VenueIndexPage(Page):
    """All venues, whoever published them."""

    max_count = 1
    subpage_types: ClassVar[list[str]] = ["venues.VenuePage"]


class VenuePage(Page):
    """A place where events happen. Every vendor may name it; only its owner edits it."""

    summary = models.CharField(_("summary"), max_length=300, blank=True)
    image = models.ForeignKey("wagtailimages.Image", verbose_name=_("picture"), **IMAGE)
    address = models.CharField(_("street and number"), max_length=200)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=100)
    country = models.CharField(_("country"), max_length=2, help_text=_("ISO 3166, two letters."))
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    timezone = models.CharField(_("time zone"), max_length=50, help_text=_("An IANA name, such as Europe/Berlin."))
    capacity = models.PositiveIntegerField(_("capacity"), null=True, blank=True)
    accessibility = RichTextField(_("access"), blank=True)
    transport = RichTextField(_("transport"), blank=True)
    directions = RichTextField(_("how to get there"), blank=True)
    body = MigrationLightStreamField(BodyBlock(), blank=True)

    parent_page_types: ClassVar[list[str]] = ["venues.VenueIndexPage", "venues.VendorPage"]
    subpage_types: ClassVar[list[str]] = []
    search_fields = [
        *Page.search_fields,
        index.SearchField("summary"),
        index.SearchField("address"),
        index.SearchField("city"),
        index.SearchField("body"),
        index.FilterField("city"),
    ]


class VenueArea(Orderable):
    """A part of a venue: hall, balcony, garden."""

    venue = ParentalKey(VenuePage, on_delete=models.CASCADE, related_name="areas")
    name = models.CharField(_("name"), max_length=80)
    capacity = models.PositiveIntegerField(_("capacity"), null=True, blank=True)
    accessible = models.BooleanField(_("step-free"), default=False)


class ArtistIndexPage(Page):
    max_count = 1
    subpage_types: ClassVar[list[str]] = ["venues.ArtistPage"]


class ArtistPage(Page):
    """Who performs, speaks or plays."""

    summary = models.CharField(_("summary"), max_length=300, blank=True)
    image = models.ForeignKey("wagtailimages.Image", verbose_name=_("picture"), **IMAGE)
    biography = RichTextField(_("biography"), blank=True)
    genres = models.CharField(_("genres"), max_length=200, blank=True, help_text=_("Separated by commas."))
    body = MigrationLightStreamField(BodyBlock(), blank=True)

    parent_page_types: ClassVar[list[str]] = ["venues.ArtistIndexPage", "venues.VendorPage"]
    subpage_types: ClassVar[list[str]] = []
    search_fields = [
        *Page.search_fields,
        index.SearchField("summary"),
        index.SearchField("biography"),
        index.SearchField("genres"),
    ]


class ArtistLink(Orderable):
    artist = ParentalKey(ArtistPage, on_delete=models.CASCADE, related_name="links")
    title = models.CharField(_("title"), max_length=60)
    url = models.URLField(_("address"))


class EventIndexPage(Page):
    """Browse: all that's on. Its own pages are none; events live below their vendor."""

    max_count = 1
    subpage_types: ClassVar[list[str]] = []


class EventPage(Page):
    """One event. What it sells hangs on plain foreign keys elsewhere, never on this page or its revisions."""

    summary = models.CharField(_("summary"), max_length=300, blank=True, help_text=_("One sentence for lists."))
    type = models.ForeignKey("venues.EventType", verbose_name=_("type"), on_delete=models.PROTECT, related_name="+")
    image = models.ForeignKey("wagtailimages.Image", verbose_name=_("poster"), **IMAGE)
    start = models.DateTimeField(_("start"))
    end = models.DateTimeField(_("end"))
    doors = models.DateTimeField(_("doors open"), null=True, blank=True)
    venue = models.ForeignKey(
        VenuePage, verbose_name=_("venue"), null=True, blank=True, on_delete=models.PROTECT, related_name="events"
    )
    timezone = models.CharField(_("time zone"), max_length=50, blank=True, help_text=_("The venue's, if left empty."))
    age_limit = models.PositiveSmallIntegerField(_("age limit"), null=True, blank=True)
    policies = RichTextField(_("policies"), blank=True)
    body = MigrationLightStreamField(BodyBlock(), blank=True)
    # A fact about the event, not content: no revision carries it and no copy inherits it.
    canceled_at = models.DateTimeField(null=True, blank=True, editable=False)

    parent_page_types: ClassVar[list[str]] = ["venues.VendorPage"]
    subpage_types: ClassVar[list[str]] = []
    exclude_fields_in_copy: ClassVar[list[str]] = ["canceled_at"]
    search_fields = [
        *Page.search_fields,
        index.SearchField("summary"),
        index.SearchField("body"),
        index.FilterField("start"),
        index.RelatedFields("venue", [index.SearchField("title")]),
    ]

    @property
    def zone(self) -> str:
        """The IANA name of the zone that this event's wall clock is in."""
        return self.timezone or (self.venue.timezone if self.venue else "UTC")

    def with_content_json(self, content: dict[str, Any]) -> EventPage:
        page = super().with_content_json(content)
        page.canceled_at = self.canceled_at
        return page

    def clean(self) -> None:
        super().clean()
        if self.start and self.end and self.end <= self.start:
            raise ValidationError({"end": _("The end must be after the start.")})
        if self.doors and self.start and self.doors > self.start:
            raise ValidationError({"doors": _("Doors must open before the start.")})


class LineupEntry(Orderable):
    """An artist's place in an event's line-up."""

    event = ParentalKey(EventPage, on_delete=models.CASCADE, related_name="lineup")
    artist = models.ForeignKey(ArtistPage, on_delete=models.PROTECT, related_name="appearances")
    note = models.CharField(_("note"), max_length=80, blank=True, help_text=_("Such as “headliner”."))
