"""How ids stand in addresses."""

from __future__ import annotations

from django.urls import register_converter


class Id:
    """A row's id: ``<id:event_id>``. Longer numbers are nobody's, and databases refuse to look for them."""

    regex = "[0-9]{1,9}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


def is_id(text: str) -> bool:
    """Whether a form's or a query's `text` can be looked for as an id."""
    return text.isascii() and text.isdecimal() and len(text) < 19


def register() -> None:
    register_converter(Id, "id")
