"""The books. Every movement of money goes through `write`, once, and adds up to zero."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from marketplace.models import LedgerEntry, Order, OrderLine, Payment, Refund, Ticket
from marketplace.services.affiliate_commission import earning_entries, reversing_entries
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


def book_refund(refund: Refund, parts: Sequence[tuple[Ticket, int]], *, gone: Collection[UUID]) -> None:
    """Money is given back for tickets: booked when that is decided, since nobody may spend it any more from then on.

    By ticket type, with the number of those `gone`, and the portal's and an affiliate's commission in proportion.
    """
    order = refund.payment.order
    entry = _maker(order, refund.payment)
    back = [*_commission_back(order, refund.amount, entry), *_affiliate_back(order, refund.amount, entry)]
    write(
        f"refund:{refund.pk}:1:created",
        [*_given_back(parts, gone, entry), entry(money_account(refund.payment), -refund.amount), *back],
    )


def book_canceled(order: Order, tickets: Sequence[Ticket]) -> None:
    """Tickets end that bring nothing back: only their numbers."""
    paid = order.payments.filter(state__in=[Payment.State.SUCCEEDED, Payment.State.REFUNDED]).first()
    parts = [(ticket, 0) for ticket in tickets]
    entries = _given_back(parts, {ticket.pk for ticket in tickets}, _maker(order, paid))
    write(f"ticket:{tickets[0].pk}:canceled", entries)


def book_returned(refund: Refund) -> None:
    """It went back: money that waited here for that, because no ticket stood for it or because it had bounced."""
    if _waits_here(refund):
        _book_again(refund, "done", refund.amount)


def book_bounced(refund: Refund) -> None:
    """It did not arrive: it is here again, and the buyer's all the same."""
    if not _waits_here(refund):
        _book_again(refund, "failed", -refund.amount)


def _facts(refund: Refund) -> QuerySet[LedgerEntry]:
    """A refund may be done, fail and be done again, so its facts are numbered."""
    return LedgerEntry.objects.filter(transaction__startswith=f"refund:{refund.pk}:", line=1).order_by("pk")


def _waits_here(refund: Refund) -> bool:
    last = _facts(refund).last()
    return last is None or last.transaction.endswith(":failed")


def _book_again(refund: Refund, what: str, amount: int) -> None:
    payment = refund.payment
    entry = _maker(payment.order, payment)
    write(
        f"refund:{refund.pk}:{_facts(refund).count() + 1}:{what}",
        [entry(Account.UNALLOCATED, amount), entry(money_account(payment), -amount)],
    )


def _given_back(parts: Sequence[tuple[Ticket, int]], gone: Collection[UUID], entry: Any) -> list[LedgerEntry]:
    amounts: Counter[int] = Counter()
    numbers: Counter[int] = Counter()
    for ticket, amount in parts:
        amounts[ticket.ticket_type_id] += amount
        numbers[ticket.ticket_type_id] += ticket.pk in gone
    return [
        entry(Account.REFUNDS, amount, ticket_type_id=type_id, tickets=-numbers[type_id])
        for type_id, amount in amounts.items()
    ]


def _commission_back(order: Order, amount: int, entry: Any) -> list[LedgerEntry]:
    """What the portal gives up of its share. Rounded down, so that the last of it goes with the last of the price."""
    is_commission = Q(account=Account.COMMISSION)
    sums = order.ledger_entries.aggregate(
        sold=Sum("amount", filter=Q(account__in=[Account.SALES, Account.FEES]), default=0),
        refunded=Sum("amount", filter=Q(account=Account.REFUNDS), default=0),
        taken=Sum("amount", filter=is_commission & Q(amount__gt=0), default=0),
        kept=Sum("amount", filter=is_commission, default=0),
    )
    due = sums["taken"] * (sums["refunded"] + amount) // -sums["sold"]
    back = due - (sums["taken"] - sums["kept"])
    return [entry(Account.COMMISSION, -back), entry(Account.PORTAL, back)] if back else []


def _affiliate_back(order: Order, amount: int, entry: Any) -> list[LedgerEntry]:
    """What the affiliate gives up. Of what goes back the tickets' part counts, rounded down until the last of it goes."""
    if not order.referred:
        return []
    sums = order.ledger_entries.aggregate(
        tickets=Sum("amount", filter=Q(account=Account.SALES), default=0),
        sold=Sum("amount", filter=Q(account__in=[Account.SALES, Account.FEES]), default=0),
        refunded=Sum("amount", filter=Q(account=Account.REFUNDS), default=0),
    )
    before, after = (sums["tickets"] * back // sums["sold"] for back in (sums["refunded"], sums["refunded"] + amount))
    return reversing_entries(order, refunded=after - before, entry=entry)


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
