"""Apps of partners: who may register what, their secrets, and what test mode means."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from freezegun import freeze_time
from oauth2_provider.models import AccessToken, Application, Grant

from portal.accounts import partners
from portal.accounts.models import PartnerApp, User
from portal.accounts.partners import MAX_APPS, change_app, delete_app, register_app, rotate_secret
from portal.errors import Rejected
from tests.accounts.partners import Partner, details, status_of
from tests.accounts.test_oauth import CALLBACK, answer, consent, request_of, token

pytestmark = pytest.mark.django_db
Browsers = Callable[[User], Client]


def refused(owner: User, **changes: Any) -> dict[str, list[str]]:
    with pytest.raises(Rejected) as caught:
        register_app(owner, confidential=True, details=details(**changes))
    assert (caught.value.code, caught.value.status) == ("invalid-app", 422)
    assert not PartnerApp.objects.exists()
    return caught.value.data["errors"]


# ---- registering


def test_an_app_gets_a_secret_that_is_stored_as_a_hash(ada: User) -> None:
    made = Partner(ada)

    assert len(made.secret) >= 100
    assert made.app.client_secret.startswith("sha256_secret$")
    assert made.secret not in str(Application.objects.values().get())
    assert (made.app.user, made.partner.live, made.app.redirect_uris) == (ada, True, CALLBACK)
    assert Partner(ada, name="Other", confidential=False).secret == ""


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"name": "Foyer Official"}, "name"),
        ({"website": ""}, "website"),
        ({"website": "http://radar.example"}, "website"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"website": "http://["}, "website"),
        ({"website": "https://radar.example@evil.example"}, "website"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"redirect_uris": [f"https://a.example/{n}" for n in range(11)]}, "redirect_uris"),
        ({"origins": ["https://a.example/path"]}, "origins"),
        ({"origins": ["https://A.example"]}, "origins"),
        ({"origins": ["https://*.a.example"]}, "origins"),
        ({"origins": ["null"]}, "origins"),
        ({"origins": ["http://localhost:3000"]}, "origins"),
    ],
)
def test_what_is_wrong_with_an_app_is_told_by_field(ada: User, changes: dict[str, Any], field: str) -> None:
    assert list(refused(ada, **changes)) == [field]


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize(
    "uri",
    [
        "http://partner.example/callback",
        "https://*.partner.example/callback",
        "https://partner.example/callback#fragment",
        "https://partner.example/callback#",
        "https://evil.example@partner.example/callback",
        "https://partner.example\\@evil.example/",
        "https://partner.example/../callback",
        "https://partner.example/%2e%2e/../callback",
        "https://partner.example./callback",
        "https://partner..example/callback",
        "https://partner.example:99999/callback",
        "https://partner.example/callback?code=mine",
        "https://partner.example/callback?state",
        "https://partner.example/ca\u200bllback",
        "https://bücher.example/callback",
        "https:///callback",
        "https:partner.example/callback",
        "https://",
        "https://[::1",
        "//partner.example/callback",
        "/callback",
        "partner.app:/callback",
        "javascript:alert(1)",
        "javascript://partner.example/%0aalert(1)",
        "data:text/html,x",
        "ftp://partner.example/",
        "http://localhost.evil.example/",
        "http://127.0.0.1.evil.example/",
        "http://0.0.0.0/",
        "http://2130706433/",
        f"https://partner.example/{'x' * 400}",
    ],
)
def test_redirect_uris_that_could_be_turned_against_people_are_refused(ada: User, uri: str, live: bool) -> None:
    told = refused(ada, redirect_uris=[uri], live=live)
    assert [text.startswith(uri[:20]) for text in told["redirect_uris"]] == [True]


def test_a_redirect_to_this_site_itself_is_refused(ada: User, settings: Any) -> None:
    settings.BASE_URL = "https://foyer.example"
    assert list(refused(ada, redirect_uris=["https://foyer.example/account/"])) == ["redirect_uris"]


@pytest.mark.parametrize("uri", ["http://localhost:3000/callback", "http://127.0.0.1/cb", "http://[::1]:9/cb"])
def test_only_an_app_in_test_mode_may_live_on_ones_own_machine(ada: User, uri: str) -> None:
    assert list(refused(ada, redirect_uris=[uri])) == ["redirect_uris"]
    assert Partner(ada, redirect_uris=[uri], live=False, website="").app.redirect_uris == uri


def test_a_name_is_once_ones_own(ada: User, cleo: User) -> None:
    first = Partner(ada)
    Partner(cleo)
    with pytest.raises(Rejected) as caught:
        Partner(ada)
    assert list(caught.value.data["errors"]) == ["name"]
    change_app(first.partner, details=details(description="The same name is no other."))


def test_the_database_holds_that_a_live_app_has_a_website(ada: User) -> None:
    made = Partner(ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        PartnerApp.objects.filter(pk=made.row.pk).update(website="")


def test_there_are_so_many_apps_of_one_person_and_no_more(ada: User, cleo: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(partners, "MAX_APPS", 2)
    for name in ("One", "Two"):
        Partner(ada, name=name)
    with pytest.raises(Rejected, match="2 apps") as caught:
        Partner(ada, name="Three")
    assert (caught.value.code, PartnerApp.objects.count(), MAX_APPS) == ("too-many-apps", 2, 20)
    Partner(cleo)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_two_at_once_do_not_pass_the_limit(ada: User, monkeypatch: Any, guarded: bool) -> None:
    monkeypatch.setattr(partners, "MAX_APPS", 1)
    both = threading.Barrier(2)
    check = partners._check

    def slow_check(*args: Any, **kwargs: Any) -> None:
        if not guarded:  # both have counted, and then both go on
            both.wait(10)
        check(*args, **kwargs)

    monkeypatch.setattr(partners, "_check", slow_check)
    if not guarded:
        monkeypatch.setattr(User.objects, "select_for_update", User.objects.all, raising=False)

    def register(name: str) -> None:
        try:
            Partner(ada, name=name)
        except Rejected:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=register, args=(name,)) for name in ("One", "Two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert PartnerApp.objects.count() == (1 if guarded else 2)


# ---- secrets


def test_the_old_secret_works_beside_the_new_one_until_its_time(ada: User) -> None:
    made = Partner(ada)
    old, now = made.secret, timezone.now()
    made.secret = new = rotate_secret(made.partner, keep_old=timedelta(hours=1))

    def statuses() -> list[int]:
        found = []
        for made.secret in (old, new, "wrong", ""):
            found.append(made.post("/o/token/", grant_type="client_credentials", scope="profile").status_code)
        return found

    assert old != new
    assert statuses() == [200, 200, 401, 401]
    assert old not in str([*PartnerApp.objects.values(), *Application.objects.values()])
    with freeze_time(now + timedelta(minutes=61)):
        assert statuses() == [401, 200, 401, 401]


def test_a_second_rotation_leaves_only_the_last_secret_beside_the_new_one(ada: User) -> None:
    made = Partner(ada)
    first = made.secret
    second = rotate_secret(made.partner, keep_old=timedelta(days=7))
    third = rotate_secret(made.partner, keep_old=timedelta(days=7))

    found = []
    for made.secret in (first, second, third):
        found.append(made.post("/o/token/", grant_type="client_credentials").status_code)
    assert found == [401, 200, 200]
    rotate_secret(made.partner, keep_old=timedelta(0))
    assert made.post("/o/token/", grant_type="client_credentials").status_code == 401


@pytest.mark.parametrize("kept", [timedelta(days=7, seconds=1), timedelta(seconds=-1)])
def test_an_old_secret_is_not_kept_for_ever(ada: User, kept: timedelta) -> None:
    made = Partner(ada)
    with pytest.raises(Rejected, match="a week"):
        rotate_secret(made.partner, keep_old=kept)
    assert made.post("/o/token/", grant_type="client_credentials").status_code == 200


def test_an_app_that_can_keep_no_secret_gets_none(ada: User) -> None:
    made = Partner(ada, confidential=False)
    with pytest.raises(Rejected, match="no secret"):
        rotate_secret(made.partner, keep_old=timedelta(0))
    for secret in ({}, {"client_secret": ""}, {"client_secret": "x"}):
        told = made.post("/o/token/", grant_type="client_credentials", **secret)
        assert told.status_code in (400, 401)
    assert made.post("/o/introspect/", token="x").status_code == 401
    assert not AccessToken.objects.exists()


# ---- what an app may do


def test_an_app_asks_for_what_its_developer_named_and_no_more(ada: User, ben: User, browser_of: Browsers) -> None:
    made, browser = Partner(ada, scopes=["profile"]), browser_of(ben)

    assert answer(consent(browser, made.app, scope="profile tickets:read"))["error"] == "invalid_scope"
    asked = {**request_of(made.app, scope="profile"), "allow": "Authorize"}
    assert answer(browser.post("/o/authorize/", {**asked, "scope": "profile sales:read"}))["error"] == "invalid_scope"
    own = made.post("/o/token/", grant_type="client_credentials", scope="sales:read")
    assert (own.status_code, own.json()["error"]) == (400, "invalid_scope")
    assert made.let_in(browser, scope="profile")["scope"] == "profile"


def test_an_app_in_test_mode_is_its_developers_alone(ada: User, ben: User, cleo: User, browser_of: Browsers) -> None:
    made = Partner(ada, live=False)
    for person in (ben, cleo):
        browser = browser_of(person)
        page = browser.get("/o/authorize/", request_of(made.app))
        assert (page.status_code, "Location" in page) == (403, False)
        assert b"Only its developer" in page.content
        assert browser.post("/o/authorize/", {**request_of(made.app), "allow": "Authorize"}).status_code == 403
    assert not Grant.objects.exists()
    assert made.let_in(browser_of(ada))["scope"] == "profile tickets:read"


def test_an_app_in_test_mode_answers_at_ones_own_machine(ada: User, browser_of: Browsers) -> None:
    made = Partner(ada, live=False, redirect_uris=["http://127.0.0.1/cb"])
    asked = request_of(made.app, redirect_uri="http://127.0.0.1:4711/cb")

    sent = browser_of(ada).post("/o/authorize/", {**asked, "allow": "Authorize"})

    assert sent["Location"].startswith("http://127.0.0.1:4711/cb?")


def test_back_in_test_mode_everybody_but_its_developer_loses_the_app(
    ada: User, ben: User, browser_of: Browsers
) -> None:
    made = Partner(ada)
    hers, his = made.let_in(browser_of(ada), scope="openid"), made.let_in(browser_of(ben), scope="openid")
    waiting = made.code(browser_of(ben))

    change_app(made.partner, details=details(live=False))

    assert [status_of(told["access_token"]) for told in (hers, his)] == [200, 401]
    assert [made.refresh(told["refresh_token"]).status_code for told in (hers, his)] == [200, 400]
    assert made.exchange(waiting).status_code == 400


def test_a_deleted_apps_tokens_die(ada: User, ben: User, browser_of: Browsers) -> None:
    made, other = Partner(ada), Partner(ada, name="Other")
    gone, kept = made.let_in(browser_of(ben), scope="openid"), other.let_in(browser_of(ben), scope="openid")
    app = made.app

    delete_app(made.partner)

    assert [status_of(told["access_token"]) for told in (gone, kept)] == [401, 200]
    assert token(app, grant_type="refresh_token", refresh_token=gone["refresh_token"]).status_code == 401


def test_an_app_ends_with_its_developers_account(ada: User, ben: User, browser_of: Browsers) -> None:
    from portal.accounts.services import deactivate

    made = Partner(ada)
    his = made.let_in(browser_of(ben), scope="openid")
    deactivate(ada)

    assert status_of(his["access_token"]) == 401
    assert made.refresh(his["refresh_token"]).status_code == 401
    assert made.post("/o/token/", grant_type="client_credentials").status_code == 401
    assert browser_of(ben).get("/o/authorize/", request_of(made.app)).status_code == 400
