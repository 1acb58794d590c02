"""What staff put above the results of a search: Wagtail's promoted search results."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from django.core.cache import cache
from django.db.models import Q
from wagtail.contrib.search_promotions.models import SearchPromotion
from wagtail.models import Page
from wagtail.search.utils import normalise_query_string

from venues.privacy import public

SECONDS = 60  # all of them are kept that long, so that no search asks the database


class Promoted(NamedTuple):
    title: str
    url: str
    description: str


def promoted_for(text: str) -> list[Promoted]:
    """What is promoted for a search for `text`, in staff's order; pages only while anybody may see them."""
    if not text:
        return []
    return (cache.get_or_set("venues.promoted", _all, SECONDS) or {}).get(normalise_query_string(text), [])


def _all() -> dict[str, list[Promoted]]:
    shown = Q(page=None) | Q(page__in=public(Page.objects))
    found = defaultdict(list)
    for promotion in SearchPromotion.objects.filter(shown).select_related("query", "page").order_by("sort_order", "pk"):
        url = promotion.page.get_url() if promotion.page else promotion.external_link_url
        found[promotion.query.query_string].append(Promoted(promotion.title or url, url, promotion.description))
    return dict(found)
