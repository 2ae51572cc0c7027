"""Checks of row content and of what rows say about each other; all over valid rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evenhand.scheme import Assertion, Issue
from evenhand_training.corpus import schema
from evenhand_training.corpus.check_files import Placed
from evenhand_training.corpus.near_repeats import plain
from evenhand_training.corpus.problem import Problem

# Fields that hold names of rows and addresses, in which runs of digits mean nothing.
_NOT_TEXT = frozenset({"id", "doc_id", "descriptor_id", "url", "source_url"})

_IDENTIFYING = {
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.\w{2,}"),
    "a telephone number": re.compile(r"(?<![\d£])(?:\+44[\s\d()-]{9,}\d|\(?0\d{2,4}\)?[ -]?\d{3,4}[ -]?\d{3,4})(?!\d)"),
    "a postcode": re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"),
    "an NHS number": re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)"),
}
# Control and format characters, unassigned and private ones, and line and paragraph separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cn", "Zl", "Zp"})


def content_problems(placed: Sequence[Placed]) -> Iterator[Problem]:
    """Texts with invisible characters or with what looks like a real person's data."""
    for item in placed:
        for place, text in _texts(item.row.model_dump(mode="json")):
            if any(unicodedata.category(character) in _INVISIBLE for character in text):
                yield item.problem(f"{place} has a control or invisible character", "remove it")
            for kind, pattern in _IDENTIFYING.items():
                if pattern.search(text):
                    yield item.problem(f"{place} has what looks like {kind}", "remove it: no real person may appear")


def narrative_problems(placed: Sequence[Placed]) -> Iterator[Problem]:
    """Notes whose grade their own sentences contradict."""
    for item in placed:
        if not isinstance(item.row, schema.Narrative):
            continue
        coded = [sentence for sentence in item.row.sentences if sentence.is_coded]
        present = [sentence.severity or 0 for sentence in coded if sentence.assertion is Assertion.PRESENT]
        if not present:
            yield item.problem("no sentence is present", "code what is so now as present")
        elif max(present) > item.row.severity:
            what = f"severity is {item.row.severity} but a present sentence is {max(present)}"
            yield item.problem(what, "grade the note at least as high as its gravest present sentence")


def reference_problems(placed: Sequence[Placed]) -> Iterator[Problem]:
    """Descriptors and second codings that name missing rows, or disagree with their document."""
    documents = {item.row.id: item.row for item in placed if isinstance(item.row, schema.Document)}
    descriptors = {item.row.id for item in placed if isinstance(item.row, schema.Descriptor)}
    for item in placed:
        row = item.row
        if isinstance(row, schema.Descriptor):
            document = documents.get(row.doc_id)
            if document is None:
                yield item.problem(f"no document {row.doc_id!r}", "add the document or correct doc_id")
            else:
                yield from _level_problems(item, row, document)
        elif isinstance(row, schema.SecondCoding) and row.descriptor_id not in descriptors:
            yield item.problem(f"no descriptor {row.descriptor_id!r}", "correct descriptor_id or remove the coding")


def marked_problems(placed: Sequence[Placed]) -> Iterator[Problem]:
    """Codings of sentences that name a missing text, have another number of sentences, or mark behind one."""
    texts: dict[str, tuple[str, ...]] = {}
    for item in placed:
        if isinstance(item.row, schema.Referral | schema.Narrative):
            texts[item.row.id] = tuple(sentence.text for sentence in item.row.sentences)
        elif isinstance(item.row, schema.FramingPair):
            texts |= {f"{item.row.id}#risk": (item.row.risk_text,), f"{item.row.id}#need": (item.row.need_text,)}
    for item in placed:
        row = item.row
        if isinstance(row, schema.ReferralCoding):
            yield from _marks_problems(item, row.referral_id, texts, [coding.marks for coding in row.sentences])
        elif isinstance(row, schema.NarrativeElements):
            yield from _marks_problems(item, row.narrative_id, texts, [() for _ in row.elements])
        elif isinstance(row, schema.NarrativeMarks):
            yield from _marks_problems(item, row.narrative_id, texts, row.marks)
        elif isinstance(row, schema.FramingPairCoding):
            (text,) = texts.get(f"{row.pair_id}#{row.telling}", ("",))
            reached = max(s.start + max((mark.end for mark in s.marks), default=s.end - s.start) for s in row.sentences)
            if max(reached, row.sentences[-1].end) > len(text):
                yield item.problem("a sentence or mark reaches behind the text", "correct pair_id, telling or offsets")


def _marks_problems(
    item: Placed, named: str, texts: Mapping[str, tuple[str, ...]], marks: Sequence[Sequence[schema.Mark]]
) -> Iterator[Problem]:
    found = texts.get(named, ())
    if len(found) != len(marks):
        yield item.problem(f"{named!r} has {len(found)} sentences, not {len(marks)}", "code each of them")
        return
    for text, marked in zip(found, marks, strict=True):
        if marked and marked[-1].end > len(text):
            yield item.problem("a mark reaches behind its sentence", "correct its end")


def _level_problems(item: Placed, row: schema.Descriptor, document: schema.Document) -> Iterator[Problem]:
    expected = document.native_levels.get(row.native_level)
    if expected is None:
        yield item.problem(
            f"native_level {row.native_level!r} is not a level of {document.id}",
            f"use one of {list(document.native_levels)}",
        )
        return
    if row.levels != expected:
        theirs = "+".join(expected)
        yield item.problem(
            f"levels are {'+'.join(row.levels)} but {document.id} puts {row.native_level!r} at {theirs}",
            "copy the document's set, or correct the document for all its rows",
        )
    if row.native_level not in document.levels_visible:
        yield item.problem(
            f"native_level {row.native_level!r} is not among levels_visible of {document.id}",
            "add it there: a level with a row was readable",
        )


def duplicate_problems(placed: Sequence[Placed]) -> Iterator[Problem]:
    """Rows with the same words but other codes, and descriptors that one document level lists twice."""
    coded: dict[str, tuple[Placed, tuple[int, frozenset[Issue]]]] = {}
    listed: dict[tuple[str, str, str], Placed] = {}
    for item in placed:
        row = item.row
        if not isinstance(row, schema.Descriptor | schema.AuthoredText):
            continue
        words = plain(row.text)
        codes = (row.severity, frozenset(row.issues))
        earlier, earlier_codes = coded.setdefault(words, (item, codes))
        if earlier_codes != codes:
            what = f"the same words as {earlier.row.id} but other issues or severity"
            yield item.problem(what, "decide by the guide and give both the same codes")
        if isinstance(row, schema.Descriptor):
            twin = listed.setdefault((row.doc_id, row.native_level, words), item)
            if twin is not item:
                yield item.problem(f"repeats {twin.row.id} of the same document and level", "remove one of the two")


def _texts(value: Any, place: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in _NOT_TEXT:
                yield from _texts(item, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _texts(item, f"{place}[{position}]")
