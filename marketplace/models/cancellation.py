"""Events that will not happen, and how far their orders are undone."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class EventCancellation(models.Model):
    """That an event will not happen, and how far its orders have been undone: `done_at` once none is left."""

    event = models.OneToOneField("venues.EventPage", on_delete=models.CASCADE, related_name="cancellation")
    message = models.CharField(_("message to the holders of tickets"), max_length=500, blank=True)
    orders = models.PositiveIntegerField(default=0, help_text="Open when it began.")
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(done_at=None), name="cancellation_open")]

    def __str__(self) -> str:
        return f"Cancellation of {self.event_id}"
