"""The texts of the speed benchmark: what peers learn from, what everyone is judged on, and what is timed.

Peers learn from rows that the released networks may learn from, and from nothing else. What they are judged on is the
frozen test, and the notes of the training part that are left out of every network for this purpose. A quick run reads
validation rows in place of the test.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from evenhand.scheme import ISSUES, LEVELS, Issue, Level
from evenhand.text import split_sentences

ROOT = Path(__file__).parents[3]
CORPUS = ROOT / "annotations"
Kind = Literal["descriptors", "notes"]
KINDS: tuple[Kind, ...] = ("descriptors", "notes")

# What is timed: notes of so many tokens and more are about 170 long on average, as front doors' case notes are.
LEAST_NOTE_TOKENS = 140
TEXT_SEED = 2026
QUICK_ROWS = 24  # of each set; enough to run every line
# A published row counts so many times an invented one, as in the baselines of `evenhand_training.baselines`.
PUBLISHED_WEIGHT = 5.0


@dataclass(frozen=True, slots=True)
class Coded:
    """A text with its codes.

    Attributes:
        text: As in the corpus.
        levels: Places in LEVELS that are right.
        issues: Places in ISSUES.
        group: What is resampled together: the areas of a published row, otherwise the row.
        weight: How much it counts for a peer that learns from it.
    """

    text: str
    levels: tuple[int, ...]
    issues: tuple[int, ...]
    group: str
    weight: float = 1.0


def _coded(
    text: str, levels: Sequence[Level], issues: Sequence[Issue], group: str, *, published: bool = False
) -> Coded:
    return Coded(
        text,
        tuple(map(LEVELS.index, levels)),
        tuple(map(ISSUES.index, issues)),
        group,
        PUBLISHED_WEIGHT if published else 1.0,
    )


def training_rows(*, quick: bool) -> dict[Kind, list[Coded]]:
    """What peers learn from: descriptors with authored sentences, and whole notes. Quick gives every hundredth."""
    from evenhand_training.corpus import Corpus, Narrative, Splits, WholeNote
    from evenhand_training.examples import development_rows
    from evenhand_training.stages import final_rows

    corpus, splits = Corpus.read(CORPUS), Splits.read(CORPUS)
    # To tell near repeats apart takes half a minute, for which a quick run has no time.
    known = None if quick else {row.unit for row in final_rows(corpus, splits)}
    development = development_rows(corpus, splits)

    def allowed(identifier: str) -> bool:
        trains = splits.part_of(identifier) == "train" and splits.authored_fold(identifier) is None
        return trains and identifier not in splits.removed and (known is None or identifier in known)

    whole: list[WholeNote | Narrative] = [*corpus.whole_notes, *corpus.narratives]
    published = [_coded(row.text, row.levels, row.issues or (), row.id, published=True) for row in development.values()]
    authored = [_coded(row.text, row.levels, row.issues, row.id) for row in corpus.authored if allowed(row.id)]
    notes = [_coded(row.text, row.levels, row.issues, row.id) for row in whole if allowed(row.id)]
    step = 100 if quick else 1
    return {"descriptors": (published + authored)[::step], "notes": notes[::step]}


def threshold_rows(*, quick: bool) -> dict[Kind, list[Coded]]:
    """What peers' issue thresholds are fitted on: rows that no network learns from and that are not the test.

    Evenhand's own reading of notes is fitted on the same notes.
    """
    from evenhand_training.corpus import Corpus, Splits

    corpus, splits = Corpus.read(CORPUS), Splits.read(CORPUS)
    validation = [
        _coded(row.text, row.levels, row.issues, row.id)
        for row in corpus.authored
        if splits.part_of(row.id) == "validation"
    ]
    notes = _held_out_notes(corpus, splits)
    return {"descriptors": validation, "notes": notes[:QUICK_ROWS] if quick else notes}


def judged_rows(*, quick: bool) -> dict[str, tuple[Kind, list[Coded]]]:
    """What everyone is judged on, by name: `notes_test`, `notes_held_out` and `descriptors_test`.

    A quick run has validation rows only and leaves the frozen test closed.
    """
    from evenhand_training.corpus import Corpus, Splits
    from evenhand_training.examples import split_published

    corpus, splits = Corpus.read(CORPUS), Splits.read(CORPUS)
    held_out = _held_out_notes(corpus, splits)
    if quick:
        validation = threshold_rows(quick=True)["descriptors"]
        return {
            "notes_held_out": ("notes", held_out[:QUICK_ROWS]),
            "descriptors_validation": ("descriptors", validation[:QUICK_ROWS]),
        }
    _, test = split_published(corpus, splits)
    return {
        "notes_test": (
            "notes",
            [
                _coded(note.text, note.levels, note.issues, note.id)
                for note in corpus.narratives
                if splits.part_of(note.id) == "test"
            ],
        ),
        "notes_held_out": ("notes", held_out),
        "descriptors_test": (
            "descriptors",
            [_coded(row.text, row.levels, row.issues or (), row.group or row.id) for row in test],
        ),
    }


def _held_out_notes(corpus: Any, splits: Any) -> list[Coded]:  # noqa: ANN401 - imported where it is used
    return [
        _coded(note.text, note.levels, note.issues, note.id)
        for note in corpus.narratives
        if splits.authored_fold(note.id) is not None
    ]


def timed_texts(notes: int, descriptors: int) -> dict[Kind, list[str]]:
    """Different texts of the corpus in random order: descriptors, and notes of about 170 tokens."""
    from evenhand_training.corpus import Corpus
    from evenhand_training.encoder import load_tokenizer

    corpus = Corpus.read(CORPUS)
    written = [row.text for row in corpus.authored if row.written_as == "descriptor"]
    short = list(dict.fromkeys([row.text for row in corpus.descriptors] + written))
    notes_of = [row.text for row in corpus.narratives] + [row.text for row in corpus.whole_notes]
    whole = list(dict.fromkeys(notes_of))
    tokens = load_tokenizer(512).encode_batch(whole)
    long = [text for text, found in zip(whole, tokens, strict=True) if len(found.ids) >= LEAST_NOTE_TOKENS]
    chooser = random.Random(TEXT_SEED)
    return {
        "descriptors": chooser.sample(short, min(descriptors, len(short))),
        "notes": chooser.sample(long, min(notes, len(long))),
    }


def made_notes(count: int, *, chunk: int) -> Iterator[list[str]]:
    """As many notes as asked for, no two alike and no sentence twice but by chance, in chunks.

    A sentence is the first half of one of the corpus and the second half of another: hundreds of millions differ, and
    their lengths are those of the corpus. What they say is nonsense.
    """
    # Not as a corpus, which would be most of the memory of a process whose memory is measured.
    with (CORPUS / "whole-notes.jsonl").open(encoding="utf-8") as lines:
        notes = [json.loads(line)["text"] for line in lines]
    cut = [[text[start:end] for start, end in split_sentences(text)] for text in notes]
    pool = [sentence.split() for sentences in cut for sentence in sentences]
    chooser = random.Random(TEXT_SEED)

    def sentence() -> str:
        first, second = chooser.choice(pool), chooser.choice(pool)
        return " ".join(first[: (len(first) + 1) // 2] + second[len(second) // 2 :])

    for start in range(0, count, chunk):
        yield [" ".join(sentence() for _ in range(len(chooser.choice(cut)))) for _ in range(min(chunk, count - start))]
