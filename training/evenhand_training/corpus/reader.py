"""Read the corpus into frozen rows. Reading checks each row by itself; `check_corpus` checks the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self, TypeVar

from pydantic import ValidationError

from evenhand.errors import InputError
from evenhand_training.corpus import files, schema

_RowT = TypeVar("_RowT", bound=schema.Row)


@dataclass(frozen=True)
class Corpus:
    """All rows of one corpus version, in file order (sorted by id)."""

    version: str
    documents: tuple[schema.Document, ...]
    descriptors: tuple[schema.Descriptor, ...]
    authored: tuple[schema.AuthoredText, ...]
    narratives: tuple[schema.Narrative, ...]
    accumulation_sets: tuple[schema.AccumulationSet, ...]
    framing_pairs: tuple[schema.FramingPair, ...]
    severity_pairs: tuple[schema.SeverityPair, ...]
    assertion_sets: tuple[schema.AssertionSet, ...]
    counterfactual_templates: tuple[schema.CounterfactualTemplate, ...]
    claims: tuple[schema.Claim, ...]
    whole_notes: tuple[schema.WholeNote, ...]
    contrast_sets: tuple[schema.ContrastSet, ...]
    situation_pairs: tuple[schema.SituationPair, ...]
    second_codings: tuple[schema.SecondCoding, ...]
    lexicon: tuple[schema.LexiconEntry, ...]
    referral_elements: tuple[schema.ReferralElement, ...]
    referrals: tuple[schema.Referral, ...]
    referral_codings: tuple[schema.ReferralCoding, ...]
    narrative_elements: tuple[schema.NarrativeElements, ...]
    narrative_marks: tuple[schema.NarrativeMarks, ...]
    framing_pair_codings: tuple[schema.FramingPairCoding, ...]
    plain_texts: tuple[schema.PlainText, ...]
    evidence_sentences: tuple[schema.EvidenceSentence, ...]

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Read a corpus folder.

        Raises:
            InputError: a file is missing, or a line is not a row of its file; names file and line.
        """
        return cls(
            version=read_version(directory),
            documents=_read(directory / files.DOCUMENTS, schema.Document),
            descriptors=_read(directory / files.DESCRIPTORS, schema.Descriptor),
            authored=_read(directory / files.AUTHORED, schema.AuthoredText),
            narratives=_read(directory / files.NARRATIVES, schema.Narrative),
            accumulation_sets=_read(directory / files.ACCUMULATION_SETS, schema.AccumulationSet),
            framing_pairs=_read(directory / files.FRAMING_PAIRS, schema.FramingPair),
            severity_pairs=_read(directory / files.SEVERITY_PAIRS, schema.SeverityPair),
            assertion_sets=_read(directory / files.ASSERTION_SETS, schema.AssertionSet),
            counterfactual_templates=_read(directory / files.COUNTERFACTUAL_TEMPLATES, schema.CounterfactualTemplate),
            claims=_read(directory / files.CLAIMS, schema.Claim),
            whole_notes=_read(directory / files.WHOLE_NOTES, schema.WholeNote),
            contrast_sets=_read(directory / files.CONTRAST_SETS, schema.ContrastSet),
            situation_pairs=_read(directory / files.SITUATION_PAIRS, schema.SituationPair),
            second_codings=_read(directory / files.SECOND_CODINGS, schema.SecondCoding),
            lexicon=_read(directory / files.LEXICON, schema.LexiconEntry),
            referral_elements=_read(directory / files.REFERRAL_ELEMENTS, schema.ReferralElement),
            referrals=_read(directory / files.REFERRALS, schema.Referral),
            referral_codings=_read(directory / files.REFERRAL_CODINGS, schema.ReferralCoding),
            narrative_elements=_read(directory / files.NARRATIVE_ELEMENTS, schema.NarrativeElements),
            narrative_marks=_read(directory / files.NARRATIVE_MARKS, schema.NarrativeMarks),
            framing_pair_codings=_read(directory / files.FRAMING_PAIR_CODINGS, schema.FramingPairCoding),
            plain_texts=_read(directory / files.PLAIN_TEXTS, schema.PlainText),
            evidence_sentences=_read(directory / files.EVIDENCE_SENTENCES, schema.EvidenceSentence),
        )

    @cached_property
    def _documents_by_id(self) -> dict[str, schema.Document]:
        return {document.id: document for document in self.documents}

    def document(self, doc_id: str) -> schema.Document:
        """The document that a descriptor's `doc_id` names.

        Raises:
            InputError: there is no such document.
        """
        try:
            return self._documents_by_id[doc_id]
        except KeyError:
            message = f"no document {doc_id!r} in {files.DOCUMENTS}; add it or correct the descriptor's doc_id"
            raise InputError(message) from None

    def area(self, descriptor: schema.Descriptor) -> str:
        """The area whose document lists this descriptor."""
        return self.document(descriptor.doc_id).area

    def authored_units(self) -> Iterator[schema.Row]:
        """Every authored row, pair, set, template and note: the units that splits keep whole."""
        yield from self.authored
        yield from self.narratives
        yield from self.accumulation_sets
        yield from self.framing_pairs
        yield from self.severity_pairs
        yield from self.assertion_sets
        yield from self.counterfactual_templates
        yield from self.claims
        yield from self.whole_notes
        yield from self.contrast_sets


def read_version(directory: Path) -> str:
    """The corpus version, for instance `2026.1`.

    Raises:
        InputError: the folder has no VERSION file.
    """
    path = directory / files.VERSION
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        message = f"{path}: cannot be read; give the corpus folder, usually annotations/"
        raise InputError(message) from None


def _read(path: Path, kind: type[_RowT]) -> tuple[_RowT, ...]:
    try:
        lines = files.read_lines(path)
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read ({type(error).__name__}); run check-corpus on the folder"
        raise InputError(message) from None
    rows: list[_RowT] = []
    for number, line in enumerate(lines, start=1):
        try:
            rows.append(files.parse_row(kind, line))
        except ValidationError as error:
            message = f"{path}, line {number}: not a valid {kind.__name__}; run check-corpus to see every problem"
            raise InputError(message) from error
    return tuple(rows)
