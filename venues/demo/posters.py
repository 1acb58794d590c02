"""Posters, portraits and views of venues, drawn by code: each is made from its own seed and palette."""

from __future__ import annotations

import io
import math
import random
import textwrap
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFont

from venues.demo.palettes import PALETTES, Palette

SCALE = 2  # drawn at twice the size and reduced, which smooths the edges
POSTER = (720, 960)
WIDE = (1200, 720)


class Sheet:
    """A sheet to draw on, with its seed's random numbers, in the pixels of the finished picture."""

    def __init__(self, size: tuple[int, int], palette: Palette, seed: str) -> None:
        self.width, self.height = size
        self.palette, self.random = palette, random.Random(seed)
        self.image = Image.new("RGB", (size[0] * SCALE, size[1] * SCALE), palette.ground)
        self.draw = ImageDraw.Draw(self.image)

    def disc(self, x: float, y: float, radius: float, fill: str) -> None:
        self.draw.ellipse([v * SCALE for v in (x - radius, y - radius, x + radius, y + radius)], fill=fill)

    def ring(self, x: float, y: float, radius: float, width: float, colour: str) -> None:
        box = [v * SCALE for v in (x - radius, y - radius, x + radius, y + radius)]
        self.draw.ellipse(box, outline=colour, width=round(width * SCALE))

    def wedge(self, x: float, y: float, radius: float, start: float, end: float, fill: str) -> None:
        box = [v * SCALE for v in (x - radius, y - radius, x + radius, y + radius)]
        self.draw.pieslice(box, start, end, fill=fill)

    def box(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        self.draw.rectangle([v * SCALE for v in (x, y, x + width, y + height)], fill=fill)

    def shape(self, points: list[tuple[float, float]], fill: str) -> None:
        self.draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def path(self, points: list[tuple[float, float]], width: float, colour: str) -> None:
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self.draw.line(scaled, fill=colour, width=round(width * SCALE), joint="curve")

    def accent(self) -> str:
        return self.random.choice([self.palette.first, self.palette.second])

    def write(self, x: float, y: float, text: str, size: float, colour: str) -> None:
        font = ImageFont.load_default(size * SCALE)
        self.draw.text(
            (x * SCALE, y * SCALE),
            text,
            font=font,
            fill=colour,
            stroke_width=round(size * SCALE / 45),
            stroke_fill=colour,
        )

    def jpeg(self) -> bytes:
        out = io.BytesIO()
        self.image.reduce(SCALE).save(out, "JPEG", quality=86)
        return out.getvalue()


def arcs(sheet: Sheet) -> None:
    x, y = sheet.random.choice([(0.5, 0.42), (0.0, 0.65), (1.0, 0.3)])
    colours = [sheet.palette.first, sheet.palette.ground, sheet.palette.second, sheet.palette.ground, sheet.palette.ink]
    for step in range(11, 0, -1):
        sheet.disc(x * sheet.width, y * sheet.height, step * sheet.random.uniform(34, 38), colours[step % len(colours)])


def strings(sheet: Sheet) -> None:
    turn = sheet.random.uniform(0.8, 2.2)
    for line in range(26):
        y = 120 + line * 18
        wave: list[tuple[float, float]] = [
            (x, y + 70 * math.sin(x / 95 * turn + line / 5) * math.exp(-(((x - sheet.width / 2) / 240) ** 2)))
            for x in range(-10, sheet.width + 11, 6)
        ]
        sheet.path(wave, 5, [sheet.palette.first, sheet.palette.ink, sheet.palette.second][line % 3])


def sunrise(sheet: Sheet) -> None:
    x, y = sheet.width * sheet.random.uniform(0.3, 0.7), 470
    for ray in range(0, 36, 2):
        sheet.wedge(x, y, 900, ray * 10, ray * 10 + 10, sheet.palette.second)
    sheet.disc(x, y, 170, sheet.palette.first)
    hill = [(px, 520 + 60 * math.sin(px / 110 + y)) for px in range(-10, sheet.width + 20, 10)]
    sheet.shape([*hill, (sheet.width, 1000), (0, 1000)], sheet.palette.ink)


def tiles(sheet: Sheet) -> None:
    side = sheet.width / 6
    for row in range(5):
        for column in range(6):
            x, y, colour = column * side, 60 + row * side, sheet.accent()
            corner = sheet.random.randrange(6)
            if corner < 4:
                cx, cy = x + side * (corner % 2), y + side * (corner // 2)
                start = {0: 0, 1: 90, 2: 270, 3: 180}[corner]
                sheet.wedge(cx, cy, side, start, start + 90, colour)
            elif corner == 4:
                sheet.disc(x + side / 2, y + side / 2, side / 2.6, sheet.palette.ink)
            else:
                sheet.box(x, y, side, side, colour)


def pixels(sheet: Sheet) -> None:
    side, columns = 45, 16
    for row in range(13):
        for column in range(columns // 2):
            if sheet.random.random() < 0.55 - abs(row - 6) * 0.04:
                colour = sheet.random.choice([sheet.palette.first, sheet.palette.second, sheet.palette.ink])
                for mirrored in (column, columns - 1 - column):
                    sheet.box(mirrored * side, 50 + row * side, side, side, colour)


def beams(sheet: Sheet) -> None:
    for beam in range(7):
        x = sheet.random.uniform(0, sheet.width)
        foot, spread = sheet.random.uniform(-150, sheet.width + 150), sheet.random.uniform(40, 120)
        sheet.shape(
            [(x - 8, 0), (x + 8, 0), (foot + spread, 640), (foot - spread, 640)],
            sheet.accent() if beam % 3 else sheet.palette.ink,
        )
    for head in range(sheet.width // 30):
        sheet.disc(head * 32 - 6, 655 + sheet.random.uniform(-18, 12), 30, sheet.palette.ink)
    sheet.box(0, 655, sheet.width, 400, sheet.palette.ink)


def curtains(sheet: Sheet) -> None:
    folds = sheet.random.choice([8, 10, 12])
    width = sheet.width / folds
    for fold in range(folds):
        colour = sheet.palette.first if fold % 2 else sheet.palette.second
        depth = 560 - 260 * math.sin(math.pi * (fold + 0.5) / folds)
        sheet.shape(
            [(fold * width, 0), ((fold + 1) * width, 0), ((fold + 1) * width - 6, depth), (fold * width + 6, depth)],
            colour,
        )
    sheet.disc(sheet.width / 2, 560, 120, sheet.palette.ink)
    sheet.disc(sheet.width / 2, 545, 96, sheet.palette.ground)


def pitch(sheet: Sheet) -> None:
    for band in range(0, 9, 2):
        sheet.shape(
            [(0, band * 90 - 200), (sheet.width, band * 90), (sheet.width, band * 90 + 90), (0, band * 90 - 110)],
            sheet.palette.second,
        )
    x, y = sheet.random.uniform(200, 520), 360
    sheet.disc(x, y, 190, sheet.palette.first)
    sheet.ring(x, y, 190, 12, sheet.palette.ink)
    for turn in range(3):
        angle = turn * math.pi / 3 + sheet.random.uniform(0, 0.5)
        dx, dy = 188 * math.cos(angle), 188 * math.sin(angle)
        sheet.path([(x - dx, y - dy), (x + dx, y + dy)], 12, sheet.palette.ink)


def leaves(sheet: Sheet) -> None:
    for _leaf in range(44):
        x, y = sheet.random.uniform(0, sheet.width), sheet.random.uniform(20, 640)
        size, angle = sheet.random.uniform(90, 190), sheet.random.uniform(0, math.tau)
        half = [(t / 12, math.sin(math.pi * t / 12) * 0.3) for t in range(13)]
        outline = half + [(u, -v) for u, v in reversed(half)]
        turned = [
            (
                x + size * (u * math.cos(angle) - v * math.sin(angle)),
                y + size * (u * math.sin(angle) + v * math.cos(angle)),
            )
            for u, v in outline
        ]
        sheet.shape(turned, sheet.random.choice([sheet.palette.first, sheet.palette.second, sheet.palette.ink]))


def columns(sheet: Sheet) -> None:
    count = sheet.random.choice([7, 9, 11])
    width = sheet.width / count
    for bar in range(count):
        height = sheet.random.uniform(140, 560)
        sheet.box(
            bar * width,
            640 - height,
            width - 10,
            height,
            [sheet.palette.first, sheet.palette.second, sheet.palette.ink][bar % 3],
        )
        sheet.disc(
            bar * width + (width - 10) / 2,
            640 - height,
            (width - 10) / 2,
            sheet.palette.ink if bar % 3 != 2 else sheet.palette.first,
        )


STYLES: dict[str, list[Callable[[Sheet], None]]] = {
    "concert": [arcs, strings, beams, sunrise],
    "conference": [columns, tiles, arcs],
    "gaming": [pixels],
    "educational": [tiles, columns, leaves],
    "theatre": [curtains, arcs],
    "sports": [pitch],
    "festival": [sunrise, leaves, beams],
    "workshop": [leaves, tiles],
}


def poster(seed: str, *, title: str, line: str, kind: str) -> bytes:
    """A poster of 720 x 960 as JPEG: a drawing in the manner of `kind` above the title and one small line."""
    chance = random.Random(seed)
    sheet = Sheet(POSTER, chance.choice(PALETTES), seed)
    chance.choice(STYLES[kind])(sheet)
    sheet.box(0, 690, sheet.width, 270, sheet.palette.ground)
    size = 74 if len(title) < 13 else 58 if len(title) < 30 else 44
    rows = textwrap.wrap(title, width=round(1120 / size))[:3]
    for number, row in enumerate(rows):
        sheet.write(40, 706 + number * size * 1.06, row, size, sheet.palette.ink)
    sheet.box(40, 912, 80, 6, sheet.palette.first)
    sheet.write(140, 902, line[:44], 22, sheet.palette.ink)
    return sheet.jpeg()


def portrait(seed: str) -> bytes:
    """A wide picture of an artist: a head and shoulders cut from paper."""
    sheet = Sheet(WIDE, random.Random(seed).choice(PALETTES), seed)
    pick, (x, y) = sheet.random, (sheet.width * sheet.random.uniform(0.35, 0.65), 330)
    for ring in range(7, 0, -1):
        sheet.disc(x, y, ring * 92, sheet.palette.second if ring % 2 else sheet.palette.ground)
    sheet.wedge(x, 830, 330, 180, 360, sheet.palette.ink)
    sheet.box(x - 52, 400, 104, 140, sheet.palette.first)
    sheet.shape(
        [(x + 140 * math.cos(t / 20 * math.tau), y + 175 * math.sin(t / 20 * math.tau)) for t in range(20)],
        sheet.palette.first,
    )
    sheet.wedge(x, y - 30, 178, pick.uniform(170, 200), pick.uniform(340, 370), sheet.palette.ink)
    if pick.random() < 0.5:
        sheet.box(x - 150, y - 20, 300, 16, sheet.palette.ink)
        for eye in (-62, 62):
            sheet.disc(x + eye, y - 4, 46, sheet.palette.ink)
    return sheet.jpeg()


def scene(seed: str) -> bytes:
    """A wide picture of an evening: light over a stage, and the heads of those in front."""
    sheet = Sheet(WIDE, random.Random(seed).choice(PALETTES), seed)
    for _lamp in range(5):
        sheet.disc(sheet.random.uniform(0, WIDE[0]), sheet.random.uniform(40, 420), 60, sheet.palette.second)
    beams(sheet)
    for _head in range(30):
        sheet.disc(sheet.random.uniform(0, WIDE[0]), sheet.random.uniform(600, 700), 34, sheet.palette.ink)
    return sheet.jpeg()


def facade(seed: str) -> bytes:
    """A wide picture of a venue: its front at dusk, with lit windows."""
    sheet = Sheet(WIDE, random.Random(seed).choice(PALETTES), seed)
    pick = sheet.random
    sheet.disc(pick.uniform(200, 1000), pick.uniform(100, 260), 110, sheet.palette.second)
    left, width, top = pick.uniform(120, 220), pick.uniform(740, 860), pick.uniform(220, 300)
    if pick.random() < 0.5:
        sheet.shape([(left - 40, top), (left + width / 2, top - 150), (left + width + 40, top)], sheet.palette.first)
    else:
        sheet.wedge(left + width / 2, top + 6, width / 2.6, 180, 360, sheet.palette.first)
    sheet.box(left, top, width, 640 - top, sheet.palette.ink)
    bays = pick.choice([5, 7, 9])
    bay = width / bays
    for number in range(bays):
        for row in range(2):
            x, y = left + number * bay + bay * 0.22, top + 40 + row * 130
            sheet.box(x, y, bay * 0.56, 90, sheet.palette.second if pick.random() < 0.7 else sheet.palette.first)
            sheet.disc(x + bay * 0.28, y, bay * 0.28, sheet.palette.second)
    sheet.box(left + width / 2 - 60, 520, 120, 120, sheet.palette.first)
    sheet.box(0, 640, sheet.width, 80, sheet.palette.first)
    return sheet.jpeg()
