"""Where it happens."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable
from wagtail.search import index

from portal.panels import PluginPanels
from portal.streamfield import MigrationLightStreamField
from venues.blocks import BodyBlock
from venues.editing import VendorSafeForm
from venues.models.located import IMAGE, SitePage
from venues.zones import ZoneSelect, check_timezone

COUNTRY = RegexValidator(r"^[A-Z]{2}$", _("Two capital letters, such as DE."))


class VenuePage(SitePage):
    """A place where events happen. Every vendor may name it; only its owner edits it."""

    summary = models.CharField(_("summary"), max_length=300, blank=True)
    image = models.ForeignKey("wagtailimages.Image", verbose_name=_("picture"), **IMAGE)
    address = models.CharField(_("street and number"), max_length=200)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=100)
    country = models.CharField(
        _("country"), max_length=2, validators=[COUNTRY], help_text=_("ISO 3166, two letters, such as DE.")
    )
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=8,
        decimal_places=5,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=8,
        decimal_places=5,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    timezone = models.CharField(
        _("time zone"), max_length=50, validators=[check_timezone], help_text=_("An IANA name, such as Europe/Berlin.")
    )
    capacity = models.PositiveIntegerField(_("capacity"), null=True, blank=True)
    accessibility = RichTextField(_("access"), blank=True)
    transport = RichTextField(_("transport"), blank=True)
    directions = RichTextField(_("how to get there"), blank=True)
    body = MigrationLightStreamField(BodyBlock(), blank=True, verbose_name=_("more"))

    context_of = "venues.contexts.venue"
    base_form_class = VendorSafeForm
    parent_page_types: ClassVar[list[str]] = ["venues.VenueIndexPage", "venues.VendorPage"]
    subpage_types: ClassVar[list[str]] = []
    search_fields = [
        *SitePage.search_fields,
        index.SearchField("summary"),
        index.SearchField("address"),
        index.SearchField("city"),
        index.SearchField("body"),
        index.FilterField("city"),
    ]
    content_panels = [
        *SitePage.content_panels,
        FieldPanel("summary"),
        FieldPanel("image"),
        MultiFieldPanel(
            [
                FieldPanel("address"),
                FieldRowPanel([FieldPanel("postcode"), FieldPanel("city"), FieldPanel("country")]),
                FieldRowPanel([FieldPanel("latitude"), FieldPanel("longitude")]),
                FieldPanel("timezone", widget=ZoneSelect),
            ],
            heading=_("Place"),
        ),
        MultiFieldPanel([FieldPanel("capacity"), InlinePanel("areas", label=_("Area"))], heading=_("Room")),
        MultiFieldPanel(
            [FieldPanel("accessibility"), FieldPanel("transport"), FieldPanel("directions")], heading=_("Getting in")
        ),
        FieldPanel("body"),
        PluginPanels("venues.VenuePage"),
    ]

    class Meta:
        verbose_name = _("venue")

    def clean(self) -> None:
        super().clean()
        if (self.latitude is None) != (self.longitude is None):
            empty = "latitude" if self.latitude is None else "longitude"
            raise ValidationError({empty: _("Give both coordinates, or neither.")})


class VenueArea(Orderable):
    """A part of a venue: hall, balcony, garden."""

    venue = ParentalKey(VenuePage, on_delete=models.CASCADE, related_name="areas")
    name = models.CharField(_("name"), max_length=80)
    capacity = models.PositiveIntegerField(_("capacity"), null=True, blank=True)
    accessible = models.BooleanField(_("step-free"), default=False)

    class Meta(Orderable.Meta):
        verbose_name = _("area")

    def __str__(self) -> str:
        return self.name
