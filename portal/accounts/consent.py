"""The page on which a person lets an app in, or does not."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from csp.constants import NONE
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_deny
from oauth2_provider import views
from oauth2_provider.exceptions import FatalClientError, OAuthToolkitError
from oauth2_provider.models import Application
from oauthlib.oauth2.rfc6749.errors import InvalidClientIdError, OAuth2Error

from portal.accounts.oauth import plain
from portal.accounts.partners import has_consented, may_authorize, remember_consent, terms_of
from portal.accounts.redirects import ONE_MACHINE


class ConsentRequired(OAuth2Error):
    error = "consent_required"


@method_decorator([never_cache, xframe_options_deny], name="dispatch")
class AuthorizationView(views.AuthorizationView):
    """The consent page. Its form may lead to the application's address, which the site's own policy forbids."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not plain(request):
            return JsonResponse({"error": "invalid_request"}, status=400)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask, unless the person has agreed to this before and the app is surely the same."""
        asked = request.GET.copy()
        asked.pop("approval_prompt", None)  # how often to ask is not for the application to say
        request.GET = asked  # type: ignore[assignment]
        page = super().get(request, *args, **kwargs)
        application = self.oauth2_data.get("application")
        if page.status_code != 200 or application is None:
            return page
        return self._decided(application, page)

    def _decided(self, application: Application, page: HttpResponse) -> HttpResponse:
        if not may_authorize(application, self.request.user):
            return self._refused_in_test_mode(application)
        prompt = self.request.GET.get("prompt", "").split()
        agreed = has_consented(self.request.user, application=application, scopes=self.oauth2_data["scopes"])
        if agreed and "consent" not in prompt:
            form = self.form_class({**self.get_initial(), "allow": "True"})
            return self.form_valid(form) if form.is_valid() else page
        if "none" in prompt:
            return self._refuse_silently(application)
        return page

    def _refuse_silently(self, application: Application) -> HttpResponse:
        target = self.oauth2_data["redirect_uri"]
        refusal = ConsentRequired(state=self.oauth2_data.get("state"))
        refusal.redirect_uri = target
        return self.error_response(OAuthToolkitError(error=refusal, redirect_uri=target), application)

    def _refused_in_test_mode(self, application: Application) -> HttpResponse:
        text = _("Only its developer can use it yet.")
        told = {"error": _("{name} is being tested").format(name=application.name), "description": text}
        return self.render_to_response({"error": told}, status=403)

    def handle_prompt_login(self) -> HttpResponse:
        """Who is signed in already proves again who that is; the login page would only send back."""
        response = super().handle_prompt_login()
        if self.request.user.is_authenticated:
            login, again = reverse("account_login"), reverse("account_reauthenticate")
            response["Location"] = response["Location"].replace(login, again, 1)
        return response

    def redirect(self, redirect_to: str, application: Any) -> HttpResponse:
        """Every answer says whose it is (RFC 9207). The toolkit leaves it out of refusals."""
        told = urlsplit(redirect_to)
        if "iss" not in parse_qs(told.query):
            query = f"{told.query}&{urlencode({'iss': settings.BASE_URL})}"
            redirect_to = told._replace(query=query.removeprefix("&")).geturl()
        if told.scheme == "http" and told.hostname in ONE_MACHINE:  # registered by an app in test mode
            return HttpResponse(status=302, headers={"Location": redirect_to})
        return super().redirect(redirect_to, application)

    def form_valid(self, form: Any) -> HttpResponse:
        application = Application.objects.filter(client_id=form.cleaned_data["client_id"]).first()
        if application is None:
            return self.error_response(FatalClientError(error=InvalidClientIdError()), None)
        user: Any = self.request.user
        if not may_authorize(application, user):
            return self._refused_in_test_mode(application)
        response = super().form_valid(form)
        if form.cleaned_data["allow"] and "code" in parse_qs(urlsplit(response.get("Location", "")).query):
            remember_consent(user, application=application, scope=form.cleaned_data["scope"])
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        application = context.get("application")
        return {**context, **terms_of(application, context["scopes"])} if application else context

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        target = urlsplit(context.get("redirect_uri") or "")
        response._csp_update = {}
        if context.get("application") and target.netloc:
            response._csp_update = {"form-action": [f"{target.scheme}://{target.netloc}"]}
        response._csp_replace = {"frame-ancestors": [NONE]}
        return response
