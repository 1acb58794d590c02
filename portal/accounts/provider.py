"""The OAuth 2 provider's settings. Part of ``portal.settings``: nothing that needs models may be imported here."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
OAUTH_SCOPES = {
    "profile": _("Read and change your profile"),
    "events:write": _("Create and change your events"),
    "tickets:read": _("See your orders and tickets"),
    "tickets:book": _("Book tickets for you"),
    "tickets:refund": _("Refund and cancel tickets"),
    "payments:write": _("Pay for your orders"),
    "checkin": _("Check tickets in at the door"),
    "sales:read": _("See your sales"),
    "payment-methods": _("Manage your payment methods"),
    "images": _("Upload and delete your pictures"),
    "loyalty": _("See your loyalty points"),
    "recommendations": _("See what is recommended to you"),
    "affiliate": _("See and manage your affiliates, links and commissions"),
    "webhooks": _("Manage webhooks"),
}
# Of signing in elsewhere with an account here; no endpoint of the API asks for them.
OIDC_SCOPES = {"openid": _("Know that it is you"), "email": _("See your e-mail address")}


def provider_settings(scopes: dict[str, Any], *, issuer: str, keys: list[str]) -> dict[str, Any]:
    """What django-oauth-toolkit is told. `keys` are PEM; the first signs, and all are published."""
    return {
        "SCOPES": scopes,
        "DEFAULT_SCOPES": ["profile"],
        "CLIENT_SECRET_HASHER": "sha256_secret",
        "PKCE_REQUIRED": True,
        "ACCESS_TOKEN_EXPIRE_SECONDS": 900,
        "ID_TOKEN_EXPIRE_SECONDS": 900,
        "REFRESH_TOKEN_EXPIRE_SECONDS": 30 * 86400,
        "ROTATE_REFRESH_TOKEN": True,
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
        "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 0,
        "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
        "ERROR_RESPONSE_WITH_SCOPES": True,
        "OAUTH2_VALIDATOR_CLASS": "portal.accounts.validator.Validator",
        "OIDC_ENABLED": bool(keys),
        "OIDC_RSA_PRIVATE_KEY": next(iter(keys), ""),
        "OIDC_RSA_PRIVATE_KEYS_INACTIVE": keys[1:],
        "OIDC_ISS_ENDPOINT": issuer,
        "OAUTH_PRE_TOKEN_VALIDATION": [],  # what a device's code stands for is the validator's to look up
        "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
        "OAUTH2_TOKEN_ENDPOINT_AUTH_METHODS_SUPPORTED": ["client_secret_basic", "client_secret_post", "none"],
        "OAUTH2_GRANT_TYPES_SUPPORTED": ["authorization_code", "client_credentials", "refresh_token", DEVICE_GRANT],
        **{
            f"COMPLIANT_BCP_RFC9700_{gate}": True
            for gate in (
                "IMPLICIT_GRANT",
                "PASSWORD_GRANT",
                "PKCE_METHOD",
                "ACCESS_TOKEN_TRANSPORT",
                "AUTHZ_RESPONSE_ISS",
                "TOKEN_STORAGE",
                "REFRESH_TOKEN",
                "REDIRECT_URI_SCHEME",
                "REDIRECT_URI_MATCHING",
                "PKCE_REQUIRED",
            )
        },
    }
