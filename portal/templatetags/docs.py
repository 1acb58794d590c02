"""`{{ text|marked }}`: a sentence with `code`, *stress* and links, written as Markdown."""

from django import template
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

register = template.Library()
INLINE = MarkdownIt("commonmark", {"html": False})


@register.filter
def marked(text: str) -> SafeString:
    return mark_safe(INLINE.renderInline(text))  # noqa: S308 - it escapes HTML
