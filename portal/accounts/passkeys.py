"""Forms of passkeys, for browsers and for whoever pretends to be one.

What comes is a tree of JSON around binary data that several libraries take apart; on nonsense they raise nearly anything.
Here all of it is one refusal.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import forms as allauth_forms
from django import forms
from django.core.exceptions import ValidationError

log = logging.getLogger(__name__)
NAME_LENGTH = 100


def understood(read: Callable[[], Any]) -> Any:
    """What `read` returns. Raises ValidationError, whatever `read` raises."""
    try:
        return read()
    except ValidationError:
        raise
    except Exception as error:
        log.info("a passkey's answer was not understood: %r", error)
        raise get_adapter().validation_error("incorrect_code") from error


class CredentialField(forms.JSONField):
    """Never shown again: after a refusal the page asks the browser anew."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput)

    def bound_data(self, data: Any, initial: Any) -> str:
        return ""


class AddForm(allauth_forms.AddWebAuthnForm):
    name = forms.CharField(required=False, max_length=NAME_LENGTH)
    credential = CredentialField()

    def clean_credential(self) -> dict[str, Any]:
        credential = self.cleaned_data["credential"]
        if not isinstance(credential, dict) or not credential:  # allauth would store what is false unread
            raise get_adapter().validation_error("incorrect_code")
        return credential

    def clean(self) -> dict[str, Any]:
        return understood(super().clean)


class AuthenticateForm(allauth_forms.AuthenticateWebAuthnForm):
    credential = CredentialField()

    def clean_credential(self) -> Any:
        return understood(super().clean_credential)


class ReauthenticateForm(AuthenticateForm, allauth_forms.ReauthenticateWebAuthnForm):
    pass


class LoginForm(AuthenticateForm, allauth_forms.LoginWebAuthnForm):
    pass


class EditForm(allauth_forms.EditWebAuthnForm):
    name = forms.CharField(max_length=NAME_LENGTH)
