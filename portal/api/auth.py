from oauth2_provider.contrib.rest_framework import OAuth2Authentication as BearerAuthentication  # noqa: F401
from rest_framework.permissions import AllowAny as ScopeRequired  # noqa: F401
