"""Who performs, speaks or plays."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable
from wagtail.search import index

from portal.panels import PluginPanels
from portal.streamfield import MigrationLightStreamField
from venues.blocks import BodyBlock
from venues.editing import VendorSafeForm
from venues.models.located import IMAGE, SitePage


class ArtistPage(SitePage):
    """Who performs, speaks or plays. Every vendor may name it; only its owner edits it."""

    summary = models.CharField(_("summary"), max_length=300, blank=True)
    image = models.ForeignKey("wagtailimages.Image", verbose_name=_("picture"), **IMAGE)
    biography = RichTextField(_("biography"), blank=True)
    genres = models.CharField(_("genres"), max_length=200, blank=True, help_text=_("Separated by commas."))
    body = MigrationLightStreamField(BodyBlock(), blank=True, verbose_name=_("more"))

    context_of = "venues.contexts.artist"
    base_form_class = VendorSafeForm
    parent_page_types: ClassVar[list[str]] = ["venues.ArtistIndexPage", "venues.VendorPage"]
    subpage_types: ClassVar[list[str]] = []
    search_fields = [
        *SitePage.search_fields,
        index.SearchField("summary"),
        index.SearchField("biography"),
        index.SearchField("genres"),
        index.SearchField("body"),
    ]
    content_panels = [
        *SitePage.content_panels,
        FieldPanel("summary"),
        FieldPanel("image"),
        FieldPanel("genres"),
        FieldPanel("biography"),
        InlinePanel("links", label=_("Link")),
        FieldPanel("body"),
        PluginPanels("venues.ArtistPage"),
    ]

    class Meta:
        verbose_name = _("artist")


class ArtistLink(Orderable):
    artist = ParentalKey(ArtistPage, on_delete=models.CASCADE, related_name="links")
    title = models.CharField(_("title"), max_length=60)
    url = models.URLField(_("address"))

    class Meta(Orderable.Meta):
        verbose_name = _("link")

    def __str__(self) -> str:
        return self.title
