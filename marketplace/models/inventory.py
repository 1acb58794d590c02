"""What an event sells, and how many places there are. None of it travels in a page's revisions."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class EventTerms(models.Model):
    """How an event is sold: currency, ways to pay, refund policy, limits."""

    event = models.OneToOneField("venues.EventPage", on_delete=models.PROTECT, related_name="terms")
    vendor = models.ForeignKey("venues.Vendor", on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(_("currency"), max_length=3, help_text=_("ISO 4217."))
    payment_methods = models.ManyToManyField(
        "marketplace.PaymentMethod", verbose_name=_("ways to pay"), blank=True, related_name="events"
    )
    max_per_order = models.PositiveSmallIntegerField(_("tickets per order"), default=10)
    max_per_person = models.PositiveSmallIntegerField(_("tickets per person"), null=True, blank=True)
    refund_policy = models.JSONField(
        _("refund policy"),
        default=list,
        blank=True,
        help_text=_('[{"hours_before": 48, "percent_bps": 10000}, …]; an empty list means no refunds.'),
    )

    class Meta:
        verbose_name = _("event terms")
        verbose_name_plural = _("event terms")
        constraints = [models.CheckConstraint(condition=Q(max_per_order__gte=1), name="terms_max_per_order")]

    def __str__(self) -> str:
        return f"Terms of {self.event}"


class Quota(models.Model):
    """A number of places that one or more ticket types share.

    ``held`` is the sum of the holds on it and ``sold`` the number of its places given out; both are written by
    ``marketplace.services.hold`` alone, through guarded updates.
    """

    event = models.ForeignKey("venues.EventPage", on_delete=models.PROTECT, related_name="quotas")
    name = models.CharField(_("name"), max_length=80)
    capacity = models.PositiveIntegerField(_("capacity"))
    held = models.IntegerField(default=0, editable=False)
    sold = models.IntegerField(default=0, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(held__gte=0, sold__gte=0) & Q(capacity__gte=F("held") + F("sold")),
                name="quota_never_oversold",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def left(self) -> int:
        return self.capacity - self.held - self.sold


class TicketType(models.Model):
    """A kind of ticket for an event. `price` and `fee` are minor units for one ticket; the buyer pays both."""

    event = models.ForeignKey("venues.EventPage", on_delete=models.PROTECT, related_name="ticket_types")
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("description"), max_length=300, blank=True)
    price = models.BigIntegerField(_("price"), validators=[MinValueValidator(0)])
    fee = models.BigIntegerField(_("fee"), default=0, validators=[MinValueValidator(0)])
    sales_start = models.DateTimeField(_("sales start"), null=True, blank=True)
    sales_end = models.DateTimeField(_("sales end"), null=True, blank=True)
    max_per_order = models.PositiveSmallIntegerField(_("tickets per order"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    quotas = models.ManyToManyField(Quota, through="QuotaTicketType", related_name="ticket_types")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0, fee__gte=0), name="ticket_type_price"),
            models.CheckConstraint(
                condition=Q(sales_start=None) | Q(sales_end=None) | Q(sales_end__gt=F("sales_start")),
                name="ticket_type_sales_period",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def total(self) -> int:
        """What a buyer pays for one ticket."""
        return self.price + self.fee


class QuotaTicketType(models.Model):
    """That a ticket type takes its places from a quota. A type in several quotas must fit all."""

    quota = models.ForeignKey(Quota, on_delete=models.PROTECT, related_name="+")
    ticket_type = models.ForeignKey(TicketType, on_delete=models.CASCADE, related_name="quota_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["quota", "ticket_type"], name="quota_ticket_type_once")]
