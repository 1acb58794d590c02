"""Forms of the account pages."""

from __future__ import annotations

from functools import cache
from typing import Any, cast
from zoneinfo import available_timezones

from allauth.account import forms as allauth_forms
from allauth.core.exceptions import ImmediateHttpResponse
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.accounts.queries import PLAIN
from portal.accounts.services import Registration, check_registration, create_account
from portal.errors import Rejected
from portal.extensions import account_kinds

FORM_NAMES = {"password": "password1"}  # allauth's names for what the service calls otherwise


class SignupForm(allauth_forms.SignupForm):
    """Sign up as any kind of account. What is wrong comes from the service, which the API calls too."""

    field_order = ("role", "name", "vendor_name", "email", "password1")

    role = forms.ChoiceField(label=_("What brings you here?"), widget=forms.RadioSelect, initial=PLAIN)
    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    vendor_name = forms.CharField(
        label=_("Name that buyers see"),
        help_text=_("Your venue, promoter or company, if you sell tickets."),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    checked: Registration

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = account_kinds.entries
        roles = cast(forms.ChoiceField, self.fields["role"])
        roles.choices = [(entry.key, entry.item.title) for entry in kinds]
        if len(kinds) == 1:
            del self.fields["role"], self.fields["vendor_name"]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        own = {
            "email": data.get("email", ""),
            "password": data.get("password1", ""),
            "name": data.get("name", ""),
            "role": data.get("role") or PLAIN,
        }
        try:
            self.checked = check_registration(**own, data=data)
        except Rejected as refusal:
            self._tell(refusal)
        return data

    def _tell(self, refusal: Rejected) -> None:
        for row in refusal.data.get("errors", []):
            name = row["pointer"].lstrip("/")
            name = FORM_NAMES.get(name, name)
            if name not in self.fields:
                self.add_error(None, row["detail"])
            elif name not in self._told:
                self.add_error(name, row["detail"])

    @property
    def _told(self) -> set[str]:
        """Fields whose own validation has spoken."""
        return {name for name in self.errors if name not in self.cleaned_data}

    def save(self, request: HttpRequest) -> User:
        try:
            return create_account(self.checked)
        except Rejected as refusal:  # somebody else took the address or the name this very moment
            messages.error(request, refusal.message)
            raise ImmediateHttpResponse(redirect("account_signup")) from refusal


class ProfileForm(forms.ModelForm):
    """What a person may change of the own account."""

    timezone = forms.ChoiceField(label=_("Time zone"))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ("name", "city", "language", "timezone")
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "city": forms.TextInput(attrs={"autocomplete": "address-level2"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["timezone"]).choices = zone_choices()


@cache
def zone_choices() -> list[tuple[str, str]]:
    """Time zones by name, places before UTC. Listing them reads the machine's files, hence the cache."""
    zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
    return [*((zone, zone.replace("_", " ")) for zone in zones), ("UTC", "UTC")]
