"""Videos of YouTube and Vimeo in pages, from their addresses alone: nothing is asked of anybody, and no foreign markup."""

from __future__ import annotations

import re
from typing import Any

from django.utils.html import format_html
from wagtail.embeds.exceptions import EmbedNotFoundException
from wagtail.embeds.finders.base import EmbedFinder

PLAYERS = (
    (
        "YouTube",
        re.compile(
            r"https://(?:(?:www|m)\.)?(?:youtube\.com/(?:watch\?(?:[^#\s]*&)?v=|embed/|live/|shorts/)|youtu\.be/)"
            r"([\w-]{11})(?:[?&#/]\S*)?",
            re.ASCII,
        ),
        "https://www.youtube-nocookie.com/embed/{}",
    ),
    ("Vimeo", re.compile(r"https://(?:www\.)?vimeo\.com/([0-9]{1,12})(?:[?#/]\S*)?", re.ASCII),
     "https://player.vimeo.com/video/{}?dnt=1"),
)  # fmt: skip
FRAME = (
    '<iframe src="{}" width="{}" height="{}" title="{}" loading="lazy" allow="fullscreen; picture-in-picture"'
    ' referrerpolicy="strict-origin-when-cross-origin"></iframe>'
)
WIDTH, HEIGHT = 1280, 720


class VideoFinder(EmbedFinder):
    """The players' privacy-friendly addresses, which are also the only ones that the site's policy lets in."""

    def accept(self, url: str) -> bool:
        return _player(url) is not None

    def find_embed(self, url: str, max_width: int | None = None, max_height: int | None = None) -> dict[str, Any]:
        found = _player(url)
        if found is None:
            raise EmbedNotFoundException
        name, address = found
        return {
            "title": name,
            "author_name": "",
            "provider_name": name,
            "type": "video",
            "thumbnail_url": "",
            "width": WIDTH,
            "height": HEIGHT,
            "html": format_html(FRAME, address, WIDTH, HEIGHT, name),
        }


def _player(url: str) -> tuple[str, str] | None:
    for name, pattern, address in PLAYERS:
        if match := pattern.fullmatch(url):
            return name, address.format(match[1])
    return None


embed_finder_class = VideoFinder
