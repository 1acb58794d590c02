"""Deletes that the database would refuse, refused before with a sentence that says why."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext as _
from wagtail.models import Page

from venues.models import EventPage, LineupEntry, VendorPage

NAMED = 3


def refusal_to_delete(pages: Sequence[Page]) -> str | None:
    """Why `pages`, with all below them, can't be deleted together: events that stay need them; None if they can."""
    below = Q()
    for page in pages:
        below |= Q(path__startswith=page.path)
    doomed = Page.objects.filter(below).values("pk")
    if vendors := list(VendorPage.objects.filter(below).values_list("title", flat=True)[:NAMED]):
        return _("A vendor's page can't be deleted while the vendor exists: %(names)s.") % {"names": ", ".join(vendors)}
    at_venue = EventPage.objects.filter(venue__in=doomed).exclude(pk__in=doomed)
    with_artist = LineupEntry.objects.filter(artist__in=doomed).exclude(event__in=doomed)
    count = at_venue.count() + with_artist.values("event").distinct().count()
    if not count:
        return None
    return _(
        "This can't be deleted: %(count)d event(s) take place here or name it in their line-up. Unpublish it instead."
    ) % {"count": count}
