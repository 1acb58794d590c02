"""What affiliates earn, as entries of the ledger: booked with the sale, taken back with what is refunded."""

from __future__ import annotations

from collections.abc import Callable

from marketplace.models import Conversion, LedgerEntry, Order

Account = LedgerEntry.Account
Maker = Callable[..., LedgerEntry]


def earning_entries(order: Order, *, sales: int, entry: Maker) -> list[LedgerEntry]:
    """For the transaction of the sale. `sales` is what the tickets sold for, fees aside, in minor units."""
    if not order.referred:
        return []
    conversion = Conversion.objects.get(order=order)
    conversion.sales = sales
    conversion.save(update_fields=["sales"])
    return _moved(conversion.commission, entry)


def reversing_entries(order: Order, *, refunded: int, entry: Maker) -> list[LedgerEntry]:
    """For the transaction of a refund, whose caller has locked the order. `refunded` is the tickets' part of what goes
    back, fees aside, in minor units; a negative one takes a refund back.

    The commission that remains is always that of the sales that remain, so refunds in parts reverse exactly what one
    refund would. What exceeds the sales (goodwill) reverses nothing more.
    """
    if not order.referred:
        return []
    conversion = Conversion.objects.select_for_update(no_key=True).get(order=order)
    before = conversion.commission
    conversion.refunded = min(max(conversion.refunded + refunded, 0), conversion.sales)
    conversion.save(update_fields=["refunded"])
    return _moved(conversion.commission - before, entry)


def _moved(commission: int, entry: Maker) -> list[LedgerEntry]:
    if not commission:
        return []
    return [entry(Account.AFFILIATE_COST, commission), entry(Account.AFFILIATE, -commission)]
