"""Levels that a colour says: learned where a level's name stands on, in or beside its colour."""

from __future__ import annotations

import colorsys
from collections import Counter, defaultdict
from itertools import combinations

from evenhand.documents.labels import Scheme
from evenhand.documents.layout import Colours, Kind, Layout

_LEAST_CHROMA = 0.035  # of 1: the palest tints in use have about .05, greys that are not pure .02
_SAME_HUE = 14.0  # degrees by which tints of one colour differ in print
_APART = 22.0  # degrees that hues of two levels are apart at least, or tints of one are not told from the other's


def colour_of(told: object) -> str | None:
    """A colour, its parts from 0 to 1 as light or as four printing inks, as `#rrggbb`.

    None for black, white, greys and patterns, which carry no level.
    """
    parts = tuple(told) if isinstance(told, list | tuple) else ()
    if len(parts) not in (3, 4) or not all(isinstance(part, int | float) for part in parts):
        return None
    if len(parts) == 4:
        parts = tuple((1 - part) * (1 - parts[3]) for part in parts[:3])
    rgb = [min(max(float(part), 0.0), 1.0) for part in parts]
    return "#" + "".join(f"{round(255 * part):02x}" for part in rgb) if max(rgb) - min(rgb) >= _LEAST_CHROMA else None


def hue_of(colour: str) -> float:
    """Hue of `#rrggbb` in degrees, 0 to 360."""
    return 360 * colorsys.rgb_to_hls(*(int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)))[0]


def _between(one: str, other: str) -> float:
    apart = abs(hue_of(one) - hue_of(other))
    return min(apart, 360 - apart)


class ColourKey:
    """Which colour is which level's.

    Attributes:
        by_level: A colour for each level that has one of its own.
    """

    def __init__(self, by_level: dict[str, str]) -> None:
        self.by_level = by_level
        self._told_by_hue = all(_between(*pair) >= _APART for pair in combinations(by_level.values(), 2))

    def of(self, colours: Colours) -> str | None:
        """The level of what is marked, underlaid or written in these colours; None if none of them is a level's."""
        for colour in colours:
            if colour:
                for key, own in self.by_level.items():
                    if colour == own or (self._told_by_hue and _between(colour, own) <= _SAME_HUE):
                        return key
        return None


def find_colours(layout: Layout, scheme: Scheme) -> ColourKey | None:
    """The colours of levels, by marks before their names, or behind them, or of their letters; None without.

    All levels but one need a colour, each its own.
    """
    seen: list[dict[str, Counter[str]]] = [defaultdict(Counter) for _ in range(3)]
    for piece in layout.pieces():
        key = scheme.of(piece.text) if piece.kind is not Kind.ITEM else None
        if key:
            for channel, colour in enumerate(piece.colours):
                if colour:
                    seen[channel][key][colour] += 1
    for counted in seen:
        by_level = {key: colours.most_common(1)[0][0] for key, colours in counted.items()}
        if len(by_level) >= max(2, len(scheme.labels) - 1) and len(set(by_level.values())) == len(by_level):
            return ColourKey(by_level)
    return None
