"""People. Everyone signs in with an e-mail address; what they may do follows from groups and from what they own."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractUser):
    """A person with an account. `email` is stored in lower case."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    city = models.CharField(_("city"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    timezone = models.CharField(_("time zone"), max_length=50, default="UTC", help_text=_("An IANA name."))
    interests = models.JSONField(_("interests"), default=list, blank=True, help_text=_("Slugs of event types."))

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_user_email_ci")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email


class AttemptCount(models.Model):
    """How many failed or unfinished logins an account or an address has had since `until` less the limiter's window.

    `key` is a keyed hash, so that the table names nobody.
    """

    key = models.CharField(max_length=64, primary_key=True)
    attempts = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.attempts} until {self.until}"


class PartnerApp(models.Model):
    """What a developer says about an OAuth 2 application of its own, and what that application may do.

    Applications without one were made by staff and are trusted as those said. `old_secret` is a hash, like the
    application's own `client_secret`, and works beside it until `old_secret_until`.
    """

    application = models.OneToOneField(
        "oauth2_provider.Application", models.CASCADE, primary_key=True, related_name="partner"
    )
    website = models.URLField(_("website"), max_length=300, blank=True)
    description = models.CharField(_("description"), max_length=500, blank=True)
    scopes = models.CharField(_("scopes"), max_length=1000, help_text=_("Names with spaces between."))
    uses_devices = models.BooleanField(_("signs devices in"), default=False)
    live = models.BooleanField(_("live"), default=False, help_text=_("Others than its developer may let it in."))
    old_secret = models.CharField(max_length=255, blank=True)
    old_secret_until = models.DateTimeField(null=True, blank=True)
    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(live=False) | ~models.Q(website=""), name="accounts_live_app_has_website"
            )
        ]

    def __str__(self) -> str:
        return str(self.application)


class Consent(models.Model):
    """What a person has let an application do, which need not be asked again until `until`."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    application = models.ForeignKey("oauth2_provider.Application", models.CASCADE, related_name="+")
    scope = models.CharField(max_length=1000)
    given = models.DateTimeField()
    until = models.DateTimeField()
    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "application"], name="accounts_consent_unique")]

    def __str__(self) -> str:
        return f"{self.user} lets {self.application} in"

    @property
    def meanings(self) -> list[Any]:
        """Its scopes in words."""
        return [settings.ALL_SCOPES[scope] for scope in self.scope.split() if scope in settings.ALL_SCOPES]


class TokenFamily(models.Model):
    """All tokens that follow from one sign-in or one code: they end together, and at `ends` whatever happens.

    `code_checksum` is of the authorization code that they were given for, so that its reuse is seen.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    application = models.ForeignKey("oauth2_provider.Application", models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    code_checksum = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 - NULLs are no duplicates
    ends = models.DateTimeField(db_index=True)
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name_plural = "token families"

    def __str__(self) -> str:
        return f"{self.application} until {self.ends}"
