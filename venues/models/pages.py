"""A vendor's page, and the indexes: what's on, where, by whom, and who sells."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.search import index

from venues.editing import VendorSafeForm
from venues.models.located import IMAGE, SitePage


class VendorIndexPage(SitePage):
    context_of = "venues.contexts.vendor_index"
    max_count = 1
    subpage_types: ClassVar[list[str]] = ["venues.VendorPage"]

    class Meta:
        verbose_name = _("index of vendors")


class VendorPage(SitePage):
    """A vendor's page, and the root of all that it publishes."""

    vendor = models.OneToOneField("venues.Vendor", on_delete=models.PROTECT, related_name="page")
    about = RichTextField(_("about"), blank=True, features=["bold", "italic", "link"])
    logo = models.ForeignKey("wagtailimages.Image", verbose_name=_("logo"), **IMAGE)

    context_of = "venues.contexts.vendor"
    base_form_class = VendorSafeForm
    # Only services.vendors makes them: a vendor is more than its page.
    is_creatable = False
    parent_page_types: ClassVar[list[str]] = ["venues.VendorIndexPage"]
    subpage_types: ClassVar[list[str]] = ["venues.EventPage", "venues.VenuePage", "venues.ArtistPage"]
    exclude_fields_in_copy: ClassVar[list[str]] = ["vendor"]
    search_fields = [*SitePage.search_fields, index.SearchField("about")]
    content_panels = [*SitePage.content_panels, FieldPanel("about"), FieldPanel("logo")]

    class Meta:
        verbose_name = _("vendor's page")


class VenueIndexPage(SitePage):
    """All venues, whoever published them."""

    context_of = "venues.contexts.venue_index"
    max_count = 1
    subpage_types: ClassVar[list[str]] = ["venues.VenuePage"]

    class Meta:
        verbose_name = _("index of venues")


class ArtistIndexPage(SitePage):
    context_of = "venues.contexts.artist_index"
    max_count = 1
    subpage_types: ClassVar[list[str]] = ["venues.ArtistPage"]

    class Meta:
        verbose_name = _("index of artists")


class EventIndexPage(SitePage):
    """Browse: all that's on. Its own pages are none; events live below their vendor."""

    context_of = "venues.contexts.event_index"
    max_count = 1
    subpage_types: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("index of events")
