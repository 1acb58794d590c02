"""Apps of partners: who may have how many, what they may do, and their secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import Application, DeviceGrant
from oauth2_provider.oauth2_validators import GRANT_TYPE_MAPPING

from portal.accounts.hashers import SECRET_HASHER
from portal.accounts.models import Consent, PartnerApp, User
from portal.accounts.provider import DEVICE_GRANT
from portal.accounts.redirects import is_website, wrong_origins, wrong_redirects
from portal.accounts.tokens import revoke_app
from portal.errors import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_APPS = 20  # of one person
MAX_OVERLAP = timedelta(days=7)
Errors = dict[str, list[str]]


@dataclass(frozen=True)
class AppDetails:
    """What a developer says of an app. `scopes` are those that it may ask people for."""

    name: str
    website: str = ""
    description: str = ""
    redirect_uris: list[str] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    scopes: list[str] = field(default_factory=list)
    uses_devices: bool = False
    live: bool = False


def partner_of(application: Application) -> PartnerApp | None:
    """What its developer said of it; None for an application that staff made."""
    return getattr(application, "partner", None)


def may_use(application: Application, grant_type: str) -> bool:
    """Whether `application` may ask for tokens in this way. Who has no secret gets no token of its own."""
    if grant_type == "client_credentials" and application.client_type != Application.CLIENT_CONFIDENTIAL:
        return False
    partner = partner_of(application)
    if partner is None:
        return application.allows_grant_type(*GRANT_TYPE_MAPPING.get(grant_type, ()))
    return grant_type != DEVICE_GRANT or partner.uses_devices


def may_authorize(application: Application, user: Any) -> bool:
    """Whether `user` may let `application` in: an app in test mode is its developer's alone."""
    partner = partner_of(application)
    return user.is_active and (partner is None or partner.live or application.user_id == user.pk)


@transaction.atomic
def register_app(user: User, *, confidential: bool, details: AppDetails) -> tuple[PartnerApp, str]:
    """A new app of `user`, and its secret, which exists nowhere else; "" for an app that can't keep one.

    Raises Rejected: "invalid-app" (422) with `errors` by field, "too-many-apps" (409).
    """
    User.objects.select_for_update().get(pk=user.pk)  # so that two at once are counted
    if PartnerApp.objects.filter(application__user=user).count() >= MAX_APPS:
        raise Rejected("too-many-apps", _("You have {count} apps, which is the most.").format(count=MAX_APPS))
    _check(details, owner=user)
    secret = generate_client_secret()
    application = Application(
        user=user,
        client_type=Application.CLIENT_CONFIDENTIAL if confidential else Application.CLIENT_PUBLIC,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        client_secret=make_password(secret, hasher=SECRET_HASHER),  # a public app has one too, which nobody knows
        algorithm=Application.RS256_ALGORITHM,
    )
    partner = PartnerApp(application=application)
    _write(partner, details)
    return partner, secret if confidential else ""


@transaction.atomic
def change_app(partner: PartnerApp, *, details: AppDetails) -> None:
    """Change what an app is. Back in test mode, others than its developer lose it at once. Raises "invalid-app"."""
    _check(details, owner=partner.application.user, but=partner)
    was_live = partner.live
    _write(partner, details)
    if was_live and not partner.live:
        revoke_app(partner.application, keep_owners=True)


@transaction.atomic
def rotate_secret(partner: PartnerApp, *, keep_old: timedelta) -> str:
    """A new secret, which exists nowhere else. The old one works for `keep_old` more, `MAX_OVERLAP` at most.

    Raises Rejected: "no-secret" for an app that can't keep one, "invalid-overlap" (422).
    """
    if not timedelta(0) <= keep_old <= MAX_OVERLAP:
        raise Rejected("invalid-overlap", _("The old secret can work for a week at most."), status=422)
    application = Application.objects.select_for_update().get(pk=partner.pk)
    if application.client_type != Application.CLIENT_CONFIDENTIAL:
        raise Rejected("no-secret", _("This app has no secret."))
    secret = generate_client_secret()
    partner.old_secret = application.client_secret if keep_old else ""
    partner.old_secret_until = timezone.now() + keep_old if keep_old else None
    partner.save(update_fields=["old_secret", "old_secret_until"])
    application.client_secret = make_password(secret, hasher=SECRET_HASHER)
    application.save(update_fields=["client_secret", "updated"])
    return secret


@transaction.atomic
def delete_app(partner: PartnerApp) -> None:
    """Delete an app, with every token that it has."""
    DeviceGrant.objects.filter(client_id=partner.application.client_id).delete()
    partner.application.delete()


def apps_of(user: Any) -> QuerySet[PartnerApp]:
    return PartnerApp.objects.filter(application__user=user).select_related("application").order_by("application__name")


def remember_consent(user: User, *, application: Application, scope: str) -> None:
    """Note what `user` has let `application` do, beside what it let it do before."""
    before = Consent.objects.filter(user=user, application=application).values_list("scope", flat=True).first() or ""
    now = timezone.now()
    told = {
        "scope": " ".join(sorted({*before.split(), *scope.split()})),
        "given": now,
        "until": now + timedelta(days=settings.OAUTH_SESSION_DAYS),
    }
    Consent.objects.update_or_create(user=user, application=application, defaults=told)


def has_consented(user: User, *, application: Application, scopes: Iterable[str]) -> bool:
    """Whether `user` need not be asked again. Who has no secret may be anybody, and is asked about each time."""
    if application.client_type != Application.CLIENT_CONFIDENTIAL:
        return False
    found = Consent.objects.filter(user=user, application=application, until__gt=timezone.now()).first()
    return found is not None and set(scopes) <= set(found.scope.split())


def terms_of(application: Application, scopes: Iterable[str]) -> dict[str, Any]:
    """What a person is told before it lets `application` in."""
    return {
        "application": application,
        "partner": partner_of(application),
        "owner": application.user,
        "meanings": [settings.ALL_SCOPES[scope] for scope in scopes],
        "days": settings.OAUTH_SESSION_DAYS,
    }


def _write(partner: PartnerApp, details: AppDetails) -> None:
    application = partner.application
    application.name = details.name
    application.redirect_uris = " ".join(details.redirect_uris)
    application.allowed_origins = " ".join(details.origins)
    application.save()
    partner.application = application
    partner.website, partner.description = details.website, details.description
    partner.scopes = " ".join(details.scopes)
    partner.uses_devices, partner.live = details.uses_devices, details.live
    partner.save()


def _check(details: AppDetails, *, owner: User, but: PartnerApp | None = None) -> None:
    errors: Errors = {
        "name": _wrong_name(details.name, owner=owner, but=but),
        "website": _wrong_website(details),
        "redirect_uris": wrong_redirects(details.redirect_uris, live=details.live),
        "origins": wrong_origins(details.origins, live=details.live),
        "scopes": _wrong_scopes(details.scopes),
    }
    found = {name: texts for name, texts in errors.items() if texts}
    if found:
        raise Rejected("invalid-app", next(iter(found.values()))[0], status=422, errors=found)


def _wrong_name(name: str, *, owner: User, but: PartnerApp | None) -> list[str]:
    if not name or len(name) > 60 or not name.isprintable():
        return [_("A name has 60 printable characters at most.")]
    if settings.WAGTAIL_SITE_NAME.casefold() in name.casefold():
        return [_("Don't use our name: people would take the app for ours.")]
    others = PartnerApp.objects.filter(application__user=owner, application__name=name)
    if (others.exclude(pk=but.pk) if but else others).exists():
        return [_("You have an app of this name.")]
    return []


def _wrong_website(details: AppDetails) -> list[str]:
    if not details.website:
        return [_("A live app needs a website, so that people see whose it is.")] if details.live else []
    if not is_website(details.website):
        return [_("Write the website's address, which begins with https://.")]
    return []


def _wrong_scopes(scopes: list[str]) -> list[str]:
    if not scopes:
        return [_("Choose at least one.")]
    unknown = [scope for scope in scopes if scope not in settings.ALL_SCOPES]
    return [_("There is no scope {scope}.").format(scope=unknown[0][:40])] if unknown else []
