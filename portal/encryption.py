"""Encryption of single fields where they are stored, with keys of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models


@cache
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS is empty; give at least one Fernet key.")
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    """The cipher of the keys in FIELD_ENCRYPTION_KEYS: the first encrypts, every one decrypts."""
    return _fernet(tuple(settings.FIELD_ENCRYPTION_KEYS))


class EncryptedJSONField(models.TextField):
    """A JSON value that is stored encrypted. A value that no key opens raises, rather than coming back as ciphertext."""

    # For the type checker: any JSON value, not text.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def get_prep_value(self, value: Any) -> str | None:
        if value is None:
            return None
        return cipher().encrypt(json.dumps(value, sort_keys=True).encode()).decode()

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else json.loads(cipher().decrypt(value.encode()))

    def to_python(self, value: Any) -> Any:
        return value


def encrypted_fields() -> Iterator[tuple[type[models.Model], EncryptedJSONField]]:
    """Every encrypted field of every installed model."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedJSONField) and field.model is model:
                yield model, field


def rotate(model: type[models.Model], field: EncryptedJSONField) -> int:
    """Encrypt every value of `field` anew with the first key. Returns how many rows.

    Raises InvalidToken, with nothing changed in that row, where no key opens a value. A row that is written to
    meanwhile keeps what was written: that is encrypted with the first key already.
    """
    count, quoted = 0, connection.ops.quote_name
    table, column, key = quoted(model._meta.db_table), quoted(str(field.column)), quoted(str(model._meta.pk.column))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL")  # noqa: S608 - our own names
        rows = cursor.fetchall()
        for pk, old in rows:
            cursor.execute(
                f"UPDATE {table} SET {column} = %s WHERE {key} = %s AND {column} = %s",  # noqa: S608 - our own names
                [cipher().rotate(old.encode()).decode(), pk, old],
            )
            count += cursor.rowcount
    return count
