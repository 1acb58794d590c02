"""The editor's forms: an event's times are typed as its place's wall clock, and vendors choose only what is theirs."""

from __future__ import annotations

from datetime import datetime
from itertools import chain, count
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.widgets import AdminDateTimeInput

from venues.ownership import fenced_vendor, foreign_references, references_of
from venues.zones import check_timezone, from_wall_clock, to_wall_clock


class VendorSafeForm(WagtailAdminPageForm):
    """Refuses pictures, documents and pages of another vendor's, wherever in the page they were put.

    The choosers don't offer them; this is for ids that are posted by hand. What the page held before may stay.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.vendor = fenced_vendor(self.for_user)
        self.known = references_of(self.instance) if self.vendor and self.instance.pk else set()
        if "slug" in self.fields:
            self.fields["slug"].required = False

    def clean_slug(self) -> str:
        """The editor's script makes a slug of the title, but not of one that was typed before the script had loaded."""
        base = slugify(self.cleaned_data.get("title", ""), allow_unicode=True)
        slug: str = self.cleaned_data["slug"] or self._free_slug(base)
        if not slug:
            raise ValidationError(self.fields["slug"].error_messages["required"], code="required")
        return slug

    def _free_slug(self, base: str) -> str:
        siblings = self.parent_page.get_children().exclude(pk=self.instance.pk)
        taken = set(siblings.filter(slug__startswith=base).values_list("slug", flat=True))
        return next(slug for slug in chain([base], (f"{base}-{n}" for n in count(2))) if slug not in taken)

    def is_valid(self) -> bool:
        if not super().is_valid():
            return False
        if self.vendor:
            self._refuse_foreign(self.vendor)
        return not self.errors

    def _refuse_foreign(self, vendor: Any) -> None:
        # Children of the line-up and of areas reach the page only when the form is saved.
        children = [form.instance for formset in self.formsets.values() for form in formset.forms if form.has_changed()]
        for field in foreign_references([self.instance, *children], vendor=vendor, known=self.known):
            message = _("This holds a picture, a document or a page that is not yours to use. Choose one of your own.")
            self.add_error(field if field in self.fields else None, message)


class WallClockField(forms.DateTimeField):
    """A date and time without a zone: Django's own field would take it for the editor's zone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=AdminDateTimeInput, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return value

    def to_python(self, value: Any) -> datetime | None:
        for pattern in ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"):
            try:
                return datetime.strptime(value.strip(), pattern) if value else None  # noqa: DTZ007 - a wall clock
            except (ValueError, AttributeError):
                continue
        raise ValidationError(self.error_messages["invalid"], code="invalid")


class EventPageForm(VendorSafeForm):
    """Shows `start`, `end` and `doors` as clocks at the event show them, and reads them so.

    Choosing a venue in another zone keeps the clock's time and moves the instant: it is still doors at seven.
    """

    TIMES = ("start", "end", "doors")

    start = WallClockField(label=_("Start"))
    end = WallClockField(label=_("End"))
    doors = WallClockField(label=_("Doors open"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        event = self.instance
        zone = event.zone if event.timezone or event.venue_id else ""
        for name in self.TIMES:
            value = getattr(event, name)
            if value and zone:
                self.initial[name] = to_wall_clock(value, zone)
            if name in self.fields:
                shown = zone.replace("_", " ") or _("the venue's zone")
                self.fields[name].help_text = _("Local time at the event: %(zone)s.") % {"zone": shown}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        zone = self._zone(data)
        for name in self.TIMES:
            wall = data.get(name)
            if wall is None:
                continue
            try:
                data[name] = from_wall_clock(wall, zone)
            except ValidationError as error:
                self.add_error(name, error)
        return data

    def _zone(self, data: dict[str, Any]) -> str:
        """Without a zone the form is refused (EventPage.clean), and UTC only keeps the times comparable until then."""
        if "timezone" in self.errors:
            return "UTC"
        venue = data.get("venue")
        zone = data.get("timezone") or (venue.timezone if venue else "")
        try:
            check_timezone(zone)
        except ValidationError:
            return "UTC"
        return zone
