"""OAuth 2 tokens of the portal's own clients: given at login, and taken away."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken, set_token_value
from oauth2_provider.settings import oauth2_settings
from oauthlib.common import generate_token

if TYPE_CHECKING:
    from portal.accounts.models import User

# The client id that the portal's own clients refresh their tokens with, at /o/token/.
FIRST_PARTY = "foyer"


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
    return IssuedTokens(raw, raw_refresh, seconds, scope)


@transaction.atomic
def revoke_token(token: AccessToken) -> None:
    """End `token` and the refresh tokens that it goes with, at once."""
    refresh = RefreshToken.objects.filter(access_token=token).first()
    if refresh is not None:
        refresh.revoke()
        RefreshToken.revoke_family(refresh.token_family)
    AccessToken.objects.filter(pk=token.pk).delete()


def applications_of(user: User) -> list[Application]:
    """The partners' applications that hold a live token of `user`."""
    tokens = RefreshToken.objects.filter(user=user, revoked=None).values("application")
    found = Application.objects.filter(pk__in=tokens).exclude(client_id=FIRST_PARTY)
    return list(found.order_by("name"))


@transaction.atomic
def take_back(user: User, *, application_id: int) -> None:
    """End what `user` granted to an application, codes not yet used included. Again changes nothing."""
    mine = {"user": user, "application_id": application_id}
    Grant.objects.filter(**mine).delete()
    _revoke(mine)


@transaction.atomic
def revoke_all(user: User, *, own_clients_only: bool = False) -> None:
    """End all of `user`'s tokens; with `own_clients_only` those of the portal's own clients."""
    mine: dict[str, Any] = {"user": user}
    if own_clients_only:
        mine["application__client_id"] = FIRST_PARTY
    _revoke(mine)


def _revoke(mine: dict[str, Any]) -> None:
    for refresh in RefreshToken.objects.filter(revoked=None, **mine):
        refresh.revoke()
    AccessToken.objects.filter(**mine).delete()
