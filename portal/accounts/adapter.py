"""Where django-allauth meets the rest: mails through the worker, tokens that end with sessions, one login limiter."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url

from portal.accounts.addresses import client_address, ip_of
from portal.accounts.limiter import count_attempt, forgive
from portal.accounts.mail import send_later
from portal.accounts.queries import works_in_admin
from portal.accounts.tokens import revoke_all
from portal.encryption import cipher
from portal.errors import Rejected


class AccountAdapter(DefaultAccountAdapter):
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        site = SimpleNamespace(name=settings.WAGTAIL_SITE_NAME, domain=urlsplit(settings.BASE_URL).netloc)
        about = {
            "request": self.request,
            "email": email,
            "current_site": site,
            "site_name": settings.WAGTAIL_SITE_NAME,
            "base_url": settings.BASE_URL,
            **context,
        }
        send_later(self.render_mail(template_prefix, email, about))

    def get_login_redirect_url(self, request: Any) -> str:
        """Where somebody goes who came from nowhere: vendors and staff to the admin, others to their account."""
        return resolve_url("wagtailadmin_home" if works_in_admin(request.user) else "account_home")

    get_signup_redirect_url = get_login_redirect_url

    def get_reset_password_from_key_url(self, key: str) -> str:
        return _of_this_site(super().get_reset_password_from_key_url(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return _of_this_site(super().get_email_confirmation_url(request, emailconfirmation))

    def is_safe_url(self, url: str) -> bool:
        try:
            return super().is_safe_url(url)
        except ValueError:  # such as "http://["
            return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return ip_of(request) or "0.0.0.0"  # noqa: S104 - for servers on a unix socket, where there is none

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Counted together with logins through the API, in the database."""
        counted = {"email": credentials.get("email") or "", "address": client_address(request)}
        try:
            count_attempt(**counted)
        except Rejected as refusal:
            raise self.validation_error("too_many_login_attempts") from refusal
        user = super().authenticate(request, **credentials)
        if user is not None:
            forgive(**counted)
        return user

    def set_password(self, user: Any, password: str) -> None:
        """A new password ends every token. Sessions end by themselves: they are bound to the old one."""
        super().set_password(user, password)
        revoke_all(user)

    def logout(self, request: HttpRequest) -> None:
        user = request.user
        super().logout(request)
        if user.is_authenticated:
            revoke_all(user, own_clients_only=True)


def _of_this_site(url: str) -> str:
    """`url` below BASE_URL: what a mail's secret leads to is never for the request's Host header to say."""
    return settings.BASE_URL + urlsplit(url).path


class MfaAdapter(DefaultMFAAdapter):
    """Secrets of second factors are encrypted where they are stored."""

    def encrypt(self, text: str) -> str:
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return cipher().decrypt(encrypted_text.encode()).decode()

    def _get_site_name(self) -> str:
        return "Foyer"
