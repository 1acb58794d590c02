"""The accent of an event's pages: a poster's colour, as one of the hues that the stylesheet knows.

A strict Content-Security-Policy forbids `style` attributes, and a nonce would keep pages out of caches, so pages
carry ``data-hue="210"`` and the stylesheet fixes lightness and chroma, and with them the contrast, in both themes.
"""

from __future__ import annotations

import math
import re

STEP = 15
GREY = "none"
GREY_CHROMA = 0.03
HEX = re.compile(r"#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", re.IGNORECASE)


def hue_of(color: str | None) -> str:
    """The quantised OKLCH hue of `color` ("#rrggbb"): "0" to "345", "none" for greys, "" for no colour at all."""
    match = HEX.fullmatch(color or "")
    if not match:
        return ""
    a, b = _chromaticity(*(_linear(int(part, 16) / 255) for part in match.groups()))
    if math.hypot(a, b) < GREY_CHROMA:
        return GREY
    return str(round(math.degrees(math.atan2(b, a)) / STEP) * STEP % 360)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _chromaticity(red: float, green: float, blue: float) -> tuple[float, float]:
    """OKLab's a and b of a linear sRGB colour (https://bottosson.github.io/posts/oklab/)."""
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )
