"""Events for calendars (RFC 5545): one entry an order, whichever of its tickets it was fetched from; one of
its own for a ticket that was given away."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from marketplace.facts import address_of
from marketplace.models import Order, Ticket
from portal.dates import clock_text, zone_of
from venues.models import EventPage

ALARM = timedelta(hours=2)


def order_ics(order: Order) -> bytes:
    """The event of `order` with its UID, which stays the same, and a SEQUENCE that rises when the event changes."""
    url = reverse("marketplace:order", args=[order.code])
    return _calendar(order.event, uid=uid_of(order), url=url, notes=[_("Order %(code)s") % {"code": order.code}])


def ticket_ics(ticket: Ticket) -> bytes:
    """That of the ticket's order; for whom the ticket was given to, without a word of the order."""
    if not ticket.holder_email:
        return order_ics(ticket.order)
    uid = f"ticket-{ticket.pk}-{ticket.generation}@{urlsplit(settings.BASE_URL).hostname}"
    return _calendar(ticket.event, uid=uid, url=reverse("marketplace:ticket", args=[ticket.pk]), notes=[])


def _calendar(event: EventPage, *, uid: str, url: str, notes: list[str]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.WAGTAIL_SITE_NAME}//Tickets//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    entry = _entry(event, notes)
    entry.add("uid", uid)
    entry.add("url", settings.BASE_URL + url)
    calendar.add_component(entry)
    calendar.add_missing_timezones()
    return calendar.to_ical()


def uid_of(order: Order) -> str:
    return f"order-{order.pk}-event-{order.event_id}@{urlsplit(settings.BASE_URL).hostname}"


def sequence_of(event: EventPage) -> int:
    """Minutes from 2025 to the event's last publication: it never falls, and fits 32 bits for centuries.

    A cancellation counts as one more, since it may come in the same minute.
    """
    return max(0, int(_changed(event).timestamp() - 1_735_689_600) // 60) + bool(event.canceled_at)


def _entry(event: EventPage, notes: list[str]) -> Event:
    entry = Event()
    zone = zone_of(event.zone)
    entry.add("sequence", sequence_of(event))
    entry.add("dtstamp", _changed(event))
    entry.add("dtstart", event.start.astimezone(zone))
    entry.add("dtend", event.end.astimezone(zone))
    entry.add("summary", event.title)
    entry.add("description", _description(event, notes))
    entry.add("status", "CANCELLED" if event.canceled_at else "CONFIRMED")
    entry.add("transp", "OPAQUE")
    if event.venue:
        entry.add("location", ", ".join([event.venue.title, *address_of(event.venue)]))
    if event.venue and event.venue.latitude is not None and event.venue.longitude is not None:
        entry.add("geo", (float(event.venue.latitude), float(event.venue.longitude)))
    entry.add_component(_alarm(event))
    return entry


def _description(event: EventPage, notes: list[str]) -> str:
    doors = [_("Doors open at %(time)s.") % {"time": clock_text(event.doors, event.zone)}] if event.doors else []
    return "\n".join([*notes, *doors])


def _alarm(event: EventPage) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", event.title)
    alarm.add("trigger", -ALARM)
    return alarm


def _changed(event: EventPage) -> datetime:
    return max(filter(None, [event.last_published_at, event.canceled_at]), default=timezone.now())
