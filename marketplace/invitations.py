"""Events for calendars (RFC 5545): one entry an order, whichever of its tickets it was fetched from."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from marketplace.facts import address_of
from marketplace.models import Order
from portal.dates import clock_text, zone_of
from venues.models import EventPage
from venues.sharing.feeds import sequence_at

ALARM = timedelta(hours=2)


def order_ics(order: Order) -> bytes:
    """The event of `order` with its UID, which stays the same, and a SEQUENCE that rises when the event changes."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.WAGTAIL_SITE_NAME}//Tickets//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(_entry(order))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def uid_of(order: Order) -> str:
    return f"order-{order.pk}-event-{order.event_id}@{urlsplit(settings.BASE_URL).hostname}"


def sequence_of(event: EventPage) -> int:
    return sequence_at(_changed(event), canceled=event.canceled_at is not None)


def _entry(order: Order) -> Event:
    event, entry = order.event, Event()
    zone = zone_of(event.zone)
    entry.add("uid", uid_of(order))
    entry.add("sequence", sequence_of(event))
    entry.add("dtstamp", _changed(event))
    entry.add("dtstart", event.start.astimezone(zone))
    entry.add("dtend", event.end.astimezone(zone))
    entry.add("summary", event.title)
    entry.add("description", _description(order))
    entry.add("url", settings.BASE_URL + reverse("marketplace:order", args=[order.code]))
    entry.add("status", "CANCELLED" if event.canceled_at else "CONFIRMED")
    entry.add("transp", "OPAQUE")
    if event.venue:
        entry.add("location", ", ".join([event.venue.title, *address_of(event.venue)]))
    if event.venue and event.venue.latitude is not None and event.venue.longitude is not None:
        entry.add("geo", (float(event.venue.latitude), float(event.venue.longitude)))
    entry.add_component(_alarm(event))
    return entry


def _description(order: Order) -> str:
    lines = [_("Order %(code)s") % {"code": order.code}]
    if order.event.doors:
        lines.append(_("Doors open at %(time)s.") % {"time": clock_text(order.event.doors, order.event.zone)})
    return "\n".join(lines)


def _alarm(event: EventPage) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", event.title)
    alarm.add("trigger", -ALARM)
    return alarm


def _changed(event: EventPage) -> datetime:
    return max(filter(None, [event.last_published_at, event.canceled_at]), default=timezone.now())
