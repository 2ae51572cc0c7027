"""Write a REFI-QDA project: its XML and, as files of their own, its texts byte by byte."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from xml.etree import ElementTree as ET  # writes here, and reads nothing
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from evenhand.annotate.json_lines import time_text
from evenhand.annotate.records import Annotation, Annotations, Coder, Unit
from evenhand.annotate.refi_archive import check_writable
from evenhand.annotate.refi_codes import code_guid, codebook_of, codes_of, guid
from evenhand.annotate.refi_notes import coding_note, project_note, unit_note

_FOLDER = "sources"  # in lower case: QualCoder's maintainers found that ATLAS.ti refuses another
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=4096)
def user_guid(coder: Coder) -> str:
    """The identifier of a coder."""
    return guid("user", coder.kind, coder.name, coder.version)


def project_bytes(collection: Annotations) -> bytes:
    """The archive.

    Raises:
        InputError: there is more than a project can hold.
    """
    root = _project(collection)
    xml: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    check_writable(xml, sum(1 for _ in root.iter()), len(collection.units) + 1)
    stream = BytesIO()
    with ZipFile(stream, "w") as archive:
        _put(archive, "project.qde", xml)
        for unit in collection.units:
            _put(archive, f"{_FOLDER}/{_file(unit)}", unit.text.encode())
    return stream.getvalue()


def _project(collection: Annotations) -> ET.Element:
    made = time_text(max((coding.made for coding in collection.codings), default=_FIRST))
    root = ET.Element("Project", {"xmlns": "urn:QDA-XML:project:1.0", "name": "Evenhand", "origin": "Evenhand"})
    root.set("creationDateTime", made)
    if collection.coders:
        users = ET.SubElement(root, "Users")
        for coder in collection.coders:
            named = coder.label.removesuffix(" (model)") if coder.kind == "model" else coder.name
            ET.SubElement(users, "User", guid=user_guid(coder), name=coder.label, id=named)
    root.append(codebook_of(name for coding in collection.codings for name in coding.other))
    notes = ET.Element("Notes")
    if collection.units:
        sources = ET.SubElement(root, "Sources")
        codings = collection.by_unit()
        for place, unit in enumerate(collection.units):
            sources.append(_source(unit, place, codings[unit.id], notes, made))
    root.append(notes)
    words = project_note(collection.scheme)
    ET.SubElement(root, "Description").text = words
    ET.SubElement(root, "NoteRef", targetGUID=_note(notes, "Evenhand", words, {"creationDateTime": made}))
    return root


def _source(unit: Unit, place: int, codings: list[Annotation], notes: ET.Element, made: str) -> ET.Element:
    named = {"guid": guid("source", unit.id), "name": unit.id, "plainTextPath": f"internal://{_file(unit)}"}
    source = ET.Element("TextSource", {**named, "creationDateTime": made})
    words = unit_note(unit, place)
    ET.SubElement(source, "Description").text = words
    for coding in codings:
        source.append(_selection(coding, unit, notes))
    target = _note(notes, f"Text {unit.id}", words, {"creationDateTime": made})
    ET.SubElement(source, "NoteRef", targetGUID=target)
    return source


def _selection(coding: Annotation, unit: Unit, notes: ET.Element) -> ET.Element:
    who = {"creatingUser": user_guid(coding.coder), "creationDateTime": time_text(coding.made)}
    start, end = (0, len(unit.text)) if coding.start is None else (coding.start, coding.end)
    places = {"startPosition": str(start), "endPosition": str(end)}
    selection = ET.Element("PlainTextSelection", {"guid": guid("selection", coding.id), **places, **who})
    words = coding_note(coding)
    ET.SubElement(selection, "Description").text = words
    for code in codes_of(coding):
        each = ET.SubElement(selection, "Coding", {"guid": guid("coding", coding.id, *code), **who})
        ET.SubElement(each, "CodeRef", targetGUID=code_guid(code))
    ET.SubElement(selection, "NoteRef", targetGUID=_note(notes, f"Coding {coding.id}", words, who))
    return selection


def _note(notes: ET.Element, name: str, words: str, who: dict[str, str]) -> str:
    identifier = guid("note", name)
    note = ET.SubElement(notes, "Note", {"guid": identifier, "name": name, **who})
    ET.SubElement(note, "PlainTextContent").text = words
    return identifier


def _file(unit: Unit) -> str:
    return f"{guid('file', unit.id)}.txt"


def _put(archive: ZipFile, name: str, content: bytes) -> None:
    part = ZipInfo(name)  # of 1980: the same collection gives the same bytes
    part.external_attr = 0o644 << 16  # what is unpacked can be read
    archive.writestr(part, content, ZIP_DEFLATED)
