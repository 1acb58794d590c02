"""A search as a feed: iCalendar (RFC 5545), JSON Feed 1.1 and RSS 2.0."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import get_language
from icalendar import Calendar, Event

from portal.dates import when_text, zone_of
from venues.api.represent import absolute, represent_listing
from venues.models import EventListing
from venues.sharing.pictures import picture_path

MOST = 200  # events of one feed
REFRESH = timedelta(hours=3)  # how often calendars should ask again
# What XML 1.0 can't hold, and nobody means to say.
UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
SEQUENCE_ZERO = 1_735_689_600  # the beginning of 2025


@dataclass(frozen=True)
class Feed:
    """`home` is the page that shows the same search, `address` the feed itself."""

    title: str
    home: str
    address: str
    listings: Sequence[EventListing]


@dataclass(frozen=True)
class Format:
    """`sort` is the order where none is asked for: readers of news want what is new."""

    content_type: str
    write: Callable[[Feed], bytes]
    sort: str


def uid_of(listing: EventListing) -> str:
    """The same for the life of the event, in every format."""
    return f"event-{listing.pk}@{urlsplit(settings.BASE_URL).hostname}"


def sequence_at(changed: datetime, *, canceled: bool) -> int:
    """Minutes from 2025 to `changed`: it never falls, and fits 32 bits for centuries.

    A cancellation counts as one more, since it may come in the same minute.
    """
    return max(0, int(changed.timestamp() - SEQUENCE_ZERO) // 60) + canceled


def changed_at(listing: EventListing) -> datetime:
    return listing.changed_at or listing.published_at


def to_calendar(feed: Feed) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.WAGTAIL_SITE_NAME}//Events//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", feed.title)
    calendar.add("x-wr-calname", feed.title)
    calendar.add("url", feed.home)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", REFRESH)
    for listing in feed.listings:
        calendar.add_component(_entry(listing))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _entry(listing: EventListing) -> Event:
    entry, zone, changed = Event(), zone_of(listing.timezone), changed_at(listing)
    entry.add("uid", uid_of(listing))
    entry.add("sequence", sequence_at(changed, canceled=listing.canceled))
    entry.add("dtstamp", changed)
    entry.add("last-modified", changed)
    entry.add("dtstart", listing.start.astimezone(zone))
    entry.add("dtend", listing.end.astimezone(zone))
    entry.add("summary", speakable(listing.title))
    entry.add("description", speakable(listing.summary))
    entry.add("location", speakable(_place(listing)))
    entry.add("url", absolute(listing.path))
    entry.add("categories", [listing.type])
    entry.add("status", "CANCELLED" if listing.canceled else "CONFIRMED")
    entry.add("transp", "TRANSPARENT")  # what's on keeps nobody busy
    return entry


def to_json_feed(feed: Feed) -> bytes:
    found = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.address,
        "language": get_language() or settings.LANGUAGE_CODE,
        "items": [_item(listing) for listing in feed.listings],
    }
    return json.dumps(found, ensure_ascii=False).encode()


def _item(listing: EventListing) -> dict[str, Any]:
    item = {
        "id": uid_of(listing),
        "url": absolute(listing.path),
        "title": listing.title,
        "content_text": _told(listing),
        "summary": listing.summary,
        "image": absolute(picture_path(listing)),
        "date_published": listing.published_at.isoformat(),
        "date_modified": changed_at(listing).isoformat(),
        "authors": [{"name": listing.vendor_name}],
        "tags": [listing.type],
    }
    return {**{name: value for name, value in item.items() if value}, "_event": represent_listing(listing)}


def to_rss(feed: Feed) -> bytes:
    written = Rss201rev2Feed(
        title=speakable(feed.title), link=feed.home, description=speakable(feed.title), feed_url=feed.address,
        language=get_language() or settings.LANGUAGE_CODE, ttl=int(REFRESH.total_seconds() // 60),
    )  # fmt: skip
    for listing in feed.listings:
        written.add_item(
            title=speakable(listing.title),
            link=absolute(listing.path),
            description=speakable(_told(listing)),
            unique_id=uid_of(listing),
            unique_id_is_permalink=False,
            pubdate=listing.published_at,
            categories=[listing.type],
        )
    return written.writeString("utf-8").encode()


def _told(listing: EventListing) -> str:
    """When and where in one line, and what it is in another."""
    facts = [when_text(listing.start, listing.timezone), _place(listing)]
    return "\n".join(filter(None, [" · ".join(filter(None, facts)), listing.summary]))


def _place(listing: EventListing) -> str:
    return ", ".join(filter(None, [listing.venue_name, listing.city]))


def speakable(text: str) -> str:
    """`text` without what XML can't hold."""
    return UNSPEAKABLE.sub("", text)


FORMATS = {
    "ics": Format("text/calendar; charset=utf-8", to_calendar, "date"),
    "json": Format("application/feed+json", to_json_feed, "newest"),
    "rss": Format("application/rss+xml; charset=utf-8", to_rss, "newest"),
}
