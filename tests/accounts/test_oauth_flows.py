"""The flows of RFC 6749, 8628, 9207, 9728 and OpenID Connect, from their start to their end."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone
from freezegun import freeze_time
from jwcrypto import jwk, jwt
from oauth2_provider.models import AccessToken, DeviceGrant, IDToken, RefreshToken
from oauth2_provider.oauth2_validators import OAuth2Validator

from portal.accounts.models import Consent, TokenFamily, User
from portal.accounts.provider import DEVICE_GRANT
from portal.accounts.services import deactivate
from portal.accounts.tokens import forget_old_families, issue_tokens
from portal.accounts.validator import Validator
from portal.secrets import MAKERS, pem_of
from tests.accounts.partners import Partner, status_of
from tests.accounts.test_oauth import CALLBACK, answer, consent, make_app, request_of
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db
Browsers = Callable[[User], Client]
OPENID = "openid profile email"


@pytest.fixture
def radar(ada: User) -> Partner:
    return Partner(ada, uses_devices=True)


# ---- codes and refresh tokens


def test_a_code_that_comes_again_ends_what_it_was_given_for(ben: User, radar: Partner, browser_of: Browsers) -> None:
    code = radar.code(browser_of(ben), scope="openid")
    other = radar.let_in(browser_of(ben), scope="openid")
    first = radar.exchange(code).json()
    assert status_of(first["access_token"]) == 200

    again = radar.exchange(code, code_verifier="x" * 50)  # the thief has no verifier

    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert status_of(first["access_token"]) == 401
    assert radar.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert status_of(other["access_token"]) == 200


def test_a_code_that_comes_again_ends_what_was_renewed_too(ben: User, radar: Partner, browser_of: Browsers) -> None:
    code = radar.code(browser_of(ben), scope="openid")
    renewed = radar.refresh(radar.exchange(code).json()["refresh_token"]).json()
    assert status_of(renewed["access_token"]) == 200

    radar.exchange(code)

    assert status_of(renewed["access_token"]) == 401


def test_another_client_ends_nothing_with_a_code(ben: User, cleo: User, radar: Partner, browser_of: Browsers) -> None:
    code = radar.code(browser_of(ben), scope="openid")
    mine = radar.exchange(code).json()

    assert Partner(cleo).exchange(code).status_code == 400
    assert status_of(mine["access_token"]) == 200


def _at_once(call: Callable[[], Any], times: int = 2) -> list[Any]:
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(call())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _time in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_code_that_comes_twice_at_once_is_good_for_nothing(
    ben: User, radar: Partner, browser_of: Browsers, monkeypatch: Any
) -> None:
    code, both = radar.code(browser_of(ben), scope="openid"), threading.Barrier(2)
    save = OAuth2Validator.save_bearer_token

    def together(*args: Any, **kwargs: Any) -> Any:
        both.wait(10)  # both codes have been found good
        return save(*args, **kwargs)

    monkeypatch.setattr(OAuth2Validator, "save_bearer_token", together)
    statuses = sorted(response.status_code for response in _at_once(lambda: radar.exchange(code)))

    assert statuses == [200, 400]
    assert (AccessToken.objects.count(), RefreshToken.objects.filter(revoked=None).count()) == (0, 0)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_a_refresh_token_that_comes_twice_at_once_ends_the_family(
    ben: User, radar: Partner, browser_of: Browsers, monkeypatch: Any, guarded: bool
) -> None:
    raw, both = radar.let_in(browser_of(ben), scope="openid")["refresh_token"], threading.Barrier(2)
    save = OAuth2Validator.save_bearer_token

    def together(*args: Any, **kwargs: Any) -> Any:
        both.wait(10)
        return save(*args, **kwargs)

    monkeypatch.setattr(OAuth2Validator, "save_bearer_token", together)
    if not guarded:  # the toolkit's own answer: the stored, empty, token
        monkeypatch.setattr(Validator, "_save_bearer_token", OAuth2Validator._save_bearer_token)
    found = _at_once(lambda: _status(radar, raw))

    assert sorted(found) == ([200, 400] if guarded else [200, 500])
    assert AccessToken.objects.exists() is not guarded


def _status(partner: Partner, raw: str) -> int:
    try:
        return partner.refresh(raw).status_code
    except AccessToken.DoesNotExist:
        return 500


def test_a_session_ends_however_often_it_is_renewed(ben: User, radar: Partner, browser_of: Browsers) -> None:
    start = timezone.now()
    told = radar.let_in(browser_of(ben))
    for day in (25, 50, 75):
        with freeze_time(start + timedelta(days=day)):
            told = radar.refresh(told["refresh_token"]).json()
            forget_old_families()
    with freeze_time(start + timedelta(days=settings.OAUTH_SESSION_DAYS, minutes=1)):
        ended = radar.refresh(told["refresh_token"])
        assert (ended.status_code, ended.json()["error"]) == (400, "invalid_grant")


def test_a_session_of_the_portals_own_client_ends_too(ben: User) -> None:
    start, raw = timezone.now(), issue_tokens(ben).refresh_token
    fields = {"client_id": "foyer", "grant_type": "refresh_token"}
    with freeze_time(start + timedelta(days=20)):
        raw = Client().post("/o/token/", {**fields, "refresh_token": raw}).json()["refresh_token"]
    TokenFamily.objects.update(ends=timezone.now())
    assert Client().post("/o/token/", {**fields, "refresh_token": raw}).status_code == 400


def test_families_that_are_over_are_forgotten(ben: User) -> None:
    issue_tokens(ben)
    TokenFamily.objects.update(ends=timezone.now() - timedelta(hours=1))
    forget_old_families()
    assert TokenFamily.objects.exists()  # its code may still come again
    TokenFamily.objects.update(ends=timezone.now() - timedelta(days=2))
    forget_old_families()
    assert not TokenFamily.objects.exists()


# ---- consent


def test_consent_is_remembered_for_an_app_that_proves_itself(ben: User, radar: Partner, browser_of: Browsers) -> None:
    browser = browser_of(ben)
    radar.let_in(browser)

    assert answer(browser.get("/o/authorize/", request_of(radar.app)))["code"]
    less = answer(browser.get("/o/authorize/", request_of(radar.app, scope="profile", prompt="none")))
    assert less["code"]
    more = browser.get("/o/authorize/", request_of(radar.app, scope="profile email"))
    assert (more.status_code, b"See your e-mail address" in more.content) == (200, True)
    asked = browser.get("/o/authorize/", request_of(radar.app, prompt="consent", scope="openid profile"))
    assert asked.status_code == 200


def test_a_refusal_is_not_consent_and_what_was_taken_back_is_asked_again(
    ben: User, cleo: User, radar: Partner, browser_of: Browsers
) -> None:
    browser = browser_of(ben)
    browser.post("/o/authorize/", request_of(radar.app))
    assert not Consent.objects.exists()
    radar.let_in(browser)
    assert browser_of(cleo).get("/o/authorize/", request_of(radar.app)).status_code == 200

    browser.post("/account/apps/", {"application": radar.app.pk})

    assert browser.get("/o/authorize/", request_of(radar.app)).status_code == 200


def test_consent_runs_out(ben: User, radar: Partner, browser_of: Browsers) -> None:
    browser = browser_of(ben)
    radar.let_in(browser)
    Consent.objects.update(until=timezone.now())
    assert browser.get("/o/authorize/", request_of(radar.app)).status_code == 200


def test_who_may_not_be_asked_is_sent_back(ben: User, radar: Partner, browser_of: Browsers) -> None:
    asked = request_of(radar.app, prompt="none", scope="openid")
    told = answer(browser_of(ben).get("/o/authorize/", asked))
    assert (told["error"], told["state"], told["iss"]) == ("consent_required", "a-state", settings.BASE_URL)
    told = answer(Client().get("/o/authorize/", asked))
    assert (told["error"], told["iss"]) == ("login_required", settings.BASE_URL)


def test_an_app_may_have_the_person_sign_in_again(ben: User, radar: Partner, browser_of: Browsers) -> None:
    browser, asked = browser_of(ben), request_of(radar.app, prompt="login", scope="openid")
    radar.let_in(browser, scope="openid")

    sent = browser.get("/o/authorize/", asked)
    form = browser.get(sent["Location"])
    wrong = browser.post(sent["Location"], {"password": "wrong"})
    back = browser.post(sent["Location"], {"password": PASSWORD})

    assert (sent["Location"].partition("?")[0], form.status_code) == ("/account/reauthenticate/", 200)
    assert (wrong.status_code, back.status_code) == (200, 302)
    assert answer(browser.get(back["Location"]))["code"]
    assert Client().get("/o/authorize/", asked)["Location"].startswith("/account/login/?next=")


def test_the_consent_page_says_who_asks_for_what_and_for_how_long(
    ben: User, radar: Partner, browser_of: Browsers
) -> None:
    page = browser_of(ben).get("/o/authorize/", request_of(radar.app)).content.decode()
    for text in (
        "Ticket Radar",
        "Ada Adler",
        "https://radar.example",
        "Shows your tickets.",
        "90 days at most",
        f"sent back to {CALLBACK}",
    ):
        assert text in page
    for meaning in ("Read and change your profile", "See your orders and tickets", "Change your password"):
        assert meaning in page
    assert "See your sales" not in page


# ---- devices


def start(partner: Partner, **fields: str) -> dict[str, Any]:
    response = partner.post("/o/device-authorization/", **{"scope": "openid", **fields})
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store"), response.content
    return response.json()


def ask(partner: Partner, told: dict[str, Any], **changes: str) -> Any:
    fields = {"grant_type": DEVICE_GRANT, "device_code": told["device_code"]}
    return partner.post("/o/token/", **{**fields, **changes})


def let_device_in(browser: Client, told: dict[str, Any], answer: str = "allow") -> Any:
    return browser.post("/device/", {"user_code": told["user_code"], "answer": answer})


@pytest.mark.parametrize("confidential", [True, False])
def test_a_device_is_let_in_by_a_code(ada: User, ben: User, browser_of: Browsers, confidential: bool) -> None:
    tv, browser = Partner(ada, confidential=confidential, uses_devices=True, name="TV"), browser_of(ben)
    told = start(tv)
    assert told["verification_uri"] == f"{settings.BASE_URL}/device/"
    assert told["verification_uri_complete"] == f"{settings.BASE_URL}/device/?user_code={told['user_code']}"
    assert (told["expires_in"], told["interval"]) == (600, 5)
    assert told["device_code"] not in str(DeviceGrant.objects.values().get())

    shown = browser.post("/device/", {"user_code": told["user_code"].lower().replace("-", " ")})
    assert (shown.status_code, b"Let TV in?" in shown.content) == (200, True)
    assert let_device_in(browser, told).status_code == 302
    granted = ask(tv, told)

    assert (granted.status_code, granted["Cache-Control"]) == (200, "no-store")
    assert status_of(granted.json()["access_token"]) == 200
    assert AccessToken.objects.get().user == ben
    assert tv.refresh(granted.json()["refresh_token"]).status_code == 200
    again = ask(tv, told)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_device_that_asks_too_often_is_slowed_down(radar: Partner) -> None:
    now = timezone.now()
    with freeze_time(now) as clock:
        told = start(radar)
        answers = []
        for pause in (1, 11, 3, 12, 30):  # 1: too early, then every 10 s; 3: too early, then every 15
            clock.tick(pause)
            answers.append(ask(radar, told).json()["error"])
    assert answers == ["slow_down", "authorization_pending", "slow_down", "slow_down", "authorization_pending"]


def test_a_device_hears_no_and_too_late(ben: User, radar: Partner, browser_of: Browsers) -> None:
    denied, late = start(radar), start(radar)
    let_device_in(browser_of(ben), denied, "deny")
    assert ask(radar, denied).json()["error"] == "access_denied"
    with freeze_time(timezone.now() + timedelta(minutes=11)):
        assert ask(radar, late).json()["error"] == "expired_token"
        assert let_device_in(browser_of(ben), late).status_code == 422
    assert not AccessToken.objects.exists()


def test_a_link_with_a_code_lets_nobody_in(ben: User, radar: Partner, browser_of: Browsers) -> None:
    told = start(radar)
    page = browser_of(ben).get("/device/", {"user_code": told["user_code"]})
    assert (page.status_code, told["user_code"] in page.content.decode()) == (200, True)
    assert Client().get("/device/").status_code == Client().post("/device/", {"user_code": "x"}).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser_of(ben).cookies
    assert let_device_in(strict, told).status_code == 403
    assert DeviceGrant.objects.get().status == DeviceGrant.AUTHORIZATION_PENDING


def test_a_device_is_answered_once(ben: User, cleo: User, radar: Partner, browser_of: Browsers) -> None:
    told = start(radar)
    let_device_in(browser_of(ben), told)
    assert let_device_in(browser_of(cleo), told, "deny").status_code == 422
    assert DeviceGrant.objects.get().user == ben


@pytest.mark.parametrize("typed", ["", "x", "BCDF", "BCDF-GHJ1", "É" * 8, "\0", "%", "B" * 500])
def test_a_code_that_no_device_shows_is_told(ben: User, browser_of: Browsers, typed: str) -> None:
    response = browser_of(ben).post("/device/", {"user_code": typed})
    assert (response.status_code, b"No device shows this code" in response.content) == (422, True)


def test_codes_can_not_be_guessed(ben: User, radar: Partner, browser_of: Browsers) -> None:
    told, browser = start(radar), browser_of(ben)
    statuses = [browser.post("/device/", {"user_code": "BBBBBBBB"}).status_code for _try in range(21)]
    assert statuses == [422] * 20 + [429]
    assert let_device_in(browser, told).status_code == 429


def test_a_devices_code_is_its_clients_alone(ada: User, ben: User, cleo: User, browser_of: Browsers) -> None:
    tv, hers = Partner(ada, uses_devices=True), Partner(cleo, uses_devices=True)
    told = start(tv)
    let_device_in(browser_of(ben), told)
    assert ask(hers, told).json()["error"] == "invalid_grant"
    assert ask(tv, told, client_secret="wrong").status_code == 401
    assert ask(tv, told).status_code == 200


def test_devices_are_for_apps_that_said_so(ada: User, ben: User, browser_of: Browsers) -> None:
    plain = Partner(ada)
    refused = plain.post("/o/device-authorization/", scope="openid")
    assert (refused.status_code, refused.json()["error"]) == (400, "unauthorized_client")
    test = Partner(ada, name="TV", live=False, uses_devices=True)
    told = start(test)
    assert let_device_in(browser_of(ben), told).status_code == 403
    assert let_device_in(browser_of(ada), told).status_code == 302
    for fields in ({"scope": "sales:read"}, {"scope": "nonsense"}):
        assert test.post("/o/device-authorization/", **fields).json()["error"] == "invalid_scope"
    for fields in ({"client_id": "nobody"}, {"client_id": ""}, {"client_secret": "wrong"}, {"client_id": "\0"}):
        assert test.post("/o/device-authorization/", **fields).status_code in (400, 401)


def test_a_closed_account_lets_no_device_in(ben: User, radar: Partner, browser_of: Browsers) -> None:
    told = start(radar)
    let_device_in(browser_of(ben), told)
    deactivate(ben)
    assert ask(radar, told).json()["error"] == "invalid_grant"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_a_devices_code_is_good_for_one_pair(
    ben: User, radar: Partner, browser_of: Browsers, monkeypatch: Any, guarded: bool
) -> None:
    told, both = start(radar), threading.Barrier(2)
    let_device_in(browser_of(ben), told)
    save = OAuth2Validator.save_bearer_token

    def together(*args: Any, **kwargs: Any) -> Any:
        both.wait(10)
        return save(*args, **kwargs)

    monkeypatch.setattr(OAuth2Validator, "save_bearer_token", together)
    if not guarded:
        monkeypatch.setattr("portal.accounts.validator.spend_device", lambda _raw: True)
    assert sorted(r.status_code for r in _at_once(lambda: ask(radar, told))) == [200, 400 if guarded else 200]


# ---- OpenID Connect


def claims(raw: str, keys: Any = None) -> dict[str, Any]:
    found = jwk.JWKSet.from_json(Client().get("/.well-known/jwks.json").content.decode())
    return json.loads(jwt.JWT(jwt=raw, key=keys or found, algs=["RS256"]).claims)


def test_an_id_token_says_who_somebody_is(ben: User, radar: Partner, browser_of: Browsers) -> None:
    ben.emailaddress_set.create(email=ben.email, verified=True, primary=True)
    told = radar.let_in(browser_of(ben), scope=OPENID, nonce="a-nonce")

    found = claims(told["id_token"])

    assert (found["iss"], found["aud"], found["sub"]) == (settings.BASE_URL, radar.app.client_id, str(ben.pk))
    assert (found["nonce"], found["name"], found["email"], found["email_verified"]) == (
        *("a-nonce", "Ben Brook"),
        *(ben.email, True),
    )
    assert 0 < found["exp"] - found["iat"] <= 900
    bearer = Client(headers={"Authorization": f"Bearer {told['access_token']}"})
    for info in (bearer.get("/o/userinfo/"), bearer.post("/o/userinfo/")):
        assert info.json() == {
            **{name: found[name] for name in ("sub", "name", "email", "email_verified")},
            "zoneinfo": "UTC",
            "locale": "en",
        }


def test_little_is_told_to_who_may_know_little(ben: User, radar: Partner, browser_of: Browsers) -> None:
    told = radar.let_in(browser_of(ben), scope="openid")
    bearer = Client(headers={"Authorization": f"Bearer {told['access_token']}"})
    assert bearer.get("/o/userinfo/").json() == {"sub": str(ben.pk)}
    assert {"name", "email"}.isdisjoint(claims(told["id_token"]))
    assert "id_token" not in radar.let_in(browser_of(ben), scope="profile")


def test_an_id_token_opens_nothing(ben: User, radar: Partner, browser_of: Browsers) -> None:
    told = radar.let_in(browser_of(ben), scope=OPENID)
    assert status_of(told["id_token"]) == 401
    assert Client().post("/o/introspect/", {"token": "x"}, headers=_bearer(told["id_token"])).status_code == 401
    assert radar.post("/o/introspect/", token=told["id_token"]).json() == {"active": False}
    assert IDToken.objects.count() == 1


def _bearer(raw: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {raw}"}


def test_userinfo_is_for_tokens_with_the_scope(
    ben: User, radar: Partner, browser_of: Browsers, api_of: Callable[..., Client]
) -> None:
    told = radar.let_in(browser_of(ben), scope="profile")
    refused = Client(headers=_bearer(told["access_token"])).get("/o/userinfo/")
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient-scope")
    assert (status_of("wrong"), Client().get("/o/userinfo/").status_code) == (401, 401)
    own = radar.post("/o/token/", grant_type="client_credentials", scope="openid").json()
    assert status_of(own["access_token"]) == 403
    assert api_of(ben).get("/o/userinfo/").status_code == 403


def test_an_app_that_staff_made_without_a_key_can_not_ask_for_it(ben: User, browser_of: Browsers) -> None:
    assert answer(consent(browser_of(ben), make_app(), scope=OPENID))["error"] == "invalid_scope"


def test_the_key_can_be_changed(ben: User, radar: Partner, browser_of: Browsers) -> None:
    old = radar.let_in(browser_of(ben), scope=OPENID)["id_token"]
    fresh = pem_of(MAKERS["OIDC_KEYS"]())
    changed = {
        **settings.OAUTH2_PROVIDER,
        "OIDC_RSA_PRIVATE_KEY": fresh,
        "OIDC_RSA_PRIVATE_KEYS_INACTIVE": settings.OIDC_KEYS,
    }
    with override_settings(OAUTH2_PROVIDER=changed):
        new = radar.let_in(browser_of(ben), scope=OPENID)["id_token"]
        assert claims(new)["sub"] == claims(old)["sub"] == str(ben.pk)
        published = Client().get("/.well-known/jwks.json").json()["keys"]
    assert [set(key) & {"d", "p", "q", "dp", "dq", "qi"} for key in published] == [set(), set()]
    kids = {json.loads(base64.urlsafe_b64decode(raw.split(".")[0] + "=="))["kid"] for raw in (old, new)}
    assert kids == {key["kid"] for key in published}


# ---- what can be found out


def test_openid_discovery_and_the_metadata_are_one_document(client: Client) -> None:
    told = client.get("/.well-known/openid-configuration").json()

    assert told == client.get("/.well-known/oauth-authorization-server").json()
    base = settings.BASE_URL
    assert told["userinfo_endpoint"] == f"{base}/o/userinfo/"
    assert told["jwks_uri"] == f"{base}/.well-known/jwks.json"
    assert told["device_authorization_endpoint"] == f"{base}/o/device-authorization/"
    assert told["id_token_signing_alg_values_supported"] == ["RS256"]
    assert (told["subject_types_supported"], told["response_types_supported"]) == (["public"], ["code"])
    assert told["protected_resources"] == [f"{base}/api/v1"]


def test_the_api_says_who_gives_out_its_tokens(client: Client, ben: User) -> None:
    refused = client.get("/api/v1/nowhere-and-orders", headers={"Authorization": "Bearer wrong"})
    assert refused.status_code == 404
    refused = client.get("/o/userinfo/")
    address = refused["WWW-Authenticate"].partition('resource_metadata="')[2].rstrip('"')

    told = client.get(address.removeprefix(settings.BASE_URL))

    assert told.json() == {
        "resource": f"{settings.BASE_URL}/api/v1",
        "authorization_servers": [settings.BASE_URL],
        "scopes_supported": sorted(settings.OAUTH_SCOPES),
        "bearer_methods_supported": ["header"],
        "resource_name": "Foyer",
    }
    assert told["Access-Control-Allow-Origin"] == "*"
    root = client.get("/.well-known/oauth-protected-resource").json()
    assert root["resource"] == settings.BASE_URL


# ---- errors, limits, other origins


def test_errors_have_the_members_of_both_worlds(radar: Partner) -> None:
    refused = radar.post("/o/token/", grant_type="refresh_token", refresh_token="x")
    told = refused.json()
    assert (refused.status_code, refused["Content-Type"], refused["Cache-Control"]) == (
        *(400, "application/json"),
        "no-store",
    )
    assert (told["error"], told["code"], told["status"]) == ("invalid_grant", "invalid-grant", 400)
    assert (told["type"], told["request_id"]) == (
        f"{settings.BASE_URL}/api/docs/problems/invalid-grant",
        refused["Request-Id"],
    )
    assert Client().get(told["type"].removeprefix(settings.BASE_URL)).status_code == 200


@pytest.mark.parametrize("path", ["token", "revoke_token", "introspect", "device-authorization"])
def test_what_no_rfc_has_a_form_for_is_a_problem(path: str) -> None:
    wrong = Client().get(f"/o/{path}/")
    assert (wrong.status_code, wrong["Content-Type"]) == (405, "application/problem+json")
    assert wrong.json()["code"] == "method-not-allowed"
    with override_settings(API_QUOTAS={**settings.API_QUOTAS, "oauth": 1}):
        _one, many = (Client().post(f"/o/{path}/", REMOTE_ADDR="192.0.2.77") for _call in range(2))
    assert (many.status_code, many["Content-Type"], many.json()["code"]) == (
        *(429, "application/problem+json"),
        "too-many-requests",
    )
    assert int(many["Retry-After"]) > 0


def test_an_apps_own_page_may_use_the_endpoints(ada: User) -> None:
    Partner(ada, origins=["https://radar.example"])
    for origin, answered in (("https://radar.example", "https://radar.example"), ("https://evil.example", None)):
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        for response in (
            Client().options("/o/token/", headers=headers),
            Client().post("/o/token/", headers=headers),
        ):
            assert response.get("Access-Control-Allow-Origin") == answered
            assert "Origin" in response["Vary"]
