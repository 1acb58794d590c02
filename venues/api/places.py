"""GET /venues, /artists, and one of each: published ones, which every vendor's events may name."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from rest_framework.response import Response
from wagtail.models import Page

from portal.answers import PageOf
from portal.api.operations import Operation
from portal.api.views import ApiView, ListView
from venues.api.answers import Artist, ArtistDetails, Venue, VenueDetails
from venues.api.parameters import NamesQuery, VenuesQuery
from venues.api.represent import (
    represent_artist,
    represent_artist_details,
    represent_venue,
    represent_venue_details,
)
from venues.models import ArtistPage, VenuePage
from venues.privacy import public

MAX_AGE = 60  # seconds


class VenuesView(ListView):
    """Published venues, which every vendor's events may name."""

    query = VenuesQuery
    ordering = ("title",)
    operations: ClassVar = {"GET": Operation("list_venues", "Find venues", {200: PageOf[Venue]})}
    max_age = MAX_AGE

    def rows(self, params: dict[str, Any]) -> QuerySet[VenuePage]:
        venues = _named(public(VenuePage.objects), params)
        return venues.filter(city__iexact=params["city"]) if "city" in params else venues

    def represent(self, row: VenuePage) -> Venue:
        return represent_venue(row)


class ArtistsView(ListView):
    """Published artists, which every vendor's events may name."""

    query = NamesQuery
    ordering = ("title",)
    operations: ClassVar = {"GET": Operation("list_artists", "Find artists", {200: PageOf[Artist]})}
    max_age = MAX_AGE

    def rows(self, params: dict[str, Any]) -> QuerySet[ArtistPage]:
        return _named(public(ArtistPage.objects), params)

    def represent(self, row: ArtistPage) -> Artist:
        return represent_artist(row)


class VenueView(ApiView):
    """One venue with its areas and how to get there."""

    scopes: ClassVar[dict[str, str | None]] = {"GET": None}
    operations: ClassVar = {"GET": Operation("get_venue", "Read one venue", {200: VenueDetails})}
    max_age = MAX_AGE

    def get(self, request: Any, page_id: str) -> Response:
        return Response(represent_venue_details(_live(VenuePage, page_id)))


class ArtistView(ApiView):
    """One artist with biography and links."""

    scopes: ClassVar[dict[str, str | None]] = {"GET": None}
    operations: ClassVar = {"GET": Operation("get_artist", "Read one artist", {200: ArtistDetails})}
    max_age = MAX_AGE

    def get(self, request: Any, page_id: str) -> Response:
        return Response(represent_artist_details(_live(ArtistPage, page_id)))


def _named(pages: QuerySet, params: dict[str, Any]) -> QuerySet:
    """Those of `pages` whose title has every word of ?search=."""
    for word in params.get("search", "").split():
        pages = pages.filter(title__icontains=word)
    return pages.filter(alias_of=None)


def _live(model: type[Page], page_id: str) -> Any:
    if not (page_id.isascii() and page_id.isdecimal() and len(page_id) < 19):
        raise Http404
    page = public(model.objects).select_related("image").filter(pk=int(page_id)).first()
    if page is None:
        raise Http404
    return page
