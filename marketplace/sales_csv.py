"""A sales report as CSV: for programs with stable names, for people in their language; safe in spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from marketplace.sales import AMOUNTS, FIGURES, Sales
from marketplace.spreadsheet import harmless
from portal import money

COLUMNS = ("id", "name", "event", "currency", *FIGURES)


def sales_csv(sales: Sales, by: str, *, headings: Mapping[str, str] | None = None) -> str:
    """One line a group, amounts in the currency's major unit."""
    groups = sales.groups(by).assign(currency=sales.currency)[list(COLUMNS)]
    for name in AMOUNTS:
        groups[name] = [money.as_decimal(int(amount), sales.currency) for amount in groups[name]]
    texts = ["id", "name", "event"]
    groups[texts] = groups[texts].map(harmless)
    return groups.rename(columns=dict(headings or {})).to_csv(index=False, lineterminator="\r\n")


def headings() -> dict[str, str]:
    """The columns' names for people."""
    return {
        "id": _("Id"),
        "name": _("Name"),
        "event": _("Event"),
        "currency": _("Currency"),
        **figure_titles(),
    }


def figure_titles() -> dict[str, str]:
    return {
        "gross": _("Gross"),
        "fees": _("Fees"),
        "refunds": _("Refunds"),
        "commission": _("Commission"),
        "net": _("Net"),
        "tickets_sold": _("Tickets sold"),
        "tickets_refunded": _("Tickets given back"),
    }
