"""What the OAuth 2 provider grants to whom: django-oauth-toolkit's rules, and those that it leaves to us."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from oauth2_provider.models import Application, RefreshToken
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError

from portal.accounts.devices import spend_device, waiting_device
from portal.accounts.partners import may_authorize, may_use, partner_of
from portal.accounts.provider import DEVICE_GRANT
from portal.accounts.tokens import end_family, end_family_of_code, is_open, open_family


class Validator(OAuth2Validator):
    """Nobody whose account is closed gets or keeps a token; PKCE is S256 and nothing else."""

    oidc_claim_scope = {
        "sub": "openid",
        **dict.fromkeys(("name", "zoneinfo", "locale"), "profile"),
        **dict.fromkeys(("email", "email_verified"), "email"),
    }

    # ---- clients

    def _load_application(self, client_id: str, request: Request) -> Any:
        """Whose developer's account is closed is no client any more."""
        if client_id and "\0" in client_id:
            return None
        found = super()._load_application(client_id, request)
        return found if found is None or found.user is None or found.user.is_active else None

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """By the secret, or by the one before it for as long as its owner said."""
        if super().authenticate_client(request, *args, **kwargs):
            return True
        partner = partner_of(request.client) if request.client else None
        until = partner.old_secret_until if partner else None
        if partner is None or until is None or until <= timezone.now():
            return False
        request.client.client_secret = partner.old_secret  # for this request; it is saved nowhere
        return super().authenticate_client(request, *args, **kwargs)

    def is_origin_allowed(self, client_id: str, origin: str, request: Request, *args: Any, **kwargs: Any) -> bool:
        return request.client is not None and origin in request.client.allowed_origins.split()

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Only who has a secret gets a token of its own (RFC 6749, 4.4): anybody can give another's name."""
        if not may_use(client, grant_type):
            return False
        if grant_type == DEVICE_GRANT:
            device = waiting_device(request.device_code, client_id=client.client_id)
            if device is None or not may_authorize(client, device.user):
                raise InvalidGrantError(request=request)
            request.user, request.scopes = device.user, device.scope.split()
        return True

    # ---- scopes

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        partner = partner_of(client)
        if partner is not None and not set(scopes) <= set(partner.scopes.split()):
            return False
        if "openid" in scopes and client.algorithm != Application.RS256_ALGORITHM:
            return False
        return super().validate_scopes(client_id, scopes, client, request, *args, **kwargs)

    # ---- codes and tokens

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """A code that comes again was stolen, from one of the two who sent it: what it was given for ends."""
        if super().validate_code(client_id, code, client, request, *args, **kwargs):
            return may_authorize(client, request.user)
        end_family_of_code(checksum(code), application=client)
        return False

    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        valid = super().validate_refresh_token(refresh_token, client, request, *args, **kwargs)
        if not valid or not is_open(request.refresh_token_instance.token_family):
            return False
        return may_authorize(client, request.user)

    def validate_bearer_token(self, token: str, scopes: Any, request: Request) -> bool:
        valid = super().validate_bearer_token(token, scopes, request)
        return valid and (request.user is None or request.user.is_active)

    def validate_jwt_bearer_token(self, token: str, scopes: Any, request: Request) -> bool:
        """An id token says who somebody is. It opens nothing."""
        return False

    def save_bearer_token(self, token: Any, request: Request, *args: Any, **kwargs: Any) -> None:
        """As the toolkit does, but for what came twice at the same time: only one may win, and then both lose."""
        try:
            super().save_bearer_token(token, request, *args, **kwargs)
        except CodeUsedTwice:
            end_family_of_code(checksum(request.code), application=request.client)
            raise InvalidGrantError(request=request) from None
        except RefreshedTwice as twice:
            end_family(twice.family)
            raise InvalidGrantError(request=request) from None

    def _save_bearer_token(self, token: Any, request: Request, *args: Any, **kwargs: Any) -> None:
        old = getattr(request, "refresh_token_instance", None)
        if old is not None and not _lock(old):
            raise RefreshedTwice(old.token_family)
        if request.grant_type == DEVICE_GRANT and not spend_device(request.device_code):
            raise InvalidGrantError(request=request)
        super()._save_bearer_token(token, request, *args, **kwargs)

    def _create_refresh_token(self, request: Request, refresh_token_code: str, access_token: Any, previous: Any) -> Any:
        made = super()._create_refresh_token(request, refresh_token_code, access_token, previous)
        if previous is None:
            used = checksum(request.code) if request.grant_type == "authorization_code" else None
            try:
                with transaction.atomic():
                    open_family(made, code_checksum=used)
            except IntegrityError as twice:
                raise CodeUsedTwice from twice
        return made

    # ---- OpenID Connect

    def validate_silent_login(self, request: Request) -> bool:
        return True  # the consent page sends strangers back itself

    def validate_silent_authorization(self, request: Request) -> bool:
        return True  # the consent page looks at what was agreed to before

    def get_additional_claims(self, request: Request) -> dict[str, Any]:
        return claims_of(request.user)


class CodeUsedTwice(Exception):
    pass


class RefreshedTwice(Exception):
    def __init__(self, family: Any) -> None:
        super().__init__(family)
        self.family = family


def claims_of(user: Any) -> dict[str, Any]:
    """What OpenID Connect tells of a person, whatever the scopes."""
    verified = user.emailaddress_set.filter(email__iexact=user.email, verified=True).exists()
    return {
        "name": user.name,
        "zoneinfo": user.timezone,
        "locale": user.language,
        "email": user.email,
        "email_verified": verified,
    }


def claims_within(scopes: set[str], user: Any) -> dict[str, Any]:
    """What an app that was granted `scopes` may know of `user`."""
    told = {"sub": str(user.pk), **claims_of(user)}
    return {name: value for name, value in told.items() if Validator.oidc_claim_scope[name] in scopes}


def checksum(raw: str) -> str:
    return hashlib.sha256(raw.encode("utf-8", "surrogateescape")).hexdigest()


def _lock(refresh: RefreshToken) -> bool:
    """Whether `refresh` is still unused, which it stays until the transaction ends."""
    return RefreshToken.objects.select_for_update().filter(pk=refresh.pk, revoked=None).first() is not None
