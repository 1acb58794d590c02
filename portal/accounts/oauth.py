"""The OAuth 2 provider: what django-oauth-toolkit leaves open, closed."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from csp.constants import NONE
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View
from oauth2_provider import views
from oauth2_provider.exceptions import FatalClientError
from oauth2_provider.models import AccessToken, Application
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.settings import oauth2_settings
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import InvalidClientIdError

from portal.api.auth import find_token
from portal.api.problems import Problem


class Validator(OAuth2Validator):
    """Nobody whose account is closed gets or keeps a token; PKCE is S256 and nothing else."""

    def _load_application(self, client_id: str, request: Request) -> Any:
        return None if client_id and "\0" in client_id else super()._load_application(client_id, request)

    def validate_grant_type(self, client_id: str, grant_type: str, client: Any, *args: Any, **kw: Any) -> bool:
        """Only who has a secret gets a token of its own (RFC 6749, 4.4): anybody can give another's name."""
        secretless = client.client_type != Application.CLIENT_CONFIDENTIAL
        if grant_type == "client_credentials" and secretless:
            return False
        return super().validate_grant_type(client_id, grant_type, client, *args, **kw)

    def validate_code(self, client_id: str, code: str, client: Any, request: Request, *args: Any, **kw: Any) -> bool:
        return super().validate_code(client_id, code, client, request, *args, **kw) and request.user.is_active

    def validate_refresh_token(self, refresh_token: str, client: Any, request: Request, *args: Any, **kw: Any) -> bool:
        valid = super().validate_refresh_token(refresh_token, client, request, *args, **kw)
        return valid and request.user.is_active

    def validate_bearer_token(self, token: str, scopes: Any, request: Request) -> bool:
        valid = super().validate_bearer_token(token, scopes, request)
        return valid and (request.user is None or request.user.is_active)


class PlainTextMixin(View):
    """Refuses what the toolkit does not expect: NUL, which PostgreSQL does not take, and credentials beyond ASCII."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        told = [text for query in (request.GET, request.POST) for _name, texts in query.lists() for text in texts]
        if not request.META.get("HTTP_AUTHORIZATION", "").isascii() or any("\0" in text for text in told):
            return JsonResponse({"error": "invalid_request"}, status=400)
        return super().dispatch(request, *args, **kwargs)


@method_decorator([never_cache, xframe_options_deny], name="dispatch")
class AuthorizationView(PlainTextMixin, views.AuthorizationView):
    """The consent page. Its form may lead to the application's address, which the site's own policy forbids."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Consent is asked each time, also where an application would rather not: it may not be who it says it is."""
        asked = request.GET.copy()
        asked.pop("approval_prompt", None)
        request.GET = asked  # type: ignore[assignment]
        return super().get(request, *args, **kwargs)

    def redirect(self, redirect_to: str, application: Any) -> HttpResponse:
        """Every answer says whose it is (RFC 9207). The toolkit leaves it out of refusals."""
        told = urlsplit(redirect_to)
        if "iss" not in parse_qs(told.query):
            query = f"{told.query}&{urlencode({'iss': settings.BASE_URL})}"
            redirect_to = told._replace(query=query.removeprefix("&")).geturl()
        return super().redirect(redirect_to, application)

    def form_valid(self, form: Any) -> HttpResponse:
        if not Application.objects.filter(client_id=form.cleaned_data["client_id"]).exists():
            return self.error_response(FatalClientError(error=InvalidClientIdError()), None)
        return super().form_valid(form)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        target = urlsplit(context.get("redirect_uri") or "")
        response._csp_update = {}
        if context.get("application") and target.netloc:
            response._csp_update = {"form-action": [f"{target.scheme}://{target.netloc}"]}
        response._csp_replace = {"frame-ancestors": [NONE]}
        return response


@method_decorator(csrf_exempt, name="dispatch")
class TokenView(PlainTextMixin, views.TokenView):
    """Only the grants that the metadata names; the toolkit would look further before it says no."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("grant_type") not in oauth2_settings.OAUTH2_GRANT_TYPES_SUPPORTED:
            return JsonResponse({"error": "unsupported_grant_type"}, status=400, headers={"Cache-Control": "no-store"})
        return super().post(request, *args, **kwargs)


@method_decorator(csrf_exempt, name="dispatch")
class RevokeTokenView(PlainTextMixin, views.RevokeTokenView):
    """RFC 7009."""


@method_decorator(csrf_exempt, name="dispatch")
class IntrospectView(PlainTextMixin, views.IntrospectTokenView):
    """RFC 7662, for a client's own tokens. By POST alone: a token in an address ends up in logs."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        raw = request.POST.get("token", "")
        if not raw:
            return self.get_token_response(None)
        try:
            token = find_token(raw)
        except Problem:
            return JsonResponse({"active": False})
        return self.get_token_response(raw) if _is_callers(token, request) else JsonResponse({"active": False})


def _is_callers(token: AccessToken, request: HttpRequest) -> bool:
    return token.application is not None and token.application.client_id == _client_id(request)


def _client_id(request: HttpRequest) -> str:
    """The client that has authenticated itself, by Basic authentication or in the body."""
    scheme, _space, credentials = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme != "Basic":
        return request.POST.get("client_id", "")
    try:
        return unquote_plus(base64.b64decode(credentials).decode().partition(":")[0])
    except (binascii.Error, ValueError):
        return ""


class MetadataView(views.OAuthServerMetadataView):
    """RFC 8414, saying of each endpoint what it takes."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        told = json.loads(response.content)
        own = told.get("introspection_endpoint_auth_methods_supported", [])
        told["introspection_endpoint_auth_methods_supported"] = [method for method in own if method != "none"]
        response.content = json.dumps(told)
        response["Cache-Control"] = "public, max-age=300"
        return response
