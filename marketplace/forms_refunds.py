"""The forms of a vendor's screens about giving tickets back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.forms_market import ServiceForm, amount_field
from marketplace.models import Order
from marketplace.services.claims import Claim
from portal import money


def amount_shown(text: str) -> int:
    """The amount that a preview showed, back from its form; -1 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 15 else -1


class TicketsForm(ServiceForm):
    """Which tickets of an order are canceled."""

    tickets = forms.MultipleChoiceField(
        label=_("Tickets"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one ticket."),
            "invalid_choice": _("This is no ticket of the order."),
        },
    )

    def __init__(self, *args: Any, order: Order, claims: list[Claim], chosen: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(claim.ticket.pk), self.label(claim, order)) for claim in claims]
        self.fields["tickets"].choices = choices  # type: ignore[attr-defined]
        ids = [pk for pk, _label in choices]
        self.initial = {"tickets": [chosen] if chosen in ids else ids, **self.initial}

    def label(self, claim: Claim, order: Order) -> str:
        ticket = claim.ticket
        return ", ".join(filter(None, [ticket.ticket_type.name, ticket.attendee or order.name]))


class RefundForm(TicketsForm):
    """Which tickets are refunded, and how much: any amount up to what is left of what was paid for them."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, required=False, help_text=_("The buyer reads it in the mail.")
    )
    keep_tickets = forms.BooleanField(
        label=_("The tickets stay good"), required=False, help_text=_("Goodwill: money back, and the places are kept.")
    )

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, order=order, **kwargs)
        text = _("All together, in %s. Empty: all that is left.") % order.currency
        self.fields["amount"] = amount_field(order.currency, label=_("Amount"), required=False, help_text=text)
        self.order_fields(["tickets", "amount", "reason", "keep_tickets"])

    def label(self, claim: Claim, order: Order) -> str:
        facts = {
            "ticket": super().label(claim, order),
            "left": money.text(claim.left, order.currency),
            "policy": money.text(claim.offered, order.currency),
        }
        return _("%(ticket)s: %(left)s left, the policy gives %(policy)s") % facts


class CancelEventForm(ServiceForm):
    message = forms.CharField(
        label=_("What do you want to tell them?"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stands in the mail that everybody with a ticket gets. Empty: only that the event is canceled."),
    )
    sure = forms.BooleanField(
        label=_("The event does not take place, and everybody gets everything back."),
        error_messages={"required": _("Say that you mean it: this can't be undone.")},
    )
