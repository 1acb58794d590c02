"""What a person is here, and how the API shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from typing_extensions import TypedDict

from portal.answers import Id, Like, extended
from portal.extensions import account_kinds

if TYPE_CHECKING:
    from portal.accounts.models import User

PLAIN = "attendee"


class Person(TypedDict):
    """A user, as that user sees it. Kinds of accounts add members of their own."""

    id: Id
    email: Annotated[str, Like("ben@example.org", format="email")]
    name: Annotated[str, Like("Ben Baker")]
    role: Annotated[str, Like("attendee", "What the user signed up as: attendee, vendor, or a plugin's kind")]


def person() -> Any:
    """The type of what `represent_user` gives."""
    return extended(Person, [kind.represent for kind in account_kinds])


def represent_user(user: User) -> dict[str, Any]:
    """The user as the API shows it to that user: `role` is what it signed up as, with each kind's own part."""
    role, parts = PLAIN, dict[str, Any]()
    for entry in account_kinds.entries:
        part = entry.item.represent(user)
        parts.update(part)
        if entry.key != PLAIN and any(part.values()):
            role = entry.key
    return {"id": str(user.pk), "email": user.email, "name": user.name, "role": role, **parts}


def works_in_admin(user: User) -> bool:
    """Whether the admin is where this person works: vendors and staff."""
    return bool(user.is_active and user.has_perm("wagtailadmin.access_admin"))
