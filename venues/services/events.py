"""Make, change, publish and withdraw events' pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from portal.errors import Rejected
from portal.outbox import services as outbox
from venues.messages import EventCanceled
from venues.models import ArtistPage, EventListing, EventPage, EventType, LineupEntry, Vendor, VenuePage
from venues.services.markup import clean
from venues.services.pages import add_page, save_page
from venues.services.validation import refusing

CHANGEABLE = {"title", "start", "end", "doors", "venue", "timezone", "summary", "image", "age_limit", "policies"}
INVALID = ("invalid-event", _("The event is not valid."))


def create_event(
    vendor: Vendor,
    *,
    title: str,
    type: str | EventType,  # noqa: A002 - the field's name
    start: datetime,
    end: datetime,
    venue: VenuePage | None = None,
    timezone: str = "",
    artists: Iterable[ArtistPage] = (),
    summary: str = "",
    body: Any = "",
    image: Any = None,
    doors: datetime | None = None,
    age_limit: int | None = None,
    policies: str = "",
    publish: bool = False,
    user: Any = None,
) -> EventPage:
    """An event below `vendor`'s page, with a revision; a draft unless `publish`. `start`, `end`, `doors` are aware.

    `body` is rich text (HTML) or a StreamValue. Raises Rejected("invalid-event") with the errors by field.
    """
    page = EventPage(
        title=title,
        type=_type(type),
        start=start,
        end=end,
        doors=doors,
        venue=venue,
        timezone=timezone,
        summary=summary,
        body=_body(body),
        image=image,
        age_limit=age_limit,
        policies=policies,
    )
    page.lineup = _lineup(artists)
    with refusing(*INVALID):
        return add_page(vendor.page, page, publish=publish, user=user)


def update_event(event: EventPage, *, publish: bool | None = None, user: Any = None, **changes: Any) -> EventPage:
    """Change fields of `event` in a new revision; published if `publish`, or if it is live and `publish` is None.

    `changes` are create_event's keywords. Raises Rejected("invalid-event").
    """
    page: EventPage = event.get_latest_revision_as_object()
    if "type" in changes:
        page.type = _type(changes.pop("type"))
    if "artists" in changes:
        page.lineup = _lineup(changes.pop("artists"))
    if "body" in changes:
        page.body = _body(changes.pop("body"))
    if unknown := set(changes) - CHANGEABLE:
        raise TypeError(f"update_event() has no {', '.join(sorted(unknown))}")
    for field, value in changes.items():
        setattr(page, field, value)
    with refusing(*INVALID):
        return save_page(page, publish=event.live if publish is None else publish, user=user)


@transaction.atomic
def publish_event(event: EventPage, *, user: Any = None) -> EventPage:
    """Publish the latest revision of `event`. Raises Rejected("invalid-event")."""
    revision = event.get_latest_revision() or event.save_revision(user=user)
    with refusing(*INVALID):
        revision.as_object().full_clean()
        revision.publish(user=user)
    event.refresh_from_db()
    return event


@transaction.atomic
def unpublish_event(event: EventPage, *, user: Any = None) -> EventPage:
    """Take `event` off the site; its page stays as a draft."""
    event.unpublish(user=user)
    return event


@transaction.atomic
def cancel_event(event: EventPage) -> EventPage:
    """Mark `event` as canceled, on its page and in lists. What becomes of its tickets is marketplace's matter."""
    if event.canceled_at is None:
        event.canceled_at = now()
        EventPage.objects.filter(pk=event.pk).update(canceled_at=event.canceled_at)
        EventListing.objects.filter(pk=event.pk).update(canceled=True, changed_at=event.canceled_at)
        outbox.publish(EventCanceled(event_id=event.pk))
    return event


def _type(kind: str | EventType) -> EventType:
    if isinstance(kind, EventType):
        return kind
    found = EventType.objects.filter(slug=kind).first()
    if found is None:
        message = _("There is no event type “%(type)s”.") % {"type": kind}
        raise Rejected(INVALID[0], INVALID[1], status=422, errors={"type": [message]})
    return found


def _lineup(artists: Iterable[ArtistPage]) -> list[LineupEntry]:
    return [LineupEntry(artist=artist, sort_order=place) for place, artist in enumerate(artists)]


def _body(body: Any) -> Any:
    """A body of one text block for plain HTML."""
    return [("text", _rich(body))] if isinstance(body, str) and body else body or []


def _rich(html: str) -> Any:
    return EventPage._meta.get_field("body").stream_block.child_blocks["text"].to_python(clean(html))
