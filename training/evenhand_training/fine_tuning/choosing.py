"""Which own rows teach, which judge, and which do neither; pure functions of rows and the shipped corpus.

What would spoil a judgement is left out and counted: texts that the base model was fitted to, and those that nearly
repeat a text of the frozen test or of the validation units that behaviour is judged on. Whole documents are held out,
drawn by a seed; a text that nearly repeats a held-out one does not teach.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from evenhand.errors import InputError
from evenhand_training.behaviour import Units
from evenhand_training.corpus import NEAR_REPEAT_THRESHOLD, Corpus, Splits, near_repeats
from evenhand_training.corpus.near_repeats import plain
from evenhand_training.examples import Example
from evenhand_training.fine_tuning.own_rows import OwnRow
from evenhand_training.fine_tuning.settings import RowSettings


@dataclass(frozen=True, slots=True)
class Chosen:
    """Own rows by what they do.

    Attributes:
        taught: They teach.
        held_out: They judge; of other documents than `taught`, none nearly repeated there.
        left_out: How many do neither, by reason.
    """

    taught: tuple[OwnRow, ...]
    held_out: tuple[OwnRow, ...]
    left_out: dict[str, int]

    @property
    def rows(self) -> tuple[OwnRow, ...]:
        """Those that teach and those that judge."""
        return (*self.taught, *self.held_out)


def choose(
    rows: Sequence[OwnRow],
    corpus: Corpus,
    splits: Splits,
    fitted_to: Sequence[Example],
    settings: RowSettings,
    *,
    seed: int,
) -> Chosen:
    """Part own rows.

    Args:
        rows: Coded texts.
        corpus: The shipped corpus; texts of its test are compared with, and nothing else is done with them.
        splits: Its frozen splits.
        fitted_to: Rows that the base model was fitted to.
        settings: How many are needed, and how many are held out.
        seed: Decides which documents are held out.

    Raises:
        InputError: there are too few rows or documents, or one document has most of the rows.
    """
    kept, left_out = _without_spoilers(rows, corpus, splits, fitted_to)
    documents = Counter(row.document for row in kept)
    if len(kept) < settings.least or len(documents) < settings.least_documents:
        told = "; ".join(f"{count:,} {reason}" for reason, count in left_out.items())
        message = (
            f"{len(kept):,} texts of {len(documents):,} documents can be used, and fine-tuning needs"
            f" {settings.least:,} of {settings.least_documents:,} ({told or 'none was left out'}); code more, of more"
            " documents"
        )
        raise InputError(message)
    held = _held_documents(documents, settings.held_out, seed)
    held_out = [row for row in kept if row.document in held]
    taught = [row for row in kept if row.document not in held]
    repeats = set(near_repeats([row.text for row in taught], [row.text for row in held_out], threshold=_NEAR))
    left_out["nearly repeat a held-out text"] = len(repeats)
    taught = [row for place, row in enumerate(taught) if place not in repeats]
    return Chosen(tuple(taught), tuple(held_out), dict(+left_out))


_NEAR = NEAR_REPEAT_THRESHOLD


def _without_spoilers(
    rows: Sequence[OwnRow], corpus: Corpus, splits: Splits, fitted_to: Sequence[Example]
) -> tuple[list[OwnRow], Counter[str]]:
    near = set(near_repeats([row.text for row in rows], _judging_texts(corpus, splits), threshold=_NEAR))
    fitted = {plain(row.text) for row in fitted_to}
    seen: set[str] = set()
    kept = []
    left_out: Counter[str] = Counter()
    for place, row in enumerate(rows):
        key = plain(row.text)
        if key in seen:
            left_out["stand twice"] += 1
        elif key in fitted:
            left_out["taught the base model"] += 1
        elif place in near:
            left_out["nearly repeat a text that judges"] += 1
        else:
            kept.append(row)
        seen.add(key)
    return kept, left_out


def _judging_texts(corpus: Corpus, splits: Splits) -> list[str]:
    """Texts of the test, and of the validation units that behaviour is judged on; single authored texts are not."""
    single = {row.id for row in corpus.authored}
    judged = splits.test_rows | splits.authored.test | (splits.authored.validation - single)
    parts = [text for row in (*corpus.descriptors, *corpus.authored_units()) if row.id in judged for text in row.texts]
    return [*parts, *Units.of(corpus, judged).texts()]


def _held_documents(documents: Counter[str], share: float, seed: int) -> frozenset[str]:
    """Documents drawn until they have the share of texts; those that would overshoot are passed over.

    Raises:
        InputError: those that fit have less than half of it.
    """
    names = sorted(documents)
    random.Random(seed).shuffle(names)  # noqa: S311 - which documents judge, no secret
    wanted = round(share * documents.total())
    held: set[str] = set()
    reached = 0
    for name in names:
        if reached + documents[name] <= wanted:
            held.add(name)
            reached += documents[name]
    if 2 * reached < wanted or len(held) == len(documents):
        message = (
            f"one of {len(documents):,} documents has so many of the texts that {share:.0%} of them cannot be held out"
            " by document; code texts of more documents, or say which document each is from"
        )
        raise InputError(message)
    return frozenset(held)
