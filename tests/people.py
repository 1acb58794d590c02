"""The people of the tests, always the same: Ada sells, Ben buys, Cleo is the stranger (another vendor), Sam is staff."""

from __future__ import annotations

from portal.accounts.models import User
from tests.factories import make_user, make_vendor

PASSWORD = "correct-horse-battery"


def ada() -> User:
    """A vendor: Ada's Hall."""
    user = make_user(email="ada@example.org", name="Ada Adler", password=PASSWORD)
    make_vendor(user, name="Ada's Hall")
    return user


def ben() -> User:
    """A buyer, who sells nothing."""
    return make_user(email="ben@example.org", name="Ben Brook", password=PASSWORD)


def cleo() -> User:
    """Another vendor. She must see and change nothing of Ada's or Ben's."""
    user = make_user(email="cleo@example.org", name="Cleo Crane", password=PASSWORD)
    make_vendor(user, name="Cleo's Club")
    return user


def sam() -> User:
    """Staff: may do everything in the admin."""
    return make_user(email="sam@example.org", name="Sam Stone", password=PASSWORD, is_staff=True, is_superuser=True)
