from xml.etree import ElementTree as ET

import pytest
from markupsafe import Markup

from evenhand_serve import pictures


def parsed(picture: Markup) -> ET.Element:
    return ET.fromstring(str(picture))  # noqa: S314 - our own markup


def widths(picture: Markup, kind: str) -> list[float]:
    return [float(one.get("width", "nan")) for one in parsed(picture) if kind in (one.get("class") or "")]


@pytest.mark.parametrize(
    "picture",
    [
        pictures.bar(0.3, "C"),
        pictures.stacked([pictures.Part(0.5, "A"), pictures.Part(0.5, "mixed")], "half and half"),
        pictures.interval(3.5, 3.0, 4.0, beside=3.2),
        pictures.interval(3.5, 3.0, 4.0),
        pictures.scale(6.0, "six"),
    ],
    ids=["bar", "stacked", "interval beside", "interval", "scale"],
)
def test_every_picture_is_xml_without_style_script_or_words(picture: Markup) -> None:
    root = parsed(picture)
    for element in root.iter():
        assert element.tag in {"svg", "rect"}
        assert not {"style", "href", "onload"} & set(element.attrib)
        assert not (element.text or "").strip()
    for rect in root:
        assert -0.2 <= float(rect.get("x", "nan")) <= 100.2
        assert float(rect.get("x", "nan")) + float(rect.get("width", "nan")) <= 100.9


@pytest.mark.parametrize(("share", "wide"), [(0.25, [25.0]), (1.7, [100.0]), (-1.0, []), (0.0, [])])
def test_a_bar_is_as_wide_as_its_share_and_never_leaves_its_track(share: float, wide: list[float]) -> None:
    assert widths(pictures.bar(share, "C"), "eh-fill--C") == wide


def test_parts_that_are_nought_are_not_drawn() -> None:
    drawn = pictures.stacked([pictures.Part(0.0, "A"), pictures.Part(1.0, "D")], "all at D")
    assert widths(drawn, "eh-fill--A") == []
    assert len(widths(drawn, "eh-fill--D")) == 1


def test_a_picture_with_a_text_is_named_and_one_beside_its_figure_is_hidden() -> None:
    named, hidden = parsed(pictures.scale(2.0, "two")), parsed(pictures.bar(0.5, "A"))
    assert (named.get("role"), named.get("aria-label")) == ("img", "two")
    assert hidden.get("aria-hidden") == "true"


def test_texts_and_kinds_are_escaped() -> None:
    hostile = '"><script>alert(1)</script>'
    for drawn in (pictures.scale(2.0, hostile), pictures.bar(0.5, hostile)):
        assert "<script>" not in drawn
        parsed(drawn)
    assert parsed(pictures.scale(2.0, hostile)).get("aria-label") == hostile


def test_figures_off_the_scale_are_drawn_at_its_ends() -> None:
    drawn = parsed(pictures.interval(9.0, -3.0, 12.0))
    span = next(one for one in drawn if one.get("class") == "eh-span")
    assert (span.get("x"), span.get("width")) == ("0", "100")
