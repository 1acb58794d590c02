"""The mails of accounts come in the site's own words and frame, as text and as HTML."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from portal.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "subject", "button"),
    [
        ("ben@example.org", "Choose a new password for Foyer", "Choose a new password"),
        ("nobody@example.org", "No account at Foyer with this address", "Make an account"),
    ],
)
def test_a_forgotten_password(
    client: Client, ben: User, settings: Any, django_capture_on_commit_callbacks: Any, address: str, subject: str, button: str
) -> None:  # fmt: skip
    settings.TASKS_IMMEDIATE = True
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/account/password/reset/", {"email": address})
    (message,) = mail.outbox
    ((html, kind),) = message.alternatives
    assert (message.subject, kind) == (subject, "text/html")
    assert f'<a class="button" href="{settings.BASE_URL}/account/' in html
    assert f">{button}</a>" in html
    assert f"{settings.BASE_URL}/account/" in message.body
    assert 'class="sheet pad"' in html  # the frame of every mail
