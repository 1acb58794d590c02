"""Log in with e-mail address and password through the API: for the portal's own clients alone."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import authenticate
from django.contrib.auth.models import update_last_login
from django.utils.translation import gettext as _

from portal.accounts.limiter import count_attempt, forgive
from portal.accounts.models import User
from portal.accounts.tokens import IssuedTokens, issue_tokens
from portal.errors import Rejected


def log_in(request: Any, *, email: str, password: str, mfa_code: str = "", address: str) -> tuple[User, IssuedTokens]:
    """The user and new tokens. `address` is the caller's, for counting.

    Raises Rejected: "too-many-requests" (429), "invalid-credentials" (401, alike for whatever is wrong), "mfa-required"
    (401) and "mfa-invalid" (401) for accounts with a second factor.
    """
    email = email.strip().lower()
    count_attempt(email=email, address=address)
    user = authenticate(request, email=email, password=password)
    if user is None:
        raise Rejected("invalid-credentials", _("The e-mail address or the password is wrong."), status=401)
    if is_mfa_enabled(user):
        _check_second_factor(user, mfa_code)
    forgive(email=email, address=address)
    update_last_login(User, user)
    return user, issue_tokens(user)


def _check_second_factor(user: User, code: str) -> None:
    if not code:
        message = _("This account has a second factor: send mfa_code, from the authenticator app or a recovery code.")
        raise Rejected("mfa-required", message, status=401)
    if not any(_accepts(authenticator, code) for authenticator in Authenticator.objects.filter(user=user)):
        raise Rejected("mfa-invalid", _("The code is wrong or was used before."), status=401)


def _accepts(authenticator: Authenticator, code: str) -> bool:
    if authenticator.type == Authenticator.Type.TOTP:
        return TOTP(authenticator).validate_code(code)
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return RecoveryCodes(authenticator).validate_code(code)
    return False
