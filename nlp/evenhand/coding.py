"""From the readings of texts to their codings; pure arithmetic, whatever network did the reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from evenhand.decoder import Decoder, choose_issues, logistic, middle_level
from evenhand.notes import issue_features, note_features, sentence_weights
from evenhand.pooling import admitted_sentences, concern_sentences, deciding_sentence, is_graded
from evenhand.readings import Readings, TextReadings
from evenhand.result import Coding, SentenceCoding
from evenhand.scheme import FRAMES, ISSUES, LEVELS, Assertion, Frame, Issue, Level, dfe_codes

REASON_BLANK = "the text is blank or has no words"
REASON_NOT_CODABLE = "no sentence describes a concern, need or strength"
REASON_ONLY_CLAIMS = "the text claims a threshold or outcome and states no fact about the child"
REASON_OTHER_PEOPLE = "what is described is about people outside the child's life"

# Decimals kept in a result; agreement with the unquantised network does not reach further.
PROBABILITY_DECIMALS = 4
SEVERITY_DECIMALS = 2

_Code = TypeVar("_Code")
_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Gist:
    """What a text with something codable comes to.

    Attributes:
        theta: Latent severity.
        issues: Probability of each issue.
        chosen: Which issues are reported.
        decides: Place of the gravest admitted sentence.
        weights: Share of each sentence in the level.
    """

    theta: float
    issues: _Floats
    chosen: NDArray[np.bool_]
    decides: int
    weights: _Floats


def code_readings(readings: TextReadings, decoder: Decoder, *, model: str) -> list[Coding]:
    """Code each text by itself; order kept. A text with nothing codable gets level None, not `none`.

    Args:
        readings: Of the texts.
        decoder: Of the network that read them.
        model: Its name, as the codings state it.
    """
    decoded = Decoded(readings.sentences, decoder)
    gists = [_gist(decoded, readings.passages, rows, passages) for rows, passages in readings.places()]
    found = [gist.theta for gist in gists if gist is not None]
    theta = np.array(found, dtype=np.float64)
    whole = iter(zip(decoder.level_probabilities(theta), decoder.severity(theta), strict=True))
    codings = []
    for (rows, _), spans, gist in zip(readings.places(), readings.spans, gists, strict=True):
        weights = np.zeros(len(rows)) if gist is None else _rounded_shares(gist.weights)
        sentences = tuple(
            decoded.sentence(row, span, weight=float(weight))
            for row, span, weight in zip(rows, spans, weights, strict=True)
        )
        truncated = bool(readings.sentences.truncated[rows.start : rows.stop].any())
        if gist is None:
            codings.append(_uncoded(sentences, truncated=truncated, model=model))
        else:
            levels, severity = next(whole)
            deciding = rows[gist.decides]
            codings.append(
                _coded(decoded, gist, levels, float(severity), deciding, sentences, truncated=truncated, model=model)
            )
    return codings


def _gist(decoded: Decoded, passages: Readings, rows: range, own: range) -> _Gist | None:
    admitted = admitted_sentences(decoded.assertions[rows.start : rows.stop])
    if not admitted:
        return None
    theta = decoded.read.theta[rows.start : rows.stop]
    decides = deciding_sentence(admitted, theta)
    weights = np.zeros(len(rows))
    notes = decoded.decoder.notes
    if notes is None or not own:
        weights[decides] = 1.0
        about = [rows[place] for place in decoded.concerns(rows, admitted) or admitted]
        probabilities = decoded.issue_probabilities[about].max(axis=0)
        chosen = np.asarray(decoded.issue_choice[about].any(axis=0))
        return _Gist(float(theta[decides]), probabilities, chosen, decides, weights)
    weights[admitted] = sentence_weights(decoded.decoder.anchored(theta[admitted]))
    features, about_issues = describe_note(decoded, passages, rows, own, admitted)
    probabilities = logistic(about_issues @ notes.issues)
    chosen = choose_issues(probabilities[None, :], notes.issue_threshold, notes.top_issue_threshold)[0]
    return _Gist(
        theta=float(decoded.decoder.latent(features @ notes.severity)),
        issues=probabilities,
        chosen=chosen,
        decides=decides,
        weights=weights,
    )


def describe_note(
    decoded: Decoded, passages: Readings, rows: range, own: range, admitted: Sequence[int]
) -> tuple[_Floats, _Floats]:
    """The features of a note, and those of each of its issues; see `notes`.

    Args:
        decoded: Sentences of several texts.
        passages: Of the same texts.
        rows: Of the note's sentences.
        own: Of its passages, at least one.
        admitted: Places of its admitted sentences, at least one.
    """
    concerns = decoded.concerns(rows, admitted)
    sentences = [rows[place] for place in admitted]
    features = note_features(
        decoded.decoder.anchored(decoded.read.theta[sentences]),
        decoded.issue_choice[sentences],
        [admitted.index(place) for place in concerns],
        decoded.decoder.anchored(passages.theta[own.start : own.stop]),
    )
    about = [rows[place] for place in concerns or admitted]
    return features, issue_features(decoded.read.issues[about], passages.issues[own.start : own.stop])


def _coded(
    decoded: Decoded,
    gist: _Gist,
    levels: _Floats,
    severity: float,
    deciding: int,
    sentences: tuple[SentenceCoding, ...],
    *,
    truncated: bool,
    model: str,
) -> Coding:
    first, last = decoded.decoder.level_sets(levels[None, :])[0]
    issues = strongest_first(gist.issues, gist.chosen)
    assertion = decoded.assertions[deciding]
    return Coding(
        level=LEVELS[int(middle_level(levels))],
        levels=LEVELS[first : last + 1],
        level_probabilities=_rounded(LEVELS, levels),
        severity=round(severity, SEVERITY_DECIMALS),
        issues=issues,
        issue_probabilities=_rounded(ISSUES, gist.issues),
        # The census counts factors that are a concern now, so what is denied, past or supposed has none.
        dfe_codes=dfe_codes(issues) if assertion is Assertion.PRESENT else (),
        assertion=assertion,
        frame=decoded.frame_of(deciding),
        sentences=sentences,
        truncated=truncated,
        model=model,
    )


def _uncoded(sentences: tuple[SentenceCoding, ...], *, truncated: bool, model: str) -> Coding:
    if not sentences:
        reason = REASON_BLANK
    elif any(sentence.assertion is Assertion.OTHER_PERSON for sentence in sentences):
        reason = REASON_OTHER_PEOPLE
    elif any(sentence.claim for sentence in sentences):
        reason = REASON_ONLY_CLAIMS
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
        model=model,
        reason=reason,
    )


class Decoded:
    """The readings of many sentences, decoded together."""

    def __init__(self, read: Readings, decoder: Decoder) -> None:
        self.read = read
        self.decoder = decoder
        self.severity = decoder.severity(read.theta)
        self._level = middle_level(decoder.level_probabilities(read.theta))
        self.issue_probabilities = decoder.issue_probabilities(read.issues)
        self.issue_choice = decoder.issue_choice(self.issue_probabilities)
        self.claims = read.claims
        asserted = decoder.assertions(read.assertion, self.issue_choice)
        self.assertions = [None if claim else one for one, claim in zip(asserted, self.claims, strict=True)]

    def concerns(self, rows: range, admitted: Sequence[int]) -> list[int]:
        """Places of the admitted sentences of one text that describe a concern."""
        return concern_sentences(admitted, self.severity[rows.start : rows.stop])

    def frame_of(self, row: int) -> Frame:
        """The frame of one sentence."""
        return FRAMES[int(self.read.frame[row].argmax())]

    def sentence(self, row: int, span: tuple[int, int], *, weight: float) -> SentenceCoding:
        """The coding of one sentence."""
        assertion = self.assertions[row]
        level: Level | None = LEVELS[int(self._level[row])]
        severity: float | None = round(float(self.severity[row]), SEVERITY_DECIMALS)
        if not is_graded(assertion):
            level = severity = None
        return SentenceCoding(
            start=span[0],
            end=span[1],
            level=level,
            severity=severity,
            issues=() if assertion is None else strongest_first(self.issue_probabilities[row], self.issue_choice[row]),
            assertion=assertion,
            frame=self.frame_of(row) if assertion is not None else None,
            weight=weight,
            claim=bool(self.claims[row]),
        )


def _rounded_shares(shares: _Floats) -> _Floats:
    """Shares rounded so that they still add up to 1: the largest takes what rounding leaves."""
    rounded = np.round(shares, PROBABILITY_DECIMALS)
    largest = int(rounded.argmax())
    rounded[largest] = round(1.0 - float(np.delete(rounded, largest).sum()), PROBABILITY_DECIMALS)
    return rounded


def strongest_first(probabilities: _Floats, chosen: NDArray[np.bool_]) -> tuple[Issue, ...]:
    """The chosen issues, the likeliest first."""
    return tuple(ISSUES[number] for number in np.argsort(-probabilities, kind="stable") if chosen[number])


def _rounded(codes: Sequence[_Code], probabilities: _Floats) -> dict[_Code, float]:
    return {code: round(float(p), PROBABILITY_DECIMALS) for code, p in zip(codes, probabilities, strict=True)}
