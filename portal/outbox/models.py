"""Messages wait here, stored in the transaction of what they tell of, until every subscriber has had them."""

from django.db import models
from django.utils import timezone


class StoredMessage(models.Model):
    name = models.CharField(max_length=100)
    payload = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    dispatched_at = models.DateTimeField(null=True, help_text="When its deliveries were made out.")

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=models.Q(dispatched_at=None), name="outbox_undispatched"),
            models.Index(fields=["name"], name="outbox_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class MessageDelivery(models.Model):
    """One subscriber's turn at one message."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"

    message = models.ForeignKey(StoredMessage, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    subscriber = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    error = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "message deliveries"
        constraints = [models.UniqueConstraint(fields=["message", "subscriber"], name="outbox_one_delivery")]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(state="waiting"), name="outbox_due")]

    def __str__(self) -> str:
        return f"{self.message_id} to {self.subscriber}"
