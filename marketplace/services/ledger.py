"""The books. Every movement of money goes through `write`, once, and adds up to zero."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from marketplace.models import LedgerEntry, Order, OrderLine, Payment, Refund
from marketplace.services.affiliate_commission import earning_entries
from marketplace.services.allocation import nets_of
from portal import money

Account = LedgerEntry.Account


def write(transaction: str, entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """Book `entries` as the one transaction of that name.

    Raises ValueError where they don't add up to zero in each currency, and IntegrityError where it was booked before.
    """
    sums: Counter[str] = Counter()
    for line, entry in enumerate(entries, start=1):
        entry.transaction, entry.line = transaction, line
        sums[entry.currency] += entry.amount
    if not entries or any(sums.values()):
        raise ValueError(f"The entries of {transaction} add up to {dict(sums)}, not to zero.")
    return LedgerEntry.objects.bulk_create(entries)


def book_sale(payment: Payment, lines: Sequence[OrderLine], *, adjustment: int) -> None:
    """An order's total was received: money in, tickets and fees sold, and the portal's commission."""
    order = payment.order
    entry = _maker(order, payment)
    sold = _sold(lines, entry, adjustment)
    fact = f"payment:{payment.pk}:succeeded"
    shares = [*_commission(order, sold, entry), *earning_entries(order, sales=_sales(sold), entry=entry)]
    write(fact, [entry(money_account(payment), payment.amount), *sold, *shares])


def book_free(order: Order, lines: Sequence[OrderLine], *, adjustment: int) -> None:
    """An order that costs nothing: only the numbers of tickets."""
    write(f"order:{order.pk}:free", _sold(lines, _maker(order, None), adjustment))


def book_unallocated(payment: Payment) -> None:
    """Money came that no ticket can be given for; it waits to go back."""
    entry = _maker(payment.order, payment)
    write(
        f"payment:{payment.pk}:succeeded",
        [entry(money_account(payment), payment.amount), entry(Account.UNALLOCATED, -payment.amount)],
    )


def book_returned(refund: Refund) -> None:
    """Money that no ticket stood for went back."""
    _book_refund(refund, "done", refund.amount)


def book_bounced(refund: Refund) -> None:
    """It came back to us after all."""
    _book_refund(refund, "failed", -refund.amount)


def _book_refund(refund: Refund, what: str, amount: int) -> None:
    """A refund may be done, fail and be done again, so its facts are numbered."""
    payment = refund.payment
    entry = _maker(payment.order, payment)
    facts = LedgerEntry.objects.filter(transaction__startswith=f"refund:{refund.pk}:", line=1).count()
    write(
        f"refund:{refund.pk}:{facts + 1}:{what}",
        [entry(Account.UNALLOCATED, amount), entry(money_account(payment), -amount)],
    )


def money_account(payment: Payment) -> str:
    return Account.CASH if payment.provider == "cash" else Account.PROVIDER


def _maker(order: Order, payment: Payment | None) -> Any:
    def entry(account: str, amount: int, **fields: Any) -> LedgerEntry:
        return LedgerEntry(
            account=account,
            amount=amount,
            currency=payment.currency if payment else order.currency,
            vendor_id=order.vendor_id,
            event_id=order.event_id,
            order=order,
            payment=payment,
            payment_method_id=payment.method_id if payment else None,
            **fields,
        )

    return entry


def _sold(lines: Sequence[OrderLine], entry: Any, adjustment: int) -> list[LedgerEntry]:
    entries = []
    for line, net in zip(lines, nets_of(lines, adjustment), strict=True):
        entries.append(entry(Account.SALES, -net.sales, ticket_type_id=line.ticket_type_id, tickets=line.quantity))
        if net.fees:
            entries.append(entry(Account.FEES, -net.fees, ticket_type_id=line.ticket_type_id))
    return entries


def _commission(order: Order, sold: Sequence[LedgerEntry], entry: Any) -> list[LedgerEntry]:
    """The portal's share of what tickets sold for, buyers' fees aside."""
    commission = money.share(_sales(sold), order.vendor.commission_bps)
    if not commission:
        return []
    return [entry(Account.COMMISSION, commission), entry(Account.PORTAL, -commission)]


def _sales(sold: Sequence[LedgerEntry]) -> int:
    return -sum(booked.amount for booked in sold if booked.account == Account.SALES)
