"""What a person is here, and how the API shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from django.db.models import QuerySet
from django.db.models.functions import Lower

from portal.extensions import account_kinds

if TYPE_CHECKING:
    from portal.accounts.models import User

PLAIN = "attendee"


def represent_user(user: User) -> dict[str, Any]:
    """The user as the API shows it to that user: `role` is what it signed up as, with each kind's own part."""
    role, parts = PLAIN, {}
    for entry in account_kinds.entries:
        part = entry.item.represent(user)
        parts.update(part)
        if entry.key != PLAIN and any(part.values()):
            role = entry.key
    return {"id": str(user.pk), "email": user.email, "name": user.name, "role": role, **parts}


def confirmed_addresses(user: Any) -> QuerySet[Any, str]:
    """The e-mail addresses that `user` has proved to read, in lower case."""
    addresses = EmailAddress.objects.filter(user=user.pk, verified=True)
    return addresses.annotate(address=Lower("email")).values_list("address", flat=True)


def owner_of_address(email: str) -> User | None:
    """The person who has proved to read `email`."""
    address = EmailAddress.objects.filter(email__iexact=email, verified=True).select_related("user").first()
    return address.user if address else None


def works_in_admin(user: User) -> bool:
    """Whether the admin is where this person works: vendors and staff."""
    return bool(user.is_active and user.has_perm("wagtailadmin.access_admin"))
