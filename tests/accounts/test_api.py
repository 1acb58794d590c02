"""POST /register, /login and /logout."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, RefreshToken

from portal.accounts import limiter
from portal.accounts.models import AttemptCount, User
from portal.accounts.services import deactivate
from tests.people import PASSWORD
from venues.models import Vendor

pytestmark = pytest.mark.django_db
NEW = {"email": "dora@example.org", "password": "a-fine-password-7", "name": "Dora Dahl", "role": "attendee"}
NAUGHTY = [None, [], {}, 7, True, "", "  ", "x" * 5000, "a\nb", "\u202e", "<script>", "'; DROP TABLE x; --"]


class CountingHasher(PBKDF2PasswordHasher):
    iterations, rounds = 1000, 0

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        CountingHasher.rounds += iterations or self.iterations
        return super().encode(password, salt, iterations)


def post(client: Client, path: str, body: Any, **headers: str) -> Any:
    return client.post(f"/api/v1/{path}", body, content_type="application/json", headers=headers)


def bearer(token: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {token}"})


def log_in(email: str = "ben@example.org", password: str = PASSWORD, **more: Any) -> Any:
    return post(Client(), "login", {"email": email, "password": password, **more})


# ---- register


def test_an_attendee_signs_up(client: Client, mails_at_once: None) -> None:
    response = post(client, "register", NEW)

    user = User.objects.get(email="dora@example.org")
    told = {"id": str(user.pk), "email": user.email, "name": "Dora Dahl", "role": "attendee", "vendor": None}
    assert (response.status_code, response.json()) == (201, {"user": told})
    assert user.check_password(NEW["password"])
    assert EmailAddress.objects.filter(user=user, email=user.email, primary=True, verified=False).exists()
    assert [sent.to for sent in mail.outbox] == [["dora@example.org"]]


def test_a_vendor_signs_up_with_everything_it_needs(client: Client) -> None:
    response = post(client, "register", {**NEW, "role": "vendor", "vendor_name": "Dora's Dome"})

    user = User.objects.get(email="dora@example.org")
    vendor = Vendor.objects.get(name="Dora's Dome")
    told = response.json()["user"]
    assert (response.status_code, told["role"]) == (201, "vendor")
    assert told["vendor"] == {"id": str(vendor.pk), "name": "Dora's Dome"}
    assert user.vendor_membership.vendor == vendor
    assert user.has_perm("wagtailadmin.access_admin")


def test_addresses_are_stored_in_lower_case(client: Client) -> None:
    post(client, "register", {**NEW, "email": "  Dora@Example.ORG "})

    assert User.objects.get().email == "dora@example.org"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"email": "ben@example.org"}, "/email"),
        ({"email": "BEN@example.org"}, "/email"),
        ({"email": "no address"}, "/email"),
        ({"email": "x" * 250 + "@example.org"}, "/email"),
        ({"password": "short"}, "/password"),
        ({"password": "password123"}, "/password"),
        ({"password": "dora@example.org"}, "/password"),
        ({"password": "x" * 201}, "/password"),
        ({"name": " "}, "/name"),
        ({"name": "x" * 151}, "/name"),
        ({"name": "a\u202eb"}, "/name"),
        ({"role": "admin"}, "/role"),
        ({"role": "vendor"}, "/vendor_name"),
        ({"role": "vendor", "vendor_name": " "}, "/vendor_name"),
        ({"role": "vendor", "vendor_name": "x" * 121}, "/vendor_name"),
    ],
)
def test_a_bad_sign_up_changes_nothing(client: Client, ben: User, changes: dict[str, Any], pointer: str) -> None:
    response = post(client, "register", {**NEW, **changes})

    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, pointer)
    assert (User.objects.count(), Vendor.objects.count()) == (1, 0)


def test_a_vendors_name_that_is_taken_is_refused(client: Client, cleo_vendor: Vendor) -> None:
    response = post(client, "register", {**NEW, "role": "vendor", "vendor_name": cleo_vendor.name.upper()})

    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "/vendor_name")
    assert not User.objects.filter(email="dora@example.org").exists()


@pytest.mark.parametrize("path", ["register", "login"])
@pytest.mark.parametrize("field", ["email", "password", "name", "role", "vendor_name", "mfa_code"])
def test_nothing_that_is_sent_is_a_server_error(client: Client, path: str, field: str) -> None:
    for number, value in enumerate(NAUGHTY):
        body = {**NEW, "email": f"{number}@example.org", "role": "vendor", "vendor_name": f"Dome {number}"}
        response = post(client, path, {**body, field: value})
        assert response.status_code in (201, 401, 422, 429), (value, response.content)


def test_more_rights_can_not_be_asked_for(client: Client) -> None:
    post(client, "register", {**NEW, "is_staff": True, "is_superuser": True, "id": 1, "groups": [1]})

    user = User.objects.get(email="dora@example.org")
    assert (user.is_staff, user.is_superuser, user.groups.count()) == (False, False, 0)


def test_an_unconfirmed_claim_on_an_address_takes_it_from_nobody(client: Client, cleo: User) -> None:
    EmailAddress.objects.create(user=cleo, email="dora@example.org", verified=False)
    assert post(client, "register", NEW).status_code == 201


def test_a_key_is_honoured(client: Client) -> None:
    first, again = [post(client, "register", NEW, **{"Idempotency-Key": "sign-up-1"}) for _try in range(2)]

    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert again["Idempotency-Replayed"] == "true"
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_sign_ups_at_once_make_one_account() -> None:
    ready = Barrier(10)

    def sign_up(_number: int) -> int:
        ready.wait()
        try:
            return post(Client(), "register", NEW).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        codes = sorted(pool.map(sign_up, range(10)))

    assert codes == [201] + [422] * 9
    assert User.objects.filter(email=NEW["email"]).count() == 1


# ---- login


def test_login_gives_tokens(ben: User) -> None:
    response = log_in("Ben@Example.org ")

    told = response.json()
    assert response.status_code == 200
    assert told.keys() == {"access_token", "refresh_token", "token_type", "expires_in", "scope", "user"}
    assert (told["token_type"], told["expires_in"]) == ("Bearer", 900)
    assert told["scope"].split() == list(settings.OAUTH_SCOPES)
    assert told["user"] == {
        "id": str(ben.pk), "email": ben.email, "name": ben.name, "role": "attendee", "vendor": None,
    }  # fmt: skip
    assert response["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in response
    assert bearer(told["access_token"]).post("/api/v1/logout").status_code == 204


def test_tokens_are_hashed_where_they_are_stored(ben: User) -> None:
    told = log_in().json()

    for model, raw in ((AccessToken, told["access_token"]), (RefreshToken, told["refresh_token"])):
        stored = model.objects.get()
        assert raw not in str(model.objects.values().get())
        assert (stored.token, len(stored.token_checksum)) == ("", 64)


def test_a_wrong_password_and_an_unknown_address_are_alike(ben: User) -> None:
    wrong, unknown = log_in(password="wrong"), log_in("nobody@example.org")

    assert (wrong.status_code, unknown.status_code) == (401, 401)
    a, b = ({**answer.json(), "request_id": ""} for answer in (wrong, unknown))
    assert a == b
    assert wrong["WWW-Authenticate"].startswith('Bearer realm="api", resource_metadata="http://')


def test_an_unknown_address_takes_as_long_as_a_known_one(ben: User, settings: Any) -> None:
    """A password is hashed either way, once: the time that takes is all that could tell them apart."""
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    ben.set_password(PASSWORD)
    ben.save()

    def rounds(email: str) -> int:
        CountingHasher.rounds = 0
        log_in(email, "wrong")
        return CountingHasher.rounds

    assert rounds(ben.email) == rounds("nobody@example.org") == CountingHasher.iterations


def test_a_closed_account_can_not_log_in(ben: User) -> None:
    deactivate(ben)

    assert (log_in().status_code, log_in().json()["code"]) == (401, "invalid-credentials")


def test_a_closed_accounts_tokens_are_dead_at_once(ben: User) -> None:
    told = log_in().json()
    User.objects.filter(pk=ben.pk).update(is_active=False)  # however that came about

    assert bearer(told["access_token"]).post("/api/v1/logout").status_code == 401
    assert refresh(told["refresh_token"]).status_code == 400


def test_an_expired_token_is_refused(ben: User) -> None:
    token = log_in().json()["access_token"]
    AccessToken.objects.update(expires=timezone.now())

    response = bearer(token).post("/api/v1/logout")

    assert (response.status_code, response.json()["code"]) == (401, "invalid-token")


@pytest.mark.parametrize("body", [{}, {"email": "ben@example.org"}, {"password": "x"}, []])
def test_login_needs_both(body: Any) -> None:
    assert post(Client(), "login", body).status_code == 422


# ---- the limiter


def test_an_account_is_closed_to_guessing_after_ten_failures(ben: User) -> None:
    codes = [log_in(password="wrong").status_code for _guess in range(limiter.PER_ACCOUNT)]

    refused = log_in()

    assert set(codes) == {401}
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
    assert 0 < int(refused["Retry-After"]) <= 900
    AttemptCount.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert log_in().status_code == 200


def test_an_address_is_closed_after_guessing_many_accounts(ben: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "PER_ADDRESS", 5)

    codes = [log_in(f"{n}@example.org").status_code for n in range(6)]

    assert codes == [401] * 5 + [429]
    assert log_in().status_code == 429
    elsewhere = Client(REMOTE_ADDR="192.0.2.77")
    assert post(elsewhere, "login", {"email": ben.email, "password": PASSWORD}).status_code == 200


def test_good_logins_are_not_counted(ben: User) -> None:
    codes = {log_in().status_code for _login in range(limiter.PER_ACCOUNT + 2)}

    assert codes == {200}
    assert not AttemptCount.objects.filter(attempts__gt=0).exists()


def test_the_limiter_names_nobody_in_the_database(ben: User) -> None:
    log_in(password="wrong")

    assert "ben" not in str(list(AttemptCount.objects.values()))


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_are_counted_before_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "PER_ACCOUNT", 3)
    ready = Barrier(12)

    def guess(_number: int) -> int:
        ready.wait()
        try:
            return log_in("eve@example.org", "wrong").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        codes = sorted(pool.map(guess, range(12)))

    assert set(codes) <= {401, 429}
    assert codes.count(401) <= 3


# ---- second factor


@pytest.fixture
def totp(ben: User) -> Callable[[], str]:
    """Ben has an authenticator app; calling it gives the code that it shows."""
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(ben, secret)
    return lambda: format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_a_second_factor_is_asked_for(totp: Callable[[], str]) -> None:
    missing, wrong, good = log_in(), log_in(mfa_code="000000"), log_in(mfa_code=totp())

    assert (missing.status_code, missing.json()["code"]) == (401, "mfa-required")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "mfa-invalid")
    assert good.status_code == 200


def test_a_code_works_once(totp: Callable[[], str]) -> None:
    code = totp()

    assert [log_in(mfa_code=code).status_code for _try in range(2)] == [200, 401]


def test_a_recovery_code_works_once(ben: User, totp: Callable[[], str]) -> None:
    code = RecoveryCodes.activate(ben).get_unused_codes()[0]

    assert [log_in(mfa_code=code).status_code for _try in range(2)] == [200, 401]


def test_codes_can_not_be_guessed(totp: Callable[[], str]) -> None:
    codes = [log_in(mfa_code=f"{n:06}").status_code for n in range(limiter.PER_ACCOUNT + 1)]

    assert codes == [401] * limiter.PER_ACCOUNT + [429]
    assert log_in(mfa_code=totp()).status_code == 429


def test_the_factors_secret_is_encrypted(ben: User, totp: Callable[[], str]) -> None:
    assert "JBSWY3DPEHPK3PXP" not in str(ben.authenticator_set.values().get())


# ---- refresh and logout


def refresh(token: str) -> Any:
    body = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "foyer"}
    return Client().post("/o/token/", body)


def test_a_refresh_token_is_good_for_one_new_pair(ben: User) -> None:
    first = log_in().json()

    second = refresh(first["refresh_token"])

    assert second.status_code == 200
    assert bearer(first["access_token"]).post("/api/v1/logout").status_code == 401
    assert bearer(second.json()["access_token"]).post("/api/v1/logout").status_code == 204


def test_a_refresh_token_that_is_used_twice_ends_the_family(ben: User) -> None:
    first = log_in().json()
    second = refresh(first["refresh_token"]).json()

    assert refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert refresh(second["refresh_token"]).json()["error"] == "invalid_grant"
    assert bearer(second["access_token"]).post("/api/v1/logout").status_code == 401


def test_logout_ends_both_tokens_and_no_others(ben: User, cleo: User) -> None:
    mine, elsewhere, hers = log_in().json(), log_in().json(), log_in(cleo.email).json()

    assert bearer(mine["access_token"]).post("/api/v1/logout").status_code == 204

    assert bearer(mine["access_token"]).post("/api/v1/logout").status_code == 401
    assert refresh(mine["refresh_token"]).status_code == 400
    assert refresh(elsewhere["refresh_token"]).status_code == 200
    assert bearer(hers["access_token"]).post("/api/v1/logout").status_code == 204


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer nonsense", "Basic YTpi"])
def test_logout_needs_a_token(header: str) -> None:
    assert Client().post("/api/v1/logout", headers={"Authorization": header}).status_code == 401


@pytest.mark.parametrize("path", ["register", "login", "logout"])
def test_other_methods_are_not_allowed(client: Client, path: str) -> None:
    for method in ("get", "head", "put", "patch", "delete"):
        assert getattr(client, method)(f"/api/v1/{path}").status_code == 405
