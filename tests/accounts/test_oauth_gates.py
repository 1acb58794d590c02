"""The OAuth 2 provider against attacks that RFC 9700 and RFC 8252 tell of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken

from portal.accounts.models import User
from tests.accounts.test_oauth import (
    CALLBACK,
    VERIFIER,
    answer,
    consent,
    exchange,
    granted,
    make_app,
    request_of,
    token,
)

pytestmark = pytest.mark.django_db
Browsers = Callable[[User], Client]


@pytest.fixture
def partner() -> Application:
    return make_app()


@pytest.fixture
def native() -> Application:
    """An application without a secret, in a person's own hands."""
    return make_app(client_type=Application.CLIENT_PUBLIC, client_secret="", name="Native")


def without_secret(app: Application, **fields: str) -> dict[str, Any]:
    return Client().post("/o/token/", {"client_id": app.client_id, **fields}).json()


def test_every_gate_of_the_toolkit_is_shut() -> None:
    gates = {name: shut for name, shut in settings.OAUTH2_PROVIDER.items() if "RFC9700" in name}
    assert gates == dict.fromkeys(gates, True)
    assert len(gates) == 10


# ---- codes


@pytest.mark.parametrize("target", ["https://partner.example/other", CALLBACK + "/", "https://evil.example/"])
def test_a_code_is_for_the_address_that_it_went_to(
    ben: User, browser_of: Browsers, partner: Application, target: str
) -> None:
    code = answer(consent(browser_of(ben), partner))["code"]

    assert exchange(partner, code, redirect_uri=target).status_code == 400
    assert not AccessToken.objects.exists()


def test_a_secretless_application_needs_pkce_too(ben: User, browser_of: Browsers, native: Application) -> None:
    for changes in ({"code_challenge": None, "code_challenge_method": None}, {"code_challenge_method": "plain"}):
        assert answer(consent(browser_of(ben), native, **changes))["error"] == "invalid_request"
    assert not Grant.objects.exists()


# ---- addresses


@pytest.mark.parametrize(
    "target",
    [
        "http://partner.example/callback",
        "http://127.0.0.1/callback",
        "http://localhost/callback",
        "partner.app:/callback",
        "https://*.partner.example/callback",
        "https://partner.example/callback#fragment",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://partner.example/",
        "partner.example/callback",
    ],
)
def test_an_address_that_is_not_safe_can_not_be_registered(target: str) -> None:
    with pytest.raises(ValidationError):
        Application(
            name="P",
            client_type=Application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
            redirect_uris=target,
        ).full_clean()


# ---- consent


def test_an_application_without_a_secret_asks_each_time(ben: User, browser_of: Browsers, native: Application) -> None:
    """Also one that asks not to: another may have taken its name, or its address on the person's machine."""
    browser = browser_of(ben)
    answer(consent(browser, native))

    for more in ({}, {"approval_prompt": "auto"}):
        page = browser.get("/o/authorize/", {**request_of(native), **more})
        assert page.status_code == 200
        assert b"Native" in page.content


def test_the_consent_page_can_not_be_framed_kept_or_told_on(
    ben: User, browser_of: Browsers, partner: Application
) -> None:
    page = browser_of(ben).get("/o/authorize/", request_of(partner))

    assert "frame-ancestors 'none'" in page["Content-Security-Policy"].split("; ")
    assert page["X-Frame-Options"] == "DENY"
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] in ("no-referrer", "same-origin", "strict-origin-when-cross-origin")


def test_consent_is_given_by_the_person_not_by_another_site(ben: User, partner: Application) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ben, backend="allauth.account.auth_backends.AuthenticationBackend")

    assert browser.post("/o/authorize/", {**request_of(partner), "allow": "Authorize"}).status_code == 403
    assert not Grant.objects.exists()


def test_what_went_wrong_is_told_to_the_application_only_where_that_is_known(
    ben: User, browser_of: Browsers, partner: Application
) -> None:
    browser = browser_of(ben)
    unknown = browser.get("/o/authorize/", {**request_of(partner), "client_id": "nobody"})
    assert (unknown.status_code, "Location" in unknown) == (400, False)
    assert b"Foyer" in unknown.content
    for refused, error in (
        (browser.post("/o/authorize/", request_of(partner)), "access_denied"),
        (browser.get("/o/authorize/", request_of(partner, scope="everything")), "invalid_scope"),
    ):
        told = answer(refused)
        assert (told["error"], told["state"], told["iss"]) == (error, "a-state", settings.BASE_URL)


# ---- tokens


def test_a_refresh_gives_no_more_than_was_granted(ben: User, browser_of: Browsers, partner: Application) -> None:
    raw = granted(browser_of(ben), partner)["refresh_token"]

    wider = token(partner, grant_type="refresh_token", refresh_token=raw, scope="profile tickets:read sales:read")
    assert wider.json()["error"] == "invalid_scope"
    narrow = token(partner, grant_type="refresh_token", refresh_token=raw, scope="profile").json()
    assert narrow["scope"] == "profile"


def test_a_secretless_application_gets_a_new_refresh_token_each_time(
    ben: User, browser_of: Browsers, native: Application
) -> None:
    code = answer(consent(browser_of(ben), native))["code"]
    fields = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    first = without_secret(native, code=code, **fields)

    def refresh(raw: str) -> dict[str, Any]:
        return without_secret(native, grant_type="refresh_token", refresh_token=raw)

    second = refresh(first["refresh_token"])
    assert second["refresh_token"] != first["refresh_token"]
    assert refresh(first["refresh_token"])["error"] == "invalid_grant"
    assert refresh(second["refresh_token"])["error"] == "invalid_grant"
    assert not RefreshToken.objects.filter(revoked=None).exists()


def test_a_secretless_application_gets_no_token_of_its_own() -> None:
    for grant in (Application.GRANT_CLIENT_CREDENTIALS, Application.GRANT_AUTHORIZATION_CODE):
        app = make_app(client_type=Application.CLIENT_PUBLIC, authorization_grant_type=grant, client_secret="")
        told = without_secret(app, grant_type="client_credentials", scope="profile")
        assert told["error"] in ("unauthorized_client", "invalid_client")
    assert not AccessToken.objects.exists()


@pytest.mark.urls("tests.api.endpoints")
def test_a_token_for_another_audience_opens_nothing_here(ben: User, browser_of: Browsers, partner: Application) -> None:
    def private(resource: str) -> tuple[int, Any]:
        code = answer(consent(browser_of(ben), partner, resource=resource))["code"]
        raw = exchange(partner, code).json()["access_token"]
        told = Client(headers={"Authorization": f"Bearer {raw}"}).get("/api/v1/private")
        return told.status_code, told.get("WWW-Authenticate", "").partition(",")[0]

    assert private("https://other.example/api/") == (401, 'Bearer realm="api"')
    assert private("http://testserver/api/v1/") == (200, "")


def test_nobody_registers_an_application_by_itself(ben: User, browser_of: Browsers) -> None:
    for path in ("register/", "applications/register/"):
        assert browser_of(ben).post(f"/o/{path}", "{}", content_type="application/json").status_code == 404
    assert not Application.objects.exists()
