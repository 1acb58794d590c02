"""How pages show money, dates, icons and an event's accent. ``{% load display %}``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import QueryDict
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from portal import dates, money
from portal.accent import hue_of
from portal.icons import ICONS

register = template.Library()

FONTS = {
    "display": "vendor/fonts/bricolage-grotesque-latin-wdth-normal.woff2",
    "text": "vendor/fonts/instrument-sans-latin-wght-normal.woff2",
}
FONT_STYLES = "vendor/fonts/fonts.css"

# What a User-Agent header gives away, and its name; the first that is found counts, for most name several.
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "FxiOS": "Firefox", "Chrome": "Chrome"}
BROWSERS |= {"CriOS": "Chrome", "Safari": "Safari"}
SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "CrOS": "ChromeOS"}
SYSTEMS |= {"Mac OS": "Mac", "Linux": "Linux"}


@register.filter(name="money")
def money_text(amount: int | None, currency: str) -> str:
    """``{{ order.total|money:order.currency }}``: €25.00."""
    return "" if amount is None else money.text(amount, currency)


@register.filter
def price(amount: int | None, currency: str) -> str:
    """Like `money`, but nothing to pay is "Free"."""
    return gettext("Free") if amount == 0 else money_text(amount, currency)


@register.filter
def day(instant: datetime | None, zone: str = "UTC") -> str:
    """``{{ event.start|day:event.zone }}``: Sat 14 Feb 2026."""
    return dates.day_text(instant, zone) if instant else ""


@register.filter
def clock(instant: datetime | None, zone: str = "UTC") -> str:
    """``{{ event.start|clock:event.zone }}``: 20:00."""
    return dates.clock_text(instant, zone) if instant else ""


@register.filter
def when(instant: datetime | None, zone: str = "UTC") -> str:
    """``{{ event.start|when:event.zone }}``: Sat 14 Feb 2026, 20:00 CET."""
    return dates.when_text(instant, zone) if instant else ""


@register.filter
def until(instant: datetime | None, zone: str = "UTC") -> str:
    """``{{ event.start|until:event.zone }}``: today, tomorrow, in 3 days, or nothing."""
    return dates.until_text(instant, zone) if instant else ""


@register.filter
def zone(event: Any) -> str:
    """The IANA name of an event's or a listing's zone."""
    return getattr(event, "zone", "") or getattr(event, "timezone", "") or "UTC"


@register.filter
def zone_name(zone: str) -> str:
    """ "Europe/Berlin" as people write it: Berlin (Europe)."""
    area, _slash, city = zone.replace("_", " ").partition("/")
    return f"{city.rpartition('/')[2]} ({area})" if city else area


@register.filter
def browser(agent: str) -> str:
    """``{{ session.user_agent|browser }}``: Firefox on Linux."""
    name = next((name for sign, name in BROWSERS.items() if sign in agent), gettext("A browser"))
    system = next((name for sign, name in SYSTEMS.items() if sign in agent), "")
    return gettext("{name} on {system}").format(name=name, system=system) if system else name


@register.filter
def words(text: str, separator: str = "") -> list[str]:
    """The parts of `text` between separators, without the space around them."""
    return [part.strip() for part in text.split(separator or None) if part.strip()]


@register.filter
def days(event: Any) -> str:
    """``{{ event|days }}``: the event's day or days, with the year."""
    return dates.days_text(event.start, event.end, zone(event))


@register.filter
def hue(value: Any) -> str:
    """``data-hue="{{ listing|hue }}"``: the accent of an event, a listing, or a colour; empty for the house's own."""
    color = value if isinstance(value, str) else getattr(value, "accent", "")
    return hue_of(color)


@register.simple_tag
def time(instant: datetime, name: str, form: str = "when", viewer: bool = False) -> SafeString:
    """``{% time event.start event.zone %}``: a <time> in the zone `name`; `form` is "when", "day" or "clock".

    With `viewer`, foyer.js puts the viewer's own time beside it where that differs.
    """
    shown = {"when": dates.when_text, "day": dates.day_text, "clock": dates.clock_text}[form](instant, name)
    local = dates.local(instant, name).isoformat()
    if not viewer:
        return format_html('<time datetime="{}">{}</time>', local, shown)
    note = gettext("{} your time")
    return format_html('<time datetime="{}" data-zone="{}" data-viewer="{}">{}</time>', local, name, note, shown)


@register.inclusion_tag("components/date.html")
def date(event: Any) -> dict[str, Any]:
    """``{% date event %}``: the event's day, large."""
    parts = dates.date_parts(event.start, event.end, zone(event))
    return {"parts": parts, "start": dates.local(event.start, zone(event)), "text": days(event)}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """``{% icon "pin" %}``, or with a label where no text stands beside it."""
    path = ICONS[name]
    if not label:
        return format_html('<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="{}"/></svg>', path)
    return format_html(
        '<svg class="icon" viewBox="0 0 20 20" role="img" aria-label="{}"><path d="{}"/></svg>', label, path
    )


@register.simple_tag(takes_context=True)
def query(context: Mapping[str, Any], **changes: Any) -> str:
    """``href="{% query page=2 %}"``: this page's query with `changes`; None or "" takes a parameter out."""
    request = context.get("request")
    params = request.GET.copy() if request else QueryDict(mutable=True)
    for name, value in changes.items():
        params.pop(name, None)
        if value not in (None, ""):
            params[name] = str(value)
    return f"?{params.urlencode()}"


@register.simple_tag
def asset(name: str) -> str:
    """A static file's URL, or "" where it is missing: error pages must not fail for a missing file."""
    try:
        return static(name)
    except ValueError:
        return ""


@lru_cache(maxsize=8)
def _is_there(name: str) -> bool:
    return bool(staticfiles_storage.exists(name) or (settings.DEBUG and finders.find(name)))


@register.inclusion_tag("components/fonts.html")
def fonts() -> dict[str, Any]:
    """Links to the fonts that the set-up fetched. Without them the system's own stand in."""
    if not _is_there(FONT_STYLES):
        return {}
    return {"styles": asset(FONT_STYLES), "files": [asset(name) for name in FONTS.values() if _is_there(name)]}
