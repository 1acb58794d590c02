"""The OAuth 2 provider's endpoints for programs: what django-oauth-toolkit leaves open, closed."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any
from urllib.parse import unquote_plus

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View
from oauth2_provider import views
from oauth2_provider.models import AccessToken, Application
from oauth2_provider.scopes import get_scopes_backend
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.views.mixins import OAuthLibMixin
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import OAuth2Error

from portal.accounts.devices import poll, start_device
from portal.accounts.partners import may_use
from portal.accounts.provider import DEVICE_GRANT
from portal.accounts.validator import Validator
from portal.api import cors
from portal.api.auth import find_token
from portal.api.problems import Problem, respond
from portal.api.throttling import count_endpoint

# What RFC 6749, 7009, 7662 and 8628 have a form of their own for; all else is problem+json.
OAUTH_STATUSES = (400, 401)
# Their errors, each of which is a kind of problem too.
ERRORS = {
    *("invalid_request", "invalid_client", "invalid_grant", "invalid_scope", "invalid_target"),
    *("unauthorized_client", "unsupported_grant_type", "unsupported_token_type"),
    *("authorization_pending", "slow_down", "access_denied", "expired_token", "method_not_allowed"),
}


class EndpointMixin(View):
    """What the endpoints for programs share: limits, other origins, hostile input, and errors that explain themselves."""

    http_method_names = ("post", "options")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = self._preflight() if request.method == "OPTIONS" else self._answer(request, *args, **kwargs)
        cors.open_to_apps(request, response)
        return response

    def _answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            count_endpoint(request)
        except Problem as problem:
            return respond(problem, request)
        if not plain(request):
            return _refusal(request, 400, {"error": "invalid_request"})
        if request.method != "POST":  # before it is asked who calls
            return _refusal(request, 405, {"error": "method_not_allowed"}, {"Allow": "POST, OPTIONS"})
        response: Any = super().dispatch(request, *args, **kwargs)
        return _explained(request, response)

    def _preflight(self) -> HttpResponse:
        response = HttpResponse(status=204, headers={"Allow": "POST, OPTIONS"})
        response["Access-Control-Allow-Methods"] = "POST"
        response["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Request-Id"
        return response


@method_decorator(csrf_exempt, name="dispatch")
class TokenView(EndpointMixin, views.TokenView):
    """Only the grants that the metadata names; the toolkit would look further before it says no."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("grant_type") not in oauth2_settings.OAUTH2_GRANT_TYPES_SUPPORTED:
            return JsonResponse({"error": "unsupported_grant_type"}, status=400)
        if request.POST["grant_type"] == DEVICE_GRANT:
            return self.answer_device(request)
        return self.authorization_flow_token_response(request)

    def answer_device(self, request: HttpRequest) -> HttpResponse:
        """A device asks whether it has been let in."""
        if not self.authenticate_client(request):
            return JsonResponse({"error": "invalid_client"}, status=401)
        try:
            poll(request.POST.get("device_code", ""), client_id=client_id_of(request))
        except OAuth2Error as refusal:
            return JsonResponse(dict(refusal.twotuples), status=400)
        return self.authorization_flow_token_response(request)


@method_decorator(csrf_exempt, name="dispatch")
class RevokeTokenView(EndpointMixin, views.RevokeTokenView):
    """RFC 7009."""


@method_decorator(csrf_exempt, name="dispatch")
class IntrospectView(EndpointMixin, views.IntrospectTokenView):
    """RFC 7662, for a client's own tokens. By POST alone: a token in an address ends up in logs."""

    def unauthenticated_response(self, request: HttpRequest, oauthlib_request: Any = None) -> HttpResponse:
        return JsonResponse({"error": "invalid_client"}, status=401)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        raw = request.POST.get("token", "")
        if not raw:
            return self.get_token_response(None)
        try:
            token = find_token(raw)
        except Problem:
            return JsonResponse({"active": False})
        return self.get_token_response(raw) if _is_callers(token, request) else JsonResponse({"active": False})


@method_decorator(csrf_exempt, name="dispatch")
class DeviceAuthorizationView(EndpointMixin, OAuthLibMixin, View):
    """RFC 8628, 3.1: a device asks for a code to show."""

    def post(self, request: HttpRequest) -> HttpResponse:
        asked = Request("", "POST")
        application = Validator()._load_application(client_id_of(request), asked)
        if application is None or not self._is_itself(request, application):
            return JsonResponse({"error": "invalid_client"}, status=401)
        if not may_use(application, DEVICE_GRANT):
            return JsonResponse({"error": "unauthorized_client"}, status=400)
        scopes = request.POST.get("scope", "").split() or get_scopes_backend().get_default_scopes(application)
        if not Validator().validate_scopes(application.client_id, scopes, application, asked):
            return JsonResponse({"error": "invalid_scope"}, status=400)
        told = start_device(application, scope=" ".join(dict.fromkeys(scopes)))
        return JsonResponse(told, headers={"Cache-Control": "no-store"})

    def _is_itself(self, request: HttpRequest, application: Application) -> bool:
        return application.client_type == Application.CLIENT_PUBLIC or self.authenticate_client(request)


def plain(request: HttpRequest) -> bool:
    """Whether there is nothing that the toolkit does not expect: NUL, or credentials beyond ASCII."""
    told = [text for query in (request.GET, request.POST) for _name, texts in query.lists() for text in texts]
    return request.META.get("HTTP_AUTHORIZATION", "").isascii() and not any("\0" in text for text in told)


def client_id_of(request: HttpRequest) -> str:
    """The client that has authenticated itself, by Basic authentication or in the body."""
    scheme, _space, credentials = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme != "Basic":
        return request.POST.get("client_id", "")
    try:
        return unquote_plus(base64.b64decode(credentials).decode().partition(":")[0])
    except (binascii.Error, ValueError):
        return ""


def _is_callers(token: AccessToken, request: HttpRequest) -> bool:
    return token.application is not None and token.application.client_id == client_id_of(request)


def _explained(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.status_code < 400:
        return response
    try:
        told = json.loads(response.content)
    except ValueError:
        told = {}
    return _refusal(request, response.status_code, told)


def _refusal(
    request: HttpRequest, status: int, told: dict[str, Any], headers: dict[str, str] | None = None
) -> HttpResponse:
    """An error with the members of RFC 6749 and of RFC 9457; its type is the one that the former asks for, if it does."""
    error = str(told.get("error"))
    code = error.replace("_", "-") if error in ERRORS else "bad-request"
    if status == 401:
        headers = {"WWW-Authenticate": 'Basic realm="oauth", charset="UTF-8"'}
    problem = Problem(status, code, str(told.get("error_description") or ""), headers=headers, **told)
    response = respond(problem, request)
    if status in OAUTH_STATUSES:
        response["Content-Type"] = "application/json"
    return response
