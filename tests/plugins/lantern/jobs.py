from django.contrib.sessions.models import Session
from django.utils import timezone

from tests.plugins.lantern.messages import Lit


def remember(message: Lit) -> None:
    """Keeps what it got in a table that it need not make: a session a message."""
    Session.objects.create(session_key=f"lit-{message.who}", session_data="", expire_date=timezone.now())


def trim() -> None:
    """Puts every lantern out."""
    Session.objects.filter(session_key__startswith="lit-").delete()
