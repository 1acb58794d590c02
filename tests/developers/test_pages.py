"""The developers' area: register an app, look after it, and see nobody else's."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application

from portal.accounts.models import PartnerApp, User
from portal.api.models import AppCall, AppUsage
from tests.accounts.partners import Partner
from tests.accounts.test_oauth import CALLBACK

pytestmark = pytest.mark.django_db
Browsers = Callable[[User], Client]
FORM = {
    "name": "Ticket Radar",
    "website": "https://radar.example",
    "description": "Shows your tickets.",
    "kind": "confidential",
    "mode": "live",
    "redirect_uris": f"{CALLBACK}\r\nhttps://radar.example/other",
    "origins": "https://app.radar.example",
    "scopes": ["profile", "tickets:read"],
}


def key_of(page: Any, name: str) -> str:
    found = re.search(rf"<dt>{name}</dt><dd><code>([^<]+)<", page.content.decode())
    assert found, page.content.decode()
    return found[1]


def test_a_new_apps_secret_is_shown_once_and_works(ada: User, browser_of: Browsers) -> None:
    browser = browser_of(ada)
    shown = browser.post("/developers/new/", FORM)
    client_id, secret = key_of(shown, "Client id"), key_of(shown, "Client secret")
    made = PartnerApp.objects.get()

    assert (shown.status_code, "no-store" in shown["Cache-Control"]) == (201, True)
    assert (made.application.user, made.application.client_id, made.live) == (ada, client_id, True)
    assert made.application.redirect_uris.split() == [CALLBACK, "https://radar.example/other"]
    fields = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    assert Client().post("/o/token/", fields).status_code == 200
    for path in ("/developers/", f"/developers/{made.pk}/", f"/developers/{made.pk}/edit/"):
        page = browser.get(path)
        assert (page.status_code, b"Ticket Radar" in page.content, secret in page.content.decode()) == (
            200,
            True,
            False,
        )
    again = browser.post("/developers/new/", FORM)  # the browser's reload
    assert (again.status_code, PartnerApp.objects.count()) == (422, 1)


def test_an_app_in_peoples_hands_has_no_secret_to_show(ada: User, browser_of: Browsers) -> None:
    shown = browser_of(ada).post("/developers/new/", {**FORM, "kind": "public"})
    made = PartnerApp.objects.get()
    assert b"proves itself with PKCE" in shown.content
    assert made.application.client_type == "public"
    assert b"New secret" not in browser_of(ada).get(f"/developers/{made.pk}/").content
    refused = browser_of(ada).post(f"/developers/{made.pk}/secret/", {"hours": "1"})
    assert (refused.status_code, b"This app has no secret" in refused.content) == (422, True)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "This field is required"),
        ("name", "x" * 61, "at most 60 characters"),
        ("name", "a\0b", "Null characters are not allowed"),
        ("website", "", "A live app needs a website"),
        ("kind", "both", "Select a valid choice"),
        ("mode", "", "This field is required"),
        ("redirect_uris", "http://radar.example/", "http://radar.example/: A live app needs https"),
        ("redirect_uris", "javascript:alert(1)", "javascript:alert(1): Write a whole address"),
        ("origins", "https://a.example/", "https://a.example/: An origin is a scheme and a host"),
        ("scopes", [], "This field is required"),
        ("scopes", ["all"], "Select a valid choice"),
        ("description", "x" * 501, "at most 500 characters"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    ada: User, browser_of: Browsers, field: str, value: Any, said: str
) -> None:
    page = browser_of(ada).post("/developers/new/", {**FORM, field: value})

    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
    assert said in page.context["form"].errors[field][0]
    if field != "origins":
        assert "https://app.radar.example" in page.content.decode()
    assert not Application.objects.exists()


def test_an_app_is_changed(ada: User, browser_of: Browsers) -> None:
    made, browser = Partner(ada), browser_of(ada)
    page = f"/developers/{made.row.pk}/edit/"

    assert browser.post(page, {**FORM, "name": "Foyer"}).status_code == 422
    assert made.app.name == "Ticket Radar"
    changed = browser.post(page, {**FORM, "name": "Radar 2", "kind": "public", "uses_devices": "on"})

    assert (changed.status_code, changed["Location"]) == (302, f"/developers/{made.row.pk}/")
    assert (made.app.name, made.partner.uses_devices, made.partner.scopes) == ("Radar 2", True, "profile tickets:read")
    assert made.app.client_type == "confidential"  # that is not for changing
    assert made.post("/o/token/", grant_type="client_credentials").status_code == 200


def test_a_new_secret_and_how_long_the_old_one_works(ada: User, browser_of: Browsers) -> None:
    made, browser = Partner(ada), browser_of(ada)
    page = f"/developers/{made.row.pk}/secret/"
    old = made.secret

    for hours in ("", "169", "-1", "x"):
        assert browser.post(page, {"hours": hours}).status_code == 422
    assert browser.get(page).status_code == 200  # asking changes nothing
    made.secret = key_of(browser.post(page, {"hours": "24"}), "Client secret")

    assert made.secret != old
    assert made.partner.old_secret_until - timezone.now() > timedelta(hours=23)
    assert b"The one before it works until" in browser.get(f"/developers/{made.row.pk}/").content
    assert made.post("/o/token/", grant_type="client_credentials").status_code == 200
    made.secret = old
    assert made.post("/o/token/", grant_type="client_credentials").status_code == 200


def test_an_app_is_deleted_once_its_developer_has_said_so(ada: User, browser_of: Browsers) -> None:
    made, browser = Partner(ada), browser_of(ada)
    made.post("/o/token/", grant_type="client_credentials")
    page = f"/developers/{made.row.pk}/delete/"

    assert browser.get(page).status_code == 200
    assert (PartnerApp.objects.count(), AccessToken.objects.count()) == (1, 1)
    assert browser.post(page).status_code == 302
    assert (Application.objects.count(), PartnerApp.objects.count(), AccessToken.objects.count()) == (0, 0, 0)
    assert browser.post(page).status_code == 404


def test_everybody_sees_the_own_apps(ada: User, cleo: User, sam: User, browser_of: Browsers) -> None:
    made = Partner(ada)
    before = list(Application.objects.values()), list(PartnerApp.objects.values())

    for person in (cleo, sam):
        browser = browser_of(person)
        assert b"Ticket Radar" not in browser.get("/developers/").content
        for path in ("", "edit/", "secret/", "delete/"):
            address = f"/developers/{made.row.pk}/{path}"
            assert browser.get(address).status_code == 404
            if path:
                assert browser.post(address, {**FORM, "hours": "0"}).status_code == 404
    assert Client().get(f"/developers/{made.row.pk}/").status_code == 302
    assert (list(Application.objects.values()), list(PartnerApp.objects.values())) == before


def test_an_application_of_staff_is_nobodys_here(ada: User, browser_of: Browsers) -> None:
    theirs = Application.objects.create(name="Staff's", user=ada, client_type="public")
    assert browser_of(ada).get(f"/developers/{theirs.pk}/").status_code == 404


def test_usage_and_the_last_requests_are_the_apps_own(ada: User, cleo: User, browser_of: Browsers) -> None:
    made, hers, now = Partner(ada), Partner(cleo), datetime.now(UTC)
    for app, name in ((made, "mine"), (hers, "hers")):
        AppUsage.objects.create(application=app.app, day=now.date(), calls=4711, errors=12)
        AppCall.objects.create(
            application=app.app, at=now, method="GET", path=f"/api/v1/{name}", status=404, request_id=f"request-{name}"
        )
    page = browser_of(ada).get(f"/developers/{made.row.pk}/").content.decode()
    for text in ("4711", "12", "/api/v1/mine", "404", "request-mine"):
        assert text in page
    assert "request-hers" not in page


def test_pages_are_read_with_few_queries(ada: User, browser_of: Browsers, django_assert_max_num_queries: Any) -> None:
    for name in ("One", "Two", "Three"):
        made = Partner(ada, name=name)
    browser = browser_of(ada)
    browser.get("/developers/")
    for path in ("/developers/", f"/developers/{made.row.pk}/"):
        with django_assert_max_num_queries(9):
            browser.get(path)


def test_connected_apps_say_what_they_may(ada: User, ben: User, cleo: User, browser_of: Browsers) -> None:
    made, browser = Partner(ada), browser_of(ben)
    made.let_in(browser, scope="profile tickets:read")
    page = browser.get("/account/apps/").content.decode()
    for text in ("Ticket Radar", "Ada Adler", "https://radar.example", "Read and change your profile"):
        assert text in page
    assert "Ticket Radar" not in browser_of(cleo).get("/account/apps/").content.decode()
