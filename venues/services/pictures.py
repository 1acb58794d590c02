"""An event's poster as lists show it: the card's rendition, and the poster's colour."""

from __future__ import annotations

import colorsys
import logging
from typing import Any, NamedTuple

from PIL import Image
from wagtail.images.models import SourceImageIOError

CARD = "fill-480x640|format-webp"
SHARED = "fill-1200x630|format-jpeg|jpegquality-82"  # what networks show of a link to a venue or an artist
SAMPLE = 160  # pixels a side: colours are counted on a thumbnail, which thin lines must survive
COLOURS = 16

logger = logging.getLogger(__name__)


class Card(NamedTuple):
    url: str = ""
    accent: str = ""


def card_of(image: Any | None) -> Card:
    """The rendition's address and the accent "#rrggbb" of `image`; empty for none, or where its file is missing."""
    if image is None:
        return Card()
    try:
        rendition = image.get_rendition(CARD)
        with rendition.file.open("rb") as file, Image.open(file) as picture:
            return Card(rendition.url, accent_of(picture))
    except (SourceImageIOError, OSError):
        logger.warning("The file of image %s can't be read, so its event is listed without a poster.", image.pk)
        return Card()


def share_url(image: Any | None) -> str:
    """The address of the rendition of `image` for links to its page; empty for none, or where its file is missing."""
    if image is None:
        return ""
    try:
        return str(image.get_rendition(SHARED).url)
    except (SourceImageIOError, OSError):
        return ""


def accent_of(picture: Image.Image) -> str:
    """The colour that stands out most: common, but vivid before all. Contrast is the stylesheet's matter."""
    small = picture.convert("RGB").resize((SAMPLE, SAMPLE), Image.Resampling.BOX).quantize(COLOURS)
    palette = small.getpalette() or []
    counted: list[Any] = small.getcolors() or []
    colours = [(count, tuple(palette[index * 3 : index * 3 + 3])) for count, index in counted]
    red, green, blue = max(colours, key=lambda pair: _weight(*pair))[1]
    return f"#{red:02x}{green:02x}{blue:02x}"


def _weight(count: int, colour: tuple[int, ...]) -> float:
    _hue, saturation, value = colorsys.rgb_to_hsv(*(channel / 255 for channel in colour))
    return count**0.5 * (0.001 + (saturation * value) ** 3)  # a pale ground is large, and no accent
