"""The OAuth 2 provider: what works, and every gate of RFC 9700 shut."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken

from portal.accounts.models import User
from portal.accounts.services import deactivate

pytestmark = pytest.mark.django_db
CALLBACK = "https://partner.example/callback"
VERIFIER = "a-verifier-that-is-long-enough-for-the-standard-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
SECRET = "a-secret-of-the-partner"


def make_app(**fields: Any) -> Application:
    defaults = {
        "name": "Partner",
        "client_type": Application.CLIENT_CONFIDENTIAL,
        "authorization_grant_type": Application.GRANT_AUTHORIZATION_CODE,
        "redirect_uris": CALLBACK,
        "client_secret": SECRET,
    }
    return Application.objects.create(**{**defaults, **fields})


@pytest.fixture
def app() -> Application:
    return make_app()


def request_of(app: Application, **changes: str | None) -> dict[str, str]:
    asked = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": CALLBACK,
        "scope": "profile tickets:read",
        "state": "a-state",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in {**asked, **changes}.items() if value is not None}


def consent(browser: Client, app: Application, **changes: str | None) -> Any:
    """Open the consent page, and agree where it lets one."""
    asked = request_of(app, **changes)
    page = browser.get("/o/authorize/", asked)
    if page.status_code != 200:
        return page
    hidden = {name: value for name, value in page.context["form"].initial.items() if value}
    return browser.post("/o/authorize/", {**hidden, "allow": "Authorize"})


def answer(response: Any) -> dict[str, str]:
    """The parameters of a redirect to the application."""
    assert response.status_code == 302, response.content
    assert response["Location"].startswith(f"{CALLBACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(response["Location"]).query).items()}


def token(app: Application, **fields: str) -> Any:
    who = {"client_id": app.client_id, "client_secret": SECRET}
    return Client().post("/o/token/", {**who, **{name: value for name, value in fields.items() if value}})


def exchange(app: Application, code: str, **changes: str) -> Any:
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return token(app, **{**fields, **changes})


def granted(browser: Client, app: Application) -> dict[str, Any]:
    return exchange(app, answer(consent(browser, app))["code"]).json()


# ---- what works


def test_a_person_lets_a_partner_in(ben: User, browser_of: Callable[[User], Client], app: Application) -> None:
    browser = browser_of(ben)
    page = browser.get("/o/authorize/", request_of(app))
    told = answer(browser.post("/o/authorize/", {**request_of(app), "allow": "Authorize"}))

    response = exchange(app, told["code"])

    assert b"Partner" in page.content
    assert (told["state"], told["iss"]) == ("a-state", settings.BASE_URL)
    assert response.status_code == 200
    assert response.json()["scope"] == "profile tickets:read"
    assert response["Cache-Control"] == "no-store"
    stored = AccessToken.objects.get()
    assert (stored.user, stored.application, stored.token, RefreshToken.objects.get().token) == (ben, app, "", "")


def test_the_consent_page_may_send_the_browser_to_the_partner_only(
    ben: User, browser_of: Callable[[User], Client], app: Application
) -> None:
    policy = browser_of(ben).get("/o/authorize/", request_of(app))["Content-Security-Policy"]

    form_action = next(rule for rule in policy.split("; ") if rule.startswith("form-action"))
    assert "https://partner.example" in form_action.split()
    assert "https://partner.example" not in Client().get("/account/login/")["Content-Security-Policy"]


def test_saying_no_gives_nothing(ben: User, browser_of: Callable[[User], Client], app: Application) -> None:
    assert answer(browser_of(ben).post("/o/authorize/", request_of(app)))["error"] == "access_denied"
    assert not Grant.objects.exists()


def test_strangers_are_sent_to_the_login(client: Client, app: Application) -> None:
    response = client.get("/o/authorize/", request_of(app))

    assert response.status_code == 302
    assert response["Location"].startswith("/account/login/?next=/o/authorize/")


def test_a_scope_is_the_least_unless_asked_for(
    ben: User, browser_of: Callable[[User], Client], app: Application
) -> None:
    code = answer(consent(browser_of(ben), app, scope=None))["code"]

    assert exchange(app, code).json()["scope"] == "profile"


@pytest.mark.urls("tests.api.endpoints")
def test_a_client_gets_a_token_of_its_own_that_is_no_persons() -> None:
    app = make_app(authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS, redirect_uris="")

    raw = token(app, grant_type="client_credentials", scope="profile").json()["access_token"]

    client = Client(headers={"Authorization": f"Bearer {raw}"})
    assert AccessToken.objects.get().user is None
    assert client.get("/api/v1/client").json() == {"client": "Partner"}
    refused = client.get("/api/v1/private")
    assert (refused.status_code, refused.json()["code"]) == (403, "user-required")


# ---- gates


def test_no_pkce_no_code(ben: User, browser_of: Callable[[User], Client], app: Application) -> None:
    response = consent(browser_of(ben), app, code_challenge=None, code_challenge_method=None)

    assert answer(response)["error"] == "invalid_request"
    assert not Grant.objects.exists()


@pytest.mark.parametrize("method", ["plain", None])
def test_pkce_is_s256_or_nothing(
    ben: User, browser_of: Callable[[User], Client], app: Application, method: str | None
) -> None:
    response = consent(browser_of(ben), app, code_challenge=VERIFIER, code_challenge_method=method)

    assert answer(response)["error"] == "invalid_request"
    assert not Grant.objects.exists()


@pytest.mark.parametrize("verifier", ["", "x" * 50, CHALLENGE])
def test_a_stolen_code_is_useless(
    ben: User, browser_of: Callable[[User], Client], app: Application, verifier: str
) -> None:
    code = answer(consent(browser_of(ben), app))["code"]

    assert exchange(app, code, code_verifier=verifier).status_code == 400
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("response_type", ["token", "id_token", "id_token token", "code token", ""])
@pytest.mark.parametrize("grant", [Application.GRANT_IMPLICIT, Application.GRANT_AUTHORIZATION_CODE])
def test_there_is_no_implicit_grant(
    ben: User, browser_of: Callable[[User], Client], response_type: str, grant: str
) -> None:
    app = make_app(authorization_grant_type=grant)

    response = consent(browser_of(ben), app, response_type=response_type)

    assert response.status_code in (302, 400)
    assert "access_token" not in response.get("Location", "")
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("grant", [Application.GRANT_PASSWORD, Application.GRANT_AUTHORIZATION_CODE])
def test_there_is_no_password_grant(ben: User, grant: str) -> None:
    app = make_app(authorization_grant_type=grant)

    response = token(app, grant_type="password", username=ben.email, password="correct-horse-battery")

    assert (response.status_code, response.json()["error"]) == (400, "unsupported_grant_type")
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("grant", ["urn:ietf:params:oauth:grant-type:device_code", "refresh", "", "nonsense"])
def test_other_grants_are_refused(app: Application, grant: str) -> None:
    assert token(app, grant_type=grant).status_code == 400


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/callback",
        "https://partner.example/callback/",
        "https://partner.example/callback?x=1",
        "https://partner.example/callback#x",
        "https://partner.example.evil.example/callback",
        "https://evil@partner.example/callback",
        "http://partner.example/callback",
        "javascript:alert(1)",
        "//partner.example/callback",
        "",
    ],
)
def test_codes_go_to_the_registered_address_only(
    ben: User, browser_of: Callable[[User], Client], app: Application, target: str
) -> None:
    response = browser_of(ben).get("/o/authorize/", request_of(app, redirect_uri=target))

    if target:
        assert response.status_code == 400
        assert "Location" not in response
    else:
        assert response.status_code in (200, 400)


def test_a_code_works_once(ben: User, browser_of: Callable[[User], Client], app: Application) -> None:
    code = answer(consent(browser_of(ben), app))["code"]

    assert [exchange(app, code).status_code for _try in range(2)] == [200, 400]


def test_a_code_is_its_clients_alone(ben: User, browser_of: Callable[[User], Client], app: Application) -> None:
    code = answer(consent(browser_of(ben), app))["code"]

    assert exchange(make_app(name="Cleo's"), code).status_code == 400
    assert not AccessToken.objects.exists()


def test_a_wrong_secret_gets_nothing(ben: User, browser_of: Callable[[User], Client], app: Application) -> None:
    code = answer(consent(browser_of(ben), app))["code"]

    assert exchange(app, code, client_secret="wrong").status_code == 401
    assert SECRET not in str(Application.objects.values().get())


def test_reusing_a_refresh_token_ends_the_family(
    ben: User, browser_of: Callable[[User], Client], app: Application
) -> None:
    first = granted(browser_of(ben), app)
    second = token(app, grant_type="refresh_token", refresh_token=first["refresh_token"]).json()

    stolen = token(app, grant_type="refresh_token", refresh_token=first["refresh_token"])
    after = token(app, grant_type="refresh_token", refresh_token=second["refresh_token"])

    assert (stolen.json()["error"], after.json()["error"]) == ("invalid_grant", "invalid_grant")
    assert not AccessToken.objects.exists()


def test_a_refresh_token_is_its_clients_alone(
    ben: User, browser_of: Callable[[User], Client], app: Application
) -> None:
    raw = granted(browser_of(ben), app)["refresh_token"]

    assert token(make_app(name="Cleo's"), grant_type="refresh_token", refresh_token=raw).status_code == 400


def test_a_closed_account_gets_nothing_more(ben: User, browser_of: Callable[[User], Client], app: Application) -> None:
    browser = browser_of(ben)
    code = answer(consent(browser, app))["code"]
    User.objects.filter(pk=ben.pk).update(is_active=False)

    assert exchange(app, code).status_code == 400
    User.objects.filter(pk=ben.pk).update(is_active=True)
    raw = granted(browser, app)
    deactivate(ben)
    assert token(app, grant_type="refresh_token", refresh_token=raw["refresh_token"]).status_code == 400
    assert introspect(app, raw["access_token"]) == {"active": False}


def test_scopes_that_do_not_exist_are_refused(
    ben: User, browser_of: Callable[[User], Client], app: Application
) -> None:
    assert answer(consent(browser_of(ben), app, scope="profile everything"))["error"] == "invalid_scope"


def test_a_person_takes_the_access_back(
    ben: User, cleo: User, browser_of: Callable[[User], Client], app: Application, api_of: Callable[..., Client]
) -> None:
    browser, api = browser_of(ben), api_of(ben)
    mine, hers = granted(browser, app), granted(browser_of(cleo), app)
    waiting = answer(consent(browser, app))["code"]
    page = browser.get("/account/apps/")
    assert (b"Partner" in page.content, b"Foyer</td>" in page.content) == (True, False)

    for sent in ("", "x", "9" * 30, "\0", str(app.pk)):
        assert browser.post("/account/apps/", {"application": sent}).status_code == 302

    assert introspect(app, mine["access_token"]) == {"active": False}
    assert token(app, grant_type="refresh_token", refresh_token=mine["refresh_token"]).status_code == 400
    assert exchange(app, waiting).status_code == 400
    assert introspect(app, hers["access_token"])["active"] is True
    assert api.post("/api/v1/logout").status_code == 204
    assert b"Partner" not in browser.get("/account/apps/").content


# ---- the portal's own application


@pytest.mark.parametrize("target", ["https://evil.example/", "http://localhost/", ""])
def test_the_portals_own_application_has_no_consent_page(
    ben: User, browser_of: Callable[[User], Client], api_of: Callable[..., Client], target: str
) -> None:
    api_of(ben)  # makes it
    own = Application.objects.get(client_id="foyer")

    response = browser_of(ben).get("/o/authorize/", request_of(own, redirect_uri=target))

    assert (response.status_code, Grant.objects.count()) == (400, 0)


# ---- introspection, revocation, metadata


def introspect(app: Application, raw: str, secret: str = SECRET) -> dict[str, Any]:
    return Client().post("/o/introspect/", {"token": raw, "client_id": app.client_id, "client_secret": secret}).json()


def test_a_client_may_ask_about_its_own_tokens(
    ben: User, browser_of: Callable[[User], Client], app: Application
) -> None:
    raw = granted(browser_of(ben), app)["access_token"]

    told = introspect(app, raw)

    assert (told["active"], told["client_id"], told["scope"]) == (True, app.client_id, "profile tickets:read")
    assert introspect(make_app(name="Cleo's"), raw) == {"active": False}
    for nonsense in ("x", "x" * 10_000, "é"):
        assert introspect(app, nonsense) == {"active": False}


def test_introspection_is_for_clients_by_post(
    ben: User, browser_of: Callable[[User], Client], app: Application, api_of: Callable[..., Client]
) -> None:
    raw = granted(browser_of(ben), app)["access_token"]
    basic = base64.b64encode(f"{app.client_id}:{SECRET}".encode()).decode()

    assert Client().post("/o/introspect/", {"token": raw}).status_code in (401, 403)
    assert api_of(ben).post("/o/introspect/", {"token": raw}).status_code in (401, 403)
    headers = {"Authorization": f"Basic {basic}"}
    assert Client().get("/o/introspect/", {"token": raw}, headers=headers).status_code == 405
    assert Client().post("/o/introspect/", {"token": raw}, headers=headers).json()["active"] is True
    assert Client().post("/o/introspect/", {}, headers=headers).status_code == 400


def test_a_revoked_token_is_dead(ben: User, browser_of: Callable[[User], Client], app: Application) -> None:
    raw = granted(browser_of(ben), app)
    stranger = make_app(name="Cleo's")

    for who, dead in ((stranger, False), (app, True)):
        fields = {"token": raw["refresh_token"], "client_id": who.client_id, "client_secret": SECRET}
        assert Client().post("/o/revoke_token/", fields).status_code == 200
        assert introspect(app, raw["access_token"])["active"] is not dead


def test_the_metadata_is_honest(client: Client) -> None:
    told = client.get("/.well-known/oauth-authorization-server").json()

    base = settings.BASE_URL
    assert told["issuer"] == base
    assert told["response_types_supported"] == ["code"]
    assert told["grant_types_supported"] == [
        *("authorization_code", "client_credentials", "refresh_token"),
        "urn:ietf:params:oauth:grant-type:device_code",
    ]
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["authorization_response_iss_parameter_supported"] is True
    assert told["scopes_supported"] == sorted(settings.ALL_SCOPES)
    assert told["token_endpoint_auth_methods_supported"] == ["client_secret_basic", "client_secret_post", "none"]
    assert told["introspection_endpoint_auth_methods_supported"] == ["client_secret_basic", "client_secret_post"]
    for name, path in [
        ("authorization", "/o/authorize/"),
        ("token", "/o/token/"),
        ("revocation", "/o/revoke_token/"),
        ("introspection", "/o/introspect/"),
    ]:
        assert told[f"{name}_endpoint"] == base + path
    assert "registration_endpoint" not in told


@pytest.mark.parametrize(
    "path", ["applications/", "applications/register/", "authorized_tokens/", "device/", "register/", "logout/"]
)
def test_the_toolkits_other_pages_are_not_there(
    path: str, ben: User, sam: User, browser_of: Callable[[User], Client]
) -> None:
    for person in (ben, sam):
        assert browser_of(person).get(f"/o/{path}").status_code == 404


def test_the_deployment_check_has_nothing_to_say_of_oauth(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check", deploy=True)

    said = "".join(capsys.readouterr())
    for name in ("oauth2_provider", "account.", "mfa."):
        assert name not in said


@pytest.mark.parametrize("path", ["authorize/", "token/", "revoke_token/", "introspect/"])
def test_nonsense_is_never_a_server_error(
    path: str, ben: User, browser_of: Callable[[User], Client], app: Application
) -> None:
    browser = browser_of(ben)
    for value in ("", "\0", "é", "x" * 10_000, "%", "[]", "\ud83d"):
        told = {**request_of(app), "token": value, "grant_type": value, "client_id": value, "scope": value}
        for sent in (told, {**told, "client_id": app.client_id}, {**request_of(app), "redirect_uri": value}):
            data = {name: text.encode("utf-8", "replace").decode() for name, text in sent.items()}
            assert browser.get(f"/o/{path}", data).status_code < 500
            assert browser.post(f"/o/{path}", data).status_code < 500


@pytest.mark.parametrize("client_id", [b"\0", b"\xff", b"a\0b", b"x" * 5000])
def test_a_hostile_client_id_in_the_header_is_refused(client_id: bytes) -> None:
    header = "Basic " + base64.b64encode(client_id + b":secret").decode()

    for path in ("token/", "introspect/", "revoke_token/"):
        fields = {"grant_type": "client_credentials", "token": "x"}
        response = Client().post(f"/o/{path}", fields, headers={"Authorization": header})
        assert response.status_code in (400, 401, 403)
