"""Palettes for drawn posters: ground, ink, and two accents that hold against both."""

from typing import NamedTuple


class Palette(NamedTuple):
    ground: str
    ink: str
    first: str
    second: str


PALETTES = [
    Palette(*colours.split())
    for colours in (
        "#f3e9d2 #1b1b1e #d7263d #f46036",
        "#0b132b #f5f0e1 #ff6b35 #5bc0be",
        "#fff8e7 #22223b #2a9d8f #e9c46a",
        "#1d3557 #f1faee #e63946 #a8dadc",
        "#f2e8cf #283618 #bc4749 #6a994e",
        "#14213d #fdf0d5 #fca311 #669bbc",
        "#f7ede2 #3d405b #e07a5f #81b29a",
        "#2b2d42 #edf2f4 #ef233c #8d99ae",
        "#fefae0 #3a2e39 #d4a373 #588157",
        "#231942 #f7f4ea #e0b1cb #f26a4f",
        "#e9f5db #132a13 #4f772d #f4a259",
        "#003049 #fdf0d5 #c1121f #f77f00",
        "#faf3dd #0d3b66 #ee964b #f95738",
        "#10002b #f8edeb #ff9e00 #7b9e87",
        "#e0fbfc #253237 #ee6c4d #3d5a80",
        "#2d3142 #f4f1de #ef8354 #bfc0c0",
        "#fffcf2 #252422 #eb5e28 #3a7d44",
        "#0f4c5c #fff7e6 #fb8b24 #e36414",
        "#ffe8d6 #463f3a #b56576 #355070",
        "#1a1423 #f2e9e4 #b75d69 #eacdc2",
        "#edf6f9 #1f363d #006d77 #e29578",
        "#3c1518 #f2f3ae #d58936 #a44200",
        "#f8f4f0 #011627 #2ec4b6 #e71d36",
        "#0a2342 #fdfdf6 #2ca58d #f46197",
        "#fbf1c7 #282828 #cc241d #458588",
        "#07393c #f0edee #f5b700 #90ddf0",
        "#f5ebe0 #2f1b25 #9d0208 #6b705c",
        "#1b4332 #fefae0 #ffb703 #95d5b2",
        "#eef0f2 #1c1c1c #daa520 #376996",
        "#33032f #f6e8ea #ef626c #84dcc6",
        "#fdf6ec #2c2a4a #4f518c #f08a4b",
        "#102542 #f8f7f5 #f87060 #b3a394",
    )
]
