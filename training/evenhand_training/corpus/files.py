"""The files of the corpus folder: which row class each holds, how a line is read and written."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from evenhand_training.corpus import schema

DOCUMENTS = "documents.jsonl"
DESCRIPTORS = "descriptors.jsonl"
AUTHORED = "authored.jsonl"
NARRATIVES = "narratives.jsonl"
ACCUMULATION_SETS = "accumulation-sets.jsonl"
FRAMING_PAIRS = "framing-pairs.jsonl"
SEVERITY_PAIRS = "severity-pairs.jsonl"
ASSERTION_SETS = "assertion-sets.jsonl"
COUNTERFACTUAL_TEMPLATES = "counterfactual-templates.jsonl"
CLAIMS = "claims.jsonl"
WHOLE_NOTES = "whole-notes.jsonl"
CONTRAST_SETS = "contrast-sets.jsonl"
SITUATION_PAIRS = "situation-pairs.jsonl"
SECOND_CODINGS = "second-codings.jsonl"
LEXICON = "framing-lexicon.jsonl"
REFERRAL_ELEMENTS = "referral-quality.jsonl"
REFERRALS = "referrals.jsonl"
REFERRAL_CODINGS = "referral-codings.jsonl"
NARRATIVE_ELEMENTS = "narrative-elements.jsonl"
NARRATIVE_MARKS = "narrative-marks.jsonl"
FRAMING_PAIR_CODINGS = "framing-pair-codings.jsonl"
PLAIN_TEXTS = "plain-texts.jsonl"
EVIDENCE_SENTENCES = "evidence-sentences.jsonl"

ROW_FILES: dict[str, type[schema.Row]] = {
    DOCUMENTS: schema.Document,
    DESCRIPTORS: schema.Descriptor,
    AUTHORED: schema.AuthoredText,
    NARRATIVES: schema.Narrative,
    ACCUMULATION_SETS: schema.AccumulationSet,
    FRAMING_PAIRS: schema.FramingPair,
    SEVERITY_PAIRS: schema.SeverityPair,
    ASSERTION_SETS: schema.AssertionSet,
    COUNTERFACTUAL_TEMPLATES: schema.CounterfactualTemplate,
    CLAIMS: schema.Claim,
    WHOLE_NOTES: schema.WholeNote,
    CONTRAST_SETS: schema.ContrastSet,
    SITUATION_PAIRS: schema.SituationPair,
    SECOND_CODINGS: schema.SecondCoding,
    LEXICON: schema.LexiconEntry,
    REFERRAL_ELEMENTS: schema.ReferralElement,
    REFERRALS: schema.Referral,
    REFERRAL_CODINGS: schema.ReferralCoding,
    NARRATIVE_ELEMENTS: schema.NarrativeElements,
    NARRATIVE_MARKS: schema.NarrativeMarks,
    FRAMING_PAIR_CODINGS: schema.FramingPairCoding,
    PLAIN_TEXTS: schema.PlainText,
    EVIDENCE_SENTENCES: schema.EvidenceSentence,
}

# Files of invented rows, split by row into training, validation and test.
AUTHORED_FILES = (
    AUTHORED,
    NARRATIVES,
    ACCUMULATION_SETS,
    FRAMING_PAIRS,
    SEVERITY_PAIRS,
    ASSERTION_SETS,
    COUNTERFACTUAL_TEMPLATES,
    CLAIMS,
    WHOLE_NOTES,
    CONTRAST_SETS,
)

# Marked for how they tell; parts are named in the rows.
MARKED_FILES = (
    REFERRALS,
    REFERRAL_CODINGS,
    NARRATIVE_ELEMENTS,
    NARRATIVE_MARKS,
    FRAMING_PAIR_CODINGS,
    PLAIN_TEXTS,
    EVIDENCE_SENTENCES,
)

LEVEL_SYNONYMS = "level-synonyms.json"
DFE_CODES = "dfe-codes.json"
SPLITS = "splits.json"
VERSION = "VERSION"
CHANGELOG = "CHANGELOG.md"
SOURCES = "SOURCES.md"
CHECKSUMS = "SHA256SUMS"
PROSE = ("README.md", "CODING-GUIDE.md", "DATASHEET.md", "LICENSE.md", CHANGELOG, SOURCES)

_RowT = TypeVar("_RowT", bound=schema.Row)


def row_line(row: schema.Row) -> str:
    """Write a row as the one line that stands for it in its file, without the line break."""
    return json.dumps(row.model_dump(mode="json", by_alias=True), ensure_ascii=False)


def write_rows(path: Path, rows: Iterable[schema.Row]) -> None:
    """Write rows to a file, sorted by id."""
    lines = [row_line(row) for row in sorted(rows, key=lambda row: row.id)]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="\n")


def read_lines(path: Path) -> list[str]:
    """The lines of a UTF-8 file; only line feeds end a line, as in JSON Lines."""
    text = path.read_bytes().decode("utf-8")
    return text.removesuffix("\n").split("\n") if text else []


def parse_row(kind: type[_RowT], line: str) -> _RowT:
    """Read one line as a row of a kind; raises `pydantic.ValidationError` if it is not one."""
    return kind.model_validate_json(line)
