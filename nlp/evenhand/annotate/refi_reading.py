"""Read a REFI-QDA project: texts, and for each stretch of them and each coder what was coded.

Codings of one user on one stretch are one coding, as programs write a selection for each code or one for all. Where a
note of Evenhand's supplements a stretch, the coding keeps its id and all that REFI has no place for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET  # walks a tree that `refi_archive` made

from evenhand.annotate.json_lines import unit_of
from evenhand.annotate.records import Annotations, Coder, Unit
from evenhand.annotate.refi_archive import Archive
from evenhand.annotate.refi_assembly import Stretch, Written, annotations_of
from evenhand.annotate.refi_codes import known_codes, line, plain_guid
from evenhand.annotate.refi_notes import coding_from, kept_note, parsed
from evenhand.annotate.refi_writing import user_guid
from evenhand.errors import InputError
from evenhand.scheme import SCHEME_VERSION

_OTHER_SOURCES = {"PictureSource", "PDFSource", "AudioSource", "VideoSource"}
_MODEL = re.compile(r"(.+) (\S+) \(model\)")  # the label of a model, where nothing but the name is left of it
_BOM = "\ufeff"


def left_out_of(project: ET.Element) -> list[str]:
    """Names of the sources that are no plain texts."""
    return [
        line(source.get("name"), source.tag)
        for source in project.findall("./Sources/*")
        if source.tag in _OTHER_SOURCES or (source.tag == "TextSource" and not _has_text(source))
    ]


def project_of(project: ET.Element, archive: Archive) -> Annotations:
    """Texts and codings of a project.

    Raises:
        InputError: something is not as it should be, or there are only sources that are no texts.
    """
    return _Reader(project, archive).read()


@dataclass
class _Found:
    """What a note tells: the fields for us, and in words what people wrote there."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    ours: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


class _Reader:
    def __init__(self, project: ET.Element, archive: Archive) -> None:
        self._project, self._archive = project, archive
        self._codes = known_codes(project)
        self._users = {plain_guid(user.get("guid")): user.get("name") for user in project.findall("./Users/User")}
        self._notes = {plain_guid(note.get("guid")): note for note in project.findall("./Notes/Note")}
        # ATLAS.ti keeps line ends of two characters in its files, and counts them as one.
        self._one_line_end = "atlas" in (project.get("origin") or "").lower()
        self._last_counted: tuple[str, list[int]] = "", []
        self._bases: dict[str, Coder] = {}

    def read(self) -> Annotations:
        sources = [each for each in self._project.findall("./Sources/TextSource") if _has_text(each)]
        if not sources and (others := left_out_of(self._project)):
            message = f"has no plain texts, only {len(others):,} other sources (PDF, pictures, sound or film)"
            raise InputError(message)
        placed: list[tuple[float, Unit]] = []
        stretches: list[Stretch] = []
        ids: set[str] = set()
        for source in sources:
            place, unit = self._unit(source, ids)
            placed.append((place, unit))
            stretches += self._stretches(source, unit)
        units = tuple(unit for _, unit in sorted(placed, key=lambda one: one[0]))
        scheme = self._found(self._project, "the project").fields.get("scheme")
        codings = annotations_of(stretches, self._coder)
        return Annotations(units, tuple(codings), scheme if isinstance(scheme, str) else SCHEME_VERSION)

    def _unit(self, source: ET.Element, ids: set[str]) -> tuple[float, Unit]:
        name = line(source.get("name"), line(source.get("guid"), "text"))
        fields = self._found(source, f"source {name}").fields
        text = self._text(source, f"source {name}")
        if text.startswith(_BOM) and fields.get("characters") != len(text):
            text = text[1:]  # the mark of the file; a text that begins with one itself has been counted with it
        try:
            unit = unit_of({**fields["text"], "text": text}) if "text" in fields else Unit(name, text)
        except (InputError, KeyError, TypeError, AttributeError) as error:
            message = f"the note of source {name} has a changed line of Evenhand's ({type(error).__name__}); undo it"
            raise InputError(message) from None
        place, given, number = fields.get("place"), unit.id, 1
        while unit.id in ids:  # two of one name
            number += 1
            unit = Unit(line(f"{given[:180]} ({number})", "text"), text, unit.document, unit.data)
        ids.add(unit.id)
        return place if isinstance(place, int) else float("inf"), unit

    def _text(self, source: ET.Element, where: str) -> str:
        path = source.get("plainTextPath")
        return self._archive.text(path, where) if path else source.findtext("PlainTextContent") or ""

    def _found(self, element: ET.Element, where: str) -> _Found:
        """What its description and its notes tell."""
        found = _Found()
        notes = [self._notes.get(plain_guid(each.get("targetGUID"))) for each in element.findall("NoteRef")]
        texts = [element.findtext("Description") or ""]
        texts += [self._text(each, f"a note of {where}") for each in notes if each is not None and not _places(each)]
        for text in texts:
            fields, words = parsed(kept_note(text), where)
            if fields:
                found.fields = found.fields or fields
                found.ours.append(words)
            elif words.strip():
                found.words.append(words.strip())
        return found

    def _stretches(self, source: ET.Element, unit: Unit) -> list[Stretch]:
        found = [self._stretch(each, unit, self._found(each, f"source {unit.id}")) for each in _places(source)]
        for reference in source.findall("NoteRef"):  # QualCoder: a note of a stretch is a note with a selection
            note = self._notes.get(plain_guid(reference.get("targetGUID")))
            if note is not None and (places := _places(note)):
                words = kept_note(self._text(note, f"a note of source {unit.id}")).strip()
                found += [self._stretch(each, unit, _Found(words=[words])) for each in places]
        if codings := source.findall("Coding"):
            written = [self._written(each, source, unit) for each in codings]
            found.append(Stretch(unit.id, None, None, plain_guid(source.get("guid")), "", "", written))
        return [each for each in found if each.codings or each.base or each.notes]

    def _stretch(self, selection: ET.Element, unit: Unit, told: _Found) -> Stretch:
        start, end = self._position(selection, unit)
        where = f"source {unit.id} at {start} to {end}"
        base, notes = None, [*told.words]
        if "coding" in told.fields:
            changed = [coding_from(told.fields, words, where) for words in told.ours]
            base = changed[0][0]
            notes = [next((note for _, note in changed if note is not None), base.note), *told.words]
            self._bases[user_guid(base.coder)] = base.coder
        whole = (start, end) == (0, len(unit.text)) and (base is None or base.start is None)
        return Stretch(
            unit.id,
            None if whole else start,
            None if whole else end,
            plain_guid(selection.get("guid")),
            plain_guid(selection.get("creatingUser") or selection.get("modifyingUser")),
            selection.get("creationDateTime") or "",
            [self._written(each, selection, unit) for each in selection.findall("Coding")],
            base,
            [each for each in notes if each],
        )

    def _position(self, selection: ET.Element, unit: Unit) -> tuple[int, int]:
        given = [selection.get(name) or "" for name in ("startPosition", "endPosition")]
        try:
            start, end = (int(each) for each in given)
            if self._one_line_end and "\r\n" in unit.text and start >= 0 and end >= 0:
                start, end = self._counted(unit)[start], self._counted(unit)[end]
        except (ValueError, IndexError):
            start = end = -1
        if not 0 <= start < end <= len(unit.text) and not start == end == len(unit.text) == 0:
            told = " to ".join(each[:20] if each.strip("-").isdecimal() else "?" for each in given)
            message = f"source {unit.id}: {told} is no stretch of its {len(unit.text):,} characters; export it again"
            raise InputError(message)
        return start, end

    def _counted(self, unit: Unit) -> list[int]:
        """Where each character is for a program that counts a line end of two characters as one."""
        if self._last_counted[0] != unit.id:
            ends = [at for at in range(len(unit.text) + 1) if at == 0 or unit.text[at - 1 : at + 1] != "\r\n"]
            self._last_counted = unit.id, ends
        return self._last_counted[1]

    def _written(self, coding: ET.Element, holder: ET.Element, unit: Unit) -> Written:
        reference = coding.find("CodeRef")
        code = self._codes.get(plain_guid(None if reference is None else reference.get("targetGUID")))
        if code is None:
            message = f"source {unit.id} has a coding whose code is not in the codebook; export the project again"
            raise InputError(message)
        user = coding.get("creatingUser") or holder.get("creatingUser") or holder.get("modifyingUser")
        made = coding.get("creationDateTime") or holder.get("creationDateTime") or ""
        return Written(code, plain_guid(user), made, plain_guid(coding.get("guid")))

    def _coder(self, user: str) -> Coder:
        """Who a user is: a coder that a note tells, by identifier or label, or else a person or model by its name."""
        if user in self._bases:
            return self._bases[user]
        given = self._users.get(user) or ""
        labels = {coder.label: coder for coder in self._bases.values()}
        if given in labels:
            return labels[given]
        name = line(given, "unknown")
        model = _MODEL.fullmatch(name)
        return Coder(model[1].strip(), "model", model[2]) if model else Coder(name)


def _has_text(source: ET.Element) -> bool:
    return bool(source.get("plainTextPath")) or source.find("PlainTextContent") is not None


def _places(element: ET.Element) -> list[ET.Element]:
    return element.findall("PlainTextSelection")
