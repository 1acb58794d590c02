"""Rich text that comes from elsewhere than the editor, which makes clean text itself."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from wagtail.fields import RichTextField
from wagtail.whitelist import Whitelister, allow_without_attributes, attribute_rule, check_url

PLAIN = ("[document]", "p", "br", "hr", "h2", "h3", "h4", "b", "strong", "i", "em", "ul", "ol", "li")


class RichText(Whitelister):
    """What the editor can make, as Wagtail stores it: links by address or by id, and nothing that runs."""

    element_rules = {
        **dict.fromkeys(PLAIN, allow_without_attributes),
        "a": attribute_rule({"href": check_url, "linktype": True, "id": True}),
        "embed": attribute_rule({"embedtype": True, "id": True, "format": True, "alt": True, "url": check_url}),
    }

    def clean_tag_node(self, doc: Any, tag: Any) -> None:
        if tag.name in ("script", "style"):  # their text is for no reader
            tag.decompose()
        else:
            super().clean_tag_node(doc, tag)


def clean(html: str) -> str:
    return RichText().clean(html) if "<" in html else html


def clean_fields(row: Model) -> None:
    """Clean every rich text field of `row`, in place."""
    for field in row._meta.concrete_fields:
        if isinstance(field, RichTextField):
            setattr(row, field.attname, clean(getattr(row, field.attname)))
