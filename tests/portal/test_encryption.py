"""Encrypted fields: the database holds no plaintext, keys can be changed, and a wrong key fails loudly."""

from __future__ import annotations

from io import StringIO

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection

from portal.encryption import encrypted_fields, rotate
from portal.notifications.models import Notification

pytestmark = pytest.mark.django_db

SECRET = {"link": "https://example.org/?token=s3cr3t", "names": ["Ada", "Бен"]}


def make(cause: str = "a", **fields: object) -> Notification:
    return Notification.objects.create(
        kind="k", cause=cause, recipient="ben@example.org", **{"context": SECRET} | fields
    )


def stored() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT context FROM notifications_notification ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def read(notification: Notification) -> object:
    return Notification.objects.get(pk=notification.pk).context


def test_a_value_comes_back_and_is_no_plaintext_in_between() -> None:
    assert read(make()) == SECRET
    assert "s3cr3t" not in stored()[0]
    assert Fernet(b"Zm9yLXRlc3RzLW9ubHktMzItYnl0ZXMtbG9uZy4uLi4=").decrypt(stored()[0].encode())


def test_equal_values_look_different() -> None:
    make("a"), make("b")
    first, second = stored()
    assert first != second


def test_a_wrong_key_fails_loudly(settings) -> None:
    notification = make()
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(InvalidToken):
        read(notification)


def test_a_tampered_value_fails_loudly() -> None:
    notification = make()
    value = stored()[0]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE notifications_notification SET context = %s", [value[:-10] + "AAAAAAAA=="])
    with pytest.raises(InvalidToken):
        read(notification)


def test_no_key_at_all_is_said_plainly(settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = []
    with pytest.raises(ImproperlyConfigured, match="FIELD_ENCRYPTION_KEYS is empty"):
        make()


def test_rotation_gives_every_value_the_newest_key(settings) -> None:
    (old,) = settings.FIELD_ENCRYPTION_KEYS
    notifications = [make("a"), make("b", context={})]
    new = Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    out = StringIO()
    call_command("rotate_encryption", stdout=out)
    assert "notifications.Notification.context: 2 values" in out.getvalue().splitlines()
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert [read(notification) for notification in notifications] == [SECRET, {}]


def test_rotation_with_a_missing_key_says_which_field_and_changes_nothing(settings) -> None:
    make()
    before = stored()
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match=r"notifications\.Notification\.context holds a value that no key"):
        call_command("rotate_encryption", stdout=StringIO())
    assert stored() == before


def test_rotation_leaves_what_changes_meanwhile(settings, monkeypatch) -> None:
    notification = make()
    field = Notification._meta.get_field("context")
    from portal import encryption

    class Cipher:
        """Somebody else writes the row between our read and our write."""

        def rotate(self, value: bytes) -> bytes:
            Notification.objects.filter(pk=notification.pk).update(context={"newer": True})
            return real().rotate(value)

        def __getattr__(self, name: str) -> object:
            return getattr(real(), name)

    real = encryption.cipher
    monkeypatch.setattr(encryption, "cipher", Cipher)
    assert rotate(Notification, field) == 0
    assert read(notification) == {"newer": True}


def test_every_encrypted_field_is_found() -> None:
    found = {f"{model._meta.label}.{field.name}" for model, field in encrypted_fields()}
    assert {"notifications.Notification.context", "marketplace.PaymentMethod.config"} <= found
