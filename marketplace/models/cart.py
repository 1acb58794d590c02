"""A visitor's choice of tickets, and the places that are held for it or for a pending order."""

import uuid

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

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.ForeignKey("venues.EventPage", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    expires_at = models.DateTimeField()
    extensions = models.PositiveSmallIntegerField(default=0, help_text="How often the visitor asked for more time.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], condition=Q(state="open"), name="cart_open_expiry")]


class CartLine(models.Model):
    """`unit_total` is the all-in price of one ticket that was shown, and that is charged while the cart lives."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    ticket_type = models.ForeignKey("marketplace.TicketType", on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveSmallIntegerField()
    unit_price = models.BigIntegerField()
    unit_fee = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cart", "ticket_type"], name="cart_line_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="cart_line_quantity"),
        ]


class Hold(models.Model):
    """Places of one quota held for one cart or one pending order. A row exists exactly while ``Quota.held`` counts it."""

    quota = models.ForeignKey("marketplace.Quota", on_delete=models.PROTECT, related_name="holds")
    cart = models.ForeignKey(Cart, null=True, on_delete=models.PROTECT, related_name="holds")
    order = models.ForeignKey("marketplace.Order", null=True, on_delete=models.PROTECT, related_name="holds")
    quantity = models.PositiveIntegerField()
    expires_at = models.DateTimeField(help_text="The cart's or order's, here so that one indexed read finds what lapsed.")

    class Meta:
        indexes = [models.Index(fields=["quota", "expires_at"], name="hold_expiry")]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="hold_quantity"),
            models.CheckConstraint(
                condition=Q(cart__isnull=True, order__isnull=False) | Q(cart__isnull=False, order__isnull=True),
                name="hold_has_one_owner",
            ),
            models.UniqueConstraint(fields=["quota", "cart"], name="hold_once_per_cart"),
            models.UniqueConstraint(fields=["quota", "order"], name="hold_once_per_order"),
        ]
