"""Give every encrypted value the newest key."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError

from portal.encryption import encrypted_fields, rotate


class Command(BaseCommand):
    help = (
        "Encrypt every encrypted field anew with the first key in FIELD_ENCRYPTION_KEYS. Put the new key first, run "
        "this, then take the old key out."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        for model, field in encrypted_fields():
            name = f"{model._meta.label}.{field.name}"
            try:
                self.stdout.write(f"{name}: {rotate(model, field)} values")
            except InvalidToken as error:
                raise CommandError(f"{name} holds a value that no key in FIELD_ENCRYPTION_KEYS opens.") from error
