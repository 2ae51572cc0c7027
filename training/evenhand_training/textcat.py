"""What a spaCy user would train: spaCy's text classifier, once each for severity, level and issues.

The architecture is the one that `spacy init config --optimize efficiency` picks, `TextCatBOW`: hashed words into one
linear layer, without pre-trained weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import MissingExtraError
from evenhand.scheme import ISSUES, LEVELS, SEVERITIES
from evenhand.text import normalise
from evenhand_training.baselines import PUBLISHED_WEIGHT, expected_severity, spread, tuned_issues
from evenhand_training.examples import Example
from evenhand_training.metrics import Predictions

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.pipeline import TextCategorizer
    from spacy.tokens import Doc

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

# Eight epochs at 0.005 grade left-out rows of two folds about as well as 40 at spaCy's own 0.001, which take four times
# as long. Even, so that a row of two levels shows each of them as often.
EPOCHS = 8
LEARNING_RATE = 0.005
# Where spaCy's own schedule ends, which starts at 100 and would be about 2,300 steps below it.
BATCH_WORDS = 1000
# Places for words in the hashed layer. spaCy's 262,144 are for word runs of large corpora; 5,000 rows of this one have
# 8,000 words, and every step updates every place.
HASHED = 32_768


@dataclass(frozen=True, slots=True)
class _Lesson:
    """A text and its labels; of several answers each is shown in turn.

    Attributes:
        doc: The text as tokens.
        answers: Numbers of the labels that hold, one tuple for each answer.
        copies: How often it is shown in an epoch.
    """

    doc: Doc
    answers: tuple[tuple[int, ...], ...]
    copies: int


def spacy_textcat(training: Sequence[Example], rows: Sequence[Example], *, seed: int) -> Predictions:
    """spaCy's `textcat` for severity and level and its `textcat_multilabel` for issues.

    Severity and issues learn from all training rows, published ones shown `PUBLISHED_WEIGHT` times; levels learn from
    published rows. `textcat` wants one label of a text, so a level set shows each of its levels in turn. Issue
    thresholds as in `tuned_issues`.

    Raises:
        MissingExtraError: spaCy is not installed.
    """
    language = _blank_english()
    docs = [language.make_doc(normalise(row.text)) for row in (*training, *rows)]
    copies = [int(PUBLISHED_WEIGHT) if row.levels else 1 for row in training]

    def lessons(answers: Callable[[Example], tuple[tuple[int, ...], ...]], learnt: Sequence[int]) -> list[_Lesson]:
        return [_Lesson(docs[place], answers(training[place]), copies[place]) for place in learnt]

    def issue_probabilities(learnt: Places, read: Places) -> Floats:
        taught = lessons(lambda row: (tuple(map(ISSUES.index, row.issues or ())),), learnt.tolist())
        return _read(taught, [docs[place] for place in read], len(ISSUES), exclusive=False, seed=seed)

    told = docs[len(training) :]
    graded = [place for place, row in enumerate(training) if row.severity]
    severity = lessons(lambda row: ((SEVERITIES.index(row.severity or 0),),), graded)
    published = [place for place, row in enumerate(training) if row.levels]
    level = lessons(lambda row: tuple((LEVELS.index(level),) for level in row.levels), published)
    return Predictions(
        level_probabilities=_read(level, told, len(LEVELS), exclusive=True, seed=seed),
        severity=expected_severity(_read(severity, told, len(SEVERITIES), exclusive=True, seed=seed), SEVERITIES),
        issues=tuned_issues(training, len(rows), issue_probabilities, seed=seed),
    )


def _blank_english() -> Language:
    try:
        import spacy
    except ImportError as error:
        message = "this baseline needs the package spacy: pip install 'evenhand[baselines]'"
        raise MissingExtraError(message) from error
    return spacy.blank("en")


def _read(taught: Sequence[_Lesson], told: Sequence[Doc], labels: int, *, exclusive: bool, seed: int) -> Floats:
    """Teach one classifier and read P(label) of `told` from it, shape (n, labels); 0 for labels that nothing taught."""
    seen = sorted({label for lesson in taught for answer in lesson.answers for label in answer})
    if len(seen) < 2:  # spaCy makes no classifier of a single label
        return spread(np.ones((len(told), len(seen))), seen, labels)
    classifier = _taught(taught, seen, exclusive=exclusive, seed=seed)
    found = np.asarray(classifier.predict(told), dtype=np.float64)
    return spread(found, [int(label) for label in classifier.labels], labels)


def _taught(lessons: Sequence[_Lesson], seen: Sequence[int], *, exclusive: bool, seed: int) -> TextCategorizer:
    from spacy.training import Example as Shown
    from spacy.training.batchers import minibatch_by_words

    shown = [
        [
            Shown.from_dict(lesson.doc, {"cats": {str(label): float(label in answer) for label in seen}})
            for answer in lesson.answers
        ]
        for lesson in lessons
    ]
    model = {
        "@architectures": "spacy.TextCatBOW.v3",
        "exclusive_classes": exclusive,
        "length": HASHED,
        "ngram_size": 1,
        "no_output_layer": False,
    }
    language = _blank_english()
    added = language.add_pipe("textcat" if exclusive else "textcat_multilabel", config={"model": model})
    classifier = cast("TextCategorizer", added)
    optimiser = language.initialize(lambda: shown[0])  # every text names every label
    optimiser.learn_rate = LEARNING_RATE
    generator = np.random.default_rng(seed)
    turns = [(place, copy) for place, lesson in enumerate(lessons) for copy in range(lesson.copies)]
    for epoch in range(EPOCHS):
        order = [turns[turn] for turn in generator.permutation(len(turns))]
        chosen = [shown[place][(epoch * lessons[place].copies + copy) % len(shown[place])] for place, copy in order]
        for batch in minibatch_by_words(chosen, BATCH_WORDS):
            classifier.update(batch, sgd=optimiser)
    return classifier
