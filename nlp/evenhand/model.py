"""The model as a user meets it: load a bundle, code texts.

Batch is the primitive: `code` is `code_many` of one text. Results are equal whatever else is coded in the same call.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from evenhand.bundle import Bundle, find_model, read_bundle
from evenhand.decoder import Decoder, middle_level
from evenhand.encoder import Encoder, Readings
from evenhand.errors import InputError, ModelError
from evenhand.pooling import admitted_sentences, deciding_sentence, is_graded, issue_sentences
from evenhand.result import Coding, SentenceCoding
from evenhand.scheme import FRAMES, ISSUES, LEVELS, Assertion, Frame, Issue, Level, dfe_codes
from evenhand.text import normalise, split_sentences

REASON_BLANK = "the text is blank or has no words"
REASON_NOT_CODABLE = "no sentence describes a concern, need or strength"
REASON_OTHER_PEOPLE = "what is described is about people outside the child's life"

_Code = TypeVar("_Code")

# Texts coded at once: what is kept of each sentence meanwhile is some kilobytes.
TEXTS_PER_BLOCK = 2048
# Decimals kept in a result; agreement with the unquantised network does not reach further.
PROBABILITY_DECIMALS = 4
SEVERITY_DECIMALS = 2


class Model:
    """A loaded model.

    Args:
        bundle: A checked model directory.
        workers: How many runs of the network at the same time; None for one a core.
    """

    def __init__(self, bundle: Bundle, *, workers: int | None = None) -> None:
        self.manifest: dict[str, Any] = bundle.manifest
        self.name: str = bundle.name
        self._headline, self._decoder = _stated(bundle)
        self._encoder = Encoder(
            bundle.files["model.onnx"],
            bundle.files["tokenizer.json"],
            max_tokens=self._decoder.max_tokens,
            workers=workers,
        )

    def code(self, text: str) -> Coding:
        """Code one text: `code_many([text])[0]`."""
        return self.code_many([text])[0]

    def code_many(self, texts: Iterable[str]) -> list[Coding]:
        """Code each text by itself; order kept. A text with nothing codable gets level None, not `none`.

        Raises:
            InputError: a single string in place of several texts, or a text that is not a string.
        """
        if isinstance(texts, str):
            message = "code_many takes several texts, and one string was given; use code(text) or code_many([text])"
            raise InputError(message)
        given: list[Any] = list(texts)  # what callers without a type checker give is checked here
        for place, text in enumerate(given):
            if not isinstance(text, str):
                message = f"text {place} is of type {type(text).__name__}, not a string; use '' where there is none"
                raise InputError(message)
        blocks = (given[at : at + TEXTS_PER_BLOCK] for at in range(0, len(given), TEXTS_PER_BLOCK))
        return [coding for block in blocks for coding in self._code_block(block)]

    def code_sentences(self, sentences: Sequence[str]) -> list[SentenceCoding]:
        """Code sentences taken as they are, each by itself and never split; most users want `code_many`."""
        decoded = _Decoded(self._encoder.read([normalise(sentence) for sentence in sentences]), self._decoder)
        return [decoded.sentence(row, (0, len(sentence)), weight=1.0) for row, sentence in enumerate(sentences)]

    def info(self) -> dict[str, Any]:
        """Facts about the model as plain JSON types: what it is for, what it knows, how it did, what it is made of."""
        return {
            "name": self.name,
            "intended_use": self.manifest["intended_use"],
            "not_for": self.manifest["not_for"],
            "language": self.manifest["language"],
            "licence": self.manifest["licence"],
            "encoder": self.manifest["encoder"],
            "corpus_version": self.manifest["corpus_version"],
            "scheme_version": self.manifest["scheme_version"],
            "levels": [str(level) for level in LEVELS],
            "issues": [str(issue) for issue in ISSUES],
            "level_set_coverage_aimed_at": self._decoder.set_coverage,
            "headline": self._headline,
            "files": self.manifest["files"],
        }

    def _code_block(self, texts: Sequence[str]) -> list[Coding]:
        spans, pieces = [], []
        for text in texts:
            seen = [(cut, normalise(text[cut[0] : cut[1]])) for cut in split_sentences(text)]
            # A stretch of punctuation or invisible characters alone says nothing that could be read.
            worded = [(cut, piece) for cut, piece in seen if any(map(str.isalnum, piece))]
            spans.append([cut for cut, _ in worded])
            pieces += [piece for _, piece in worded]
        decoded = _Decoded(self._encoder.read(pieces), self._decoder)
        codings, at = [], 0
        for cuts in spans:
            codings.append(self._coding(decoded, cuts, range(at, at + len(cuts))))
            at += len(cuts)
        return codings

    def _coding(self, decoded: _Decoded, cuts: Sequence[tuple[int, int]], rows: range) -> Coding:
        assertions = decoded.assertions[rows.start : rows.stop]
        admitted = admitted_sentences(assertions)
        decides = deciding_sentence(admitted, decoded.read.theta[rows.start : rows.stop]) if admitted else None
        truncated = bool(decoded.read.truncated[rows.start : rows.stop].any())
        sentences = tuple(
            decoded.sentence(row, cut, weight=float(place == decides))
            for place, (row, cut) in enumerate(zip(rows, cuts, strict=True))
        )
        if decides is None:
            return self._uncoded(sentences, truncated=truncated)
        row = rows[decides]
        about = issue_sentences(admitted, decoded.severity[rows.start : rows.stop])
        probabilities, issues = decoded.issues_of([rows[place] for place in about])
        levels = decoded.level_probabilities[row]
        first, last = decoded.level_sets[row]
        return Coding(
            level=decoded.level_of(row),
            levels=LEVELS[first : last + 1],
            level_probabilities=_rounded(LEVELS, levels),
            severity=decoded.severity_of(row),
            issues=issues,
            issue_probabilities=_rounded(ISSUES, probabilities),
            # The census counts factors that are a concern now, so what is denied, past or supposed has none.
            dfe_codes=dfe_codes(issues) if assertions[decides] is Assertion.PRESENT else (),
            assertion=assertions[decides],
            frame=decoded.frame_of(row),
            sentences=sentences,
            truncated=truncated,
            model=self.name,
        )

    def _uncoded(self, sentences: tuple[SentenceCoding, ...], *, truncated: bool) -> Coding:
        if not sentences:
            reason = REASON_BLANK
        elif any(sentence.assertion is Assertion.OTHER_PERSON for sentence in sentences):
            reason = REASON_OTHER_PEOPLE
        else:
            reason = REASON_NOT_CODABLE
        return Coding(
            level=None,
            levels=(),
            level_probabilities={},
            severity=None,
            issues=(),
            issue_probabilities={},
            dfe_codes=(),
            assertion=None,
            frame=None,
            sentences=sentences,
            truncated=truncated,
            model=self.name,
            reason=reason,
        )


class _Decoded:
    """The readings of all sentences of one call, decoded together."""

    def __init__(self, read: Readings, decoder: Decoder) -> None:
        self.read = read
        self.severity = decoder.severity(read.theta)
        self.level_probabilities = decoder.level_probabilities(read.theta)
        self._level = middle_level(self.level_probabilities)
        self.level_sets = decoder.level_sets(self.level_probabilities)
        self.issue_probabilities = decoder.issue_probabilities(read.issues)
        self.issue_choice = decoder.issue_choice(self.issue_probabilities)
        self.assertions = decoder.assertions(read.assertion, self.issue_choice)

    def severity_of(self, row: int) -> float:
        return round(float(self.severity[row]), SEVERITY_DECIMALS)

    def level_of(self, row: int) -> Level:
        return LEVELS[int(self._level[row])]

    def frame_of(self, row: int) -> Frame:
        return FRAMES[int(self.read.frame[row].argmax())]

    def issues_of(self, rows: Sequence[int]) -> tuple[NDArray[np.float64], tuple[Issue, ...]]:
        """Probability of each issue in the sentence that says it most, and the issues that any sentence reports."""
        highest = self.issue_probabilities[rows].max(axis=0)
        reported = np.asarray(self.issue_choice[rows].any(axis=0))
        strongest = np.argsort(-highest, kind="stable")
        return highest, tuple(ISSUES[number] for number in strongest if reported[number])

    def sentence(self, row: int, cut: tuple[int, int], *, weight: float) -> SentenceCoding:
        assertion = self.assertions[row]
        graded = is_graded(assertion)
        return SentenceCoding(
            start=cut[0],
            end=cut[1],
            level=self.level_of(row) if graded else None,
            severity=self.severity_of(row) if graded else None,
            issues=self.issues_of([row])[1] if assertion is not None else (),
            assertion=assertion,
            frame=self.frame_of(row) if assertion is not None else None,
            weight=weight,
        )


def load(path: str | Path | None = None, *, workers: int | None = None) -> Model:
    """Load a released model.

    Args:
        path: Its folder; None for EVENHAND_MODEL or else the model that is installed with the package.
        workers: How many runs of the network at the same time; None for one a core.

    Raises:
        ModelError: no model is there, or it is damaged, changed or of an unknown kind.
    """
    return Model(read_bundle(find_model(path)), workers=workers)


def _stated(bundle: Bundle) -> tuple[dict[str, Any], Decoder]:
    """The headline figures and the decoder that a bundle states."""
    try:
        return bundle.json("metrics.json").get("headline", {}), Decoder.from_json(bundle.json("decoder.json"))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        message = f"{bundle.directory}: metrics.json or decoder.json is not of the form this version reads; "
        message += "get the model again"
        raise ModelError(message) from error


def _rounded(codes: Sequence[_Code], probabilities: NDArray[np.float64]) -> dict[_Code, float]:
    return {code: round(float(p), PROBABILITY_DECIMALS) for code, p in zip(codes, probabilities, strict=True)}
