"""Pictures of results as SVG: presentation attributes and classes alone; no style attribute, script or words in them.

A picture stretches with the page, so figures and names stand beside it in the page and not in it. Each has a text
alternative, or is hidden from those who hear the page where the figure stands next to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

_WIDE = 100.0  # units of a picture's width; it is stretched to the width that it is given
_THIN = 0.6  # units, of a line: still seen at 80 pixels
_SEVERITIES = (1.0, 6.0)  # ends of the severity scale


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a stacked bar.

    Attributes:
        share: Of the whole, 0 to 1.
        kind: What its class ends with: a level, or a run of them such as "C-D".
    """

    share: float
    kind: str


def bar(share: float, kind: str) -> Markup:
    """A bar of a share of its width, for a table that has the figure beside it."""
    wide = _WIDE * min(max(share, 0.0), 1.0)
    drawn = Markup('<rect class="eh-fill eh-fill--{}" x="0" y="0" width="{}" height="10"/>').format(kind, _told(wide))
    return _hidden(_track() + (drawn if wide else Markup("")))


def stacked(parts: Sequence[Part], text: str) -> Markup:
    """Parts of a whole side by side, parted by gaps.

    Args:
        parts: From the left; shares that do not add up to 1 leave the rest blank.
        text: What it shows, for those who do not see it; "" where the figures stand beside it.
    """
    drawn, at = [_track()], 0.0
    for part in parts:
        wide = _WIDE * min(max(part.share, 0.0), 1.0)
        if wide:
            shape = Markup('<rect class="eh-fill eh-fill--{}" x="{}" y="0" width="{}" height="10"/>')
            drawn.append(shape.format(part.kind, _told(at), _told(max(wide - _THIN, _THIN))))
        at += wide
    whole = Markup("").join(drawn)
    return _named(whole, text) if text else _hidden(whole)


def interval(middle: float, low: float, high: float, *, beside: float | None = None) -> Markup:
    """A figure on the severity scale with its interval, for a table that has both beside it.

    Args:
        middle: The figure.
        low: Lower end.
        high: Upper end.
        beside: Another figure that it is compared with, as a line across.
    """
    left, right, at = (_on_scale(value) for value in (low, high, middle))
    shapes = [_ruled()]
    if beside is not None:
        across = Markup('<rect class="eh-beside" x="{}" y="0" width="{}" height="10"/>')
        shapes.append(across.format(_told(_on_scale(beside) - _THIN / 2), _told(_THIN)))
    shapes += [
        Markup('<rect class="eh-span" x="{}" y="4" width="{}" height="2"/>').format(
            _told(left), _told(max(right - left, _THIN))
        ),
        Markup('<rect class="eh-middle" x="{}" y="1.5" width="1.6" height="7"/>').format(_told(at - 0.8)),
    ]
    return _hidden(Markup("").join(shapes))


def scale(value: float, text: str) -> Markup:
    """A figure on the severity scale.

    Args:
        value: 1.0 to 6.0.
        text: What it shows, for those who do not see it.
    """
    reached = Markup('<rect class="eh-span" x="0" y="3.5" width="{}" height="3"/>').format(_told(_on_scale(value)))
    mark = Markup('<rect class="eh-middle" x="{}" y="0.5" width="1.6" height="9"/>').format(
        _told(min(max(_on_scale(value) - 0.8, 0.0), _WIDE - 1.6))
    )
    return _named(_ruled() + reached + mark, text)


def _on_scale(value: float) -> float:
    least, most = _SEVERITIES
    return _WIDE * (min(max(value, least), most) - least) / (most - least)


def _track() -> Markup:
    return Markup('<rect class="eh-track" x="0" y="0" width="100" height="10"/>')


def _ruled() -> Markup:
    """A line at each whole grade."""
    line = Markup('<rect class="eh-rule" x="{}" y="0" width="0.3" height="10"/>')
    return _track() + Markup("").join(line.format(_told(_on_scale(grade) - 0.15)) for grade in range(1, 7))


def _hidden(shapes: Markup) -> Markup:
    return Markup(
        '<svg class="eh-picture" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        "{}</svg>"
    ).format(shapes)


def _named(shapes: Markup, text: str) -> Markup:
    return Markup(
        '<svg class="eh-picture" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    ).format(escape(text), shapes)


def _told(number: float) -> str:
    """A coordinate to a hundredth, without a fraction of nought."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
