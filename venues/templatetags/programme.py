"""What the pages of events and lists say. ``{% load programme %}``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from django import forms, template
from django.forms import BoundField
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString

from portal import dates

register = template.Library()


@dataclass(frozen=True)
class ActiveFilter:
    """A filter that is on: what it says, and the query without it."""

    text: str
    without: str


@dataclass(frozen=True)
class Weekend:
    days: str
    month: str


@register.filter
def is_past(event: Any) -> bool:
    return event.end < timezone.now()


@register.filter
def ending(event: Any) -> str:
    """``{{ page|ending }}``: the time of the end in the event's zone, with the zone."""
    return f"{dates.clock_text(event.end, event.zone)} {dates.zone_label(event.end, event.zone)}"


@register.filter
def owned(field: BoundField, form_id: str) -> SafeString:
    """The bare input as a part of the form `form_id`, which it does not stand in."""
    return field.as_widget(attrs={"class": "field__input", "form": form_id})


@register.simple_tag
def this_weekend() -> Weekend:
    """Friday to Sunday, or what is left of them."""
    today = timezone.localdate()
    friday = today + timedelta(days=4 - today.weekday())
    first, last = max(today, friday), friday + timedelta(days=2)
    months = dict.fromkeys(date_format(day, "F") for day in (first, last))
    return Weekend(str(last.day) if first == last else f"{first.day}–{last.day}", " – ".join(months))


@register.simple_tag(takes_context=True)
def active_filters(context: Mapping[str, Any], form: forms.Form) -> list[ActiveFilter]:
    """The filters of the bound `form` that are on. The sort is none, and a field with an error does not filter."""
    query = context["request"].GET
    names = [name for name, value in form.cleaned_data.items() if name != "sort" and value not in (None, "", False)]
    listings = context["page_obj"].object_list
    return [ActiveFilter(_text(form, name, listings), _without(query, name)) for name in names]


def _without(query: Any, name: str) -> str:
    rest = query.copy()
    for gone in (name, "page"):
        rest.pop(gone, None)
    return f"?{rest.urlencode()}"


def _text(form: forms.Form, name: str, listings: list[Any]) -> str:
    field, value = form.fields[name], form.cleaned_data[name]
    if isinstance(field, forms.BooleanField):
        return str(field.label)
    if isinstance(field, forms.ChoiceField):
        return str(dict(cast(Any, field.choices)).get(value, value))
    if isinstance(value, date):
        return f"{field.label} {date_format(value, 'D j M Y')}"
    if isinstance(field.widget, forms.HiddenInput):
        return _name_of(name, value, listings)
    return f"{field.label}: {value}"


def _name_of(name: str, pk: int, listings: list[Any]) -> str:
    """The name of the venue, artist or vendor that the lists are narrowed to: the listings carry it."""
    if not listings:
        return name
    if name == "artist":
        return next((artist["name"] for artist in listings[0].artists if artist["id"] == pk), name)
    return getattr(listings[0], f"{name}_name", "") or name
