"""The forms of the site's checkout."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.models import PaymentMethod
from portal.errors import Rejected


class CheckoutForm(forms.Form):
    """Who buys, and how it is paid. A signed-in buyer's e-mail address is the account's."""

    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("Your tickets are sent there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )
    affiliate = forms.CharField(
        label=_("Code of who sent you"),
        max_length=60,
        required=False,
        help_text=_("If somebody recommended this event and gave you a code."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    # What the page showed. Where it is no longer the price, the buyer sees the new one and decides again.
    total = forms.IntegerField(widget=forms.HiddenInput)
    policy = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        methods: list[PaymentMethod],
        user: Any,
        total: int,
        policy: str,
        takes_codes: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.shown_policy = policy
        self.fields["total"].initial = total
        if user.is_authenticated:
            del self.fields["email"]
            self.fields["name"].initial = user.name
        if not takes_codes:
            del self.fields["affiliate"]
        if total:
            self.fields["payment_method"] = PaymentMethodField(methods)

    def take(self, refusal: Rejected) -> None:
        """Show the refusal beside the field that it is about."""
        field = refusal.data.get("field", "")
        self.add_error(field if field in self.fields else None, refusal.message)

    def clean_policy(self) -> str:
        if self.cleaned_data["policy"] not in ("", self.shown_policy):
            self.add_error(None, _("The organiser has just changed the terms of refund. Please read them again."))
        return self.shown_policy


class PaymentMethodField(forms.TypedChoiceField):
    """One of an event's payment methods, by id; its clean value is the method."""

    def __init__(self, methods: list[PaymentMethod]) -> None:
        by_id = {str(method.pk): method for method in methods}
        super().__init__(
            label=_("How would you like to pay?"),
            choices=[(key, method.title) for key, method in by_id.items()],
            coerce=by_id.__getitem__,
            widget=forms.RadioSelect,
            initial=next(iter(by_id), None),
            error_messages={
                "required": _("Choose how you would like to pay."),
                "invalid_choice": _("This event does not take that way to pay. Choose one of those below."),
            },
        )


class PayForm(forms.Form):
    """How a pending order is paid after all."""

    def __init__(self, *args: Any, methods: list[PaymentMethod], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payment_method"] = PaymentMethodField(methods)


class TransferForm(forms.Form):
    """Whom a ticket is given to."""

    name = forms.CharField(label=_("Their name"), max_length=150)
    email = forms.EmailField(label=_("Their e-mail address"), max_length=254, help_text=_("The ticket is sent there."))


class ScanForm(forms.Form):
    """A code at the door. `nonce` is the scan's own id, so that a page sent twice is one scan."""

    code = forms.CharField(
        label=_("Code"),
        max_length=2000,
        error_messages={"required": _("Scan or type a code."), "max_length": _("This is too long for a code.")},
    )
    gate = forms.CharField(max_length=60, required=False)
    nonce = forms.CharField(max_length=64, required=False)
    take_cash = forms.BooleanField(required=False)
