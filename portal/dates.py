"""Dates and times of events for people: always in the event's own zone, named where it could be mistaken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext


@dataclass(frozen=True)
class DateParts:
    """The parts of a large date. `day` is "14", or "3–5" for several days; `year` is empty in the current one."""

    weekday: str
    day: str
    month: str
    year: str
    several: bool


@lru_cache(maxsize=512)
def zone_of(name: str) -> tzinfo:
    """The zone called `name`; UTC for a name that nobody knows."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def local(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(zone_of(zone))


def zone_label(instant: datetime, zone: str) -> str:
    """ "CET", or "UTC+3" where the zone has no abbreviation of its own."""
    moment = local(instant, zone)
    label = moment.tzname() or "UTC"
    if label[0] not in "+-":
        return label
    offset = moment.utcoffset() or timedelta()
    hours, minutes = divmod(abs(int(offset.total_seconds())) // 60, 60)
    return f"UTC{label[0]}{hours}" + (f":{minutes:02}" if minutes else "")


def last_day(start: datetime, end: datetime, zone: str) -> date:
    """The last day of an event. One that ends before six in the morning belongs to the night before."""
    first, last = local(start, zone), local(end, zone)
    if last.hour < 6 and last.date() > first.date():
        return (last - timedelta(days=1)).date()
    return last.date()


def day_text(instant: datetime, zone: str) -> str:
    """ "Sat 14 Feb 2026"."""
    return date_format(local(instant, zone), "D j M Y")


def clock_text(instant: datetime, zone: str) -> str:
    """ "20:00"."""
    return date_format(local(instant, zone), "H:i")


def when_text(start: datetime, zone: str) -> str:
    """ "Sat 14 Feb 2026, 20:00 CET"."""
    return f"{day_text(start, zone)}, {clock_text(start, zone)} {zone_label(start, zone)}"


def days_text(start: datetime, end: datetime, zone: str) -> str:
    """ "Sat 14 Feb 2026", "3 – 5 Jul 2026" or "30 Jun – 2 Jul 2026"."""
    first, last = local(start, zone).date(), last_day(start, end, zone)
    if first == last:
        return day_text(start, zone)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} – {date_format(last, 'j M Y')}"
    first_format = "j M" if first.year == last.year else "j M Y"
    return f"{date_format(first, first_format)} – {date_format(last, 'j M Y')}"


def date_parts(start: datetime, end: datetime, zone: str) -> DateParts:
    first, last = local(start, zone).date(), last_day(start, end, zone)
    several = first != last
    year = "" if first.year == local(timezone.now(), zone).year else str(first.year)
    month = date_format(first, "M")
    if several and first.month != last.month:
        month = f"{month} – {date_format(last, 'M')}"
    weekday = f"{date_format(first, 'D')} – {date_format(last, 'D')}" if several else date_format(first, "l")
    day = f"{first.day}–{last.day}" if several else str(first.day)
    return DateParts(weekday, day, month, year, several)


def until_text(start: datetime, zone: str) -> str:
    """How far away an instant's day is: "today", "tomorrow", "in 3 days"; empty for what is past or beyond two weeks."""
    days = (local(start, zone).date() - local(timezone.now(), zone).date()).days
    if days == 0:
        return gettext("today")
    if days == 1:
        return gettext("tomorrow")
    if 2 <= days <= 14:
        return ngettext("in %(count)d day", "in %(count)d days", days) % {"count": days}
    return ""
