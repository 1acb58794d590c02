"""Money: whole numbers of a currency's minor unit, beside the currency's ISO 4217 code."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from typing_extensions import TypedDict

from portal.answers import Currency, Like


class Money(TypedDict):
    """An amount in the currency's minor unit: 2500 EUR are 25 euros."""

    amount: Annotated[int, Like(2500)]
    currency: Currency


# ISO 4217 exponents that are not 2.
EXPONENTS = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}


def exponent(currency: str) -> int:
    return EXPONENTS.get(currency, 2)


def as_decimal(amount: int, currency: str) -> Decimal:
    """`amount` minor units in major units: 2500 EUR cents are 25.00."""
    return Decimal(amount).scaleb(-exponent(currency))


def as_json(amount: int, currency: str) -> Money:
    """Money as the API writes it."""
    return {"amount": amount, "currency": currency}


def text(amount: int, currency: str) -> str:
    """Money for people: €25.00, or PLN 25.00 where the sign is not known to everyone."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{SYMBOLS.get(currency, currency + ' ')}{as_decimal(abs(amount), currency):,}"


def share(amount: int, basis_points: int) -> int:
    """`basis_points` of `amount`, rounded half up; 10,000 basis points are all of it."""
    return (amount * basis_points + 5_000) // 10_000


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` in parts proportional to `weights` (not negative, not all zero) by the largest remainder.

    The parts always add up to `amount`.
    """
    total = sum(weights)
    floors = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(amount * weights[i] % total))
    for i in by_remainder[: amount - sum(floors)]:
        floors[i] += 1
    return floors
