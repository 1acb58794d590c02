from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from portal.streamfield import MigrationLightStreamField
from venues.blocks import BodyBlock


class HomePage(Page):
    """The site's front page."""

    intro = models.CharField(_("introduction"), max_length=200, blank=True)

    max_count = 1


class PlainPage(Page):
    """A page of text: about, help, terms."""

    body = MigrationLightStreamField(BodyBlock(), blank=True)

    subpage_types: ClassVar[list[str]] = ["home.PlainPage"]
