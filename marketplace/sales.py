"""A vendor's sales, from the ledger: what came in and went back, by day, event, ticket type and way to pay.

`gross` is what tickets sold for (after adjustments, fees aside), `fees` what buyers paid on top, `refunds` what was given
back, `commission` what selling cost, and `net` = gross + fees - refunds - commission. Amounts are minor units of one
currency: amounts of several are never added up. The groups of any grouping add up to the total, to the cent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q, Sum
from django.db.models.functions import TruncDate
from django.utils.timezone import now
from django.utils.translation import gettext as _

from marketplace.models import LedgerEntry
from portal import money
from portal.dates import local, zone_of
from venues.models import Vendor

if TYPE_CHECKING:
    from pandas import DataFrame

Account = LedgerEntry.Account
COSTS = (Account.COMMISSION, Account.AFFILIATE_COST)
COUNTED = (Account.SALES, Account.FEES, Account.REFUNDS, *COSTS)
AMOUNTS = ("gross", "fees", "refunds", "commission", "net")
COUNTS = ("tickets_sold", "tickets_refunded")
FIGURES = (*AMOUNTS, *COUNTS)

_EVENT = ("event_id", "event__title")
# What the ledger is grouped by: the columns of each grouping, its own id and name last.
GROUPINGS: dict[str, tuple[str, ...]] = {
    "day": ("day",),
    "event": _EVENT,
    "ticket_type": (*_EVENT, "ticket_type_id", "ticket_type__name"),
    "payment_method": ("payment_method_id", "payment_method__title"),
}


@dataclass(frozen=True)
class Period:
    """Days in the vendor's zone, both included; None is open."""

    first: date | None = None
    last: date | None = None

    def within(self, zone: str) -> Q:
        """Entries of the period. A day lasts from its midnight to the next one, be it 23 or 25 hours."""
        start, end = Q(), Q()
        if self.first and self.first.year > MINYEAR:  # the instants of the outermost days can't all be told in UTC
            start = Q(at__gte=_midnight(self.first, zone))
        if self.last and self.last.year < MAXYEAR:
            end = Q(at__lt=_midnight(self.last + timedelta(days=1), zone))
        return start & end


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone_of(zone))


@dataclass(frozen=True)
class Sales:
    """What ``read_sales`` found in `currency`. `currencies` are all that the vendor had movements in."""

    vendor: Vendor
    period: Period
    currency: str
    currencies: list[str]
    rows: DataFrame

    def total(self) -> dict[str, int]:
        return {name: int(amount) for name, amount in self.rows[list(FIGURES)].sum().items()}

    def groups(self, by: str) -> DataFrame:
        """One row a group: `id`, `name`, `event` (its title, for ticket types), and the figures.

        Days are in order and without gaps; of the rest, the best-selling comes first.
        """
        sums = self.rows.groupby(list(GROUPINGS[by]), sort=False)[list(FIGURES)].sum()
        if by == "day":
            return self._days(sums)
        if by == "ticket_type":
            sums = _spread(sums)
        return _named(sums.reset_index(), by).sort_values(["gross", "name", "id"], ascending=[False, True, True])

    def _days(self, sums: DataFrame) -> DataFrame:
        # As in ``read_sales``: only where there is a report to make.
        import pandas

        sums.index = pandas.to_datetime(sums.index)
        days = sums.reindex(pandas.date_range(*self._span(sums.index)), fill_value=0)
        texts = days.index.strftime("%Y-%m-%d")
        return days.assign(id=texts, name=texts, event_id="", event="").reset_index(drop=True)

    def _span(self, found: Any) -> tuple[date, date]:
        """The first and the last day to show: none before the vendor was there or after today, unless it has entries."""
        founded, today = (local(instant, self.vendor.timezone).date() for instant in (self.vendor.created_at, now()))
        first = max(self.period.first or founded, founded)
        last = min(self.period.last or today, today)
        return (first, last) if found.empty else (min(first, found.min().date()), max(last, found.max().date()))


def read_sales(
    vendor: Vendor,
    *,
    by: Collection[str],
    period: Period | None = None,
    event_id: int | None = None,
    currency: str = "",
) -> Sales:
    """The sales of `vendor`, ready for the groupings `by`: one query, so that all figures are of the same moment.

    Without a `currency` it is the vendor's own, or where there was nothing in that the first that there was.
    """
    # Pandas takes half a second and 40 MB, which most processes never need.
    import pandas

    period = period or Period()
    keys = list(dict.fromkeys(column for name in by for column in GROUPINGS[name]))
    entries = LedgerEntry.objects.filter(period.within(vendor.timezone), vendor=vendor, account__in=COUNTED)
    if event_id is not None:
        entries = entries.filter(event_id=event_id)
    columns = ["currency", *keys, *FIGURES]
    rows = pandas.DataFrame(_filled(_summed(entries, vendor.timezone, keys).values_list(*columns)), columns=columns)
    rows = rows.astype(dict.fromkeys(FIGURES, "int64"))
    found = sorted(rows["currency"].unique())
    own = vendor.currency if vendor.currency in found or not found else found[0]
    chosen = currency or own
    return Sales(vendor, period, chosen, found, rows[rows["currency"] == chosen])


def _summed(entries: Any, zone: str, keys: list[str]) -> Any:
    """`entries` by currency and `keys`, with the figures of each group."""

    def of(*accounts: str, what: str = "amount") -> Sum:
        return Sum(what, filter=Q(account__in=accounts), default=0)

    grouped = entries.annotate(day=TruncDate("at", tzinfo=zone_of(zone))).order_by().values("currency", *keys)
    figures = grouped.annotate(
        gross=-of(Account.SALES),
        fees=-of(Account.FEES),
        refunds=of(Account.REFUNDS),
        commission=of(*COSTS),
        tickets_sold=of(Account.SALES, what="tickets"),
        tickets_refunded=-of(Account.REFUNDS, what="tickets"),
    )
    return figures.annotate(net=F("gross") + F("fees") - F("refunds") - F("commission"))


def _filled(rows: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    """Missing keys as empty text, which pandas groups like any other."""
    return [["" if value is None else value for value in row] for row in rows]


def _named(groups: DataFrame, by: str) -> DataFrame:
    own_id, own_name = GROUPINGS[by][-2:]
    nothing = {"ticket_type": _("Whole orders"), "payment_method": _("Nothing to pay")}.get(by, "")
    named = groups.assign(id=groups[own_id].astype(str), name=groups[own_name].where(groups[own_id] != "", nothing))
    if by == "ticket_type":
        return named.assign(event_id=groups["event_id"].astype(str), event=groups["event__title"])
    return named.assign(event_id="", event="")


def _spread(sums: DataFrame) -> DataFrame:
    """Commission is booked for whole orders: spread over the ticket types of their event, by what each brought in."""
    # As in ``read_sales``: only where there is a report to make.
    import pandas

    parts = [part for _key, event in sums.groupby(level="event_id", sort=False) for part in _spread_one(event)]
    return pandas.concat(parts) if parts else sums


def _spread_one(event: DataFrame) -> list[DataFrame]:
    typed = event.index.get_level_values("ticket_type_id") != ""
    whole, kinds = event[~typed], event[typed]
    if whole.empty or kinds.empty:
        return [event]
    worth = [abs(int(amount)) for amount in kinds["gross"] + kinds["fees"] - kinds["refunds"]]
    shares = money.split(int(whole["commission"].sum()), worth if any(worth) else [1] * len(worth))
    kinds = kinds.assign(commission=kinds["commission"] + shares, net=kinds["net"] - shares)
    rest = whole.assign(commission=0, net=whole["net"] + whole["commission"])
    return [kinds, rest[rest.any(axis=1)]]
