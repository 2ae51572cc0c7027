"""A chart as SVG that stands in a page: named for those who do not see it, without scripts, ids its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET  # reads what the renderer wrote, nothing from outside

from evenhand.consistency.report.words import shown

if TYPE_CHECKING:
    from altair import TopLevelMixin

_SVG = "{http://www.w3.org/2000/svg}"
_DROPPED = frozenset({"script", "a", "image", "foreignObject"})  # would run, or load from elsewhere
# Of no use in a page: it has its own type, and reads the title and the table in place of each mark.
_BARE = ("font-family", "pointer-events", "class", "role", "aria-label", "aria-roledescription", "aria-hidden")
_HANDED_DOWN = ("fill", "stroke", "stroke-width", "font-size", "text-anchor")  # that a group can say once for all in it
_NUMBER = re.compile(r"-?\d+\.\d{2,}")  # coordinates: a tenth of a pixel is not seen


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart in a page.

    Attributes:
        key: Its id, unique in the page.
        title: In a few words.
        text: What it shows, for those who do not see it.
        svg: The markup; its texts are escaped.
    """

    key: str
    title: str
    text: str
    svg: str


def drawing(chart: TopLevelMixin, *, key: str, title: str, text: str) -> Drawing:
    """Render a chart."""
    import vl_convert

    root = ET.fromstring(vl_convert.vegalite_to_svg(chart.to_dict()))  # noqa: S314 - as above
    _cleaned(root, key)
    _short(root)
    wide, high = float(root.get("width", "0")), float(root.get("height", "0"))
    root.attrib.clear()
    root.attrib.update(
        {
            "viewBox": f"0 0 {wide:g} {high:g}",
            "width": f"{wide:g}",
            "height": f"{high:g}",
            "role": "img",
            "aria-labelledby": f"{key}-title",
            "aria-describedby": f"{key}-text",
        }
    )
    for place, (name, own, told) in enumerate((("title", "title", title), ("desc", "text", text))):
        element = ET.Element(_SVG + name, {"id": f"{key}-{own}"})
        element.text = shown(told)
        root.insert(place, element)
    return Drawing(key, shown(title), shown(text), _markup(root))


def _cleaned(root: ET.Element, key: str) -> None:
    """Take out what may not be in a page; ids get the key and a place, as the renderer counts on over charts."""
    for parent in root.iter():
        for child in [child for child in parent if child.tag.removeprefix(_SVG) in _DROPPED]:
            parent.remove(child)
    known = [element.get("id") for element in root.iter() if "id" in element.attrib]
    own = {f"url(#{id_})": f"{key}-{number}" for number, id_ in enumerate(known, 1)}
    for element in root.iter():
        for name, value in list(element.attrib.items()):
            if name in _BARE or name.lower().startswith("on") or name.endswith("href"):
                del element.attrib[name]
            elif name == "id":
                element.set(name, own[f"url(#{value})"])
            elif value in own:
                element.set(name, f"url(#{own[value]})")
            else:
                element.set(name, _NUMBER.sub(lambda found: f"{float(found.group()):.1f}", value))


def _short(parent: ET.Element) -> None:
    """Take out what draws nothing, and say once what all parts of a group have in common."""
    for child in list(parent):
        _short(child)
        empty = child.tag == _SVG + "g" and not len(child)
        if empty or child.get("display") == "none" or (child.tag == _SVG + "path" and child.get("d", "") in _NOTHING):
            parent.remove(child)
    if parent.tag != _SVG + "g" or len(parent) < 2:
        return
    for name in _HANDED_DOWN:
        values = {child.get(name) for child in parent}
        if len(values) == 1 and (value := values.pop()) is not None:
            parent.set(name, value)
            for child in parent:
                del child.attrib[name]


_NOTHING = ("", "M0,0h0v0h0Z")


def _markup(root: ET.Element) -> str:
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
    return ET.tostring(root, encoding="unicode")
