from collections.abc import Mapping
from typing import Any

from laces.components import Component


class Light(Component):
    template_name = "lantern/light.html"

    def __init__(self, title: str) -> None:
        self.title = title

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        return {"title": self.title}


def light(context: Mapping[str, Any]) -> Light | None:
    """A light for the page, none where there is no page."""
    page = context.get("page")
    return Light(page.title) if page else None
