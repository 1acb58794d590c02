"""A partner's app as its developer registers it, and what tests do with it."""

from __future__ import annotations

from typing import Any

from django.test import Client
from oauth2_provider.models import Application

from portal.accounts.models import PartnerApp, User
from portal.accounts.partners import AppDetails, register_app
from tests.accounts.test_oauth import CALLBACK, VERIFIER, answer, consent

SCOPES = ["openid", "email", "profile", "tickets:read"]


def details(**changes: Any) -> AppDetails:
    told = {
        "name": "Ticket Radar",
        "website": "https://radar.example",
        "description": "Shows your tickets.",
        "redirect_uris": [CALLBACK],
        "scopes": SCOPES,
        "live": True,
    }
    return AppDetails(**{**told, **changes})


class Partner:
    """An app with its secret, and a person's browser to let it in with."""

    def __init__(self, owner: User, *, confidential: bool = True, **changes: Any) -> None:
        self.row, self.secret = register_app(owner, confidential=confidential, details=details(**changes))

    @property
    def app(self) -> Application:
        return Application.objects.get(pk=self.row.pk)

    @property
    def partner(self) -> PartnerApp:
        return PartnerApp.objects.get(pk=self.row.pk)

    def post(self, path: str, **fields: str) -> Any:
        secret = {"client_secret": self.secret} if self.secret else {}
        return Client().post(path, {"client_id": self.app.client_id, **secret, **fields})

    def code(self, browser: Client, **changes: str | None) -> str:
        return answer(consent(browser, self.app, **changes))["code"]

    def exchange(self, code: str, **changes: str) -> Any:
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        return self.post("/o/token/", **{**fields, **changes})

    def refresh(self, raw: str) -> Any:
        return self.post("/o/token/", grant_type="refresh_token", refresh_token=raw)

    def let_in(self, browser: Client, **changes: str | None) -> dict[str, Any]:
        return self.exchange(self.code(browser, **changes)).json()


def status_of(raw: str, path: str = "/o/userinfo/") -> int:
    """What the API says to an access token."""
    return Client(headers={"Authorization": f"Bearer {raw}"}).get(path).status_code
