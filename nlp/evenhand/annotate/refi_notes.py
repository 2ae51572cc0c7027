"""What REFI-QDA has no place for, as notes that people can read in their program and that end in a line for us."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from evenhand.annotate.json_lines import coding_fields, coding_of, unit_fields
from evenhand.annotate.records import Annotation, Unit
from evenhand.errors import InputError

_MARK = '{"evenhand": '  # begins the line for us; no program makes such a line
_VERSION = "refi/1"
# Control characters but for line ends and tabs, half characters, and code points that XML has not.
_NOT_KEPT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LEAVE = "Please leave the last line: Evenhand reads it."


def coding_note(coding: Annotation) -> str:
    """The note of a coding: its figures in words, what the coder noted, and all of it for us."""
    lines = [_coding_words(coding), *([coding.note] if coding.note else [])]
    return _with_fields(lines, coding=coding_fields(coding))


def unit_note(unit: Unit, place: int) -> str:
    """The note of a text: its document and columns, and the same for us with its place and length."""
    words = " ".join([*([f"Document: {unit.document}."] if unit.document else []), _LEAVE])
    fields = {name: value for name, value in unit_fields(unit).items() if name != "text"}
    lines = [words, *(f"{name}: {value}" for name, value in unit.data.items())]
    return _with_fields(lines, text=fields, place=place, characters=len(unit.text))


def project_note(scheme: str) -> str:
    """The note of a project: of which coding scheme it is."""
    return _with_fields([f"Codings exchanged by Evenhand. {_LEAVE}"], scheme=scheme)


def parsed(note: str, where: str) -> tuple[Mapping[str, Any], str]:
    """What a note has for us, {} where it has nothing, and the words around it.

    Raises:
        InputError: the line for us was changed so that it cannot be read.
    """
    lines = note.split("\n")
    ours = [place for place, each in enumerate(lines) if each.startswith(_MARK)]
    if not ours:
        return {}, note
    words = "\n".join(lines[: ours[-1]] + lines[ours[-1] + 1 :])
    try:
        fields = json.loads(lines[ours[-1]])
    except (ValueError, RecursionError):
        message = f"the note of {where} has a damaged line of Evenhand's; take it out, or undo what was changed in it"
        raise InputError(message) from None
    if fields["evenhand"] != _VERSION:
        message = f"the note of {where} is of a newer version of Evenhand; update Evenhand"
        raise InputError(message)
    return fields, words


def coding_from(fields: Mapping[str, Any], words: str, where: str) -> tuple[Annotation, str | None]:
    """The coding that a note tells, and what its coder notes now if the words were changed in another program.

    Raises:
        InputError: the line for us was changed so that it tells no coding.
    """
    try:
        coding = coding_of(fields["coding"])
    except (InputError, KeyError, TypeError, AttributeError) as error:
        message = f"the note of {where} has a changed line of Evenhand's ({type(error).__name__}); undo the change"
        raise InputError(message) from None
    head = _coding_words(coding)
    if _spaced(words) == _spaced(f"{head}\n{coding.note}"):
        return coding, None
    first, _, rest = words.partition("\n")
    return coding, (rest if _spaced(first) == _spaced(head) else words).strip()


def kept_note(note: str) -> str:
    """A note of any program as `records` takes it: without control characters."""
    return _NOT_KEPT.sub("", note.replace("\r\n", "\n").replace("\r", "\n"))


def _coding_words(coding: Annotation) -> str:
    words = [f"Coded by {coding.coder.label}."]
    if coding.confidence is not None:
        words.append(f"Confidence {coding.confidence:.2f}.")
    if coding.severity is not None:
        words.append(f"Severity {coding.severity:.2f}.")
    if len(coding.issues) > 1:
        words.append(f"Issues in order: {', '.join(coding.issues)}.")
    if coding.decides:
        words.append(f"Decides between {', '.join(coding.decides)}.")
    return " ".join([*words, _LEAVE])


def _with_fields(lines: list[str], **fields: object) -> str:
    return "\n".join([*lines, json.dumps({"evenhand": _VERSION, **fields})])


def _spaced(words: str) -> str:
    return " ".join(words.split())
