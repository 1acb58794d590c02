"""Choosers for venues and artists: one searchable list of all that an editor may name, instead of the pages' tree."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import chooser
from wagtail.admin.viewsets.chooser import ChooserViewSet

from portal.converters import is_id
from venues.ownership import fenced_vendor, usable_pages


class UsablePages:
    """Limits a chooser's view to the pages that the editor may use."""

    request: Any
    model_class: Any
    ordering = "title"

    def get_object_list(self) -> QuerySet:
        vendor = fenced_vendor(self.request.user)
        pages = self.model_class.objects.all()
        # By id, because the search that Wagtail puts on top filters by indexed fields only.
        return pages.filter(pk__in=usable_pages(vendor).values("pk")) if vendor else pages

    def get_object(self, pk: str) -> Any:
        return self.get_object_list().get(pk=int(pk) if is_id(pk) else 0)

    def get_objects(self, pks: list[str]) -> QuerySet:
        return self.get_object_list().filter(pk__in=[int(pk) for pk in pks if is_id(pk)])

    def can_create(self) -> bool:
        return False  # a venue or an artist is a page of its own, with a draft and a preview


class CityColumn:
    @property
    def columns(self) -> list[Column]:
        return [*super().columns, Column("city", label=_("City"))]  # type: ignore[misc]


class ChooseView(UsablePages, chooser.ChooseView):
    pass


class ChooseResultsView(UsablePages, chooser.ChooseResultsView):
    pass


class ChosenView(UsablePages, chooser.ChosenView):
    pass


class ChosenMultipleView(UsablePages, chooser.ChosenMultipleView):
    pass


class ChooseVenueView(CityColumn, ChooseView):
    pass


class ChooseVenueResultsView(CityColumn, ChooseResultsView):
    pass


class ArtistChooserViewSet(ChooserViewSet):
    model = "venues.ArtistPage"
    icon = "group"
    choose_one_text = _("Choose an artist")
    choose_another_text = _("Choose another artist")
    edit_item_text = _("Edit this artist")
    choose_view_class = ChooseView
    choose_results_view_class = ChooseResultsView
    chosen_view_class = ChosenView
    chosen_multiple_view_class = ChosenMultipleView
    register_widget = False


class VenueChooserViewSet(ArtistChooserViewSet):
    model = "venues.VenuePage"
    icon = "home"
    choose_one_text = _("Choose a venue")
    choose_another_text = _("Choose another venue")
    edit_item_text = _("Edit this venue")
    choose_view_class = ChooseVenueView
    choose_results_view_class = ChooseVenueResultsView


venue_chooser = VenueChooserViewSet("venue_chooser")
artist_chooser = ArtistChooserViewSet("artist_chooser")
VenueChooser = venue_chooser.widget_class
ArtistChooser = artist_chooser.widget_class
