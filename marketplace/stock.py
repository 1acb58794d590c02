"""What the numbers of places mean for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Availability = Literal["available", "few", "sold_out", "not_on_sale"]


@dataclass(frozen=True)
class Figures:
    """The counts of one quota."""

    capacity: int
    held: int
    sold: int

    @property
    def left(self) -> int:
        return self.capacity - self.held - self.sold

    @property
    def availability(self) -> Availability:
        return availability(left=self.left, capacity=self.capacity)


def availability(*, left: int, capacity: int) -> Availability:
    """Few: under 10 % are left, or under 10 places, which in a small room counts only from its half on."""
    if left <= 0:
        return "sold_out"
    if left * 10 < capacity or (left < 10 and left * 2 <= capacity):
        return "few"
    return "available"
