"""What a vendor's sales report is asked for, in its address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from marketplace.sales import Period

USUAL_DAYS = 30


class DayField(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(required=False, widget=widget, input_formats=["%Y-%m-%d"], **kwargs)


class SalesForm(forms.Form):
    """`from` and `to` are days in the vendor's zone; without them it is the last thirty. Bound to the address's query."""

    def __init__(self, data: Mapping[str, Any], *, events: Mapping[int, str], today: date) -> None:
        given = {"from": _iso(today - timedelta(days=USUAL_DAYS - 1)), "to": _iso(today)}
        super().__init__({**given, **{name: data[name] for name in data}})
        choices = [("", _("All")), *events.items()]
        self.fields["from"] = DayField(label=_("From"))
        self.fields["to"] = DayField(label=_("To"))
        self.fields["event"] = forms.TypedChoiceField(
            label=_("Event"), choices=choices, coerce=int, empty_value=None, required=False
        )
        self.fields["currency"] = forms.RegexField(r"\A[A-Z]{3}\Z", required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("from"), data.get("to")
        if first and last and last < first:
            self.add_error("to", _("This is before the first day."))
        return data

    @property
    def period(self) -> Period:
        return Period(self.cleaned_data["from"], self.cleaned_data["to"])

    def asked(self) -> dict[str, str]:
        """What stands in the report's address."""
        return {name: value for name in self.fields if (value := str(self[name].value() or ""))}


def _iso(day: date) -> str:
    return day.isoformat()


def usual_periods(today: date) -> list[tuple[str, str, str]]:
    """Name, first and last day of what is asked for most. All time has no days."""
    year = date(today.year, 1, 1)
    spans = [(_("%(n)s days") % {"n": days}, today - timedelta(days=days - 1)) for days in (7, 30, 90)]
    named = [*spans, (_("This year"), year)]
    return [(name, _iso(first), _iso(today)) for name, first in named] + [(_("All time"), "", "")]
