"""Routes by role: every process can name every page, and serves those of its own role."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import Resolver404, URLPattern, URLResolver, include, path

from portal import extensions
from portal.extensions import UrlPatterns
from portal.plugins import Entry


class ElsewherePattern(URLPattern):
    """A page that another role's processes serve: it can be reversed, for links and mails, and never matches here."""

    def resolve(self, path: str) -> None:
        return None


class ElsewhereResolver(URLResolver):
    """Pages that another role's processes serve."""

    def resolve(self, path: Any) -> Any:
        raise Resolver404({"tried": [], "path": path})


def for_role(role: str, route: URLPattern | URLResolver) -> URLPattern | URLResolver:
    """`route` as this process has it: served where the process is of `role` (or of all), else for reversing alone."""
    if role in settings.ROLES_SERVED:
        return route
    if isinstance(route, URLResolver):
        return ElsewhereResolver(
            route.pattern, route.urlconf_name, route.default_kwargs, route.app_name, route.namespace
        )
    return ElsewherePattern(route.pattern, route.callback, route.default_args, route.name)


def plugin_routes() -> list[URLPattern | URLResolver]:
    """The pages that plugins registered. Raises ImproperlyConfigured naming whose can't be loaded."""
    return [_mounted(entry) for entry in extensions.urls.entries]


def _mounted(entry: Entry[UrlPatterns]) -> URLResolver:
    of = entry.item
    try:
        module = import_module(of.urlconf)
        patterns = [for_role(of.roles.get(getattr(route, "name", ""), of.role), route) for route in module.urlpatterns]
        name = getattr(module, "app_name", "")
        return path(of.prefix, include((patterns, name) if name else patterns))
    except Exception as error:
        raise ImproperlyConfigured(f"{entry.owner}: the URLs of '{entry.key}' can't be loaded: {error!r}") from error
