"""The drawn pictures of events: addresses that change with what they show, and files that are made once."""

from __future__ import annotations

import logging
from dataclasses import asdict
from hashlib import blake2b
from threading import Lock
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from PIL import Image
from wagtail.images.models import SourceImageIOError

from portal import dates
from portal.jobs import enqueue
from venues.browsing import event_types
from venues.models import EventListing
from venues.services.pictures import CARD
from venues.sharing.drawing import Stub, draw

LAYOUT = 1  # raise it when the drawing changes, so that all pictures get new addresses
_drawing = Lock()  # one at a time in each process: drawing takes a tenth of a second of its processor

log = logging.getLogger(__name__)


class Busy(Exception):
    """Others are being drawn, and this request has waited long enough."""


def picture_path(listing: EventListing) -> str:
    """The path of the event's picture as it is now."""
    return reverse("event_picture", args=[listing.pk, version_of(listing)])


def version_of(listing: EventListing) -> str:
    """What tells one state of the picture from another."""
    told = f"{LAYOUT}|{listing.image_url}|{sorted(asdict(stub_of(listing)).items())}"
    return blake2b(told.encode(), digest_size=8).hexdigest()


def stub_of(listing: EventListing) -> Stub:
    """In the site's own language: whoever shares a link, its picture is one."""
    with translation.override(settings.LANGUAGE_CODE):
        zone, start = listing.timezone, listing.start
        parts = dates.date_parts(start, listing.end, zone)
        time = f"{dates.clock_text(start, zone)} {dates.zone_label(start, zone)}"
        return Stub(
            title=listing.title,
            kind=next((kind.title for kind in event_types() if kind.slug == listing.type), ""),
            weekday=parts.weekday,
            day=parts.day,
            month=f"{parts.month} {date_format(dates.local(start, zone), 'Y')}",
            foot=_("Canceled") if listing.canceled else time,
            venue=listing.venue_name,
            city=listing.city,
            site=settings.WAGTAIL_SITE_NAME,
            accent=listing.accent,
        )


def picture_of(listing: EventListing, *, patience: float = 5) -> bytes:
    """The PNG, drawn where it is not there yet. Raises Busy after `patience` seconds of waiting for other drawings."""
    name = f"{_folder(listing.pk)}/{version_of(listing)}.png"
    if (kept := _read(name)) is not None:
        return kept
    if not _drawing.acquire(timeout=patience):
        raise Busy
    try:
        return _read(name) or _draw(listing, name)
    finally:
        _drawing.release()


def follow_withdrawal(message: Any) -> None:
    """After EventWithdrawn."""
    enqueue("venues.sharing.pictures.discard_pictures", message.event_id)


def discard_pictures(event_id: int) -> None:
    """Forget what was drawn of an event."""
    store, folder = _store(), _folder(event_id)
    if store.exists(folder):
        for name in store.listdir(folder)[1]:
            store.delete(f"{folder}/{name}")


def _draw(listing: EventListing, name: str) -> bytes:
    png = draw(stub_of(listing), _poster(listing))
    discard_pictures(listing.pk)  # earlier states
    _store().save(name, ContentFile(png))
    return png


def _poster(listing: EventListing) -> Image.Image | None:
    """The card's small rendition, whatever the size of the upload."""
    image = listing.event.image
    if image is None:
        return None
    try:
        with image.get_rendition(CARD).file.open("rb") as file, Image.open(file) as picture:
            return picture.convert("RGB")
    except (SourceImageIOError, OSError):
        log.warning("The file of image %s can't be read, so its event's picture has no poster.", image.pk)
        return None


def _read(name: str) -> bytes | None:
    try:
        with _store().open(name) as file:
            return file.read()
    except FileNotFoundError:
        return None


def _store() -> Storage:
    """Where no address leads by itself: what is withdrawn is not to be found."""
    return storages["private"]


def _folder(event_id: int) -> str:
    return f"share/{event_id % 256:02x}/{event_id}"
