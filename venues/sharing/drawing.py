"""The picture that stands for an event where its link is shared: its ticket stub, in its poster's colour."""

from __future__ import annotations

import colorsys
import io
from dataclasses import dataclass

from PIL import Image, ImageDraw

from venues.sharing.lettering import DISPLAY, TEXT, Face, can_write, fit, is_right_to_left, width_of, write

WIDTH, HEIGHT = 1200, 630
TOP, BOTTOM, START, END = 40, 590, 40, 1160  # of the ticket
TEAR = 270  # from its start to the perforation
POSTER = 412
PADDING = 36
NOTCH = 24
TITLE = (124, 110, 98, 88, 78, 68, 60, 52)
SHEET, INK, SOFT = "#fbfdf8", "#0f1f19", "#47564e"
HOUSE = "#1f6b4f"
SMOOTH = 2  # edges are drawn twice as large and shrunk

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Stub:
    """What the picture says. `foot` is the time, or that it is off; `accent` "#rrggbb", or empty for the house's own."""

    title: str
    kind: str
    weekday: str
    day: str
    month: str
    foot: str
    venue: str
    city: str
    site: str
    accent: str


def draw(stub: Stub, poster: Image.Image | None = None) -> bytes:
    """A PNG of 1200 by 630. `poster` is shown at the end of the ticket."""
    panel = _panel(stub.accent or HOUSE)
    picture = Image.new("RGB", (WIDTH, HEIGHT), _mix(panel, (6, 12, 10), 0.62))
    ticket = Image.new("RGB", (WIDTH, HEIGHT), SHEET)
    pen = ImageDraw.Draw(ticket)
    edge = START + TEAR
    pen.rectangle((START, TOP, edge, BOTTOM), fill=panel)
    if poster is not None:
        ticket.paste(_cover(poster, (POSTER + 1, BOTTOM - TOP + 1)), (END - POSTER, TOP))
    _tear(pen, stub)
    _body(pen, stub, panel, width=END - edge - 2 * PADDING - (POSTER if poster is not None else 0))
    picture.paste(ticket, mask=_shape(edge))
    out = io.BytesIO()
    picture.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG).save(out, "PNG")
    return out.getvalue()


def _tear(pen: ImageDraw.ImageDraw, stub: Stub) -> None:
    """The date, as large as it fits, and the time at the foot."""

    def line(text: str, baseline: float, face: Face, largest: int) -> int:
        size = _size(text, face, largest, TEAR - 56)
        write(pen, (START + TEAR / 2, baseline), text, face=face, size=size, fill="white", anchor="m")
        return size

    line(stub.weekday, TOP + 92, TEXT, 36)
    middle = TOP + 230 + _size(stub.day, DISPLAY, 236, TEAR - 56) * 0.3
    line(stub.day, middle, DISPLAY, 236)
    line(stub.month, middle + 84, DISPLAY, 62)
    line(stub.foot, BOTTOM - 50, TEXT, 38)


def _body(pen: ImageDraw.ImageDraw, stub: Stub, panel: Colour, *, width: int) -> None:
    """The kind of event, the title, and where it is; from the right for writing that runs so."""
    title = stub.title if can_write(stub.title, DISPLAY) else stub.kind
    start, end = START + TEAR + PADDING, START + TEAR + PADDING + width
    (x, anchor), (far, other) = (
        ((start, "l"), (end, "r")) if not is_right_to_left(title) else ((end, "r"), (start, "l"))
    )
    small = _size(stub.kind, TEXT, 32, width - 110)
    write(pen, (x, TOP + 80), stub.kind, face=TEXT, size=small, fill=panel, anchor=anchor)
    write(pen, (far, TOP + 80), stub.site, face=DISPLAY, size=32, fill=INK, anchor=other)
    size, lines = fit(title, DISPLAY, width=width, height=296, sizes=TITLE, leading=1.02)
    for number, line in enumerate(lines):
        baseline = TOP + 106 + size * (0.82 + 1.02 * number)
        write(pen, (x, baseline), line, face=DISPLAY, size=size, fill=INK, anchor=anchor)
    for text, colour, below in ((stub.venue, INK, 104), (stub.city, SOFT, 58)):
        if can_write(text, TEXT):
            size, [line] = fit(text, TEXT, width=width, height=40, sizes=(34, 30, 27), leading=1.1)
            write(pen, (x, BOTTOM - below), line, face=TEXT, size=size, fill=colour, anchor=anchor)


def _size(text: str, face: Face, largest: int, width: int) -> int:
    """The largest size up to `largest` at which `text` is no wider than `width`."""
    wide = width_of(text, face, largest)
    return largest if wide <= width else max(16, int(largest * width / wide))


def _shape(edge: int) -> Image.Image:
    """The mask of a ticket: round corners, a notch at both ends of the perforation, and its holes."""
    mask = Image.new("L", (WIDTH * SMOOTH, HEIGHT * SMOOTH))
    pen = ImageDraw.Draw(mask)
    box = tuple(value * SMOOTH for value in (START, TOP, END, BOTTOM))
    pen.rounded_rectangle(box, radius=14 * SMOOTH, fill=255)
    for y in (TOP, BOTTOM):
        _hole(pen, edge, y, NOTCH)
    for y in range(TOP + NOTCH + 20, BOTTOM - NOTCH - 8, 22):
        _hole(pen, edge, y, 4)
    return mask.resize((WIDTH, HEIGHT), Image.Resampling.BOX)


def _hole(pen: ImageDraw.ImageDraw, x: int, y: int, radius: int) -> None:
    pen.ellipse(tuple(value * SMOOTH for value in (x - radius, y - radius, x + radius, y + radius)), fill=0)


def _cover(poster: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The middle of `poster`, filling `size`."""
    scale = max(size[0] / poster.width, size[1] / poster.height)
    large = poster.convert("RGB").resize((round(poster.width * scale), round(poster.height * scale)))
    left, top = (large.width - size[0]) // 2, (large.height - size[1]) // 2
    return large.crop((left, top, left + size[0], top + size[1]))


def _panel(accent: str) -> Colour:
    """`accent`, darkened until white on it holds 4.5:1."""
    hue, light, saturation = colorsys.rgb_to_hls(*(int(accent[at : at + 2], 16) / 255 for at in (1, 3, 5)))
    light = min(max(light, 0.24), 0.46)
    while (colour := _rgb(hue, light, saturation)) and _luminance(colour) > 0.175:
        light -= 0.02
    return colour


def _rgb(hue: float, light: float, saturation: float) -> Colour:
    red, green, blue = (round(channel * 255) for channel in colorsys.hls_to_rgb(hue, light, min(saturation, 0.82)))
    return red, green, blue


def _luminance(colour: Colour) -> float:
    """WCAG's relative luminance."""
    channels = (value / 255 for value in colour)
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
