"""An event's accent keeps its contrast: every hue, in both themes, computed from the stylesheet itself."""

import math
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from portal.accent import hue_of

CSS = Path(finders.find("portal/foyer.css")).read_text(encoding="utf-8")
HUES = {
    m[1]: (float(m[2]), float(m[3]))
    for m in re.finditer(r'\[data-hue="(\w+)"\] \{\s*--h: ([\d.]+);\s*--c: ([\d.]+)', CSS)
}
BRIGHT = re.findall(r'\[data-hue="(\d+)"\]', re.search(r":is\((\[data-hue.*?)\) \{", CSS)[1])


def luminance(lightness, chroma, hue):
    """WCAG's relative luminance of an OKLCH colour, clipped to sRGB."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    rgb = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    return sum(weight * min(1, max(0, part)) for weight, part in zip((0.2126, 0.7152, 0.0722), rgb, strict=True))


def contrast(one, other):
    low, high = sorted((luminance(*one), luminance(*other)))
    return (high + 0.05) / (low + 0.05)


def block(selector):
    return CSS[CSS.index(selector) :].partition("}")[0]


def both(name, source, hue=0.0, chroma=0.0):
    """The light and the dark value of the token `name` in the rule `source`, as (lightness, chroma, hue)."""
    value = re.search(rf"--{name}: (.*?);", source)[1]
    colors = re.findall(
        r"oklch\(([\d.]+) ([^()]+?|calc\([^()]*(?:\([^()]*\))?[^()]*\)|var\(--c\)) ([\d.]+|var\(--h\))\)", value
    )
    return [(float(light), _chroma(c, chroma), hue if "var" in h else float(h)) for light, c, h in (colors * 2)[:2]]


def _chroma(text, chroma):
    if "calc" in text:
        return chroma * float(re.search(r"\* ([\d.]+)", text)[1])
    return chroma if "var" in text else float(text)


ROOT = block(":root {\n    color-scheme")
ACCENT = block(":root,\n  [data-hue]")
YELLOW = block('  :is([data-hue="45"]')
ORANGE = block('  [data-hue="45"] {\n    --panel')


def test_the_stylesheet_knows_every_hue_that_a_poster_can_have():
    assert set(HUES) == {str(hue) for hue in range(0, 360, 15)} | {"none"}


@pytest.mark.parametrize("name", HUES)
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_on_a_panel_and_accents_on_every_ground_can_be_read(name, theme):
    hue, chroma = HUES[name]
    ink = YELLOW if name in BRIGHT else ACCENT
    panel = ORANGE if name == "45" else ink
    assert contrast(both("panel", panel, hue, chroma)[theme], both("on-panel", ink, hue)[theme]) >= 4.5
    accent = both("accent", ACCENT, hue, chroma)[theme]
    for ground in ("paper", "sheet", "sunken"):
        assert contrast(accent, both(ground, ROOT)[theme]) >= 4.5
    assert contrast(both("tint", ACCENT, hue, chroma)[theme], both("ink", ROOT)[theme]) >= 7


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "ink-soft", "spot", "good", "warn", "bad"])
def test_inks_can_be_read_on_every_ground(ink, theme):
    for ground in ("paper", "sheet", "sunken"):
        assert contrast(both(ink, ROOT)[theme], both(ground, ROOT)[theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("tone", ["good", "warn", "bad"])
def test_notices_can_be_read(tone, theme):
    assert contrast(both(tone, ROOT)[theme], both(f"{tone}-tint", ROOT)[theme]) >= 4.5
    assert contrast(both("ink", ROOT)[theme], both(f"{tone}-tint", ROOT)[theme]) >= 7


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_edges_of_inputs_and_the_spot_button_stand_out(theme):
    assert contrast(both("edge", ROOT)[theme], both("sheet", ROOT)[theme]) >= 3
    assert contrast(both("edge", ROOT)[theme], both("paper", ROOT)[theme]) >= 3
    for spot in ("spot", "spot-strong"):
        assert contrast(both(spot, ROOT)[theme], both("on-spot", ROOT)[theme]) >= 4.5


@pytest.mark.parametrize(
    ("color", "hue"),
    [
        ("#ff0000", "30"),
        ("#00ff00", "135"),
        ("#0000ff", "270"),
        ("#ffd000", "90"),
        ("#808080", "none"),
        ("#000000", "none"),
        ("#ffffff", "none"),
        ("", ""),
        (None, ""),
        ("red", ""),
        ('#ff0000" onload="x', ""),
    ],
)
def test_a_poster_s_colour_becomes_a_hue(color, hue):
    assert hue_of(color) == hue
