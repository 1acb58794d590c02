"""Second factors, passkeys and reset links under hostile input: asked again, nothing changed, never a 500."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.core import mail
from django.core.cache import cache
from django.test import Client

from portal.accounts.models import User
from tests.people import PASSWORD
from tests.security.hostile import JSON, TEXTS, changed, places

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300), pytest.mark.usefixtures("patience")]
# Shaped like what a browser sends for a passkey, with nothing true in it.
PASSKEY = {
    "id": "AAAA",
    "rawId": "AAAA",
    "type": "public-key",
    "response": {
        "clientDataJSON": "e30",
        "attestationObject": "AAAA",
        "authenticatorData": "AAAA",
        "signature": "AAAA",
        "userHandle": "AAAA",
    },
    "clientExtensionResults": {"credProps": {"rk": True}},
}


BROKEN = (
    "empty",
    "10,000 characters",
    "NUL",
    "null",
    "list",
    "object",
    "true",
    "huge",
    "large float",
    "lone surrogate",
)


def passkeys() -> Iterator[tuple[str, str]]:
    yield from TEXTS.items()
    for kind, value in JSON.items():
        yield f"all {kind}", json.dumps(value)
    for place in places(PASSKEY):
        for kind in BROKEN:
            yield f"{place} {kind}", json.dumps(changed(PASSKEY, place, JSON[kind]))


def told(client: Client, path: str, field: str, values: Any, wanted: set[int], **beside: str) -> list[str]:
    """What was answered otherwise than by one of the `wanted` statuses."""
    found = []
    for kind, value in values:
        cache.clear()  # how often somebody may try is not what is tried here
        status = client.post(path, {**beside, field: value}).status_code
        found += [f"{path} {field} {kind}: {status}"] if status not in wanted else []
    return found


@pytest.fixture
def signed_in(ben: User) -> Client:
    """Ben, who has just said his password again."""
    EmailAddress.objects.create(user=ben, email=ben.email, primary=True, verified=True)
    client = half_way(ben)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def half_way(ben: User) -> Client:
    client = Client(raise_request_exception=False)
    client.post("/account/login/", {"login": ben.email, "password": PASSWORD})
    return client


def test_adding_a_factor(signed_in: Client) -> None:
    add = "/account/2fa/webauthn/add/"
    found = [
        *told(signed_in, "/account/2fa/totp/activate/", "code", TEXTS.items(), {200}),
        *told(signed_in, add, "credential", passkeys(), {200}, name="Key", passwordless="on"),
        *told(signed_in, add, "name", TEXTS.items(), {200}, credential=json.dumps(PASSKEY)),
        *told(signed_in, "/account/reauthenticate/", "password", TEXTS.items(), {200}),
    ]
    assert not found, "\n".join(found)
    assert not Authenticator.objects.exists()


def test_signing_in_with_a_factor(ben: User) -> None:
    TOTP.activate(ben, "JBSWY3DPEHPK3PXP")
    waiting, nobody = half_way(ben), Client(raise_request_exception=False)
    nobody.get("/account/2fa/webauthn/login/", headers={"Accept": "application/json"})
    found = [
        *told(waiting, "/account/2fa/authenticate/", "code", TEXTS.items(), {200}),
        *told(waiting, "/account/2fa/authenticate/", "credential", passkeys(), {200}),
        *told(nobody, "/account/2fa/webauthn/login/", "credential", passkeys(), {302}),
    ]
    assert not found, "\n".join(found)
    for client in (waiting, nobody):
        assert client.get("/account/").status_code == 302


def test_changing_ones_factors(signed_in: Client, ben: User) -> None:
    TOTP.activate(ben, "JBSWY3DPEHPK3PXP")
    key = WebAuthn.add(ben, "Key", PASSKEY).instance
    again = ("/account/2fa/reauthenticate/", "/account/2fa/webauthn/reauthenticate/")
    at = f"/account/2fa/webauthn/keys/{key.pk}/edit/"
    found = [
        *told(signed_in, again[0], "code", TEXTS.items(), {200}),
        *told(signed_in, at, "name", [(kind, TEXTS[kind]) for kind in ("empty", "10,000 characters", "NUL")], {200}),
        *told(signed_in, at, "unheard of", TEXTS.items(), {200}),
    ]
    assert not found, "\n".join(found)
    key.refresh_from_db()
    assert key.wrap().name == "Key"


def test_a_new_password_by_a_link(client: Client, signed_in: Client, settings: Any, ben: User) -> None:
    settings.TASKS_IMMEDIATE = True
    client.post("/account/password/reset/", {"email": ben.email})
    link = mail.outbox[-1].body.partition(settings.BASE_URL)[2].split()[0]
    form = client.get(link)["Location"]
    short = {kind: text for kind, text in TEXTS.items() if len(text.strip()) < 8 or kind == "10,000 characters"}
    found = told(client, form, "password1", short.items(), {200})
    assert not found, "\n".join(found)
    ben.refresh_from_db()
    assert ben.check_password(PASSWORD)
