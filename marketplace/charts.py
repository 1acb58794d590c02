"""Charts of a vendor's sales, as numbers that a template draws with SVG: no style, no script, and text for who can't see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from marketplace.sales import FIGURES, Sales
from portal import money

if TYPE_CHECKING:
    from pandas import DataFrame

STEP, GAP, HEIGHT = 10, 2, 100  # of one bar, in the chart's own units
# For how many days at most a bar stands for a day, or for a week; beyond it is a month. As pandas names them.
SPANS = ((62, "D"), (400, "W-MON"))
MONTHS = "MS"


@dataclass(frozen=True)
class Bar:
    """What came in and went back in one day, week or month. `y` and heights are in the chart's units, from its top."""

    name: str
    x: float
    y: float
    came: float
    went: float
    row: dict[str, Any]


@dataclass(frozen=True)
class TimeChart:
    """`base` is where the amount is zero; `top` and `bottom` say what the upper and the lower edge are."""

    bars: list[Bar]
    base: float
    top: str
    bottom: str
    summary: str

    @property
    def width(self) -> int:
        return STEP * len(self.bars)

    @property
    def bar_width(self) -> int:
        return STEP - GAP


def time_chart(sales: Sales) -> TimeChart | None:
    """What came in, and went back, over the report's period; None where it has no day."""
    days = sales.groups("day")
    if days.empty:
        return None
    rows = _rows(days)
    up = _round_up(max(row["came"] for row in rows))
    down = _round_up(max(row["refunds"] for row in rows))
    unit = HEIGHT / ((up + down) or 1)
    base = up * unit if up + down else HEIGHT
    return TimeChart(
        bars=[_bar(place, row, base, unit) for place, row in enumerate(rows)],
        base=base,
        top=money.text(up, sales.currency),
        bottom=money.text(-down, sales.currency),
        summary=_summary(rows, sales.currency),
    )


def _bar(place: int, row: dict[str, Any], base: float, unit: float) -> Bar:
    came, went = (round(row[name] * unit, 2) for name in ("came", "refunds"))
    return Bar(row["name"], STEP * place + GAP / 2, round(base - came, 2), came, went, row)


def _rows(days: DataFrame) -> list[dict[str, Any]]:
    """`days` as rows, or as weeks or months where they are many; `came` is all that buyers paid."""
    # Pandas takes half a second and 40 MB, which most processes never need.
    import pandas

    rule = next((rule for most, rule in SPANS if len(days) <= most), MONTHS)
    dated = days.set_index(pandas.to_datetime(days["id"]))[list(FIGURES)]
    sums = dated.resample(rule, label="left", closed="left").sum()
    sums["came"] = sums["gross"] + sums["fees"]
    return [
        {"name": _name(start.date(), rule), **{str(key): value for key, value in row.items()}}
        for start, row in zip(sums.index, sums.to_dict("records"), strict=True)
    ]


def _name(start: date, rule: str) -> str:
    if rule == MONTHS:
        return date_format(start, "F Y")
    text = date_format(start, "D j M Y")
    return text if rule == "D" else _("Week from %(day)s") % {"day": text}


def _round_up(amount: int) -> int:
    """To an edge that people can read: 300 or 40,000."""
    size = 10 ** max(len(str(amount)) - 1, 0)
    return next(step * size for step in (1, 2, 3, 4, 5, 6, 8, 10) if step * size >= amount) if amount > 0 else 0


def _summary(rows: list[dict[str, Any]], currency: str) -> str:
    best = max(rows, key=lambda row: row["came"])
    came, went = (sum(row[name] for row in rows) for name in ("came", "refunds"))
    if not came and not went:
        return _("Nothing came in and nothing went back.")
    texts = {"came": money.text(came, currency), "went": money.text(went, currency), "best": best["name"]}
    return _("%(came)s came in and %(went)s went back. Most came in: %(best)s, %(most)s.") % {
        **texts,
        "most": money.text(best["came"], currency),
    }
