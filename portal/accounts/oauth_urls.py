"""The OAuth 2 provider's addresses. Applications are made by staff; there are no pages for that here."""

from django.urls import include, path

from portal.accounts.oauth import AuthorizationView, IntrospectView, MetadataView, RevokeTokenView, TokenView

endpoints = [
    path("o/authorize/", AuthorizationView.as_view(), name="authorize"),
    path("o/token/", TokenView.as_view(), name="token"),
    path("o/revoke_token/", RevokeTokenView.as_view(), name="revoke-token"),
    path("o/introspect/", IntrospectView.as_view(), name="introspect"),
    path(".well-known/oauth-authorization-server", MetadataView.as_view(), name="oauth-server-metadata"),
]
urlpatterns = [path("", include((endpoints, "oauth2_provider")))]
