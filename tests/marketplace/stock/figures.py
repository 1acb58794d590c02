"""The invariants of stock and money, read from the database."""

from __future__ import annotations

from collections import Counter

from django.db.models import Sum

from marketplace.models import Hold, LedgerEntry, Quota, Ticket, TicketType


def counts(kind: TicketType) -> tuple[int, int]:
    """How many places are held and sold, of the one quota of `kind`."""
    quota = kind.quotas.get()
    return quota.held, quota.sold


def broken() -> list[str]:
    """Every way in which the counts and the books are not what they must be."""
    return [*_wrong_quotas(), *_wrong_books()]


def _wrong_quotas() -> list[str]:
    held: Counter[int] = Counter()
    for quota_id, quantity in Hold.objects.values_list("quota_id", "quantity"):
        held[quota_id] += quantity
    sold: Counter[int] = Counter()
    for quota_ids in Ticket.objects.filter(state="valid").values_list("line__quota_ids", flat=True):
        sold.update(quota_ids)
    return [
        f"quota {quota.pk}: held {quota.held} for {held[quota.pk]}, sold {quota.sold} for {sold[quota.pk]}, of {quota.capacity}"
        for quota in Quota.objects.all()
        if (quota.held, quota.sold) != (held[quota.pk], sold[quota.pk]) or quota.left < 0
    ]


def _wrong_books() -> list[str]:
    sums = LedgerEntry.objects.order_by().values_list("transaction", "currency").annotate(sum=Sum("amount"))
    return [f"{transaction}: {amount} {currency}" for transaction, currency, amount in sums if amount]
