"""What comes in on the roads of sharing: searches, frames and oEmbed's questions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django import forms
from django.conf import settings
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from portal.api.problems import InvalidInput, Problem
from venues.browsing import FilterForm
from venues.models import EventListing

VIA = r"^[0-9A-Za-z-]{1,20}$"
FRAME = re.compile(r"^/embed/events/([0-9]{1,9})/$")
WIDTH, HEIGHT = 480, 520  # of a frame where nobody asks for less
THEMES = [("", _("As the reader's device")), ("light", _("Light")), ("dark", _("Dark"))]


class FrameForm(forms.Form):
    """How an event is shown on somebody else's page, and whose page that is."""

    theme = forms.ChoiceField(label=_("Colours"), choices=THEMES, required=False)
    via = forms.RegexField(
        VIA,
        label=_("Affiliate code"),
        required=False,
        help_text=_("Sales from your page count for it."),
        error_messages={"invalid": _("Use up to 20 letters, digits and hyphens.")},
    )


def read_frame(query: QueryDict) -> dict[str, str]:
    """The theme and the affiliate's code of a frame. Raises a 422 problem."""
    form = FrameForm(query)
    if not form.is_valid():
        raise _invalid(form)
    return form.cleaned_data


def read_search(query: QueryDict, *, sort: str) -> dict[str, Any]:
    """The filters of a feed, under the names that the browse page has, for `browse`. `sort` is the order by default.

    Raises a 400 problem that names what is unknown, or a 422 that says what is wrong.
    """
    if unknown := [name for name in query if name not in FilterForm.base_fields]:
        listed = ", ".join(name[:60] for name in unknown[:5])
        raise Problem(400, "unknown-parameter", f"Unknown query parameter: {listed}.", parameters=unknown[:5])
    form = FilterForm({"sort": sort, **{name: value for name, value in query.items() if value != ""}})
    if not form.is_valid():
        raise _invalid(form)
    return form.params


def _invalid(form: forms.Form) -> InvalidInput:
    return InvalidInput({f"/{name}": list(errors) for name, errors in form.errors.items()})


@dataclass(frozen=True)
class Question:
    """What an oEmbed consumer asks for: https://oembed.com, section 2.2."""

    listing: EventListing
    format: str
    width: int
    height: int
    via: str
    room: tuple[int, int]  # that a picture beside it may take


def read_question(query: Mapping[str, str]) -> Question:
    """Raises a 400 or 501 problem, or Http404 for what is no public event's address."""
    wanted = query.get("format", "json")
    if wanted not in ("json", "xml"):
        raise Problem(501, "unsupported-format", "format: use json or xml.")
    if not query.get("url"):
        raise Problem(400, "bad-request", "url: give the address of an event's page.")
    width, height = (_size(query, name) for name in ("maxwidth", "maxheight"))
    listing, via = _named(query["url"])
    room = (width or 10_000, height or 10_000)
    return Question(listing, wanted, min(width or WIDTH, WIDTH), min(height or HEIGHT, HEIGHT), via, room)


def _size(query: Mapping[str, str], name: str) -> int:
    """0 where it is not given."""
    text = query.get(name, "")
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and int(text)):
        raise Problem(400, "bad-request", f"{name}: use a whole number of pixels, from 1 to 99999.")
    return int(text)


def _named(address: str) -> tuple[EventListing, str]:
    """The event whose page or frame `address` leads to, and the affiliate's code in it."""
    try:
        parts, own = urlsplit(address), urlsplit(settings.BASE_URL)
    except ValueError as error:
        raise Http404 from error
    if parts.scheme not in ("http", "https") or parts.netloc.lower() != own.netloc.lower() or "\0" in address:
        raise Http404
    via = parse_qs(parts.query).get("via", [""])[0]
    if frame := FRAME.match(parts.path):
        return get_object_or_404(EventListing, pk=int(frame[1])), via if re.match(VIA, via) else ""
    path = parts.path.rstrip("/") + "/"
    slug = path.rstrip("/").rpartition("/")[2]
    listing = get_object_or_404(EventListing, event__slug=slug, path=path)  # paths have no index, and slugs do
    return listing, via if re.match(VIA, via) else ""
