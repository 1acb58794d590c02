"""Make and end accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.accounts.queries import PLAIN
from portal.accounts.tokens import revoke_all
from portal.errors import Rejected
from portal.extensions import account_kinds

MAX_PASSWORD = 200
Errors = dict[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Registration:
    """A checked sign-up. Hashing the password is slow, so it is done here, before any transaction."""

    email: str
    password_hash: str
    name: str
    role: str
    data: Mapping[str, Any]


def register(*, email: str, password: str, name: str, role: str = PLAIN, data: Mapping[str, Any] | None = None) -> User:
    """Make an account of the kind `role` with all that it needs. `data` holds the kind's own fields.

    Raises Rejected("invalid-input", status=422) with `errors`, a list of {pointer, code, detail}.
    """
    checked = check_registration(email=email, password=password, name=name, role=role, data=data)
    return create_account(checked)


def check_registration(
    *, email: str, password: str, name: str, role: str = PLAIN, data: Mapping[str, Any] | None = None
) -> Registration:
    """Check a sign-up, and hash its password. Raises like `register`."""
    email, name, data = email.strip().lower(), " ".join(name.split()), data or {}
    errors: Errors = {}
    _check_email(email, errors)
    _check_name(name, errors)
    _check_password(password, User(email=email, name=name), errors)
    _check_kind(role, data, errors)
    if errors:
        raise _invalid(errors)
    return Registration(email, make_password(password), name, role, data)


def confirm_address(user: User) -> None:
    """Take the address of `user` as theirs, without a mail."""
    address = {"primary": True, "verified": True}
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults=address)


@transaction.atomic
def create_account(checked: Registration) -> User:
    """Make the account that `checked` describes. Raises like `register` where the address was taken meanwhile."""
    user = User(email=checked.email, password=checked.password_hash, name=checked.name)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise _invalid({"email": [TAKEN()]}) from error
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    try:
        account_kinds[checked.role].create(user, checked.data)
    except ValidationError as error:
        raise _invalid({name: [("invalid", text) for text in texts] for name, texts in _texts(error)}) from error
    return user


@transaction.atomic
def deactivate(user: User) -> None:
    """Close the account to its person: no login, and every token ends at once."""
    user.is_active = False
    user.save(update_fields=["is_active"])
    revoke_all(user)


def update_profile(user: User, *, name: str, city: str, language: str, timezone: str) -> User:
    """Change what a person says about itself."""
    user.name, user.city, user.language, user.timezone = name, city, language, timezone
    user.save(update_fields=["name", "city", "language", "timezone"])
    return user


def email_taken(email: str) -> bool:
    """Whether the address is somebody's. An address that was only claimed and never confirmed is nobody's."""
    claimed = EmailAddress.objects.filter(email__iexact=email, verified=True)
    return User.objects.filter(email__iexact=email).exists() or claimed.exists()


def TAKEN() -> tuple[str, str]:  # noqa: N802 - a constant, but for its translation
    return "email-taken", _("There is an account with this e-mail address already.")


def _check_email(email: str, errors: Errors) -> None:
    try:
        validate_email(email)
    except ValidationError:
        errors["email"] = [("invalid", _("Enter an e-mail address, like ada@example.org."))]
        return
    if len(email) > 254:
        errors["email"] = [("max-length", _("An e-mail address has 254 characters at most."))]
    elif email_taken(email):
        errors["email"] = [TAKEN()]


def _check_name(name: str, errors: Errors) -> None:
    if not name:
        errors["name"] = [("blank", _("Say what we may call you."))]
    elif len(name) > 150 or not name.isprintable():
        errors["name"] = [("invalid", _("A name has 150 printable characters at most."))]


def _check_password(password: str, user: User, errors: Errors) -> None:
    if len(password) > MAX_PASSWORD:
        errors["password"] = [("max-length", _("A password has 200 characters at most."))]
        return
    try:
        validate_password(password, user)
    except ValidationError as error:
        found = [(item.code or "invalid", " ".join(item.messages)) for item in error.error_list]
        errors["password"] = [(code.replace("_", "-"), text) for code, text in found]


def _check_kind(role: str, data: Mapping[str, Any], errors: Errors) -> None:
    kind = account_kinds.get(role)
    if kind is None:
        known = ", ".join(entry.key for entry in account_kinds.entries)
        errors["role"] = [("invalid-choice", _("Choose one of: {known}.").format(known=known))]
        return
    for name, text in kind.errors(data).items():
        errors[name] = [("invalid", str(text))]


def _texts(error: ValidationError) -> list[tuple[str, list[str]]]:
    if hasattr(error, "error_dict"):
        return list(error.message_dict.items())
    return [("", error.messages)]


def _invalid(errors: Errors) -> Rejected:
    rows = [
        {"pointer": f"/{name}" if name else "", "code": code, "detail": text}
        for name, found in errors.items()
        for code, text in found
    ]
    return Rejected("invalid-input", rows[0]["detail"], status=422, errors=rows)
