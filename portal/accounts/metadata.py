"""What clients can find out by themselves: RFC 8414, OpenID Connect Discovery, RFC 9728, and who somebody is."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.generic import View
from oauth2_provider import views
from rest_framework.response import Response

from portal.accounts.validator import Validator, claims_within
from portal.api.views import ApiView

KEPT = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}


class MetadataView(views.OAuthServerMetadataView):
    """RFC 8414 and OpenID Connect Discovery in one document, saying of each endpoint what it takes."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        told = json.loads(super().get(request, *args, **kwargs).content)
        own = told.get("introspection_endpoint_auth_methods_supported", [])
        told["introspection_endpoint_auth_methods_supported"] = [method for method in own if method != "none"]
        told["device_authorization_endpoint"] = _address("device-authorization")
        told["service_documentation"] = f"{settings.BASE_URL}{reverse('developers:apps')}"
        told["protected_resources"] = [f"{settings.BASE_URL}/api/v1"]
        return JsonResponse({**told, **_openid()}, headers=KEPT)


def _address(name: str) -> str:
    return f"{settings.BASE_URL}{reverse(f'oauth2_provider:{name}')}"


def _openid() -> dict[str, Any]:
    if not settings.OIDC_KEYS:
        return {}
    return {
        "userinfo_endpoint": _address("user-info"),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": [*Validator.oidc_claim_scope, "iss", "aud", "exp", "iat", "auth_time", "nonce"],
        "prompt_values_supported": ["none", "login", "consent"],
    }


class ResourceView(View):
    """RFC 9728: which server gives out tokens for the API."""

    def get(self, request: HttpRequest, path: str = "") -> HttpResponse:
        told = {
            "resource": f"{settings.BASE_URL}{path}",
            "authorization_servers": [settings.BASE_URL],
            "scopes_supported": sorted(settings.OAUTH_SCOPES),
            "bearer_methods_supported": ["header"],
            "resource_name": settings.WAGTAIL_SITE_NAME,
        }
        return JsonResponse(told, headers=KEPT)


class UserInfoView(ApiView):
    """OpenID Connect Core, 5.3: who has let the app in, as far as its scopes go."""

    scopes: ClassVar = {"GET": "openid", "POST": "openid"}
    schema = None  # described by OpenID Connect itself

    def get(self, request: Any) -> Response:
        return Response(claims_within(set(request.auth.scope.split()), request.user))

    post = get
