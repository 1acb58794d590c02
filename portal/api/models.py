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


class AppUsage(models.Model):
    """How often an app called in one day (UTC), and how often the answer was an error."""

    application = models.ForeignKey("oauth2_provider.Application", models.CASCADE, related_name="+")
    day = models.DateField(db_index=True)
    calls = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "day"], name="api_usage_once_a_day")]

    def __str__(self) -> str:
        return f"{self.application} on {self.day}: {self.calls}"


class AppCall(models.Model):
    """One of the last calls of an app. The path is as the logs have it: without query, and without what may be secret."""

    application = models.ForeignKey("oauth2_provider.Application", models.CASCADE, related_name="+")
    at = models.DateTimeField()
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=300)
    status = models.PositiveSmallIntegerField()
    request_id = models.CharField(max_length=64)
    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"{self.method} {self.path}: {self.status}"
