"""Dates of events for people: the event's own zone, daylight saving, midnight, ranges."""

from datetime import UTC, datetime

import pytest
from freezegun import freeze_time

from portal import dates


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_an_instant_is_shown_in_the_event_s_zone_with_the_zone_s_name():
    assert dates.when_text(at(2026, 2, 14, 19), "Europe/Berlin") == "Sat 14 Feb 2026, 20:00 CET"
    assert dates.when_text(at(2026, 7, 14, 18), "Europe/Berlin") == "Tue 14 Jul 2026, 20:00 CEST"
    assert dates.when_text(at(2026, 2, 14, 1), "America/New_York") == "Fri 13 Feb 2026, 20:00 EST"


@pytest.mark.parametrize(
    ("zone", "label"), [("Asia/Dubai", "UTC+4"), ("Asia/Kathmandu", "UTC+5:45"), ("America/Sao_Paulo", "UTC-3")]
)
def test_a_zone_without_a_name_of_its_own_is_told_by_its_offset(zone, label):
    assert dates.zone_label(at(2026, 2, 14, 19), zone) == label


def test_a_zone_that_nobody_knows_is_shown_as_utc():
    assert dates.when_text(at(2026, 2, 14, 19), "Nowhere/Land") == "Sat 14 Feb 2026, 19:00 UTC"


def test_a_night_that_ends_after_midnight_is_one_day():
    start, end = at(2026, 2, 14, 20), at(2026, 2, 15, 3)
    assert dates.days_text(start, end, "Europe/Berlin") == "Sat 14 Feb 2026"
    assert dates.date_parts(start, end, "Europe/Berlin").several is False


@pytest.mark.parametrize(
    ("start", "end", "text", "day", "month"),
    [
        (at(2026, 7, 3, 10), at(2026, 7, 5, 20), "3 – 5 Jul 2026", "3–5", "Jul"),
        (at(2026, 6, 30, 10), at(2026, 7, 2, 20), "30 Jun – 2 Jul 2026", "30–2", "Jun – Jul"),
        (at(2026, 12, 31, 10), at(2027, 1, 1, 20), "31 Dec 2026 – 1 Jan 2027", "31–1", "Dec – Jan"),
    ],
)
def test_several_days_are_a_range(start, end, text, day, month):
    assert dates.days_text(start, end, "Europe/Berlin") == text
    parts = dates.date_parts(start, end, "Europe/Berlin")
    assert (parts.day, parts.month, parts.several) == (day, month, True)


@freeze_time("2026-02-13 22:30:00")
def test_how_far_away_counts_the_venue_s_days():
    start = at(2026, 2, 14, 19)
    assert dates.until_text(start, "Europe/Berlin") == "tomorrow"
    assert dates.until_text(start, "Asia/Tokyo") == "tomorrow"  # there it is the 14th already, and the show on the 15th
    assert dates.until_text(at(2026, 2, 14, 10), "Asia/Tokyo") == "today"
    assert dates.until_text(at(2026, 2, 16, 19), "Europe/Berlin") == "in 3 days"
    assert dates.until_text(at(2026, 2, 12, 19), "Europe/Berlin") == ""
    assert dates.until_text(at(2026, 4, 12, 19), "Europe/Berlin") == ""


@freeze_time("2026-02-13 22:30:00")
def test_the_year_is_shown_large_only_when_it_is_not_this_one():
    assert dates.date_parts(at(2026, 3, 1, 19), at(2026, 3, 1, 21), "UTC").year == ""
    assert dates.date_parts(at(2027, 3, 1, 19), at(2027, 3, 1, 21), "UTC").year == "2027"
