"""Time zones: how they are checked and chosen, and how a wall clock becomes an instant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


@cache
def zone_names() -> frozenset[str]:
    """The IANA names that this machine knows, without those of its files' own folders."""
    return frozenset(name for name in available_timezones() if not name.startswith(("posix/", "right/", "localtime")))


def check_timezone(name: str) -> None:
    """Raise ValidationError unless `name` is an IANA time zone that this machine knows."""
    if name not in zone_names():
        message = _("“%(name)s” is not a time zone. Use an IANA name such as Europe/Berlin.")
        raise ValidationError(message, code="timezone", params={"name": name})


def from_wall_clock(wall: datetime, zone: str) -> datetime:
    """The instant, in UTC, at which clocks in `zone` show the naive `wall`; the first of two in autumn.

    Raises ValidationError for a time that clocks skip in spring.
    """
    instant = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall:
        message = _("Clocks in %(zone)s go forward over %(time)s: there is no such time on that day.")
        raise ValidationError(message, code="skipped", params={"zone": zone, "time": wall.strftime("%H:%M")})
    return instant


def to_wall_clock(instant: datetime, zone: str) -> datetime:
    """What clocks in `zone` show at `instant`, naive."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _choices() -> Iterator[tuple[str, Any]]:
    yield "", _("—")
    for name in sorted(name for name in zone_names() if "/" in name and not name.startswith(("Etc/", "SystemV/"))):
        yield name, name.replace("_", " ")
    yield "UTC", "UTC"


class ZoneSelect(forms.Select):
    """All zones by name. A name that the list lacks stays selected and is shown, so that its error can be read."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, choices=_choices)  # type: ignore[arg-type]  # Django takes a callable too

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        if value and value[0] and value[0] not in dict(self.choices):
            self.choices = [*self.choices, (value[0], value[0])]
        return super().optgroups(name, value, attrs)
