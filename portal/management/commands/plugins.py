"""What is installed, and what each plugin contributes."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand

from portal.plugins import ExtensionPoint, PluginConfig, installed_plugins


class Command(BaseCommand):
    help = "List the plugins, built-in and installed, with what each adds to the extension points."

    def handle(self, *_args: Any, **_options: Any) -> None:
        external = set(installed_plugins())
        for config in apps.get_app_configs():
            if isinstance(config, PluginConfig):
                origin = "installed" if config.name in external else "built in"
                self.stdout.write(self.style.MIGRATE_HEADING(f"{config.name} ({origin})"))
                for line in contributions(config.name):
                    self.stdout.write(f"  {line}")


def contributions(owner: str) -> list[str]:
    """What `owner` added, one line a point: "jobs: a, b"."""
    keys = {
        point.name: [entry.key for entry in point.entries if entry.owner == owner]
        for point in ExtensionPoint.all.values()
    }
    return [f"{name}: {', '.join(found)}" for name, found in sorted(keys.items()) if found]
