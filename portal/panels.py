"""Where plugins' panels go in the editor of a page."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from wagtail.models import PanelPlaceholder

from portal import extensions


class PluginPanels(PanelPlaceholder):
    """Stands in ``content_panels`` for all that plugins registered for `model` ("venues.EventPage").

    Wagtail replaces a placeholder when it builds the editor, which is after every plugin has registered.
    """

    def __init__(self, model: str) -> None:
        super().__init__("wagtail.admin.panels.MultiFieldPanel", [], {})
        self.model = model

    def construct(self) -> Any:
        """The panels in one group, or None where there are none, and then the editor shows nothing."""
        panels = [
            panel for entry in extensions.panels.entries if entry.item.model == self.model for panel in _of(entry)
        ]
        return self.panel_class(panels, classname="plugin-panels") if panels else None


def _of(entry: Any) -> list[Any]:
    try:
        return list(entry.item.panels())
    except Exception as error:
        raise ImproperlyConfigured(f"{entry.owner}: the panels of '{entry.key}' failed: {error!r}") from error
