"""What pages say of themselves to other sites. ``{% load sharing %}``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from venues.api.represent import absolute
from venues.browsing import FilterForm
from venues.models import ArtistPage, EventPage, VenuePage
from venues.services.pictures import share_url
from venues.sharing import structured
from venues.sharing.pictures import picture_path

register = template.Library()
# Within a script element these could end it, or begin a comment that swallows its end.
ESCAPED = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


@register.simple_tag(takes_context=True)
def share_head(context: Mapping[str, Any]) -> SafeString:
    """``{% share_head %}`` in the head of an event's, a venue's or an artist's page: its address, cards and JSON-LD.

    Nothing in previews, nor for an event that not everybody may see.
    """
    page = context["page"]
    graph, picture = _told(page, context)
    if graph is None:
        return SafeString()
    return mark_safe(  # noqa: S308 - a template's and a tag's own escaping
        render_to_string(
            "components/share_head.html",
            {
                "page": page,
                "url": absolute(page.get_url() or ""),
                "picture": picture,
                "drawn": isinstance(page, EventPage),
                "site_name": settings.WAGTAIL_SITE_NAME,
                "base": settings.BASE_URL,
                "graph": graph,
            },
        )
    )


def _told(page: Any, context: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """The graph of `page`, and the address of its picture."""
    if getattr(context["request"], "is_preview", False):
        return None, ""
    if isinstance(page, EventPage):
        listing = context.get("listing")
        if listing is None:
            return None, ""
        return structured.event_graph(page, listing, context["lineup"]), absolute(picture_path(listing))
    make = {VenuePage: structured.venue_graph, ArtistPage: structured.artist_graph}[type(page)]
    return make(page), absolute(share_url(page.image))


@register.simple_tag(takes_context=True)
def search_query(context: Mapping[str, Any]) -> str:
    """The filters of the browse page that are set, as a query for its feeds, which take nothing else."""
    given = context["request"].GET
    return urlencode({name: given[name] for name in FilterForm.base_fields if given.get(name)})


@register.simple_tag
def calendar_url() -> str:
    """The feed for calendars, by the scheme that they take subscriptions by."""
    return "webcal" + absolute(reverse("feed_ics")).removeprefix("https").removeprefix("http")


@register.filter
def absolute_url(path: str) -> str:
    return absolute(path)


@register.filter
def json_ld(graph: Any) -> SafeString:
    """`graph` as a block of data, which no policy stops and no title can get out of."""
    text = json.dumps(graph, ensure_ascii=False).translate(ESCAPED)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308
