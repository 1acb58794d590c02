"""How vendors are paid, and each attempt to pay and to give back."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.encryption import EncryptedJSONField


class PaymentMethod(models.Model):
    """A vendor's configured way to be paid. `provider` is a key in the extension point ``payment_providers``.

    `config` is encrypted where it is stored, and no interface ever shows its secrets again.
    """

    vendor = models.ForeignKey("venues.Vendor", on_delete=models.PROTECT, related_name="payment_methods")
    provider = models.CharField(_("provider"), max_length=60)
    title = models.CharField(_("title"), max_length=80, help_text=_("What buyers read."))
    config = EncryptedJSONField(default=dict)
    removed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title


class Payment(models.Model):
    """One attempt to pay an order. `key` is the provider's idempotency key, stored before the first call."""

    class State(models.TextChoices):
        CREATED = "created", _("created")
        PENDING = "pending", _("pending")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")
        REFUNDED = "refunded", _("refunded")

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        State.CREATED: {State.PENDING, State.SUCCEEDED, State.FAILED},
        State.PENDING: {State.SUCCEEDED, State.FAILED},
        State.SUCCEEDED: {State.REFUNDED},
        # A provider may still report success for what we had given up; money received is a fact.
        State.FAILED: {State.SUCCEEDED},
        # A bank may send a refund back; that alone leads here, and never news of the payment itself.
        State.REFUNDED: {State.SUCCEEDED},
    }

    order = models.ForeignKey("marketplace.Order", on_delete=models.PROTECT, related_name="payments")
    method = models.ForeignKey(PaymentMethod, null=True, on_delete=models.PROTECT, related_name="payments")
    provider = models.CharField(max_length=60)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CREATED)
    amount = models.BigIntegerField(_("amount"))
    refunded = models.BigIntegerField(default=0, help_text="Done or under way.")
    currency = models.CharField(max_length=3)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    external_id = models.CharField(max_length=200, blank=True, help_text="The provider's id of it.")
    data = models.JSONField(default=dict, help_text="The provider's own notes; never secrets.")
    failure = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)
    check_at = models.DateTimeField(null=True, help_text="When the reconciler asks the provider next.")
    checks = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(refunded__gte=0, amount__gte=models.F("refunded")), name="payment_refunded"
            ),
            models.UniqueConstraint(
                fields=["provider", "external_id"], condition=~Q(external_id=""), name="payment_external_id"
            ),
            models.UniqueConstraint(
                fields=["order"], condition=Q(state__in=["created", "pending"]), name="payment_one_live"
            ),
        ]
        indexes = [
            models.Index(fields=["check_at"], condition=Q(state__in=["created", "pending"]), name="payment_check")
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.key}"


class Refund(models.Model):
    """Money on its way back. `key` is the provider's idempotency key."""

    class State(models.TextChoices):
        CREATED = "created", _("created")
        IN_TRANSIT = "in_transit", _("in transit")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        State.CREATED: {State.IN_TRANSIT, State.DONE, State.FAILED},
        State.IN_TRANSIT: {State.DONE, State.FAILED},
        State.DONE: {State.FAILED},
        State.FAILED: {State.CREATED},
    }

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CREATED)
    amount = models.BigIntegerField(_("amount"))
    reason = models.CharField(max_length=200, blank=True)
    cancellation = models.ForeignKey(
        "marketplace.EventCancellation", null=True, on_delete=models.PROTECT, related_name="refunds"
    )
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    external_id = models.CharField(max_length=200, blank=True)
    failure = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)
    check_at = models.DateTimeField(null=True)
    checks = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=Q(amount__gte=1), name="refund_amount")]

    def __str__(self) -> str:
        return f"Refund {self.key}"


class RefundLine(models.Model):
    """What one ticket gets back with a refund. A refund without lines is money that no ticket stood for."""

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="lines", db_index=False)
    ticket = models.ForeignKey("marketplace.Ticket", on_delete=models.PROTECT, related_name="refund_lines")
    amount = models.BigIntegerField(_("amount"))

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["refund", "ticket"], name="refund_line_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="refund_line_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of ticket {self.ticket_id}"


class ProviderEvent(models.Model):
    """The inbox of webhooks: a provider's event goes in once, within the transaction that has its effects."""

    provider = models.CharField(max_length=60)
    event_id = models.CharField(max_length=200)
    type = models.CharField(max_length=100)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="provider_event_once")]

    def __str__(self) -> str:
        return f"{self.provider} {self.event_id}"
