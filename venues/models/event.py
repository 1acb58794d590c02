"""What's on."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable
from wagtail.search import index

from portal.panels import PluginPanels
from portal.streamfield import MigrationLightStreamField
from venues.blocks import BodyBlock
from venues.choosers import ArtistChooser, VenueChooser
from venues.editing import EventPageForm
from venues.models.artist import ArtistPage
from venues.models.located import IMAGE, SitePage
from venues.models.venue import VenuePage
from venues.zones import ZoneSelect, check_timezone


class EventPage(SitePage):
    """One event. What it sells hangs on plain foreign keys elsewhere, never on this page or its revisions.

    `start`, `end` and `doors` are instants; editors type the wall clock of the event's zone (venues.editing).
    """

    summary = models.CharField(_("summary"), max_length=300, blank=True, help_text=_("One sentence for lists."))
    type = models.ForeignKey("venues.EventType", verbose_name=_("type"), on_delete=models.PROTECT, related_name="+")
    image = models.ForeignKey("wagtailimages.Image", verbose_name=_("poster"), **IMAGE)
    start = models.DateTimeField(_("start"))
    end = models.DateTimeField(_("end"))
    doors = models.DateTimeField(_("doors open"), null=True, blank=True)
    venue = models.ForeignKey(
        VenuePage, verbose_name=_("venue"), null=True, blank=True, on_delete=models.PROTECT, related_name="events"
    )
    timezone = models.CharField(
        _("time zone"),
        max_length=50,
        blank=True,
        validators=[check_timezone],
        help_text=_("Only where there is no venue, or its zone is not the event's."),
    )
    age_limit = models.PositiveSmallIntegerField(_("age limit"), null=True, blank=True)
    policies = RichTextField(_("policies"), blank=True)
    body = MigrationLightStreamField(BodyBlock(), blank=True, verbose_name=_("body"))
    # A fact about the event, not content: no revision carries it and no copy inherits it.
    canceled_at = models.DateTimeField(null=True, blank=True, editable=False)

    context_of = "venues.contexts.event"
    base_form_class = EventPageForm
    parent_page_types: ClassVar[list[str]] = ["venues.VendorPage"]
    subpage_types: ClassVar[list[str]] = []
    exclude_fields_in_copy: ClassVar[list[str]] = ["canceled_at"]
    search_fields = [
        *SitePage.search_fields,
        index.SearchField("summary"),
        index.SearchField("body"),
        index.FilterField("start"),
        index.RelatedFields("venue", [index.SearchField("title")]),
    ]
    content_panels = [
        *SitePage.content_panels,
        FieldPanel("summary"),
        FieldRowPanel([FieldPanel("type", widget=forms.Select), FieldPanel("age_limit")]),
        FieldPanel("image"),
        MultiFieldPanel(
            [
                FieldPanel("venue", widget=VenueChooser),
                FieldPanel("timezone", widget=ZoneSelect),
                FieldRowPanel([FieldPanel("start"), FieldPanel("end"), FieldPanel("doors")]),
            ],
            heading=_("Where and when"),
        ),
        InlinePanel("lineup", label=_("Artist"), heading=_("Line-up")),
        FieldPanel("body"),
        FieldPanel("policies"),
        PluginPanels("venues.EventPage"),
    ]

    class Meta:
        verbose_name = _("event")

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
        errors = {}
        if not self.timezone and not self.venue_id:
            errors["timezone"] = _("Choose a venue, or a time zone: the event's times are that place's.")
        if self.start and self.end and self.end <= self.start:
            errors["end"] = _("The end must be after the start.")
        if self.doors and self.start and self.doors > self.start:
            errors["doors"] = _("Doors must open before the start.")
        if errors:
            raise ValidationError(errors)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """An alias leads to the event itself: tickets are sold at one place only."""
        if self.alias_of_id:
            return redirect(self.alias_of.get_url(request))
        return super().serve(request, *args, **kwargs)


class LineupEntry(Orderable):
    """An artist's place in an event's line-up."""

    event = ParentalKey(EventPage, on_delete=models.CASCADE, related_name="lineup")
    artist = models.ForeignKey(ArtistPage, on_delete=models.PROTECT, related_name="appearances")
    note = models.CharField(_("note"), max_length=80, blank=True, help_text=_("Such as “headliner”."))

    panels = [FieldPanel("artist", widget=ArtistChooser), FieldPanel("note")]

    class Meta(Orderable.Meta):
        verbose_name = _("artist in the line-up")

    def __str__(self) -> str:
        return f"{self.artist}"
