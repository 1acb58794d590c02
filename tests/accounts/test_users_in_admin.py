"""Staff manage people in Wagtail's admin, whose forms know our user model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User

pytestmark = pytest.mark.django_db
FIELDS = {
    "email": "Dora@example.org",
    "name": "Dora Dahl",
    "password1": "a-fine-password-7",
    "password2": "a-fine-password-7",
}


@pytest.fixture
def admin(sam: User, browser_of: Callable[[User], Client]) -> Client:
    return browser_of(sam)


def edit(admin: Client, user: User, **changes: Any) -> Any:
    told = {"email": user.email, "name": user.name, "is_active": "on", **changes}
    told = {name: value for name, value in told.items() if value is not None}
    return admin.post(reverse("wagtailusers_users:edit", args=[user.pk]), told)


def test_people_are_listed_and_found(admin: Client, ben: User, cleo: User) -> None:
    url = reverse("wagtailusers_users:index")

    assert b"Ben Brook" in admin.get(url).content
    for query in ("q=brook", "q=ben@", "ordering=name", "ordering=-name", "ordering=email"):
        assert b"Ben Brook" in admin.get(f"{url}?{query}").content
    assert b"Cleo Crane" not in admin.get(f"{url}?q=brook").content
    assert b"Ben Brook" in admin.get(f"{reverse('wagtailusers_users:index_results')}?q=ben").content


def test_staff_make_a_person(admin: Client) -> None:
    url = reverse("wagtailusers_users:add")
    assert b'name="name"' in admin.get(url).content
    group = Group.objects.get(name="Editors")

    response = admin.post(url, {**FIELDS, "groups": [group.pk]})

    user = User.objects.get(email="dora@example.org")
    assert response.status_code == 302
    assert (user.name, user.check_password("a-fine-password-7"), list(user.groups.all())) == (
        "Dora Dahl",
        True,
        [group],
    )
    assert EmailAddress.objects.get(user=user).email == user.email


def test_staff_change_a_person(admin: Client, ben: User) -> None:
    EmailAddress.objects.create(user=ben, email=ben.email, primary=True, verified=True)
    assert b"Ben Brook" in admin.get(reverse("wagtailusers_users:edit", args=[ben.pk])).content

    assert edit(admin, ben, name="Benjamin", email="benjamin@example.org").status_code == 302

    ben.refresh_from_db()
    assert (ben.name, ben.email, ben.is_active) == ("Benjamin", "benjamin@example.org", True)
    address = EmailAddress.objects.get(user=ben)
    assert (address.email, address.primary, address.verified) == ("benjamin@example.org", True, False)


@pytest.mark.parametrize(
    "changes", [{"is_active": None}, {"password1": "another-one-88", "password2": "another-one-88"}]
)
def test_closing_an_account_or_a_new_password_ends_tokens(
    admin: Client, ben: User, api_of: Callable[..., Client], changes: dict[str, Any]
) -> None:
    api = api_of(ben)

    assert edit(admin, ben, **changes).status_code == 302

    assert api.post("/api/v1/logout").status_code == 401
    User.objects.update(is_active=True)
    assert api.post("/api/v1/logout").status_code == 401  # for good


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "cleo@example.org"}, "email"),
        ({"email": "CLEO@example.org"}, "email"),
        ({"email": "no"}, "email"),
        ({"name": ""}, "name"),
        ({"password1": "short", "password2": "short"}, "password2"),
        ({"password1": "a-fine-password-7"}, "password2"),
    ],
)
def test_bad_changes_are_told(admin: Client, ben: User, cleo: User, changes: dict[str, str], field: str) -> None:
    response = edit(admin, ben, **changes)

    assert (response.status_code, field in response.context["form"].errors) == (200, True)
    assert User.objects.get(pk=ben.pk).email == "ben@example.org"


def test_staff_can_not_lock_themselves_out(admin: Client, sam: User) -> None:
    edit(admin, sam, is_active=None, name="Samuel")

    sam.refresh_from_db()
    assert (sam.name, sam.is_active, sam.is_superuser) == ("Samuel", True, True)


def test_vendors_and_attendees_manage_nobody(
    ben: User, cleo: User, ada: User, browser_of: Callable[[User], Client]
) -> None:
    for person in (ben, cleo):
        browser = browser_of(person)
        for url in (
            reverse("wagtailusers_users:index"),
            reverse("wagtailusers_users:add"),
            reverse("wagtailusers_users:edit", args=[ada.pk]),
            reverse("wagtailusers_users:delete", args=[ada.pk]),
        ):
            for response in (browser.get(url), browser.post(url, {**FIELDS, "is_superuser": "on"})):
                assert response.status_code in (302, 403, 404)
                assert b"ada@example.org" not in response.content
    assert User.objects.filter(email__iexact=FIELDS["email"]).count() == 0
    assert not User.objects.filter(is_superuser=True).exists()
