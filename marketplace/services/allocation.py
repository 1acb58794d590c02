"""Spreading an order's adjustments over its lines, so that the parts always add up to what is paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.models import Adjustment, Order, OrderLine
from portal import money
from portal.prepared import Prepared

LINES = Prepared(lambda order: OrderLine.objects.filter(order=order, quantity__gt=0).select_related("ticket_type"))
ADJUSTMENTS = Prepared(lambda order: Adjustment.objects.filter(order=order))


@dataclass(frozen=True)
class Net:
    """What is paid for one line: tickets and fees, after adjustments."""

    sales: int
    fees: int

    @property
    def total(self) -> int:
        return self.sales + self.fees


@dataclass(frozen=True)
class Bought:
    """What an order is for: its lines, and what price rules changed of its total."""

    lines: list[OrderLine]
    adjustments: list[Adjustment]

    @property
    def adjustment(self) -> int:
        """The sum of the adjustments: minor units, signed."""
        return sum(adjustment.amount for adjustment in self.adjustments)


def bought_of(order: Order) -> Bought:
    return Bought(LINES(order=order.pk), ADJUSTMENTS(order=order.pk) if order.adjusted else [])


def nets_of(lines: Sequence[OrderLine], adjustment: int) -> list[Net]:
    """`adjustment` (minor units, signed) over `lines`: first on the tickets' prices, what exceeds them on the fees."""
    prices = [line.quantity * line.unit_price for line in lines]
    fees = [line.quantity * line.unit_fee for line in lines]
    on_prices = max(adjustment, -sum(prices))
    return [
        Net(price + on_price, fee + on_fee)
        for price, on_price, fee, on_fee in zip(
            prices, _spread(on_prices, prices), fees, _spread(adjustment - on_prices, fees), strict=True
        )
    ]


def _spread(amount: int, weights: Sequence[int]) -> list[int]:
    if not amount:
        return [0] * len(weights)
    return money.split(amount, weights if any(weights) else [1] * len(weights))
