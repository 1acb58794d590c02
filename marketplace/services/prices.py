"""What an order costs: its lines, changed by price rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from marketplace import models
from marketplace.extensions import Adjustment, Quote, price_rules
from marketplace.services.selection import Selection
from portal import money
from portal.errors import Rejected


@dataclass(frozen=True)
class Priced:
    """The total in minor units, and the adjustments in it by the key of their rule."""

    total: int
    adjustments: list[tuple[str, Adjustment]]


def price(selection: Selection, *, user_id: int | None, inputs: Mapping[str, Any] | None = None) -> Priced:
    """Ask every rule. Raises Rejected where a rule does, or where no rule takes an input."""
    inputs = dict(inputs or {})
    _check_inputs(inputs)
    quote = Quote(
        event_id=selection.terms.event_id,
        currency=selection.terms.currency,
        lines=[(line.ticket_type.pk, line.quantity, line.unit_price + line.unit_fee) for line in selection.lines],
        user_id=user_id,
        inputs=inputs,
    )
    total, adjustments = selection.subtotal, []
    for entry in price_rules.entries:
        for adjustment in entry.item.quote(quote):
            total += adjustment.amount
            adjustments.append((entry.key, adjustment))
    if total < 0:
        raise Rejected("discount-too-large", _("The discounts are more than the order's total."), status=422)
    return Priced(total, adjustments)


def check_total(expected: int | None, total: int, currency: str) -> None:
    """Raises Rejected where the buyer saw another total than is to be charged."""
    if expected is not None and expected != total:
        text = _("The total is now %(total)s. Please look again before you buy.")
        raise Rejected(
            "price-changed",
            text % {"total": money.text(total, currency)},
            status=409,
            total=money.as_json(total, currency),
        )


def store_adjustments(order: models.Order, priced: Priced) -> list[models.Adjustment]:
    return models.Adjustment.objects.bulk_create(
        [
            models.Adjustment(order=order, rule=rule, label=change.label, amount=change.amount, data=change.data)
            for rule, change in priced.adjustments
        ]
    )


def commit_rules(order: models.Order) -> None:
    """Let every rule take what the order uses up. In the order's transaction; a rule may raise Rejected."""
    for rule in price_rules:
        rule.commit(order)


def release_rules(order: models.Order) -> None:
    for rule in price_rules:
        rule.release(order)


def _check_inputs(inputs: Mapping[str, Any]) -> None:
    taken = {name for rule in price_rules for name in rule.inputs}
    for name in inputs:
        if name not in taken:
            raise Rejected("not-accepted", _("This shop takes no %(name)s.") % {"name": name}, status=422, field=name)
