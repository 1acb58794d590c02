"""What people are told, and how each telling went."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from portal.encryption import EncryptedJSONField


class Notification(models.Model):
    """One fact that one person is told. `kind` is a key in the extension point ``notices``.

    `cause` names the fact ("order:17:confirmed"), so that nobody is told it twice. `context` is what its templates
    need; it may hold a guest's links and is stored encrypted. `attachments` is the dotted path of a function that
    takes the notification and returns [(filename, bytes, MIME type)], or those with the bytes as Base64.
    """

    kind = models.CharField(max_length=60)
    cause = models.CharField(max_length=120)
    recipient = models.EmailField(help_text="In lower case.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="notifications"
    )
    context = EncryptedJSONField(default=dict)
    attachments = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "cause", "recipient"], name="notification_once")]
        indexes = [models.Index(fields=["created_at"], name="notification_created")]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class Delivery(models.Model):
    """A notification's way through one channel, by its key in the extension point ``channels``."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    error = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["notification", "channel"], name="notification_delivery_once")]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(state="waiting"), name="notification_due")]

    def __str__(self) -> str:
        return f"{self.notification_id} by {self.channel}"
