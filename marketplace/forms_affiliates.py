"""The forms of a vendor's screen about its affiliates. People type percent, and services take basis points."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.forms_market import ServiceForm
from marketplace.models import AffiliateProgramme
from portal.money import as_decimal
from venues.models import EventPage


class Percent(forms.DecimalField):
    """12.5 of the form is 1250 for the services."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=100, decimal_places=2, **kwargs)

    def clean(self, value: Any) -> Any:
        percent: Decimal | None = super().clean(value)
        return None if percent is None else int(percent * 100)


class ProgrammeForm(ServiceForm):
    commission_bps = Percent(
        label=_("Commission in percent"), help_text=_("Of what the tickets sell for, buyers' fees aside.")
    )
    cookie_days = forms.IntegerField(
        label=_("Days that a click counts"),
        min_value=1,
        max_value=365,
        help_text=_("Who buys within them after following a link was brought by its affiliate. The last click counts."),
    )
    admission = forms.ChoiceField(
        label=_("Who becomes an affiliate"), choices=AffiliateProgramme.Admission.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, programme: AffiliateProgramme | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"commission_bps": "10", "cookie_days": 30, "admission": AffiliateProgramme.Admission.APPROVAL}
        if programme:
            names = ("cookie_days", "admission")
            self.initial = {name: getattr(programme, name) for name in names}
            self.initial["commission_bps"] = percent_of(programme.commission_bps)


class RateForm(forms.Form):
    """One event's own commission; empty brings the usual one back."""

    event = forms.TypedChoiceField(label=_("Event"), coerce=int)
    commission_bps = Percent(
        label=_("Commission in percent"),
        required=False,
        help_text=_("0 takes the event out of the programme; leave it empty for the usual commission."),
    )

    def __init__(self, *args: Any, events: list[EventPage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["event"].choices = [(event.pk, event.title) for event in events]  # type: ignore[attr-defined]


class PayoutForm(forms.Form):
    """What the page showed as due; another sum is refused."""

    currency = forms.RegexField(r"\A[A-Z]{3}\Z")
    amount = forms.IntegerField(min_value=1, max_value=2**62)


def percent_of(basis_points: int) -> str:
    return f"{as_decimal(basis_points, '').normalize():f}"
