"""Forms of the developers' area. What is wrong comes from the services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import PartnerApp
from portal.accounts.partners import AppDetails
from portal.accounts.redirects import words_of
from portal.errors import Rejected

T = TypeVar("T")
ONE_A_LINE = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})
TYPES = [
    ("confidential", _("It runs on a server, and can keep a secret")),
    ("public", _("It runs in a browser or on people's devices, and can't")),
]
MODES = [
    ("test", _("Test: only you can let it in. http://localhost may be its address")),
    ("live", _("Live: everybody can let it in. It needs https and a website")),
]
OVERLAPS = [
    ("0", _("No longer: end it now")),
    ("1", _("One hour more")),
    ("24", _("One day more")),
    ("72", _("Three days more")),
    ("168", _("A week more")),
]


class ServiceForm(forms.Form):
    """A form whose fields a service looks at."""

    def attempt(self, service: Callable[[], T]) -> T | None:
        """What `service` returns, or None where it refused and the form says why."""
        try:
            return service()
        except Rejected as refusal:
            told = refusal.data.get("errors") or {None: [refusal.message]}
            for name, texts in told.items():
                self.add_error(name, texts)
            return None


class AppForm(ServiceForm):
    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("People see it when they let the app in."))
    website = forms.CharField(
        label=_("Website"), max_length=300, required=False, widget=forms.URLInput(attrs={"placeholder": "https://"})
    )
    description = forms.CharField(
        label=_("What it does"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    kind = forms.ChoiceField(label=_("Where it runs"), choices=TYPES, widget=forms.RadioSelect, initial="confidential")
    mode = forms.ChoiceField(label=_("Mode"), choices=MODES, widget=forms.RadioSelect, initial="test")
    redirect_uris = forms.CharField(
        label=_("Redirect URIs"),
        max_length=4500,
        required=False,
        widget=ONE_A_LINE,
        help_text=_("Where people come back to, one on a line. They have to match to the letter."),
    )
    origins = forms.CharField(
        label=_("Origins"),
        max_length=4500,
        required=False,
        widget=ONE_A_LINE,
        help_text=_("Of web pages that call the API from the browser, one on a line, like https://app.example."),
    )
    uses_devices = forms.BooleanField(
        label=_("It signs in on devices without a keyboard"),
        required=False,
        help_text=_("Televisions and the like, which show a code that people type in here."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may ask people for"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose little: people see the list before they let the app in."),
    )

    def __init__(self, *args: Any, partner: PartnerApp | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": _initial(partner), **kwargs})
        scopes: Any = self.fields["scopes"]
        scopes.choices = [(name, f"{meaning} ({name})") for name, meaning in settings.ALL_SCOPES.items()]
        if partner is not None:
            del self.fields["kind"]  # a secret that has been in people's hands is none any more

    def details(self) -> AppDetails:
        data = self.cleaned_data
        return AppDetails(
            name=" ".join(data["name"].split()),
            website=data["website"],
            description=data["description"],
            redirect_uris=words_of(data["redirect_uris"]),
            origins=words_of(data["origins"]),
            scopes=data["scopes"],
            uses_devices=data["uses_devices"],
            live=data["mode"] == "live",
        )


class SecretForm(ServiceForm):
    hours = forms.ChoiceField(
        label=_("How long shall the present secret work?"), choices=OVERLAPS, widget=forms.RadioSelect, initial="24"
    )

    def keep_old(self) -> timedelta:
        return timedelta(hours=int(self.cleaned_data["hours"]))


def _initial(partner: PartnerApp | None) -> dict[str, Any]:
    if partner is None:
        return {"scopes": ["profile"]}
    application = partner.application
    return {
        "name": application.name,
        "website": partner.website,
        "description": partner.description,
        "mode": "live" if partner.live else "test",
        "redirect_uris": "\n".join(application.redirect_uris.split()),
        "origins": "\n".join(application.allowed_origins.split()),
        "uses_devices": partner.uses_devices,
        "scopes": partner.scopes.split(),
    }
