"""The ledger: every movement of money, written once and never changed."""

from django.db import models
from django.utils import timezone


class LedgerEntry(models.Model):
    """One side of a movement. The entries of one `transaction` add up to zero in each currency.

    `amount` is in minor units, positive for a debit. The database refuses to change or delete a row. `transaction`
    names the fact that it records ("payment:7:succeeded"), so that a fact is booked once.
    """

    class Account(models.TextChoices):
        PROVIDER = "provider", "Money at a payment provider, for the vendor or the portal"
        CASH = "cash", "Cash that the vendor took"
        SALES = "sales", "Tickets sold, at their price less adjustments"
        FEES = "fees", "Fees that buyers paid"
        REFUNDS = "refunds", "Tickets and fees given back"
        COMMISSION = "commission", "The vendor's cost of selling here"
        PORTAL = "portal", "The portal's earnings"
        AFFILIATE_COST = "affiliate_cost", "The vendor's cost of buyers whom affiliates brought"
        AFFILIATE = "affiliate", "Owed to affiliates"
        AFFILIATE_PAID = "affiliate_paid", "Paid to affiliates by the vendor, outside of this system"
        UNALLOCATED = "unallocated", "Money received that no ticket stands for, to be given back"

    transaction = models.CharField(max_length=100)
    line = models.PositiveSmallIntegerField(help_text="Its place within the transaction, from 1.")
    account = models.CharField(max_length=20, choices=Account)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    vendor = models.ForeignKey("venues.Vendor", on_delete=models.PROTECT, related_name="+", db_index=False)
    event = models.ForeignKey("venues.EventPage", on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey("marketplace.Order", on_delete=models.PROTECT, related_name="ledger_entries")
    ticket_type = models.ForeignKey("marketplace.TicketType", null=True, on_delete=models.PROTECT, related_name="+")
    payment = models.ForeignKey("marketplace.Payment", null=True, on_delete=models.PROTECT, related_name="+")
    payment_method = models.ForeignKey(
        "marketplace.PaymentMethod", null=True, on_delete=models.PROTECT, related_name="+"
    )
    tickets = models.IntegerField(default=0, help_text="Tickets that the entry stands for; negative when given back.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "ledger entries"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["transaction", "line"], name="ledger_once")]
        indexes = [models.Index(fields=["vendor", "at"], name="ledger_vendor")]

    def __str__(self) -> str:
        return f"{self.account} {self.amount} {self.currency}"
