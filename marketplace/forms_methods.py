"""The form of a payment method: whatever its provider asks for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.extensions import PaymentProvider
from marketplace.models import PaymentMethod
from marketplace.services.methods import open_fields, secrets_set
from portal import money
from portal.errors import Rejected

PREFIX = "config-"
CLEAR = "clear-"
MOST_DIGITS = 18  # of an amount; the field says by itself how large one may be
LABELS = {
    "secret_key": _("Secret key"),
    "publishable_key": _("Publishable key"),
    "webhook_secret": _("Webhook signing secret"),
}


class MinorUnits(forms.NumberInput):
    """An amount of `currency`: people type 12.50, and the form has 1250."""

    def __init__(self, currency: str) -> None:
        self.exponent = money.exponent(currency)
        super().__init__(attrs={"step": str(Decimal(1).scaleb(-self.exponent))})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed = (data.get(name) or "").strip()
        try:
            minor = Decimal(typed).scaleb(self.exponent)
            return int(minor) if minor == minor.to_integral_value() and minor.adjusted() < MOST_DIGITS else typed
        except (ArithmeticError, ValueError):  # no number, none that is finite, or one with a senseless exponent
            return typed

    def format_value(self, value: Any) -> str:
        return str(Decimal(value).scaleb(-self.exponent)) if isinstance(value, int) else str(value or "")


class MethodForm(forms.Form):
    """The title, the provider's open settings, and its secrets: what is set stays unless it is typed anew or cleared."""

    title = forms.CharField(
        label=_("Title"), max_length=80, help_text=_("What buyers read when they choose how to pay.")
    )

    def __init__(
        self, *args: Any, provider: PaymentProvider, method: PaymentMethod | None, currency: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.provider, self.method, self.currency = provider, method, currency
        self.fields["title"].initial = method.title if method else provider.title
        for name, field in open_fields(provider).items():
            self._add_open(name, field)
        known = secrets_set(method) if method else {}
        for name, help_text in provider.config_fields.items():
            self._add_secret(name, help_text, known.get(name))

    def _add_open(self, name: str, field: forms.Field) -> None:
        if getattr(field, "is_money", False):
            field.widget = MinorUnits(self.currency)
            field.label = f"{field.label} ({self.currency})"
        field.initial = self.method.config.get(name) if self.method else field.initial
        self.fields[PREFIX + name] = field

    def _add_secret(self, name: str, help_text: Any, end: str | None) -> None:
        """`end` is the last characters of what is set, or None where nothing is."""
        kept = "" if end is None else _("It is set, and ends in …%s. Leave this empty to keep it.") % end
        self.fields[PREFIX + name] = forms.CharField(
            label=LABELS.get(name, name.replace("_", " ").capitalize()),
            required=False,
            max_length=600,
            help_text=kept or help_text,
            widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        )
        if end is not None:
            label = _("Take the %s away") % str(self.fields[PREFIX + name].label).lower()
            self.fields[CLEAR + name] = forms.BooleanField(label=label, required=False)

    def config(self) -> dict[str, Any]:
        """What was typed, for the service: a secret that was left empty is left out."""
        data = self.cleaned_data
        typed = {name: data[PREFIX + name] for name in open_fields(self.provider)}
        for name in self.provider.config_fields:
            if data.get(CLEAR + name):
                typed[name] = ""
            elif data[PREFIX + name]:
                typed[name] = data[PREFIX + name]
        return typed

    def take_errors(self, refusal: Rejected) -> None:
        """Show the service's refusal beside the fields that it names."""
        for row in refusal.data.get("errors", []):
            name = row["pointer"].strip("/").replace("config/", PREFIX)
            self.add_error(name if name in self.fields else None, row["detail"])
        if not self.errors:
            self.add_error(None, refusal.message)
