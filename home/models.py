"""The site's front page, and plain pages of text."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, PageChooserPanel
from wagtail.models import Orderable
from wagtail.search import index

from portal.panels import PluginPanels
from portal.streamfield import MigrationLightStreamField
from venues.blocks import BodyBlock
from venues.models.located import SitePage


class HomePage(SitePage):
    """The site's front page."""

    intro = models.CharField(_("introduction"), max_length=200, blank=True)

    context_of = "home.queries.front_of"
    max_count = 1
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    content_panels = [
        *SitePage.content_panels,
        FieldPanel("intro"),
        InlinePanel("picks", heading=_("Editors' picks"), label=_("Event"), max_num=8),
        PluginPanels("home.HomePage"),
    ]

    class Meta:
        verbose_name = _("home page")


class Pick(Orderable):
    """An event that the editors recommend on the front page. A deleted event is no pick any more."""

    page = ParentalKey(HomePage, on_delete=models.CASCADE, related_name="picks")
    event = models.ForeignKey("venues.EventPage", verbose_name=_("event"), on_delete=models.CASCADE, related_name="+")

    panels = [PageChooserPanel("event")]

    class Meta(Orderable.Meta):
        verbose_name = _("pick")

    def __str__(self) -> str:
        return f"{self.event}"


class PlainPage(SitePage):
    """A page of text: about, help, terms."""

    body = MigrationLightStreamField(BodyBlock(), blank=True, verbose_name=_("body"))

    parent_page_types: ClassVar[list[str]] = ["home.HomePage", "home.PlainPage"]
    subpage_types: ClassVar[list[str]] = ["home.PlainPage"]
    search_fields = [*SitePage.search_fields, index.SearchField("body")]
    content_panels = [*SitePage.content_panels, FieldPanel("body")]

    class Meta:
        verbose_name = _("page of text")
