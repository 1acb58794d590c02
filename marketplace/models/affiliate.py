"""Affiliates: who brings a vendor buyers, on which terms, and which orders came of it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.models.order import new_code
from portal import money


class AffiliateProgramme(models.Model):
    """A vendor's terms for affiliates: their part of what tickets sell for, and for how long a click counts."""

    class Admission(models.TextChoices):
        OPEN = "open", _("Everybody who applies")
        APPROVAL = "approval", _("Those whom you accept")
        CLOSED = "closed", _("Nobody new")

    vendor = models.OneToOneField("venues.Vendor", on_delete=models.PROTECT, related_name="affiliate_programme")
    commission_bps = models.PositiveSmallIntegerField(_("commission"), help_text=_("Basis points."))
    cookie_days = models.PositiveSmallIntegerField(_("days that a click counts"), default=30)
    admission = models.CharField(_("who becomes an affiliate"), max_length=10, choices=Admission)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(commission_bps__lte=10_000), name="programme_commission"),
            models.CheckConstraint(condition=Q(cookie_days__gte=1, cookie_days__lte=365), name="programme_cookie"),
        ]

    def __str__(self) -> str:
        return f"Affiliates of {self.vendor}"


class AffiliateRate(models.Model):
    """An event's own commission in place of its vendor's; 0 takes the event out of the programme."""

    event = models.OneToOneField("venues.EventPage", on_delete=models.CASCADE, related_name="+")
    commission_bps = models.PositiveSmallIntegerField(_("commission"), help_text=_("Basis points."))

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(commission_bps__lte=10_000), name="rate_commission")]

    def __str__(self) -> str:
        return f"{self.commission_bps} bps of {self.event_id}"


class Affiliate(models.Model):
    """A person who brings one vendor buyers. `code` names the pair, in links and where buyers type it."""

    class State(models.TextChoices):
        APPLIED = "applied", _("applied")
        ACTIVE = "active", _("active")
        ENDED = "ended", _("ended")

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        State.APPLIED: {State.ACTIVE, State.ENDED},
        State.ACTIVE: {State.ENDED},
        State.ENDED: {State.ACTIVE},
    }

    vendor = models.ForeignKey("venues.Vendor", on_delete=models.PROTECT, related_name="affiliates", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="affiliations")
    code = models.CharField(max_length=10, default=new_code, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["vendor", "user"], name="affiliate_once"),
            models.UniqueConstraint(fields=["code"], name="affiliate_code"),
        ]

    def __str__(self) -> str:
        return self.code


class Conversion(models.Model):
    """An order that an affiliate brought, with the terms of that moment: one for an order, and never another's.

    `sales` is what its tickets sold for, fees aside, once it is paid; `refunded` what went back of that. What the
    affiliate earned of it stands in the ledger.
    """

    class Source(models.TextChoices):
        LINK = "link", _("link")
        CODE = "code", _("code typed")
        API = "api", _("partner's app")

    order = models.OneToOneField("marketplace.Order", on_delete=models.PROTECT, related_name="conversion")
    affiliate = models.ForeignKey(Affiliate, on_delete=models.PROTECT, related_name="conversions", db_index=False)
    commission_bps = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=10, choices=Source)
    sales = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["affiliate", "created_at"], name="conversion_affiliate")]
        constraints = [
            models.CheckConstraint(condition=Q(refunded__gte=0, sales__gte=F("refunded")), name="conversion_refunded")
        ]

    def __str__(self) -> str:
        return f"{self.order_id} by {self.affiliate_id}"

    @property
    def kept(self) -> int:
        """The sales that were not refunded."""
        return self.sales - self.refunded

    @property
    def commission(self) -> int:
        """Of the sales that were kept: what the ledger holds for it, in minor units of the order's currency."""
        return money.share(self.kept, self.commission_bps)


class AffiliatePayout(models.Model):
    """That a vendor paid an affiliate what was due. The ledger's entries of ``affiliate_payout:<id>`` say for what."""

    affiliate = models.ForeignKey(Affiliate, on_delete=models.PROTECT, related_name="payouts")
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    paid_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=Q(amount__gte=1), name="affiliate_payout_amount")]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} to {self.affiliate_id}"
