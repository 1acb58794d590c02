"""Orders: what somebody bought of one event, at which price."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from marketplace.models.ticket import Ticket

CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without what is read wrongly: 0 O 1 I

# What selling has to know of an event, from a row that belongs to one.
EVENT_FIELDS = (
    *("event__title", "event__live", "event__start", "event__end", "event__doors", "event__timezone"),
    *("event__canceled_at", "event__venue__timezone"),
)


def new_code() -> str:
    return "".join(secrets.choice(CODE_ALPHABET) for _digit in range(10))


class OrderQuerySet(models.QuerySet["Order"]):
    def lean(self, *more: str) -> OrderQuerySet:
        """With what selling knows of the event, and fields of `more`: an event's page is wide, and the rest is not read.

        `adjusted` says whether there are adjustments, which most orders are without.
        """
        own = [field.name for field in self.model._meta.concrete_fields]
        related = {path.rpartition("__")[0] for path in more}
        adjusted = models.Exists(Adjustment.objects.filter(order=models.OuterRef("pk")))
        rows = self.select_related("event__venue", *related).only(*own, *EVENT_FIELDS, *more)
        return rows.annotate(adjusted=adjusted)


class Order(models.Model):
    """An order of one event's tickets.

    Amounts are minor units of `currency`. A guest opens the order with a token of which only the hash is stored.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        PAID = "paid", _("paid")
        CANCELED = "canceled", _("canceled")
        EXPIRED = "expired", _("expired")
        REFUNDED = "refunded", _("refunded")

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        State.PENDING: {State.PAID, State.EXPIRED, State.CANCELED},
        State.PAID: {State.CANCELED, State.REFUNDED},
        # Money that came too late can still be honoured while there is stock.
        State.EXPIRED: {State.PAID},
        State.CANCELED: set(),
        State.REFUNDED: set(),
    }

    code = models.CharField(max_length=10, default=new_code, editable=False)
    event = models.ForeignKey("venues.EventPage", on_delete=models.PROTECT, related_name="orders")
    vendor = models.ForeignKey("venues.Vendor", on_delete=models.PROTECT, related_name="orders", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="orders")
    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=150, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    currency = models.CharField(max_length=3)
    total = models.BigIntegerField(_("total"))
    refund_policy = models.JSONField(default=list, help_text="The event's, as it was shown.")
    expires_at = models.DateTimeField(null=True, help_text="Until when the places are held; empty once given out.")
    extensions = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, help_text="Cash on arrival: until when it is kept.")
    token_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of a guest's access token.")
    referred = models.BooleanField(default=False, help_text="Whether it has a conversion; most have none to look for.")
    created_at = models.DateTimeField(auto_now_add=True)
    paid_at = models.DateTimeField(null=True)

    objects = OrderQuerySet.as_manager()
    adjusted = True  # unless ``lean`` has looked
    given_out: list[Ticket] | None = None  # by this process a moment ago, so that nobody has to read them

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state="pending"), name="order_pending_expiry"),
            models.Index(fields=["due_at"], condition=Q(state="pending"), name="order_pending_due"),
            models.Index(fields=["email"], name="order_email"),
            models.Index(fields=["vendor", "created_at"], name="order_vendor"),
        ]
        constraints = [
            # Not by the field's `unique`: that would make a second index, for LIKE.
            models.UniqueConstraint(fields=["code"], name="order_code"),
            models.CheckConstraint(condition=Q(total__gte=0), name="order_total"),
        ]

    def __str__(self) -> str:
        return self.code


class OrderLine(models.Model):
    """`quantity` tickets of one type at one price. `attendees` holds names by place; a missing one is the buyer.

    Tickets that were given up before they were paid no longer count, so that none may be left.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", db_index=False)
    ticket_type = models.ForeignKey("marketplace.TicketType", on_delete=models.PROTECT, related_name="order_lines")
    quantity = models.PositiveSmallIntegerField()
    unit_price = models.BigIntegerField()
    unit_fee = models.BigIntegerField(default=0)
    attendees = models.JSONField(default=list)
    # A type may be moved to other quotas later; its places go back to where they came from.
    quota_ids = models.JSONField(default=list, help_text="The quotas that its places were taken from.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["order", "ticket_type"], name="order_line_once"),
            models.CheckConstraint(condition=Q(quantity__gte=0, unit_price__gte=0, unit_fee__gte=0), name="order_line"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.ticket_type}"

    @property
    def total(self) -> int:
        return self.quantity * (self.unit_price + self.unit_fee)


class Adjustment(models.Model):
    """What a PriceRule changed of an order's total: a signed amount in minor units."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="adjustments")
    rule = models.CharField(max_length=60, help_text="The rule's key in the extension point.")
    label = models.CharField(max_length=120)
    amount = models.BigIntegerField()
    data = models.JSONField(default=dict, help_text="The rule's own notes.")


class PersonLimit(models.Model):
    """How many tickets of an event one person has in live orders: a guarded counter, where the event sets a limit."""

    event = models.ForeignKey("venues.EventPage", on_delete=models.CASCADE, related_name="+")
    person = models.CharField(max_length=254, help_text="The e-mail address in lower case.")
    tickets = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "person"], name="person_limit_once"),
            models.CheckConstraint(condition=Q(tickets__gte=0), name="person_limit_tickets"),
        ]
