"""OAuth 2 tokens of the portal's own clients: given at login, and taken away."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, DeviceGrant, Grant, RefreshToken, set_token_value
from oauth2_provider.settings import oauth2_settings
from oauthlib.common import generate_token

from portal.accounts.models import Consent, TokenFamily

if TYPE_CHECKING:
    from portal.accounts.models import User

# The client id that the portal's own clients refresh their tokens with, at /o/token/.
FIRST_PARTY = settings.OWN_CLIENT


@dataclass(frozen=True)
class IssuedTokens:
    """Raw token values, which exist nowhere else. `expires_in` is in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    scope: str


def first_party() -> Application:
    """The portal's own application. It has no redirect address, so it can't be used through the consent page."""
    application, _created = Application.objects.get_or_create(
        client_id=FIRST_PARTY,
        defaults={
            "name": "Foyer",
            "client_type": Application.CLIENT_PUBLIC,
            "authorization_grant_type": Application.GRANT_AUTHORIZATION_CODE,
            "client_secret": "",
        },
    )
    return application


@transaction.atomic
def issue_tokens(user: User, *, scope: str = "") -> IssuedTokens:
    """A short-lived access token and a rotating refresh token for `user`; every scope unless `scope` names some."""
    scope = scope or " ".join(settings.OAUTH_SCOPES)
    seconds = int(oauth2_settings.ACCESS_TOKEN_EXPIRE_SECONDS)
    application, raw, raw_refresh = first_party(), generate_token(), generate_token()
    expires = timezone.now() + timedelta(seconds=seconds)
    access = AccessToken(user=user, application=application, scope=scope, expires=expires)
    set_token_value(access, raw)
    access.save()
    refresh = RefreshToken(user=user, application=application, access_token=access, token_family=uuid.uuid4())
    set_token_value(refresh, raw_refresh)
    refresh.save()
    open_family(refresh)
    return IssuedTokens(raw, raw_refresh, seconds, scope)


@transaction.atomic
def revoke_token(token: AccessToken) -> None:
    """End `token` and the refresh tokens that it goes with, at once."""
    refresh = RefreshToken.objects.filter(access_token=token).first()
    if refresh is not None:
        end_family(refresh.token_family)
    AccessToken.objects.filter(pk=token.pk).delete()


def open_family(refresh: RefreshToken, *, code_checksum: str | None = None) -> None:
    """Note the first refresh token of a family. Raises IntegrityError where its code has been used before."""
    TokenFamily.objects.create(
        id=refresh.token_family,
        application=refresh.application,
        user=refresh.user,
        code_checksum=code_checksum,
        ends=timezone.now() + timedelta(days=settings.OAUTH_SESSION_DAYS),
    )


def is_open(family: Any) -> bool:
    """Whether the tokens of `family` may still be renewed."""
    return TokenFamily.objects.filter(pk=family, ends__gt=timezone.now()).exists()


@transaction.atomic
def end_family(family: Any) -> None:
    """End all tokens of `family`, at once. The family stays, so that its code stays used."""
    RefreshToken.revoke_family(family)
    TokenFamily.objects.filter(pk=family).update(ends=timezone.now())


def end_family_of_code(code_checksum: str, *, application: Application) -> None:
    """End what was given for an authorization code of `application`, if anything was."""
    for family in TokenFamily.objects.filter(code_checksum=code_checksum, application=application):
        end_family(family.pk)


def connections_of(user: User) -> list[Consent]:
    """What `user` has let in, with its application: the partners' applications, newest first."""
    live = RefreshToken.objects.filter(user=user, revoked=None, application=OuterRef("application"))
    found = Consent.objects.filter(user=user).select_related("application__partner", "application__user")
    return list(found.annotate(active=Exists(live)).order_by("-given"))


@transaction.atomic
def take_back(user: User, *, application_id: int) -> None:
    """End what `user` granted to an application, codes not yet used included. Again changes nothing."""
    mine = {"user": user, "application_id": application_id}
    Consent.objects.filter(**mine).delete()
    Grant.objects.filter(**mine).delete()
    clients = Application.objects.filter(pk=application_id).values("client_id")
    DeviceGrant.objects.filter(user=user, client_id__in=clients).delete()
    _revoke(mine)


@transaction.atomic
def revoke_all(user: User, *, own_clients_only: bool = False) -> None:
    """End all of `user`'s tokens; with `own_clients_only` those of the portal's own clients."""
    mine: dict[str, Any] = {"user": user}
    if own_clients_only:
        mine["application__client_id"] = FIRST_PARTY
    _revoke(mine)
    if not user.is_active:  # nor do the apps live on that this person answered for
        _revoke({"application__user": user})


def revoke_app(application: Application, *, keep_owners: bool = False) -> None:
    """End all tokens of an application; with `keep_owners` those of others than its developer."""
    theirs: dict[str, Any] = {"application": application}
    for model in (Grant, Consent):
        found = model.objects.filter(**theirs)
        (found.exclude(user=application.user) if keep_owners else found).delete()
    if keep_owners:
        others = RefreshToken.objects.filter(**theirs).exclude(user=application.user).values("user")
        theirs["user__in"] = list(others.values_list("user", flat=True).distinct())
    _revoke(theirs)


def _revoke(which: dict[str, Any]) -> None:
    # In this order: a refresh that is under way ends before the first statement, and what it made is seen by the last.
    RefreshToken.objects.filter(revoked=None, **which).update(revoked=timezone.now())
    AccessToken.objects.filter(**which).delete()
    TokenFamily.objects.filter(**which).update(ends=timezone.now())


def forget_old_families() -> None:
    """Delete what has ended, once no code of it can come again. A daily job."""
    TokenFamily.objects.filter(ends__lt=timezone.now() - timedelta(days=1)).delete()
    Consent.objects.filter(until__lt=timezone.now()).delete()
    DeviceGrant.objects.filter(expires__lt=timezone.now()).delete()
