"""Short lists of events for the pages of venues, artists and vendors, and the indexes of those pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import now

from venues.models.listing import EventListing
from venues.queries import browse, with_badges

SOON = 24
PAST = 12
PAGES = 24


def upcoming(**filters: Any) -> Sequence[EventListing]:
    """What's on next, by the filters of `browse`: venue_id=, vendor_id= or artist=."""
    return with_badges(list(browse(_params(filters))[:SOON]))


def past(**filters: Any) -> Sequence[EventListing]:
    """What was on last, the latest first."""
    over = browse({**_params(filters), "date_from": "0001-01-01", "sort": "-date"}).filter(end__lte=now())
    return with_badges(list(over[:PAST]))


def page_of_pages(request: HttpRequest, pages: QuerySet) -> Page:
    """The page of `pages` that ?page= names; the nearest one for a number that makes no sense."""
    return Paginator(pages, PAGES).get_page(request.GET.get("page"))


def _params(filters: dict[str, Any]) -> dict[str, Any]:
    return {name.removesuffix("_id"): value for name, value in filters.items()}
