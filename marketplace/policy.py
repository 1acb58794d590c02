"""A refund policy in words: [{"hours_before": 48, "percent_bps": 10000}, …]; none at all means no refunds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from portal.dates import when_text


def policy_lines(policy: Iterable[dict[str, Any]], *, start: datetime, zone: str) -> list[str]:
    """One sentence for each step of `policy`, with its deadline on the venue's wall clock."""
    steps = sorted(policy, key=lambda step: -step["hours_before"])
    return [_line(step, start, zone) for step in steps] or [_("No refunds.")]


def _line(step: dict[str, Any], start: datetime, zone: str) -> str:
    until = when_text(start - timedelta(hours=step["hours_before"]), zone)
    if step["percent_bps"] >= 10_000:
        return _("Full refund until %(until)s.") % {"until": until}
    return _("%(percent)s %% back until %(until)s.") % {"percent": f"{step['percent_bps'] / 100:g}", "until": until}
