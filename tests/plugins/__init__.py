"""Plugins from outside, for tests: ordinary packages that know the portal through its extension points alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import reload

from django.apps import AppConfig, apps
from django.template.autoreload import reset_loaders
from django.template.utils import get_app_template_dirs
from django.urls import clear_url_caches

from portal.plugins import ExtensionPoint


@contextmanager
def installed(*names: str) -> Iterator[None]:
    """With the plugins `names` registered and routed, their templates found; without a trace of them afterwards.

    Changing INSTALLED_APPS would make every app ready a second time, which Wagtail's own are not made for.
    """
    configs = [AppConfig.create(name) for name in names]
    try:
        for config in configs:
            config.apps = apps
            apps.app_configs[config.label] = config
            config.import_models()
            config.ready()
        look_anew()
        yield
    finally:
        for config in configs:
            apps.app_configs.pop(config.label, None)
            for point in ExtensionPoint.all.values():
                point.discard_owner(config.name)
        look_anew()


def look_anew() -> None:
    get_app_template_dirs.cache_clear()
    reset_loaders()
    for module in ("portal.api.urls", "portal.urls"):
        if module in sys.modules:
            reload(sys.modules[module])
    clear_url_caches()
