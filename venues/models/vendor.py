"""Who sells and is paid, and the types of event that a site knows."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Collection

from venues.zones import check_timezone

CURRENCY = RegexValidator(r"^[A-Z]{3}$", _("Three capital letters, such as EUR."))


class EventType(models.Model):
    """A type of event that visitors filter by. Sites add their own as snippets."""

    slug = models.SlugField(unique=True)
    title = models.CharField(_("title"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"), default=100)

    class Meta:
        ordering = ["position", "title"]
        verbose_name = _("event type")
        verbose_name_plural = _("event types")

    def __str__(self) -> str:
        return self.title


class Vendor(models.Model):
    """Who publishes events and sells tickets. Its content lives below its VendorPage, its images in its collection."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(unique=True)
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="vendor")
    collection = models.OneToOneField(Collection, on_delete=models.PROTECT, related_name="vendor")
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="VendorMember", related_name="vendors")
    currency = models.CharField(
        _("currency"), max_length=3, default="EUR", validators=[CURRENCY], help_text=_("ISO 4217.")
    )
    timezone = models.CharField(
        _("time zone"),
        max_length=50,
        default="Europe/Berlin",
        validators=[check_timezone],
        help_text=_("An IANA name."),
    )
    commission_bps = models.PositiveIntegerField(
        _("commission"), default=0, help_text=_("What the portal keeps of each sale, in basis points.")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=models.Q(commission_bps__lte=10000), name="vendor_commission")]

    def __str__(self) -> str:
        return self.name


class VendorMember(models.Model):
    """A person who works for a vendor. A person works for one vendor at most."""

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="memberships")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="vendor_membership")

    def __str__(self) -> str:
        return f"{self.user} for {self.vendor}"
