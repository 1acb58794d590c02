"""The forms of a vendor's screens about tickets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marketplace.forms_methods import MinorUnits
from marketplace.models import EventTerms, PaymentMethod, Quota, TicketType
from marketplace.services.inventory import MAX_AMOUNT, MAX_CAPACITY
from portal import money
from portal.converters import is_id
from portal.errors import Rejected
from venues.models import EventPage

HOURS_A_DAY = 24
MOMENT = "%Y-%m-%dT%H:%M"


class ServiceForm(forms.Form):
    """A form whose service may refuse what it holds."""

    def take(self, refusal: Rejected) -> None:
        """Show the refusal beside the field that it is about."""
        field = refusal.data.get("field", {"below-sold": "capacity"}.get(refusal.code))
        self.add_error(field if field in self.fields else None, refusal.message)


class RowsField(forms.ModelMultipleChoiceField):
    """Rows by their ids. Django's own asks the database for whatever number it is sent."""

    def clean(self, value: Any) -> Any:
        for pk in value or ():
            if not is_id(str(pk)):
                raise ValidationError(self.error_messages["invalid_pk_value"], "invalid_pk_value", {"pk": str(pk)[:40]})
        return super().clean(value)


class Moment(forms.DateTimeField):
    """A time on the wall clock of the event's venue; the view sets its zone."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
        super().__init__(widget=widget, required=False, **kwargs)


def amount_field(currency: str, **kwargs: Any) -> forms.IntegerField:
    """People type 12.50, and the form has 1250."""
    wrong = _("An amount such as %s.") % money.as_decimal(1250, currency)
    return forms.IntegerField(
        min_value=0, max_value=MAX_AMOUNT, widget=MinorUnits(currency), error_messages={"invalid": wrong}, **kwargs
    )


class TypeForm(ServiceForm):
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Such as “Stalls” or “Early bird”."))
    description = forms.CharField(label=_("Description"), max_length=300, required=False)
    capacity = forms.IntegerField(
        label=_("Places of its own"),
        min_value=0,
        max_value=MAX_CAPACITY,
        required=False,
        help_text=_("How many of these tickets there are. Leave empty if it only takes shared places."),
    )
    quotas = RowsField(
        Quota.objects.none(),
        label=_("Shared places"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A ticket takes one place of each of these too, and is sold out with the first of them."),
    )
    sales_start = Moment(label=_("Sale starts"), help_text=_("At once, if left empty."))
    sales_end = Moment(label=_("Sale ends"), help_text=_("With the event, if left empty."))
    max_per_order = forms.IntegerField(
        label=_("At most in one order"),
        min_value=1,
        max_value=1000,
        required=False,
        help_text=_("Empty: no own limit."),
    )

    def __init__(
        self, *args: Any, event: EventPage, currency: str, kind: TicketType | None = None, own: Quota | None = None, **kwargs: Any
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        symbol = {"currency": currency}
        self.fields["price"] = amount_field(currency, label=_("Price (%(currency)s)") % symbol)
        self.fields["fee"] = amount_field(
            currency,
            label=_("Fee (%(currency)s)") % symbol,
            help_text=_("What the buyer pays on top. Buyers see the sum from the start."),
        )
        self.fields["quotas"].queryset = _shared(event, own)  # type: ignore[attr-defined]
        if not self.fields["quotas"].queryset.exists():  # type: ignore[attr-defined]
            del self.fields["quotas"]
        self.order_fields(["name", "description", "price", "fee", "capacity", "quotas"])
        self.initial = {**_initial(kind, own), **self.initial}

    def changes(self) -> dict[str, Any]:
        """What the services take, beside the quotas."""
        names = ("name", "description", "price", "fee", "sales_start", "sales_end", "max_per_order")
        return {name: self.cleaned_data[name] for name in names}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("capacity") is None and not data.get("quotas") and "capacity" not in self.errors:
            self.add_error("capacity", _("Say how many places there are, or choose shared ones."))
        return data


def _shared(event: EventPage, own: Quota | None) -> Any:
    quotas = Quota.objects.filter(event=event)
    return quotas.exclude(pk=own.pk) if own else quotas


def _initial(kind: TicketType | None, own: Quota | None) -> dict[str, Any]:
    if kind is None:
        return {"fee": 0}
    fields = ("name", "description", "price", "fee", "sales_start", "sales_end", "max_per_order")
    own_places = {"capacity": own.capacity} if own else {}
    quotas = [quota.pk for quota in kind.quotas.all() if own is None or quota.pk != own.pk]
    return {**{field: getattr(kind, field) for field in fields}, **own_places, "quotas": quotas}


class QuotaForm(ServiceForm):
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Such as “Whole house” or “Balcony”."))
    capacity = forms.IntegerField(label=_("Places"), min_value=0, max_value=MAX_CAPACITY)


class TermsForm(ServiceForm):
    max_per_order = forms.IntegerField(label=_("Tickets in one order, at most"), min_value=1, max_value=1000)
    max_per_person = forms.IntegerField(
        label=_("Tickets a person, at most"),
        min_value=1,
        max_value=1000,
        required=False,
        help_text=_("Counted by e-mail address, over all orders. Empty: no limit."),
    )
    payment_methods = RowsField(
        PaymentMethod.objects.none(),
        label=_("Ways to pay"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Free tickets need none."),
    )

    def __init__(self, *args: Any, terms: EventTerms, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = PaymentMethod.objects.filter(vendor=terms.vendor_id, removed_at=None)
        self.fields["payment_methods"].queryset = own  # type: ignore[attr-defined]
        chosen = [method.pk for method in terms.payment_methods.all()]
        limits = {"max_per_order": terms.max_per_order, "max_per_person": terms.max_per_person}
        self.initial = {**limits, "payment_methods": chosen, **self.initial}


class RefundStepForm(forms.Form):
    """One step of a refund policy: until when, and how much."""

    days = forms.DecimalField(
        label=_("Days before the start"), min_value=0, max_value=366, decimal_places=2, required=False
    )
    percent = forms.DecimalField(
        label=_("Percent of the price"), min_value=0, max_value=100, decimal_places=2, required=False
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if (data.get("days") is None) != (data.get("percent") is None) and not self.errors:
            raise forms.ValidationError(_("Give both, or leave both empty."))
        return data


RefundSteps = forms.formset_factory(RefundStepForm, extra=0, max_num=6, absolute_max=6)


def steps_of(policy: list[dict[str, Any]], *, least: int = 3) -> list[dict[str, Any]]:
    """A refund policy as rows for people, with empty ones to fill in."""
    rows = [
        {"days": f"{step['hours_before'] / HOURS_A_DAY:g}", "percent": f"{step['percent_bps'] / 100:g}"}
        for step in sorted(policy, key=lambda step: -step["hours_before"])
    ]
    return [*rows, *[{} for _row in range(max(least - len(rows), 1))]][:6]


def policy_of(steps: Any) -> list[dict[str, Any]]:
    """The refund policy that the filled-in rows stand for, best terms first."""
    rows = [form.cleaned_data for form in steps if form.cleaned_data.get("days") is not None]
    policy = [
        {"hours_before": round(row["days"] * HOURS_A_DAY), "percent_bps": round(row["percent"] * 100)} for row in rows
    ]
    return sorted(policy, key=lambda step: -step["hours_before"])
