"""The places in pages that plugins draw in."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from portal import extensions
from portal.extensions import SlotItem
from portal.plugins import Entry

log = logging.getLogger(__name__)
register = template.Library()


@register.simple_tag(takes_context=True)
def slot(context: template.Context, name: str, **given: Any) -> SafeString:
    """Draw what plugins put into the slot `name`: ``{% slot "event.tickets" page=page %}``.

    Each item's component gets one mapping: the request and what the tag was given. An item that fails draws nothing.
    """
    values = {"request": context.get("request"), **given}
    drawn = [_draw(entry, values) for entry in extensions.slots.entries if entry.item.slot == name]
    return mark_safe("".join(drawn))  # noqa: S308 - every part was escaped by its own template


def _draw(entry: Entry[SlotItem], values: Mapping[str, Any]) -> str:
    try:
        component = entry.item.component(values)
        return "" if component is None else conditional_escape(component.render_html(values))
    except Exception:
        # The page is worth more than one part of it.
        log.exception(
            "%s: the item '%s' of the slot '%s' failed and draws nothing", entry.owner, entry.key, entry.item.slot
        )
        return ""
