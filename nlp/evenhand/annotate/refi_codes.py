"""The coding scheme as REFI-QDA codes: groups, their codes, and which code of a foreign project is which of ours."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET  # writes here, and reads nothing

from evenhand.annotate.records import Annotation
from evenhand.annotate.workbook_guide import ASSERTION_MEANINGS, FRAME_MEANINGS, ISSUE_MEANINGS
from evenhand.framing.scheme import CATEGORIES, CATEGORY_NAMES
from evenhand.scheme import ASSERTIONS, FRAMES, ISSUES, LEVEL_MEANINGS, LEVELS, SEVERITIES, SEVERITY_MEANINGS

_NAMESPACE = uuid5(NAMESPACE_URL, "urn:evenhand:refi-qda")
_LONGEST = 200  # characters of a name, as `records` has it

SCHEME: dict[str, dict[str, str]] = {
    "Level": {str(level): LEVEL_MEANINGS[level] for level in LEVELS},
    "Severity": {str(number): SEVERITY_MEANINGS[number] for number in SEVERITIES},
    "Issue": {str(issue): ISSUE_MEANINGS[issue] for issue in ISSUES},
    "Assertion": {str(assertion): ASSERTION_MEANINGS[assertion] for assertion in ASSERTIONS},
    "Frame": {str(frame): FRAME_MEANINGS[frame] for frame in FRAMES},
    "Framing": {str(category): CATEGORY_NAMES[category] for category in CATEGORIES},
}
_GROUP_MEANINGS = {
    "Level": "Level of intervention; neighbours may stand together.",
    "Severity": "How severe, from 1 to 6; one of them.",
    "Issue": "What it is about; several may stand together.",
    "Assertion": "Whether it is so, was so, might be so, or is so of somebody else; one of them.",
    "Frame": "How a sentence tells it; one of them.",
    "Framing": "How a few words frame a person, a family or a worry; one of them.",
}


class Code(NamedTuple):
    """A code.

    Attributes:
        group: Of the scheme; "" for a code of another.
        name: In its group; of another scheme its whole path, with "/" between.
    """

    group: str
    name: str


def guid(*parts: str) -> str:
    """The identifier of something named by lines, the same wherever and whenever it is written."""
    return str(uuid5(_NAMESPACE, "\n".join(parts)))


@lru_cache(maxsize=4096)
def code_guid(code: Code) -> str:
    """The identifier of a code."""
    return guid("code", *code)


def plain_guid(value: str | None) -> str:
    """An identifier as any program writes it, without braces and in lower case; "" for none.

    >>> plain_guid("{8E7FDDFE-DB36-48DC-B464-80C3A4DECD90}")
    '8e7fddfe-db36-48dc-b464-80c3a4decd90'
    """
    return (value or "").strip().strip("{}").lower()


def line(value: str | None, otherwise: str) -> str:
    """A name of any program as a line that `records` takes; what is one already stays as it is."""
    kept = "".join(each if each.isprintable() else " " for each in value or "").strip()
    return kept[:_LONGEST].strip() or otherwise


def severity_code(severity: float) -> str:
    """The whole number nearest to a severity; halves go up."""
    return str(math.floor(severity + 0.5))


def codes_of(coding: Annotation) -> list[Code]:
    """All codes of a coding, each once."""
    found = [Code("Level", str(level)) for level in coding.levels]
    if coding.severity is not None:
        found.append(Code("Severity", severity_code(coding.severity)))
    found += [Code("Issue", str(issue)) for issue in coding.issues]
    singles = {"Assertion": coding.assertion, "Frame": coding.frame, "Framing": coding.framing}
    found += [Code(group, str(value)) for group, value in singles.items() if value is not None]
    return found + [Code("", name) for name in coding.other]


def codebook_of(others: Iterable[str]) -> ET.Element:
    """The element of a project that has all codes: those of the scheme, and others in a group for each prefix."""
    codebook = ET.Element("CodeBook")
    codes = ET.SubElement(codebook, "Codes")
    for group, members in SCHEME.items():
        parent = _add(codes, guid("group", group), group, _GROUP_MEANINGS[group], codable=False)
        for name, meaning in members.items():
            _add(parent, code_guid(Code(group, name)), name, meaning)
    groups: dict[str, ET.Element] = {}
    for path in sorted(set(others)):
        group, _, name = path.partition("/")
        if not group or not name:
            _add(codes, code_guid(Code("", path)), path, "")
            continue
        if group not in groups:
            groups[group] = _add(codes, guid("other group", group), group, "", codable=False)
        _add(groups[group], code_guid(Code("", path)), name, "")
    return codebook


def codebook_xml() -> bytes:
    """The scheme as a codebook file."""
    codebook = codebook_of(())
    codebook.attrib.update({"xmlns": "urn:QDA-XML:codebook:1.0", "origin": "Evenhand"})
    ET.indent(codebook)
    content: bytes = ET.tostring(codebook, encoding="utf-8", xml_declaration=True)
    return content


def known_codes(project: ET.Element) -> dict[str, Code]:
    """Which code each identifier of a project means; of cases too, as NVivo codes texts with them."""
    found: dict[str, Code] = {}
    waiting: list[tuple[ET.Element, tuple[str, ...]]] = [(e, ()) for e in project.findall("./CodeBook/Codes/Code")]
    while waiting:
        element, above = waiting.pop()
        path = (*above, element.get("name") or "")
        found[plain_guid(element.get("guid"))] = _meant(plain_guid(element.get("guid")), path)
        waiting += [(each, path) for each in element.findall("Code")]
    for case in project.findall("./Cases/Case"):
        found.setdefault(plain_guid(case.get("guid")), Code("", line(f"Case/{case.get('name') or ''}", "Case")))
    return found


def _meant(identifier: str, path: tuple[str, ...]) -> Code:
    """Our own identifiers first: they hold where a code was renamed, and where another scheme has our names."""
    if identifier in _OURS:
        return _OURS[identifier]
    other = Code("", line("/".join(path), "unnamed"))
    if len(path) > 1 and identifier != code_guid(other):
        return _BY_NAME.get((_alike(path[-2]), _alike(path[-1])), other)
    return other


def _alike(name: str) -> str:
    return "_".join(name.replace("_", " ").split()).lower()


def _add(parent: ET.Element, identifier: str, name: str, meaning: str, *, codable: bool = True) -> ET.Element:
    code = ET.SubElement(parent, "Code", guid=identifier, name=name, isCodable=str(codable).lower())
    if meaning:
        ET.SubElement(code, "Description").text = meaning
    return code


_ALL = [Code(group, name) for group, members in SCHEME.items() for name in members]
_OURS = {code_guid(code): code for code in _ALL}
_BY_NAME = {(_alike(code.group), _alike(code.name)): code for code in _ALL}
