"""Stripe's test cards and the test payment methods that stand for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from marketplace.sandbox.errors import ApiError


@dataclass(frozen=True)
class Card:
    """`decline` is the error's code when it is charged, `reason` its decline_code."""

    number: str
    token: str
    brand: str = "visa"
    decline: str = ""
    reason: str = ""
    authenticates: bool = False

    @property
    def message(self) -> str:
        return MESSAGES.get(self.reason or self.decline, "Your card was declined.")


MESSAGES = {
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
}
CARDS = (
    Card("4242424242424242", "pm_card_visa"),
    Card("4000056655665556", "pm_card_visa_debit"),
    Card("5555555555554444", "pm_card_mastercard", "mastercard"),
    Card("5200828282828210", "pm_card_mastercard_debit", "mastercard"),
    Card("378282246310005", "pm_card_amex", "amex"),
    Card("6011111111111117", "pm_card_discover", "discover"),
    Card("4000000000000002", "pm_card_chargeDeclined", decline="card_declined", reason="generic_decline"),
    Card(
        "4000000000009995",
        "pm_card_chargeDeclinedInsufficientFunds",
        decline="card_declined",
        reason="insufficient_funds",
    ),
    Card("4000000000000069", "pm_card_chargeDeclinedExpiredCard", decline="expired_card"),
    Card("4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", decline="incorrect_cvc"),
    Card("4000000000000119", "pm_card_chargeDeclinedProcessingError", decline="processing_error"),
    Card("4000002500003155", "pm_card_authenticationRequired", authenticates=True),
    Card("4000002760003184", "pm_card_authenticationRequiredOnSetup", authenticates=True),
    Card(
        "4000008260003178",
        "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        decline="card_declined",
        reason="insufficient_funds",
        authenticates=True,
    ),
)
BY_NUMBER = {card.number: card for card in CARDS}
BY_TOKEN = {card.token: card for card in CARDS}


def card_of_token(token: str, param: str = "payment_method") -> Card:
    if card := BY_TOKEN.get(token):
        return card
    raise ApiError(f"No such PaymentMethod: '{token}'", code="resource_missing", param=param)


def read_card(number: str, expiry: str, cvc: str) -> tuple[Card | None, dict[str, str]]:
    """The test card that was typed, and what is wrong with it by field name."""
    digits = "".join(filter(str.isdigit, number))
    card = BY_NUMBER.get(digits)
    wrong = {}
    if not _luhn(digits):
        wrong["number"] = "Your card number is invalid."
    elif card is None:
        wrong["number"] = "Your card was declined: in test mode use a test card, such as 4242 4242 4242 4242."
    if not _in_future(expiry):
        wrong["expiry"] = "Your card's expiry date is in the past, or not a date (MM / YY)."
    if not (cvc.strip().isdigit() and len(cvc.strip()) in (3, 4)):
        wrong["cvc"] = "Your card's security code has three or four digits."
    return card, wrong


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits))]
    return len(digits) >= 12 and sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def _in_future(expiry: str, today: datetime | None = None) -> bool:
    digits = "".join(filter(str.isdigit, expiry))
    if len(digits) not in (4, 6):
        return False
    month, year = int(digits[:2]), int(digits[2:]) % 100 + 2000
    today = today or datetime.now(UTC)
    return 1 <= month <= 12 and (year, month) >= (today.year, today.month)
