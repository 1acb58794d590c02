"""The OAuth 2 provider's addresses. Apps are made in the developers' area: see ``portal.developers``."""

from django.conf import settings
from django.urls import include, path
from oauth2_provider.views import JwksInfoView

from portal.accounts.consent import AuthorizationView
from portal.accounts.metadata import MetadataView, ResourceView, UserInfoView
from portal.accounts.oauth import DeviceAuthorizationView, IntrospectView, RevokeTokenView, TokenView
from portal.accounts.views import device

WELL_KNOWN = ".well-known/"
endpoints = [
    path("o/authorize/", AuthorizationView.as_view(), name="authorize"),
    path("o/token/", TokenView.as_view(), name="token"),
    path("o/revoke_token/", RevokeTokenView.as_view(), name="revoke-token"),
    path("o/introspect/", IntrospectView.as_view(), name="introspect"),
    path("o/device-authorization/", DeviceAuthorizationView.as_view(), name="device-authorization"),
    path(f"{WELL_KNOWN}oauth-authorization-server", MetadataView.as_view(), name="oauth-server-metadata"),
    path(f"{WELL_KNOWN}oauth-protected-resource", ResourceView.as_view(), name="oauth-resource-metadata"),
    path(f"{WELL_KNOWN}oauth-protected-resource/api/v1", ResourceView.as_view(), {"path": "/api/v1"}),
]
if settings.OIDC_KEYS:
    endpoints += [
        path("o/userinfo/", UserInfoView.as_view(), name="user-info"),
        path(f"{WELL_KNOWN}openid-configuration", MetadataView.as_view(), name="oidc-connect-discovery-info"),
        path(f"{WELL_KNOWN}jwks.json", JwksInfoView.as_view(), name="jwks-info"),
    ]
urlpatterns = [
    path("device/", device, name="account_device"),  # short: people type it
    path("", include((endpoints, "oauth2_provider"))),
]
