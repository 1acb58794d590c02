"""Text on drawn pictures: the site's fonts first, then whatever this machine has for the writing at hand."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from fontTools.ttLib import TTFont
from PIL import ImageDraw, ImageFont

# Looked for by name where the system keeps its fonts. The first cover most of Europe's and the Arabic writing.
SYSTEM = (
    "DejaVuSans-Bold.ttf",
    "NotoSans-Bold.ttf",
    "NotoSansArabic-Bold.ttf",
    "NotoSansHebrew-Bold.ttf",
    "NotoSansCJK-Bold.ttc",
    "NotoSansCJK-Regular.ttc",
    "NotoSansDevanagari-Bold.ttf",
    "NotoSansThai-Bold.ttf",
    "DroidSansFallbackFull.ttf",
    "wqy-microhei.ttc",
)
RIGHT_TO_LEFT = {"R", "AL"}
ELLIPSIS = "…"

Run = tuple[str, ImageFont.FreeTypeFont]


@dataclass(frozen=True)
class Face:
    """Font files below the site's static files, and the axes that they are set to."""

    files: tuple[str, ...]
    axes: tuple[int, ...]


DISPLAY = Face(tuple(f"bricolage-grotesque-{part}-wdth-normal.woff2" for part in ("latin", "latin-ext")), (800, 84))
TEXT = Face(tuple(f"instrument-sans-{part}-wght-normal.woff2" for part in ("latin", "latin-ext")), (600,))


@lru_cache(maxsize=64)
def fonts_of(face: Face, size: int) -> tuple[ImageFont.FreeTypeFont, ...]:
    """The fonts to try for each letter, in order."""
    own = [_own(name, face.axes, size) for name in face.files]
    return tuple(font for font in (*own, *(_system(name, size) for name in SYSTEM)) if font)


def _own(name: str, axes: tuple[int, ...], size: int) -> ImageFont.FreeTypeFont | None:
    """One of the fonts that the set-up fetched; None where it could not."""
    path = finders.find(f"vendor/fonts/{name}") or Path(settings.STATIC_ROOT) / "vendor/fonts" / name
    try:
        font = ImageFont.truetype(path, size)
        font.set_variation_by_axes(list(axes))
    except (OSError, NotImplementedError):  # not there, or a FreeType without WOFF2 or variations
        return None
    return font


def _system(name: str, size: int) -> ImageFont.FreeTypeFont | None:
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None


@lru_cache(maxsize=32)
def _letters(path: str) -> frozenset[int]:
    with TTFont(path, lazy=True, fontNumber=0) as font:
        return frozenset(font.getBestCmap() or ())


def _has(font: ImageFont.FreeTypeFont, letter: str) -> bool:
    return ord(letter) in _letters(str(font.path))


def can_write(text: str, face: Face) -> bool:
    """Whether there is something to write, and no letter or digit would be missing."""
    fonts = fonts_of(face, 32)
    return bool(text) and all(any(_has(font, one) for font in fonts) for one in text if one.isalnum())


def is_right_to_left(text: str) -> bool:
    kinds = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind for kind in kinds if kind in {"L", *RIGHT_TO_LEFT}), "L") in RIGHT_TO_LEFT


def runs_of(text: str, face: Face, size: int) -> list[Run]:
    """`text` in pieces of one font each. Letters that no font has are left out.

    What runs from right to left, even in part, stays in one piece: ordering it is the font library's work.
    """
    fonts = fonts_of(face, size)
    if any(unicodedata.bidirectional(letter) in RIGHT_TO_LEFT for letter in text):
        font = max(fonts, key=lambda font: sum(_has(font, letter) for letter in text), default=None)
        return [("".join(letter for letter in text if _has(font, letter)), font)] if font else []
    return list(_pieces(text, fonts))


def _pieces(text: str, fonts: Sequence[ImageFont.FreeTypeFont]) -> Iterator[Run]:
    piece, current = "", None
    for letter in text:
        stays = current is not None and not letter.isalnum() and _has(current, letter)
        font = current if stays else next((font for font in fonts if _has(font, letter)), None)
        if font is None:
            continue
        if font is not current and current is not None:
            yield piece, current
            piece = ""
        piece, current = piece + letter, font
    if current is not None:
        yield piece, current


def width_of(text: str, face: Face, size: int) -> float:
    return sum(font.getlength(piece) for piece, font in runs_of(text, face, size))


def write(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    *,
    face: Face,
    size: int,
    fill: str | tuple[int, int, int],
    anchor: str = "l",
) -> None:
    """`text` on one line. `at` is its baseline at its left edge, at its middle ("m") or at its right edge ("r")."""
    x, y = at
    x -= {"l": 0.0, "m": 0.5, "r": 1.0}[anchor] * width_of(text, face, size)
    for piece, font in runs_of(text, face, size):
        draw.text((x, y), piece, font=font, fill=fill, anchor="ls")
        x += font.getlength(piece)


def fit(
    text: str, face: Face, *, width: int, height: int, sizes: Sequence[int], leading: float
) -> tuple[int, list[str]]:
    """The largest of `sizes` at which `text` fills no more than the box, with its lines; at the last one it is cut."""
    for size in sizes:
        if size != sizes[-1] and not all(width_of(word, face, size) <= width for word in _unbreakable(text)):
            continue
        lines = wrap(text, face, size, width)
        most = max(1, int(height / (size * leading)))
        if len(lines) <= most and all(width_of(line, face, size) <= width for line in lines):
            return size, lines
    return size, [*lines[: most - 1], _cut(" ".join(lines[most - 1 :]), face, size, width)]


def _unbreakable(text: str) -> list[str]:
    """The words of `text` but for those in writing that breaks anywhere, such as Chinese."""
    return [word for word in text.split() if unicodedata.east_asian_width(word[0]) not in "WF"]


def wrap(text: str, face: Face, size: int, width: int) -> list[str]:
    """Lines of whole words; a word that is wider than a line is broken between letters, as Chinese and Japanese are."""
    lines = [""]
    for word in text.split():
        for number, part in enumerate(_broken(word, face, size, width)):
            joined = f"{lines[-1]} {part}" if lines[-1] and number == 0 else part
            if number == 0 and width_of(joined, face, size) <= width:
                lines[-1] = joined
            else:
                lines.append(part)
    return [line for line in lines if line]


def _broken(word: str, face: Face, size: int, width: int) -> Iterator[str]:
    part = ""
    for letter in word:
        if part and width_of(part + letter, face, size) > width:
            yield part
            part = ""
        part += letter
    yield part


def _cut(text: str, face: Face, size: int, width: int) -> str:
    while text and width_of(text + ELLIPSIS, face, size) > width:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS
