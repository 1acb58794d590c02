"""Answers to oEmbed consumers (https://oembed.com): a frame with the event's tickets."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import urlencode
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from venues.api.represent import absolute
from venues.models import EventListing
from venues.sharing import drawing
from venues.sharing.feeds import speakable
from venues.sharing.pictures import picture_path
from venues.sharing.requests import HEIGHT, WIDTH, Question

KEEP = 3600  # seconds


def frame_url(event_id: int, **options: str) -> str:
    """The address of the event's frame; `options` are its theme and an affiliate's code, where there are any."""
    query = urlencode({name: value for name, value in options.items() if value})
    return absolute(reverse("event_frame", args=[event_id])) + (f"?{query}" if query else "")


def frame_html(listing: EventListing, *, width: int = WIDTH, height: int = HEIGHT, **options: str) -> str:
    """The frame as HTML for somebody else's page."""
    title = _("Tickets: %(title)s") % {"title": listing.title}
    address = frame_url(listing.pk, **options)
    return format_html(
        '<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy" frameborder="0"></iframe>',
        address, title, width, height,
    )  # fmt: skip


def script_html(listing: EventListing, **options: str) -> str:
    """A link that the widget's script turns into the frame."""
    script = format_html('<script src="{}" async></script>', absolute(reverse("widget")))
    return format_html("{}\n{}", link_html(listing, **options), script)


def link_html(listing: EventListing, *, theme: str = "", via: str = "") -> str:
    address = absolute(listing.path) + (f"?via={via}" if via else "")
    data = {"foyer-event": listing.pk, "theme": theme, "via": via}
    marks = format_html_join("", ' data-{}="{}"', ((name, value) for name, value in data.items() if value))
    return format_html('<a href="{}"{}>{}</a>', address, marks, listing.title)


def answer_of(question: Question) -> dict[str, Any]:
    listing = question.listing
    answer = {
        "version": "1.0",
        "type": "rich",
        "title": listing.title,
        "author_name": listing.vendor_name,
        "provider_name": settings.WAGTAIL_SITE_NAME,
        "provider_url": settings.BASE_URL,
        "cache_age": KEEP,
        "html": frame_html(listing, width=question.width, height=question.height, via=question.via),
        "width": question.width,
        "height": question.height,
    }
    if question.room[0] >= drawing.WIDTH and question.room[1] >= drawing.HEIGHT:  # else the answer may not have one
        answer |= {
            "thumbnail_url": absolute(picture_path(listing)),
            "thumbnail_width": drawing.WIDTH,
            "thumbnail_height": drawing.HEIGHT,
        }
    return answer


def as_json(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode()


def as_xml(answer: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    xml = SimplerXMLGenerator(out, "utf-8")
    xml.startDocument()
    xml.startElement("oembed", AttributesImpl({}))
    for name, value in answer.items():
        xml.addQuickElement(name, speakable(str(value)))
    xml.endElement("oembed")
    xml.endDocument()
    return out.getvalue()


WRITERS = {"json": ("application/json", as_json), "xml": ("text/xml; charset=utf-8", as_xml)}
