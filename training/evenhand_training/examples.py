"""From the corpus to training rows: one text each, with what its source says of it and nothing it does not say.

Which source teaches what:

* published descriptors: severity, issues and, where the document shows more than one level, the level set; never the
  assertion class, except that a descriptor is codable;
* authored texts, pairs, sets and templates: severity, issues, and assertion and frame where they are coded. Their
  levels restate their severity and stay out of the level likelihood;
* hypothetical sentences of notes: not their severity, which some of them state as if the supposition were true;
* pairs, sets and templates also teach which of their texts are equally grave and which graver than others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from evenhand.scheme import ASSERTIONS, LEVELS, Assertion, Frame, Issue, Level
from evenhand_training.corpus import Corpus, Splits

# Fillers of one counterfactual template that become rows, evenly spaced: all of them would take twice the time.
FILLERS_PER_TEMPLATE = 3

AssertionClass = Assertion | Literal["claim"] | None
# What the assertion head tells apart. None is "no codable content"; a claim is a sentence about thresholds.
CLASSES: tuple[AssertionClass, ...] = (*ASSERTIONS, None, "claim")
# An administrative sentence with one of these may claim a threshold; the notes do not say which do.
_MAY_CLAIM = re.compile(
    r"section (?:17|47)|\bs\.? ?(?:17|47)\b|threshold|level (?:[1-5]|one|two|three|four)|tier [1-5]|escalat|urgen"
    r"|priorit|child protection|\bcp\b|strategy|early help|child in need|\bcin\b|statutory|no further action|\bnfa\b"
    r"|step(?:ped)? (?:up|down)|assessment|mash|front door|social care",
    re.IGNORECASE,
)


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
        assertions: Assertion classes that the label allows; empty where unknown.
        frame: None where unknown.
        same: Whether the text tells the same as the other such texts of its unit.
        rank: Texts of a unit with a higher rank are graver than those with a lower one; None where not ranked.
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
    assertions: tuple[AssertionClass, ...] = ()
    frame: Frame | None = None
    same: bool = False
    rank: int | None = None

    @property
    def unit(self) -> str:
        """The id of the corpus row, which its parts share."""
        return self.id.split("#")[0]

    @property
    def is_compared(self) -> bool:
        """Whether the text's severity is held against that of other texts of its unit."""
        return self.same or self.rank is not None


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


def development_rows(corpus: Corpus, splits: Splits) -> dict[str, Example]:
    """Published rows that cross-validation leaves out in turn, and those that only train, by id."""
    development, _ = split_published(corpus, splits)
    return {row.id: row for row in development}


def authored_examples(corpus: Corpus, splits: Splits, part: str) -> list[Example]:
    """Texts of one part of the authored material: `train`, `validation` or `test`."""
    found = [example for example in _all_authored(corpus) if splits.part_of(example.unit) == part]
    if part == "train":
        return [example for example in found if example.unit not in splits.removed]
    return found


def _all_authored(corpus: Corpus) -> Iterator[Example]:
    yield from _authored_texts(corpus)
    yield from _narratives(corpus)
    yield from _whole_notes(corpus)
    yield from _accumulation_texts(corpus)
    yield from _tellings(corpus)
    yield from _contrasts(corpus)
    yield from _graded_pairs(corpus)
    yield from _assertion_texts(corpus)
    yield from _templates(corpus)
    yield from _claims(corpus)


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


def _narratives(corpus: Corpus) -> Iterator[Example]:
    for note in corpus.narratives:
        for number, sentence in enumerate(note.sentences):
            # `na` is administrative or, rarely, about somebody else. Allowing both classes taught the network to call
            # every greeting `other_person`, which the assertion sets teach with whole sets of their own.
            allowed: tuple[AssertionClass, ...] = (sentence.assertion,)
            if sentence.assertion is None and _MAY_CLAIM.search(sentence.text):
                allowed = (None, "claim")
            yield Example(
                id=f"{note.id}#{number}",
                text=sentence.text,
                source="narratives",
                severity=sentence.severity if sentence.assertion is not Assertion.HYPOTHETICAL else None,
                issues=tuple(sentence.issues),
                assertions=allowed,
                frame=sentence.frame,
            )
        yield _codable(f"{note.id}#whole", note.text, "narratives", note.severity, note.issues)


def _codable(id_: str, text: str, source: str, severity: int | None, issues: Sequence[Issue]) -> Example:
    return Example(
        id=id_, text=text, source=source, severity=severity, issues=tuple(issues), assertions=tuple(ASSERTIONS)
    )


def _whole_notes(corpus: Corpus) -> Iterator[Example]:
    for note in corpus.whole_notes:
        yield _codable(note.id, note.text, "whole-notes", note.severity, note.issues)


def _accumulation_texts(corpus: Corpus) -> Iterator[Example]:
    for row in corpus.accumulation_sets:
        gravest = max(part.severity for part in row.parts)
        parts = [
            _codable(f"{row.id}#{number}", part.text, "accumulation-sets", part.severity, part.issues)
            for number, part in enumerate(row.parts)
        ]
        about = dict.fromkeys(issue for part in row.parts for issue in part.issues)
        if len(about) > 1:
            about.pop(Issue.PROTECTIVE, None)
        whole = _codable(f"{row.id}#whole", row.whole, "accumulation-sets", row.whole_severity, tuple(about))
        graver, equal = row.whole_severity > gravest, row.whole_severity == gravest
        for part in parts:
            yield replace(part, same=equal and part.severity == gravest, rank=0 if graver else None)
        yield replace(whole, same=equal, rank=1 if graver else None)


def _tellings(corpus: Corpus) -> Iterator[Example]:
    for pair in corpus.framing_pairs:
        for name, text in (("risk", pair.risk_text), ("need", pair.need_text)):
            telling = _codable(f"{pair.id}#{name}", text, "framing-pairs", pair.severity, pair.issues)
            yield replace(telling, same=True)


def _contrasts(corpus: Corpus) -> Iterator[Example]:
    for row in corpus.contrast_sets:
        for number, told in enumerate(row.texts_):
            about = None if told.kind == "not_now" else tuple(row.issues)
            yield Example(
                id=f"{row.id}#{number}",
                text=told.text,
                source="contrast-sets",
                severity=told.severity,
                issues=about,
                assertions=() if about is None else tuple(ASSERTIONS),
                same=told.is_telling,
                rank=told.severity,
            )


def _graded_pairs(corpus: Corpus) -> Iterator[Example]:
    for pair in corpus.severity_pairs:
        low = _codable(f"{pair.id}#low", pair.low_text, "severity-pairs", pair.low_severity, pair.issues)
        high = _codable(f"{pair.id}#high", pair.high_text, "severity-pairs", pair.high_severity, pair.issues)
        yield replace(low, rank=0)
        yield replace(high, rank=1)


def _assertion_texts(corpus: Corpus) -> Iterator[Example]:
    for row in corpus.assertion_sets:
        for assertion, text in row.by_assertion.items():
            present = assertion is Assertion.PRESENT
            yield Example(
                id=f"{row.id}#{assertion}",
                text=text,
                source="assertion-sets",
                issues=(row.issue,) if present else None,
                assertions=(assertion,),
                rank=int(present),
            )


def _templates(corpus: Corpus) -> Iterator[Example]:
    for template in corpus.counterfactual_templates:
        texts = template.texts
        step = max(1, len(texts) // FILLERS_PER_TEMPLATE)
        for number in range(0, min(len(texts), step * FILLERS_PER_TEMPLATE), step):
            filled = _codable(
                f"{template.id}#{number}",
                texts[number],
                "counterfactual-templates",
                template.severity,
                template.issues,
            )
            yield replace(filled, same=True)


def _claims(corpus: Corpus) -> Iterator[Example]:
    for row in corpus.claims:
        claimed = row.kind == "claim"
        facts = _codable(f"{row.id}#base", row.base, "claims", row.severity, row.issues)
        yield replace(facts, same=claimed)
        if claimed:
            yield replace(_codable(f"{row.id}#claimed", row.text, "claims", row.severity, row.issues), same=True)

            yield Example(id=f"{row.id}#claim", text=row.claim, source="claims", assertions=("claim",))
        else:
            status = tuple(ASSERTIONS)
            yield Example(id=f"{row.id}#status", text=row.claim, source="claims", assertions=status)


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
