"""What the templates of venues' pages get, by kind of page. Named by each page model's `context_of`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from venues.browsing import browse_context
from venues.models import ArtistPage, EventIndexPage, EventPage, VendorPage, VenuePage
from venues.models.located import SitePage
from venues.privacy import public
from venues.programme import page_of_pages, past, upcoming


def event_index(page: EventIndexPage, request: HttpRequest) -> dict[str, Any]:
    return browse_context(request.GET)


def vendor_index(page: SitePage, request: HttpRequest) -> dict[str, Any]:
    vendors = public(VendorPage.objects).select_related("vendor", "logo").order_by("title")
    return {"page_obj": page_of_pages(request, vendors)}


def venue_index(page: SitePage, request: HttpRequest) -> dict[str, Any]:
    venues = public(VenuePage.objects.filter(alias_of=None)).select_related("image").order_by("title")
    return {"page_obj": page_of_pages(request, venues)}


def artist_index(page: SitePage, request: HttpRequest) -> dict[str, Any]:
    artists = public(ArtistPage.objects.filter(alias_of=None)).select_related("image").order_by("title")
    return {"page_obj": page_of_pages(request, artists)}


def vendor(page: VendorPage, request: HttpRequest) -> dict[str, Any]:
    return {"vendor": page.vendor, "upcoming": upcoming(vendor_id=page.vendor_id)}


def venue(page: VenuePage, request: HttpRequest) -> dict[str, Any]:
    return {"upcoming": upcoming(venue_id=page.pk), "past": past(venue_id=page.pk)}


def artist(page: ArtistPage, request: HttpRequest) -> dict[str, Any]:
    return {"upcoming": upcoming(artist=page.pk), "past": past(artist=page.pk)}


def event(page: EventPage, request: HttpRequest) -> dict[str, Any]:
    """In a preview the line-up is what the form holds, and there may be no listing yet."""
    lineup = page.lineup.all()
    if page.pk and not getattr(request, "is_preview", False):
        lineup = lineup.select_related("artist__image")
    return {"listing": getattr(page, "listing", None), "venue": page.venue, "lineup": list(lineup)}
