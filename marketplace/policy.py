"""A refund policy: [{"hours_before": 48, "percent_bps": 10000}, …], in words and at work; none at all means no refunds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from portal.dates import when_text

ALL = 10_000  # basis points


class Step(NamedTuple):
    """What is given back, in basis points of the price, and until when; without an end where there is none."""

    percent_bps: int
    until: datetime | None


def step_now(policy: Iterable[dict[str, Any]], *, start: datetime, at: datetime) -> Step | None:
    """The best step of `policy` that still holds; None where it gives nothing any more."""
    steps = [Step(step["percent_bps"], start - timedelta(hours=step["hours_before"])) for step in policy]
    return max((step for step in steps if step.percent_bps and step.until and at <= step.until), default=None)


def percent_text(percent_bps: int) -> str:
    return f"{percent_bps / 100:g}"


def policy_lines(policy: Iterable[dict[str, Any]], *, start: datetime, zone: str) -> list[str]:
    """One sentence for each step of `policy`, with its deadline on the venue's wall clock."""
    steps = sorted(policy, key=lambda step: -step["hours_before"])
    return [_line(step, start, zone) for step in steps] or [_("No refunds.")]


def _line(step: dict[str, Any], start: datetime, zone: str) -> str:
    until = when_text(start - timedelta(hours=step["hours_before"]), zone)
    if step["percent_bps"] >= ALL:
        return _("Full refund until %(until)s.") % {"until": until}
    return _("%(percent)s %% back until %(until)s.") % {"percent": percent_text(step["percent_bps"]), "until": until}
