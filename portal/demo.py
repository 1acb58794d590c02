"""The demo's own people, and what its accounts have in common."""

from collections.abc import Callable

from portal.accounts.models import User
from portal.accounts.services import confirm_address, register

PASSWORD = "welcome to foyer"  # noqa: S105 - printed by `make run`, for demo data alone
ATTENDEE, STAFF = "ben@example.org", "staff@example.org"


def seed(*, scale: int, say: Callable[[str], None]) -> None:
    """Make the attendee Ben and a member of staff who may do everything."""
    if not User.objects.filter(email=ATTENDEE).exists():
        register(email=ATTENDEE, password=PASSWORD, name="Ben Okoro", role="attendee", data={})
    if not User.objects.filter(email=STAFF).exists():
        User.objects.create_superuser(STAFF, PASSWORD, name="Sam Rivers")
    for user in User.objects.filter(email__in=[ATTENDEE, STAFF]):
        confirm_address(user)  # no mail reaches them, and some of what an account can do asks for it
    say("an attendee and a member of staff")
