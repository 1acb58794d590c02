"""A visitor's choice of tickets, and the places that are held for it or for a pending order."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Cart(models.Model):
    """Tickets of one event that a visitor has chosen and that are held until `expires_at`.

    `id` is the secret that the visitor's session knows the cart by.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ORDERED = "ordered", _("ordered")
        RELEASED = "released", _("released")

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        State.OPEN: {State.ORDERED, State.RELEASED},
        State.ORDERED: set(),
        State.RELEASED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.ForeignKey("venues.EventPage", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    order = models.OneToOneField("marketplace.Order", null=True, on_delete=models.CASCADE, related_name="cart")
    expires_at = models.DateTimeField()
    extensions = models.PositiveSmallIntegerField(default=0, help_text="How often the visitor asked for more time.")
    referral = models.JSONField(null=True, help_text="The affiliate whose link led here, and the terms of that moment.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], condition=Q(state="open"), name="cart_open_expiry")]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def total(self) -> int:
        """What was shown, all in, before price rules."""
        return sum(line.total for line in self.lines.all())


class CartLine(models.Model):
    """Tickets of one type at the prices that were shown, which are charged while the cart's hold lasts."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines", db_index=False)
    ticket_type = models.ForeignKey("marketplace.TicketType", on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveSmallIntegerField()
    unit_price = models.BigIntegerField()
    unit_fee = models.BigIntegerField(default=0)
    quota_ids = models.JSONField(default=list, help_text="The quotas that its places were taken from.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "ticket_type"], name="cart_line_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="cart_line_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.ticket_type_id}"

    @property
    def total(self) -> int:
        return self.quantity * (self.unit_price + self.unit_fee)


class Hold(models.Model):
    """Places of one quota held for one cart or one pending order. A row exists exactly while ``Quota.held`` counts it."""

    # The indexes below serve the keys as well.
    quota = models.ForeignKey("marketplace.Quota", on_delete=models.PROTECT, related_name="holds", db_index=False)
    cart = models.ForeignKey(Cart, null=True, on_delete=models.PROTECT, related_name="holds", db_index=False)
    order = models.ForeignKey(
        "marketplace.Order", null=True, on_delete=models.PROTECT, related_name="holds", db_index=False
    )
    quantity = models.PositiveIntegerField()
    expires_at = models.DateTimeField(
        help_text="The cart's or order's, here so that one indexed read finds what lapsed."
    )

    class Meta:
        indexes = [models.Index(fields=["quota", "expires_at"], name="hold_expiry")]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="hold_quantity"),
            models.CheckConstraint(
                condition=Q(cart__isnull=True, order__isnull=False) | Q(cart__isnull=False, order__isnull=True),
                name="hold_has_one_owner",
            ),
            models.UniqueConstraint(fields=["cart", "quota"], name="hold_once_per_cart"),
            models.UniqueConstraint(fields=["order", "quota"], name="hold_once_per_order"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of quota {self.quota_id}"
