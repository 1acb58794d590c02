"""What the API remembers of a POST, so that repeating it does nothing twice."""

from django.db import models
from django.utils import timezone

from portal.encryption import EncryptedJSONField


class IdempotencyKey(models.Model):
    """A client's Idempotency-Key, and the first answer under it.

    `scope` is whose key it is, `key` the key's hash, `fingerprint` a keyed hash of method, path and body. Until
    `locked_until` the process that set `lease` is at work on it. `answer` ({status, body, headers}) can hold a
    guest's token and is therefore encrypted.
    """

    scope = models.CharField(max_length=70)
    key = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    lease = models.UUIDField()
    locked_until = models.DateTimeField()
    answer = EncryptedJSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key[:8]}"
