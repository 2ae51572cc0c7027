"""From the corpus to training rows: one text each, with what its source says of it and nothing it does not say.

Which source teaches what:

* published descriptors: severity, issues and, where the document shows more than one level, the level set; never the
  assertion class, except that a descriptor is codable;
* authored texts, pairs, sets and templates: severity, issues, and assertion and frame where they are coded. Their
  levels restate their severity and stay out of the level likelihood;
* hypothetical sentences of notes: not their severity, which some of them state as if the supposition were true.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from datasets import Dataset
from numpy.typing import NDArray
from tokenizers import Tokenizer

from evenhand.scheme import ASSERTIONS, FRAMES, ISSUES, LEVELS, SEVERITIES, Assertion, Frame, Issue, Level
from evenhand.text import normalise
from evenhand_training.corpus import Corpus, Splits
from evenhand_training.network import ASSERTION_CLASSES

# Fillers of one counterfactual template that become rows: all of them would make 80 templates weigh as 400 texts.
FILLERS_PER_TEMPLATE = 2


class Reading(NamedTuple):
    """What a teacher reads off a text: P(severity = 1..6), shape (6,), and P(issue), shape (issues,)."""

    severity: NDArray[np.float64]
    issues: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Teaching:
    """A teacher's readings by example id, and their share in the targets, 0 to 1."""

    share: float
    readings: Mapping[str, Reading]


@dataclass(frozen=True, slots=True)
class Example:
    """One text and what is known of it.

    Attributes:
        id: Of the corpus row; `id#part` for a text that is part of a row.
        text: As in the corpus.
        source: The corpus file's stem.
        severity: 1 to 6, or None where unknown.
        issues: None where unknown; empty where the text is known to be about none.
        levels: The published set, or empty where the row must not inform the level.
        visible_sets: The distinct level sets visible in the row's document, or empty as for `levels`.
        group: Connected group of areas of a published row, or None; an area added later has none and only trains.
        area: Area of a published row, or None.
        assertions: Assertion classes that the label allows; empty where unknown. None stands for "not codable".
        frame: None where unknown.
    """

    id: str
    text: str
    source: str
    severity: int | None = None
    issues: tuple[Issue, ...] | None = None
    levels: tuple[Level, ...] = ()
    visible_sets: tuple[tuple[Level, ...], ...] = ()
    group: str | None = None
    area: str | None = None
    assertions: tuple[Assertion | None, ...] = ()
    frame: Frame | None = None


def published_examples(corpus: Corpus, splits: Splits) -> list[Example]:
    """All published descriptors but those of regional and non-English documents, test rows included."""
    examples = []
    for row in corpus.descriptors:
        document = corpus.document(row.doc_id)
        if splits.is_left_out(document.area):
            continue
        group = splits.group_of(document.area)
        examples.append(
            Example(
                id=row.id,
                text=row.text,
                source="descriptors",
                severity=row.severity,
                issues=tuple(row.issues),
                levels=tuple(row.levels),
                visible_sets=document.visible_sets,
                group=group,
                area=document.area,
                assertions=tuple(ASSERTIONS),
            )
        )
    return examples


def split_published(corpus: Corpus, splits: Splits) -> tuple[list[Example], list[Example]]:
    """Published rows for development and for the frozen test.

    Development leaves out what nearly repeats a test row, and every other row of a test area: its bar would leak.
    """
    published = published_examples(corpus, splits)
    test = [example for example in published if example.id in splits.test_rows]
    test_groups = set(splits.test_groups)
    development = [
        example for example in published if example.group not in test_groups and example.id not in splits.removed
    ]
    return development, test


def authored_examples(corpus: Corpus, splits: Splits, part: str) -> list[Example]:
    """Texts of one part of the authored material: `train`, `validation` or `test`."""
    found = [example for example in _all_authored(corpus) if splits.part_of(example.id.split("#")[0]) == part]
    if part == "train":
        return [example for example in found if example.id.split("#")[0] not in splits.removed]
    return found


def _all_authored(corpus: Corpus) -> Iterator[Example]:
    yield from _authored_texts(corpus)
    yield from _narrative_sentences(corpus)
    yield from _accumulation_texts(corpus)
    yield from _paired_texts(corpus)
    yield from _assertion_texts(corpus)
    for template in corpus.counterfactual_templates:
        for number in range(FILLERS_PER_TEMPLATE):
            text = template.template
            for slot, fillers in template.slots.items():
                text = text.replace("{" + slot + "}", fillers[number % len(fillers)])
            yield Example(
                id=f"{template.id}#{number}",
                text=text,
                source="counterfactual-templates",
                severity=template.severity,
                issues=tuple(template.issues),
            )


def _authored_texts(corpus: Corpus) -> Iterator[Example]:
    for row in corpus.authored:
        yield Example(
            id=row.id,
            text=row.text,
            source="authored",
            severity=row.severity,
            issues=tuple(row.issues),
            assertions=(row.assertion,),
            frame=row.frame,
        )


def _narrative_sentences(corpus: Corpus) -> Iterator[Example]:
    for note in corpus.narratives:
        for number, sentence in enumerate(note.sentences):
            # `na` is administrative or, rarely, about somebody else. Allowing both classes taught the network to call
            # every greeting `other_person`, which the assertion sets teach with whole sets of their own.
            allowed = (sentence.assertion,)
            yield Example(
                id=f"{note.id}#{number}",
                text=sentence.text,
                source="narratives",
                severity=sentence.severity if sentence.assertion is not Assertion.HYPOTHETICAL else None,
                issues=tuple(sentence.issues),
                assertions=allowed,
                frame=sentence.frame,
            )


def _accumulation_texts(corpus: Corpus) -> Iterator[Example]:
    for row in corpus.accumulation_sets:
        for number, part in enumerate(row.parts):
            yield Example(
                id=f"{row.id}#{number}",
                text=part.text,
                source="accumulation-sets",
                severity=part.severity,
                issues=tuple(part.issues),
            )


def _paired_texts(corpus: Corpus) -> Iterator[Example]:
    for pair in corpus.framing_pairs:
        blank = Example(id=pair.id, text="", source="framing-pairs", severity=pair.severity, issues=tuple(pair.issues))
        yield replace(blank, id=f"{pair.id}#risk", text=pair.risk_text)
        yield replace(blank, id=f"{pair.id}#need", text=pair.need_text)
    for graded in corpus.severity_pairs:
        blank = Example(id=graded.id, text="", source="severity-pairs", issues=tuple(graded.issues))
        yield replace(blank, id=f"{graded.id}#low", text=graded.low_text, severity=graded.low_severity)
        yield replace(blank, id=f"{graded.id}#high", text=graded.high_text, severity=graded.high_severity)


def _assertion_texts(corpus: Corpus) -> Iterator[Example]:
    for row in corpus.assertion_sets:
        for assertion in ASSERTIONS:
            yield Example(
                id=f"{row.id}#{assertion}",
                text=str(getattr(row, assertion.value)),
                source="assertion-sets",
                issues=(row.issue,) if assertion is Assertion.PRESENT else None,
                assertions=(assertion,),
            )


def area_index(examples: Iterable[Example]) -> dict[str, int]:
    """Number the areas that say something about thresholds, in order of name."""
    informative = {example.area for example in examples if example.area and says_something_about_level(example)}
    return {area: number for number, area in enumerate(sorted(informative))}


def says_something_about_level(example: Example) -> bool:
    """Whether the row's document shows a level that is not in the row's own set."""
    return any(set(visible) - set(example.levels) for visible in example.visible_sets)


def level_weights(example: Example) -> tuple[list[float], list[float]]:
    """How the row's level set and its document's visible levels enter the likelihood: a weight for each level.

    P(native level | text) = sum over its levels of P(level) / (visible sets that hold the level), divided by the
    sum of P(level) over all visible levels. Where sets overlap ({B, C} beside {C, D}), the shared level is split
    between them, so that the document's native levels together have probability 1. A row that says nothing
    about the level gets 1.0 throughout, for a likelihood of 1.
    """
    if not says_something_about_level(example):
        return [1.0] * len(LEVELS), [1.0] * len(LEVELS)
    holders = [sum(level in visible for visible in example.visible_sets) for level in LEVELS]
    own = [1.0 / count if level in example.levels else 0.0 for level, count in zip(LEVELS, holders, strict=True)]
    return own, [float(count > 0) for count in holders]


def to_dataset(
    examples: Sequence[Example],
    tokenizer: Tokenizer,
    *,
    areas: dict[str, int],
    replayed: Container[str] = (),
    teaching: Teaching | None = None,
) -> Dataset:
    """Encode examples as a HF dataset with the columns of `losses.Labels`, `id`, `text`, `input_ids` and `replayed`.

    `replayed` holds ids of rows that the second stage draws from, see `fit.Sampler`. What is coded of a text is mixed
    with what the teacher reads of it; what is not coded stays unknown.
    """
    texts = [example.text for example in examples]
    records = [
        {
            "id": example.id,
            "text": text,
            "input_ids": ids,
            "replayed": example.id in replayed,
            **_labels(example, areas),
            **_targets(example, teaching),
        }
        for example, text, ids in zip(examples, texts, encode(tokenizer, texts), strict=True)
    ]
    return Dataset.from_list(records)


def encode(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """Token ids of each text, seen as the product sees a sentence: normalised first."""
    return [encoding.ids for encoding in tokenizer.encode_batch([normalise(text) for text in texts])]


def _labels(example: Example, areas: dict[str, int]) -> dict[str, Any]:
    levels, visible = level_weights(example)
    allowed = example.assertions or (*ASSERTIONS, None)
    classes = [*ASSERTIONS, None]
    assert len(classes) == ASSERTION_CLASSES
    return {
        "severity": example.severity or 0,
        "has_issues": float(example.issues is not None),
        "levels": levels,
        "visible": visible,
        "area": areas[example.area or ""] if says_something_about_level(example) else 0,
        "assertion": [float(choice in allowed) for choice in classes],
        "frame": FRAMES.index(example.frame) if example.frame else -1,
    }


def _targets(example: Example, teaching: Teaching | None) -> dict[str, list[float]]:
    grades = np.array([float(grade == example.severity) for grade in SEVERITIES])
    issues = np.array([float(issue in (example.issues or ())) for issue in ISSUES])
    read = teaching.readings.get(example.id) if teaching else None
    if teaching and read:
        if example.severity:
            grades = _mixed(grades, read.severity, teaching.share)
        if example.issues is not None:
            issues = _mixed(issues, read.issues, teaching.share)
    return {"grades": grades.tolist(), "issues": issues.tolist()}


def _mixed(coded: NDArray[np.float64], read: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    # Rounded, so that a teacher fitted again with another number of threads gives the same training rows.
    return np.round((1 - share) * coded + share * read, 3)


def digest(rows: Dataset) -> str:
    """SHA-256 over the rows in order, so that a resumed run can tell that they are the same."""
    running = hashlib.sha256()
    for row in rows:
        running.update(json.dumps(row, sort_keys=True).encode())
    return running.hexdigest()
