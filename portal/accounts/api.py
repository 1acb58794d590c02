"""POST /register, /login and /logout."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from allauth.account.models import EmailAddress
from rest_framework import serializers
from rest_framework.response import Response
from typing_extensions import TypedDict

from portal.accounts.addresses import client_address
from portal.accounts.limiter import count_registration
from portal.accounts.login import log_in
from portal.accounts.queries import PLAIN, Person, person, represent_user
from portal.accounts.services import MAX_PASSWORD, Registration, check_registration, create_account
from portal.accounts.tokens import revoke_token
from portal.answers import Like, with_members
from portal.api.auth import challenge
from portal.api.idempotency import idempotent
from portal.api.operations import Link, Operation
from portal.api.problems import Problem
from portal.api.views import ApiView
from portal.errors import Rejected


class RegisterBody(serializers.Serializer):
    email = serializers.CharField(max_length=254, help_text="Where a link to confirm it is sent.")
    password = serializers.CharField(
        max_length=MAX_PASSWORD, trim_whitespace=False, help_text="Long, and not a common one."
    )
    name = serializers.CharField(max_length=150, help_text="The person's name.")
    role = serializers.CharField(max_length=60, default=PLAIN, help_text="attendee, vendor, or a plugin's kind.")
    vendor_name = serializers.CharField(
        max_length=120,
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text="Needed from vendors: what buyers see.",
    )


class LoginBody(serializers.Serializer):
    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=MAX_PASSWORD, trim_whitespace=False)
    mfa_code = serializers.CharField(
        max_length=40, required=False, allow_blank=True, default="", help_text="Where the account has a second factor."
    )


class Registered(TypedDict):
    """A new account."""

    user: Person


class Tokens(TypedDict):
    """What a client of the portal's own calls with."""

    access_token: Annotated[str, Like("qW7c2Rr0uZ")]
    refresh_token: Annotated[str, Like("x9Jm4TtLpE", "Each is good once; refreshing answers the next.")]
    token_type: Literal["Bearer"]
    expires_in: Annotated[int, Like(900, "Seconds")]
    scope: Annotated[str, Like("profile tickets:read tickets:book")]
    user: Person


class AccountView(ApiView):
    """Passwords are for the portal's own clients, which are not other origins' pages."""

    cors = False


class RegisterView(AccountView):
    """Make an account of an attendee or a vendor. A vendor can publish and sell at once."""

    scopes: ClassVar = {"POST": None}
    operations: ClassVar = {
        "POST": Operation(
            "register",
            "Create an account",
            {201: lambda: with_members(Registered, {"user": person()})},
            body=RegisterBody,
            example={
                "email": "ben@example.org",
                "password": "four-words-are-long",
                "name": "Ben Baker",
                "role": "attendee",
            },
            links={"logIn": Link("log_in", body={"email": "$response.body#/user/email"})},
            tag="accounts",
        )
    }
    checked: Registration

    def check(self, request: Any) -> None:
        """Check the body, and hash the password, before the transaction begins: hashing takes long."""
        body = self.read_body(RegisterBody)
        count_registration(address=client_address(request))
        own = {name: body[name] for name in ("email", "password", "name", "role")}
        # A kind of account may have fields of its own, which it checks by itself.
        self.checked = check_registration(**own, data={**request.data, **body})

    @idempotent(prepare="check")
    def post(self, request: Any) -> Response:
        user = create_account(self.checked)
        EmailAddress.objects.get(user=user).send_confirmation(request._request, signup=True)
        return Response({"user": represent_user(user)}, status=201)


class LoginView(AccountView):
    """Tokens for the portal's own clients. They refresh at /o/token/ with the client id `foyer`."""

    scopes: ClassVar = {"POST": None}
    operations: ClassVar = {
        "POST": Operation(
            "log_in",
            "Log in",
            {200: lambda: with_members(Tokens, {"user": person()})},
            body=LoginBody,
            example={"email": "ben@example.org", "password": "four-words-are-long"},
            problems=("invalid-credentials", "mfa-required", "mfa-invalid"),
            headers=("Cache-Control",),
            tag="accounts",
        )
    }

    @idempotent(atomic=False)
    def post(self, request: Any) -> Response:
        body = self.read_body(LoginBody)
        try:
            user, tokens = log_in(request._request, **body, address=client_address(request))
        except Rejected as refusal:
            raise _problem(refusal) from refusal
        answer = {
            "access_token": tokens.access_token,
            "refresh_token": tokens.refresh_token,
            "token_type": "Bearer",
            "expires_in": tokens.expires_in,
            "scope": tokens.scope,
            "user": represent_user(user),
        }
        return Response(answer, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _problem(refusal: Rejected) -> Problem:
    """401 names a way to authenticate, 429 says how long to wait."""
    headers = challenge() if refusal.status == 401 else {"Retry-After": str(refusal.data.get("retry_after", 1))}
    return Problem(refusal.status, refusal.code, refusal.message, headers=headers, **refusal.data)


class LogoutView(AccountView):
    """End the token that calls, and the refresh token that it goes with."""

    scopes: ClassVar = {"POST": ""}
    operations: ClassVar = {"POST": Operation("log_out", "Log out", {204: None}, tag="accounts")}
    needs_user = False

    @idempotent()
    def post(self, request: Any) -> Response:
        revoke_token(request.auth)
        return Response(status=204)
