"""Who calls: OAuth 2 bearer tokens, looked up by their hash in one query, and what their scopes allow."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from oauth2_provider.models import AccessToken
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission

from portal.api.problems import Problem

if TYPE_CHECKING:
    from portal.api.views import ApiView

MAX_TOKEN = 512


def challenge(**attributes: str) -> dict[str, str]:
    """The WWW-Authenticate header of RFC 6750, with where to learn more (RFC 9728)."""
    attributes["resource_metadata"] = f"{settings.BASE_URL}/.well-known/oauth-protected-resource/api/v1"
    listed = ", ".join(f'{name}="{value}"' for name, value in {"realm": "api", **attributes}.items())
    return {"WWW-Authenticate": f"Bearer {listed}"}


def invalid_token(detail: str) -> Problem:
    headers = challenge(error="invalid_token", error_description=detail)
    return Problem(401, "invalid-token", detail, headers=headers)


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`. No header is a stranger; a bad token is 401, on public reads too."""

    def authenticate(self, request: Any) -> tuple[Any, Any] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        scheme, _space, token = header.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token or len(token) > MAX_TOKEN:
            raise invalid_token("Send one access token as Authorization: Bearer.")
        found = find_token(token)
        if found.resource and not found.allows_audience(request.build_absolute_uri(request.path)):
            raise invalid_token("The access token is for another resource.")
        return found.user or AnonymousUser(), found

    def authenticate_header(self, request: Any) -> str:
        return challenge()["WWW-Authenticate"]


def find_token(token: str) -> Any:
    """The live access token whose raw value is `token`. Raises a 401 problem."""
    checksum = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
    found = AccessToken.objects.select_related("user", "application").filter(token_checksum=checksum).first()
    if found is None:
        raise invalid_token("The access token is not valid.")
    if found.expires <= timezone.now():
        raise invalid_token("The access token has expired.")
    if found.user is not None and not found.user.is_active:
        raise invalid_token("The access token is not valid.")
    return found


class ScopeRequired(BasePermission):
    """The view's `scopes` by method: None is public, a method that is not listed is nobody's."""

    def has_permission(self, request: Any, view: Any) -> bool:
        if view.__module__.startswith("wagtail.admin."):
            return True  # the editor's own API: its URLs let in nobody without access to the admin
        check_scope(view, "GET" if request.method == "HEAD" else request.method, request.auth)
        return True


def check_scope(view: ApiView, method: str, token: Any) -> None:
    """Raise a 401 or 403 problem where `token` does not open `method` of `view`."""
    if method not in view.scopes:
        raise Problem(403, "forbidden", "Nobody may do this through the API.")
    scope = view.scopes[method]
    if scope is None or (token is None and method in view.guests):
        return
    if token is None:
        raise Problem(401, "unauthorized", "This needs an access token.", headers=challenge())
    if scope and scope not in token.scope.split():
        headers = challenge(error="insufficient_scope", scope=scope)
        raise Problem(403, "insufficient-scope", f"The token lacks the scope {scope}.", headers=headers, scope=scope)
    if token.user_id is None and view.needs_user:
        raise Problem(403, "user-required", "This needs a token that a person has granted, not a client's own.")
