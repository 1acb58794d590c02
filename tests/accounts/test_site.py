"""The account pages of the site: sign up, log in and out, confirm, reset, profile, sessions, second factor."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core import mail
from django.test import Client
from django.urls import reverse
from oauth2_provider.models import AccessToken

from portal.accounts import limiter
from portal.accounts.models import User
from portal.accounts.services import deactivate
from tests.people import PASSWORD
from venues.models import Vendor

pytestmark = pytest.mark.django_db
NEW = {"role": "attendee", "name": "Dora Dahl", "email": "dora@example.org", "password1": "a-fine-password-7"}


def sign_up(client: Client, **changes: str) -> Any:
    return client.post("/account/signup/", {**NEW, **changes})


def log_in(client: Client, user: User | None = None, password: str = PASSWORD, **more: str) -> Any:
    return client.post(
        "/account/login/", {"login": user.email if user else "x@example.org", "password": password, **more}
    )


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


# ---- sign-up


def test_an_attendee_signs_up_and_is_back_where_it_came_from(client: Client, mails_at_once: None) -> None:
    response = sign_up(client, next="/events/")

    user = User.objects.get()
    assert (response.status_code, response["Location"]) == (302, "/events/")
    assert who(client) == str(user.pk)
    assert (user.email, user.name, user.check_password(NEW["password1"])) == ("dora@example.org", "Dora Dahl", True)
    assert EmailAddress.objects.get().email == "dora@example.org"
    assert [sent.to for sent in mail.outbox] == [["dora@example.org"]]


def test_an_attendee_who_came_from_nowhere_sees_its_account(client: Client) -> None:
    assert sign_up(client)["Location"] == "/account/"


def test_a_vendor_signs_up_and_goes_to_work(client: Client) -> None:
    response = sign_up(client, role="vendor", vendor_name="Dora's Dome")

    assert response["Location"] == reverse("wagtailadmin_home")
    assert User.objects.get().vendor_membership.vendor == Vendor.objects.get(name="Dora's Dome")
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "ben@example.org"}, "email"),
        ({"email": "no"}, "email"),
        ({"email": ""}, "email"),
        ({"password1": "short"}, "password1"),
        ({"password1": ""}, "password1"),
        ({"name": ""}, "name"),
        ({"name": "x" * 151}, "name"),
        ({"role": "admin"}, "role"),
        ({"role": "vendor"}, "vendor_name"),
        ({"role": "vendor", "vendor_name": "Cleo's Club"}, "vendor_name"),
    ],
)
def test_a_bad_sign_up_is_told_at_its_field(
    client: Client, ben: User, cleo: User, changes: dict[str, str], field: str
) -> None:
    response = sign_up(client, **changes)

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert len(response.context["form"].errors[field]) == 1
    assert (User.objects.count(), who(client)) == (2, None)
    assert response.context["form"]["name"].value() == changes.get("name", "Dora Dahl")


@pytest.mark.parametrize("field", ["role", "name", "email", "password1", "vendor_name", "next", "unheard_of"])
def test_nothing_that_is_typed_is_a_server_error(client: Client, field: str) -> None:
    for value in ("\0", "x" * 10_000, "\u202e", "<script>alert(1)</script>", "javascript:alert(1)", "é" * 300):
        for url in ("/account/signup/", "/account/login/", "/account/password/reset/"):
            response = Client().post(url, {**NEW, "login": "a@example.org", "password": "x", field: value})
            assert response.status_code < 500
            User.objects.all().delete()


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example", "/\\evil"]
)
def test_nobody_is_sent_elsewhere(client: Client, ben: User, target: str) -> None:
    assert sign_up(client, next=target)["Location"] == "/account/"
    browser = Client()
    assert log_in(browser, ben, next=target)["Location"] == "/account/"


# ---- login and logout


def test_login_and_logout(client: Client, ben: User) -> None:
    assert log_in(client, ben, next="/events/")["Location"] == "/events/"
    assert who(client) == str(ben.pk)

    assert client.get("/account/logout/").status_code == 200
    assert who(client) == str(ben.pk)  # a link can't log anybody out
    client.post("/account/logout/")
    assert who(client) is None


def test_logout_ends_the_tokens_of_the_portals_own_clients(
    client: Client, ben: User, cleo: User, api_of: Callable[..., Client]
) -> None:
    mine, hers = api_of(ben), api_of(cleo)
    log_in(client, ben)

    client.post("/account/logout/")

    assert mine.post("/api/v1/logout").status_code == 401
    assert hers.post("/api/v1/logout").status_code == 204


def test_a_wrong_password_an_unknown_and_a_closed_account_are_alike(client: Client, ben: User, cleo: User) -> None:
    deactivate(cleo)

    said = [log_in(Client(), user, "wrong").context["form"].errors for user in (ben, cleo, None)]

    assert said[0] == said[1] == said[2] != {}
    assert log_in(Client(), cleo).status_code == 302  # to a page that says so, to who knows the password
    assert who(client) is None


def test_guessing_is_limited_together_with_the_api(client: Client, ben: User) -> None:
    for _guess in range(limiter.PER_ACCOUNT):
        body = {"email": ben.email, "password": "wrong"}
        client.post("/api/v1/login", body, content_type="application/json")

    response = log_in(client, ben)

    assert (response.status_code, who(client)) == (200, None)
    assert "Too many" in str(response.context["form"].errors)


def test_a_second_factor_is_asked_for(client: Client, ben: User) -> None:
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(ben, secret)

    response = log_in(client, ben)

    assert (response["Location"], who(client)) == (reverse("mfa_authenticate"), None)
    assert client.get(response["Location"]).status_code == 200
    client.post(response["Location"], {"code": format_hotp_value(hotp_value(secret, int(time.time()) // 30))})
    assert who(client) == str(ben.pk)


# ---- the admin's doors


def test_the_admin_is_entered_through_the_sites_login(client: Client, ada: User) -> None:
    door = client.get("/admin/pages/", follow=True)
    assert door.redirect_chain[-1][0].startswith("/account/login/?next=/admin/")

    response = client.get("/admin/login/?next=/admin/pages/")
    assert response["Location"] == "/account/login/?next=/admin/pages/"
    posted = client.post("/admin/login/", {"username": ada.email, "password": PASSWORD})
    assert (posted.status_code, who(client)) == (302, None)
    assert client.get("/admin/password_reset/").status_code == 404


def test_an_attendee_at_the_admins_door_is_told_so(browser_of: Callable[[User], Client], ben: User) -> None:
    answer = browser_of(ben).get("/admin/", follow=True)
    assert (answer.status_code, answer.templates[0].name) == (403, "403.html")


def test_the_admins_logout_ends_tokens_too(
    browser_of: Callable[[User], Client], ada: User, api_of: Callable[..., Client]
) -> None:
    browser, api = browser_of(ada), api_of(ada)

    browser.post("/admin/logout/")

    assert who(browser) is None
    assert api.post("/api/v1/logout").status_code == 401


def test_attendees_have_no_business_in_the_admin(browser_of: Callable[[User], Client], ben: User) -> None:
    assert browser_of(ben).get("/admin/").status_code in (302, 403, 404)


# ---- confirm an address, reset a password


def link_in_mail() -> str:
    found = re.search(r"https?://[^/\s]+(/account/\S+)", mail.outbox[-1].body)
    assert found
    return found[1]


def test_an_address_is_confirmed_by_the_link_in_the_mail(client: Client, mails_at_once: None) -> None:
    sign_up(client)

    link = link_in_mail()
    assert link in str(mail.outbox[0].alternatives[0][0])
    assert mail.outbox[0].subject == "Confirm your e-mail address for Foyer"
    assert client.get(link).status_code == 200
    assert not EmailAddress.objects.get().verified  # mail scanners open links
    client.post(link)

    assert EmailAddress.objects.get().verified


def test_a_password_is_reset_by_the_link_in_the_mail_and_ends_every_token_and_session(
    client: Client, ben: User, browser_of: Callable[[User], Client], api_of: Callable[..., Client], mails_at_once: None
) -> None:
    EmailAddress.objects.create(user=ben, email=ben.email, primary=True, verified=True)
    elsewhere, api = browser_of(ben), api_of(ben)
    client.post("/account/password/reset/", {"email": ben.email})

    form = client.get(link_in_mail(), follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": "another-fine-one-8", "password2": "another-fine-one-8"})

    ben.refresh_from_db()
    assert ben.check_password("another-fine-one-8")
    assert elsewhere.get("/account/").status_code == 302
    assert api.post("/api/v1/logout").status_code == 401
    assert not AccessToken.objects.exists()


def test_asking_for_a_reset_does_not_tell_who_is_here(client: Client, ben: User, mails_at_once: None) -> None:
    known = client.post("/account/password/reset/", {"email": ben.email})
    unknown = client.post("/account/password/reset/", {"email": "nobody@example.org"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


@pytest.mark.parametrize(
    "path", ["confirm-email/nonsense/", "password/reset/key/1-nonsense/", "password/reset/key/zzzzzzzzzzzzz-x/"]
)
def test_a_made_up_link_opens_nothing(client: Client, path: str) -> None:
    assert client.get(f"/account/{path}", follow=True).status_code in (200, 404)
    assert who(client) is None


def test_mails_wait_encrypted(client: Client) -> None:
    from django_q.models import OrmQ

    sign_up(client)

    waiting = [row.task for row in OrmQ.objects.all()]
    told = next(task for task in waiting if task["func"] == "portal.accounts.mail.send_sealed")
    assert "dora@example.org" not in str(told["args"])
    assert "confirm-email" not in str(told["args"])


# ---- the account's own pages

PAGES = [
    "account_home",
    "account_email",
    "account_change_password",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_list_webauthn",
    "usersessions_list",
    "account_applications",
]


@pytest.mark.parametrize("name", PAGES)
def test_own_pages_are_for_who_is_signed_in(
    client: Client, ben: User, browser_of: Callable[[User], Client], name: str
) -> None:
    assert client.get(reverse(name))["Location"].startswith("/account/login/?next=")
    assert browser_of(ben).get(reverse(name), follow=True).status_code == 200


def test_a_profile_is_changed(browser_of: Callable[[User], Client], ben: User) -> None:
    browser = browser_of(ben)
    told = {"name": "Ben B.", "city": "Lisbon", "language": "en", "timezone": "Europe/Lisbon"}

    response = browser.post("/account/", {**told, "email": "cleo@example.org", "is_staff": "on"})

    ben.refresh_from_db()
    assert response["Location"] == "/account/"
    assert (ben.name, ben.city, ben.timezone) == ("Ben B.", "Lisbon", "Europe/Lisbon")
    assert (ben.email, ben.is_staff) == ("ben@example.org", False)


@pytest.mark.parametrize(
    "changes", [{"name": ""}, {"timezone": "Mars/Base"}, {"language": "xx"}, {"city": "x" * 101}, {"name": "\0"}]
)
def test_a_bad_profile_is_refused(browser_of: Callable[[User], Client], ben: User, changes: dict[str, str]) -> None:
    told = {"name": "Ben B.", "city": "", "language": "en", "timezone": "UTC", **changes}

    response = browser_of(ben).post("/account/", told)

    assert (response.status_code, list(response.context["form"].errors)) == (422, list(changes))
    assert User.objects.get(pk=ben.pk).name == "Ben Brook"


def test_other_sessions_are_listed_and_ended(ben: User) -> None:
    here, there = Client(), Client()
    for browser in (here, there):
        log_in(browser, ben)
        browser.get("/account/")

    page = here.get(reverse("usersessions_list"))
    here.post(reverse("usersessions_list"))

    assert len(page.context["sessions"]) == 2
    assert there.get("/account/").status_code == 302
    assert here.get("/account/").status_code == 200


def test_pages_of_a_person_are_not_kept(browser_of: Callable[[User], Client], ben: User) -> None:
    assert "no-store" in browser_of(ben).get("/account/")["Cache-Control"]
