"""Bound form fields in the site's look. ``{% load fields %}``, then ``{% field form.email %}``."""

from __future__ import annotations

from typing import Any

from django import forms, template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.inclusion_tag("components/field.html", name="field")
def field_tag(field: BoundField, label: str = "", card: bool = False) -> dict[str, Any]:
    """Label, input, help and errors of `field`. `card` draws each choice of a group as a sheet to pick."""
    return {"field": field, "label": label or field.label, "kind": kind_of(field), "card": card}


@register.inclusion_tag("components/form_fields.html")
def form_fields(form: forms.BaseForm) -> dict[str, Any]:
    """The errors of the whole form, then every field; hidden ones without a label."""
    return {"form": form}


@register.filter
def styled(field: BoundField) -> SafeString:
    """The bare input with the site's class. A placeholder that only repeats the label is left out."""
    given = field.field.widget.attrs
    attrs: dict[str, Any] = {"class": f"field__input {given.get('class', '')}".strip()}
    if str(given.get("placeholder", "")).startswith(str(field.label)):
        attrs["placeholder"] = False
    return field.as_widget(attrs=attrs)


def kind_of(field: BoundField) -> str:
    """ "check" for one checkbox, "group" for several choices, "input" for the rest."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return "group"
    return "input"
