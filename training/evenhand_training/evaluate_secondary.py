"""Secondary figures: on invented texts held out from training, and on published case examples.

Neither is ever headline. Case examples go back to real children, so that they are judged from a file outside the
repository, and only figures are kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evenhand.errors import InputError
from evenhand.model import Model
from evenhand.scheme import ISSUES, LEVELS, Issue, Level
from evenhand_training.area_measures import expected_level, published_level, spearman
from evenhand_training.corpus import Corpus, Splits
from evenhand_training.corpus.files import read_lines
from evenhand_training.evaluate import predictions_of
from evenhand_training.examples import authored_examples
from evenhand_training.metrics import (
    Truth,
    interval_of,
    level_in_set,
    micro_f1,
    quadratic_kappa,
    resample_groups,
    set_coverage,
)

CASE_SEED = 2026


class _Case(BaseModel):
    # What was read stays out of messages: it may be a text.
    model_config = ConfigDict(frozen=True, strict=True, hide_input_in_errors=True)

    source_url: str
    text: str
    levels: tuple[Level, ...] = Field(min_length=1)
    issues: tuple[Issue, ...]
    severity: int = Field(ge=1, le=6)


def evaluate_authored(corpus: Corpus, splits: Splits, model: Model) -> dict[str, Any]:
    """Secondary figures on invented texts held out from training; never headline.

    Assertion and frame are judged on single coded sentences, whole notes on the narratives.
    """
    rows = [row for row in authored_examples(corpus, splits, "test") if len(row.assertions) == 1]
    told = model.code_sentences([row.text for row in rows])
    asserted = [row.assertions[0] is coding.assertion for row, coding in zip(rows, told, strict=True)]
    framed = [row.frame is coding.frame for row, coding in zip(rows, told, strict=True) if row.frame is not None]
    return {
        "codable": _codable(corpus, splits, model),
        "assertion": {"rows": len(asserted), "accuracy": _rounded(float(np.mean(asserted)))},
        "frame": {"rows": len(framed), "accuracy": _rounded(float(np.mean(framed)))},
        "notes": _notes(corpus, splits, model),
    }


def _codable(corpus: Corpus, splits: Splits, model: Model) -> dict[str, Any]:
    """How often a sentence that the coders left uncoded gets no level, and one that they coded is refused one."""
    rows = [row for row in authored_examples(corpus, splits, "test") if row.source == "narratives"]
    graded = [coding.level is not None for coding in model.code_sentences([row.text for row in rows])]
    coded = [None not in row.assertions for row in rows]
    refused = [not given for given, real in zip(graded, coded, strict=True) if not real]
    wrongly = [not given for given, real in zip(graded, coded, strict=True) if real]
    return {
        "uncoded_sentences": len(refused),
        "refused": _rounded(float(np.mean(refused))),
        "coded_sentences": len(wrongly),
        "wrongly_refused": _rounded(float(np.mean(wrongly))),
    }


def _notes(corpus: Corpus, splits: Splits, model: Model) -> dict[str, Any]:
    notes = [note for note in corpus.narratives if splits.part_of(note.id) == "test"]
    codings = model.code_many([" ".join(sentence.text for sentence in note.sentences) for note in notes])
    own = predictions_of(codings)
    severity = np.array([note.severity for note in notes], dtype=np.intp)
    inside = [coding.level in note.levels for coding, note in zip(codings, notes, strict=True)]
    real = np.array([[issue in note.issues for issue in ISSUES] for note in notes], dtype=np.bool_)
    return {
        "rows": len(notes),
        "level_in_set": _rounded(float(np.mean(inside))),
        "severity_qwk": _rounded(quadratic_kappa(severity, own.grade)),
        "issue_micro_f1": _rounded(micro_f1(real, own.issues)),
        "uncoded": sum(coding.level is None for coding in codings),
    }


def evaluate_cases(path: Path, model: Model) -> dict[str, Any]:
    """Judge a model on case examples: a JSON Lines file with `source_url`, `text`, `levels`, `issues` and `severity`.

    Intervals resample the sources of the examples, which are not independent of each other. A measure that does not
    apply, such as a correlation with one level set throughout, is left out.

    Raises:
        InputError: the file cannot be read, or a line lacks one of these.
    """
    cases = _read_cases(path)
    own = predictions_of(model.code_many([case.text for case in cases]))
    sources = tuple(case.source_url for case in cases)
    truth = Truth(
        levels=np.array([[level in case.levels for level in LEVELS] for case in cases], dtype=np.bool_),
        severity=np.array([case.severity for case in cases], dtype=np.intp),
        issues=np.array([[issue in case.issues for issue in ISSUES] for case in cases], dtype=np.bool_),
        informative=np.ones(len(cases), dtype=np.bool_),
        groups=sources,
        areas=sources,
    )
    inside, met = level_in_set(truth, own), set_coverage(truth, own)
    said, published = expected_level(own), published_level(truth)

    def measures(rows: np.ndarray[Any, np.dtype[np.intp]]) -> dict[str, float]:
        return {
            "level_in_set": float(inside[rows].mean()),
            "set_overlap": float(met[rows].mean()),
            "rank_correlation": spearman(said[rows], published[rows]),
            "severity_qwk": quadratic_kappa(truth.severity[rows], own.grade[rows]),
            "issue_micro_f1": micro_f1(truth.issues[rows], own.issues[rows]),
        }

    reached = measures(np.arange(len(cases)))
    draws = [measures(rows) for rows in resample_groups(sources, seed=CASE_SEED)]
    return {
        "rows": len(cases),
        "sources": len(set(sources)),
        "uncoded_rows": 0 if own.coded is None else int((~own.coded).sum()),
        **{
            name: {"value": _rounded(value), "low": _rounded(low), "high": _rounded(high)}
            for name, value in reached.items()
            for low, high in [interval_of(np.array([draw[name] for draw in draws]))]
            if not np.isnan(value)
        },
    }


def _read_cases(path: Path) -> list[_Case]:
    try:
        lines = read_lines(path)
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: the case examples cannot be read ({type(error).__name__}); give a JSON Lines file in UTF-8"
        raise InputError(message) from error
    cases = []
    for number, line in enumerate(lines, start=1):
        try:
            cases.append(_Case.model_validate_json(line))
        except ValidationError as error:
            message = (
                f"{path}, line {number}: needs source_url, text, levels, issues and severity as a JSON object, "
                "in the codes of the scheme"
            )
            raise InputError(message) from error
    if not cases:
        message = f"{path}: no case example in it"
        raise InputError(message)
    return cases


def _rounded(value: float) -> float:
    return round(value, 4)
