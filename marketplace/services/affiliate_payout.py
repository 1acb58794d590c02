"""That a vendor has paid its affiliates. The money moves outside; the ledger keeps that it did, and for what."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from marketplace.affiliates import earnings, over
from marketplace.models import Affiliate, AffiliatePayout, LedgerEntry
from marketplace.services import ledger
from portal import money
from portal.errors import Rejected

Account = LedgerEntry.Account
CHUNK = 10_000  # orders in one transaction of the ledger, which numbers its lines


@transaction.atomic
def pay_out(affiliate: Affiliate, *, currency: str, amount: int, by: Any) -> AffiliatePayout:
    """Book that all that is due to `affiliate` in `currency` was paid: `amount` minor units, as they were shown.

    Raises Rejected("payout-changed") where another sum is due by now, or none.
    """
    Affiliate.objects.select_for_update(no_key=True).get(pk=affiliate.pk)
    owed = _owed(affiliate, currency)
    due = sum(row["due"] for row in owed)
    if amount <= 0 or due != amount:
        text = _("%(due)s are due now. Please look again.") % {"due": money.text(due, currency)}
        raise Rejected("payout-changed", text, due=money.as_json(due, currency))
    payout = AffiliatePayout.objects.create(affiliate=affiliate, currency=currency, amount=amount, by=by)
    for start in range(0, len(owed), CHUNK):
        entries = [entry for row in owed[start : start + CHUNK] for entry in _entries(affiliate, currency, row)]
        ledger.write(f"affiliate_payout:{payout.pk}:{start // CHUNK + 1}", entries)
    return payout


def _owed(affiliate: Affiliate, currency: str) -> list[dict[str, Any]]:
    """What is due for each order, below zero where one was refunded after its commission had been paid."""
    rows = earnings().filter(over(), order__conversion__affiliate=affiliate, currency=currency)
    sums = rows.filter(account=Account.AFFILIATE).order_by().values("order", "event").annotate(due=-Sum("amount"))
    return [dict(row) for row in sums.exclude(due=0).order_by("order")]


def _entries(affiliate: Affiliate, currency: str, row: dict[str, Any]) -> list[LedgerEntry]:
    of_order = {"order_id": row["order"], "event_id": row["event"], "vendor_id": affiliate.vendor_id}
    return [
        LedgerEntry(account=account, amount=amount, currency=currency, **of_order)
        for account, amount in ((Account.AFFILIATE, row["due"]), (Account.AFFILIATE_PAID, -row["due"]))
    ]
