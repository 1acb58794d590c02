"""Many events at once, for benchmarks: written in bulk, without revisions, with the demo's posters and venues."""

from __future__ import annotations

import random
import uuid
from datetime import timedelta
from itertools import groupby

from django.db import connection, transaction
from django.db.models import Model
from django.db.models.sql import InsertQuery
from django.utils.text import slugify
from django.utils.timezone import now
from wagtail.models import Page

from venues.models import ArtistPage, EventPage, LineupEntry
from venues.services.rebuild import rebuild

BATCH = 500


@transaction.atomic
def add_events(count: int) -> None:
    """Add `count` live events, modelled on the demo's, under the vendors of their venues."""
    models = list(EventPage.objects.select_related("venue", "type", "image").order_by("pk")[:200])
    artists = list(ArtistPage.objects.values_list("pk", flat=True))
    chance = random.Random(count)
    events = [_event(number, chance.choice(models), chance) for number in range(count)]
    for parent_path, siblings in groupby(sorted(events, key=lambda event: event.path), key=lambda event: event.path):
        _place(Page.objects.get(path=parent_path), list(siblings))
    _insert(events)
    LineupEntry.objects.bulk_create(
        [LineupEntry(event=event, artist_id=chance.choice(artists), sort_order=0) for event in events], batch_size=BATCH
    )
    _count_anew()
    rebuild()


def _count_anew() -> None:
    """PostgreSQL plans by what it knows of a table, and of rows loaded this moment it knows nothing: joins took half an hour."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {Page._meta.db_table}, {EventPage._meta.db_table}")


def _event(number: int, model: EventPage, chance: random.Random) -> EventPage:
    start = model.start + timedelta(days=chance.randrange(0, 170), hours=chance.randrange(-6, 3))
    title = f"{model.title} No. {number + 2}"
    event = EventPage(
        title=title,
        draft_title=title,
        slug=f"{slugify(model.title)[:80]}-{uuid.UUID(int=chance.getrandbits(128)).hex[:10]}",
        content_type_id=model.content_type_id,
        locale_id=model.locale_id,
        owner_id=model.owner_id,
        first_published_at=now(),
        last_published_at=now(),
        summary=model.summary,
        type=model.type,
        image=model.image,
        start=start,
        end=start + (model.end - model.start),
        venue=model.venue,
        body=model.body,
    )
    event.path = model.path[: -Page.steplen]  # the parent's, until it has a place of its own
    return event


def _place(parent: Page, events: list[EventPage]) -> None:
    """Give `events` the next places below `parent`."""
    last = parent.get_last_child()
    first = int(last.path[-Page.steplen :], 36) + 1 if last else 1
    for number, event in enumerate(events, start=first):
        event.path, event.depth = Page._get_path(parent.path, parent.depth + 1, number), parent.depth + 1
        event.url_path = f"{parent.url_path}{event.slug}/"
    Page.objects.filter(pk=parent.pk).update(numchild=parent.numchild + len(events))


def _insert(events: list[EventPage]) -> None:
    """Insert pages and their event halves. Django's bulk_create refuses models with a parent table."""
    names = [field.attname for field in Page._meta.concrete_fields if not field.primary_key]
    pages = [Page(**{name: getattr(event, name) for name in names}) for event in events]
    Page.objects.bulk_create(pages, batch_size=BATCH)
    for event, page in zip(events, pages, strict=True):
        event.pk = event.page_ptr_id = page.pk
    fields = EventPage._meta.local_concrete_fields
    for start in range(0, len(events), BATCH):
        query = InsertQuery(EventPage)
        query.insert_values(fields, list[Model](events[start : start + BATCH]))
        query.get_compiler("default").execute_sql()
