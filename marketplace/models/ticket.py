"""Tickets, the keys that sign them, and the door."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.encryption import EncryptedJSONField


class SigningKey(models.Model):
    """An Ed25519 pair. Doors need the public half alone. One key signs; retired ones verify; revoked ones do neither."""

    public = models.CharField(max_length=44, help_text="32 bytes, URL-safe base64.")
    private = EncryptedJSONField(help_text="32 bytes, URL-safe base64.")
    # True for the key that signs and empty for every other, so that the unique index lets only one process make it.
    current = models.BooleanField(null=True, default=True, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Key {self.pk}"


class TicketQuerySet(models.QuerySet["Ticket"]):
    def update(self, **changes: Any) -> int:
        """A scanner that asks what has changed must learn of these too."""
        return super().update(**{"changed_at": timezone.now(), **changes})


class Ticket(models.Model):
    """One place for one person. `price` is what was paid for it all in; `refund_policy` what was shown when it was.

    Whom it was given to holds it, with the address `holder_email`; the refund stays its buyer's.
    """

    class State(models.TextChoices):
        VALID = "valid", _("valid")
        CANCELED = "canceled", _("canceled")
        REFUNDED = "refunded", _("refunded")

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        State.VALID: {State.CANCELED, State.REFUNDED},
        State.CANCELED: {State.REFUNDED},
        State.REFUNDED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey("marketplace.Order", on_delete=models.PROTECT, related_name="tickets")
    line = models.ForeignKey("marketplace.OrderLine", on_delete=models.PROTECT, related_name="tickets", db_index=False)
    number = models.PositiveSmallIntegerField(help_text="Its place within the line, from 1.")
    event = models.ForeignKey("venues.EventPage", on_delete=models.PROTECT, related_name="tickets", db_index=False)
    ticket_type = models.ForeignKey("marketplace.TicketType", on_delete=models.PROTECT, related_name="tickets")
    attendee = models.CharField(_("name"), max_length=150, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.VALID)
    generation = models.PositiveSmallIntegerField(default=1, help_text="Raised to kill the codes given out before.")
    price = models.BigIntegerField()
    refunded = models.BigIntegerField(default=0, help_text="Of the price; done or under way.")
    refund_policy = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    holder_email = models.EmailField(blank=True, help_text="Whom it was given to; empty while it is the buyer's.")
    changed_at = models.DateTimeField(auto_now=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["line", "number"]
        constraints = [
            models.UniqueConstraint(fields=["line", "number"], name="ticket_once_per_place"),
            models.CheckConstraint(condition=Q(refunded__gte=0, price__gte=F("refunded")), name="ticket_refunded"),
        ]
        indexes = [models.Index(fields=["event", "state"], name="ticket_event")]

    def __str__(self) -> str:
        return str(self.id)


class Transfer(models.Model):
    """That a ticket was given from one person to another. `generation` is the ticket's from then on."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="transfers", db_index=False)
    generation = models.PositiveSmallIntegerField()
    giver_name = models.CharField(max_length=150, blank=True)
    giver_email = models.EmailField()
    name = models.CharField(max_length=150)
    email = models.EmailField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["ticket", "generation"], name="transfer_once")]

    def __str__(self) -> str:
        return f"{self.ticket_id} to {self.name}"


class CheckIn(models.Model):
    """That a ticket was let in. One row a ticket, so of two gates exactly one admits it.

    `at` is when it was scanned; a scanner without a network tells of it later.
    """

    ticket = models.OneToOneField(Ticket, on_delete=models.PROTECT, related_name="check_in")
    at = models.DateTimeField()
    gate = models.CharField(max_length=60, blank=True)
    nonce = models.CharField(
        max_length=64, blank=True, help_text="The scan's own id; the same scan again is no second entry."
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    received_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.ticket_id} at {self.at:%Y-%m-%d %H:%M}"


class CheckInAttempt(models.Model):
    """Every scan, good or bad."""

    class Result(models.TextChoices):
        VALID = "valid", _("valid")
        UNPAID = "unpaid", _("unpaid")
        USED = "used", _("already used")
        CANCELED = "canceled", _("canceled")
        REFUNDED = "refunded", _("refunded")
        WRONG_EVENT = "wrong_event", _("wrong event")
        TOO_EARLY = "too_early", _("too early")
        UNKNOWN = "unknown", _("unknown")

    event = models.ForeignKey("venues.EventPage", on_delete=models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, null=True, on_delete=models.PROTECT, related_name="attempts")
    result = models.CharField(max_length=12, choices=Result)
    at = models.DateTimeField()
    gate = models.CharField(max_length=60, blank=True)
    nonce = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["event", "at"], name="attempt_event")]

    def __str__(self) -> str:
        return f"{self.result} at {self.at:%Y-%m-%d %H:%M}"
