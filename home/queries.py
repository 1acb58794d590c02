"""What the front page shows, from the listings alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.timezone import localdate

from home.models import HomePage
from venues.browsing import cities, event_types
from venues.models.listing import EventListing
from venues.queries import browse, with_badges

RAIL = 8
FRIDAY = 4


def front_of(page: HomePage, _request: HttpRequest) -> dict[str, Any]:
    return front([pick.event_id for pick in page.picks.all()])


def front(picks: Sequence[int]) -> dict[str, Any]:
    """The front page's lists. `picks` are ids of events, in the editors' order; what is over or withdrawn is left out.

    Three queries for the lists, and one for the badges of all.
    """
    first, last = weekend(localdate())
    weekend_rows = list(_on().filter(first_day__lte=last, last_day__gte=first)[:RAIL])
    soon = list(_on().exclude(pk__in=[row.pk for row in weekend_rows])[:RAIL])
    by_id = {row.pk: row for row in _on().filter(pk__in=picks)} if picks else {}
    chosen = [by_id[pick] for pick in picks if pick in by_id] or _most_booked()
    _badge([*weekend_rows, *soon, *chosen])
    return {"weekend": weekend_rows, "soon": soon, "picks": chosen, "types": event_types(), "cities": cities()}


def weekend(today: date) -> tuple[date, date]:
    """Friday to Sunday: this weekend's, or what is left of it."""
    friday = today + timedelta(days=FRIDAY - today.weekday())
    return max(today, friday), friday + timedelta(days=2)


def _on() -> Any:
    return browse({}).filter(canceled=False)


def _most_booked() -> list[EventListing]:
    """Until the editors have picked: what most people go to."""
    return list(browse({"sort": "popularity", "available": True}).filter(canceled=False)[:RAIL])


def _badge(rows: Iterable[EventListing]) -> None:
    """Badges in one go, for rows that may appear twice."""
    rows = list(rows)
    unique = with_badges(list({row.pk: row for row in rows}.values()))
    badges = {row.pk: row.badges for row in unique}
    for row in rows:
        row.badges = badges[row.pk]
