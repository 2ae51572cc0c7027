"""Find texts that nearly repeat others; the one definition of "nearly" that splits and folds use.

Two texts are compared as sets of four-letter runs of their normalised letters and digits, by the Dice
coefficient. Letter runs were chosen over words because most descriptors have fewer than ten words, where one
changed ending moves word overlap a lot, and because they see through spelling and word order alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

# Read on all pairs of published rows of different areas: from 0.7 up nearly every pair uses the same words
# ("Immunisations or health checks missed" / "... being missed"), between 0.6 and 0.7 about half do, and below
# 0.6 the pairs share a subject only.
NEAR_REPEAT_THRESHOLD = 0.7
_RUN_LENGTH = 4  # three-letter runs are shared by unrelated texts, five-letter ones miss inflections
_ROWS_AT_ONCE = 256  # keeps one block of scores against 10,000 texts near 10 MB
_SEPARATORS = re.compile(r"[^a-z0-9]+")


def near_repeats(texts: Sequence[str], against: Sequence[str], *, threshold: float) -> list[int]:
    """Indices of `texts`, ascending, that nearly repeat any of `against`.

    Args:
        threshold: least Dice coefficient that counts as a near repeat, over 0 and up to 1.
    """
    found: set[int] = set()
    for rows, _, _ in _matches(texts, against, threshold):
        found.update(rows.tolist())
    return sorted(found)


def near_pairs(texts: Sequence[str], *, threshold: float) -> list[tuple[int, int]]:
    """All pairs (i, j), i < j, of texts that nearly repeat each other."""
    return [
        (int(i), int(j))
        for rows, columns, _ in _matches(texts, texts, threshold)
        for i, j in zip(rows, columns, strict=True)
        if i < j
    ]


def plain(text: str) -> str:
    """A text in lower case with every run of anything but letters and digits as one space."""
    return _SEPARATORS.sub(" ", text.lower()).strip()


def letter_runs(text: str) -> frozenset[str]:
    """The four-letter runs of the plain form of a text, word boundaries included."""
    padded = f" {plain(text)} "
    return frozenset(padded[i : i + _RUN_LENGTH] for i in range(max(1, len(padded) - _RUN_LENGTH + 1)))


def _matches(
    texts: Sequence[str], against: Sequence[str], threshold: float
) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.float32]]]:
    if not texts or not against:
        return
    vocabulary: dict[str, int] = {}
    left, left_sizes = _incidence(texts, vocabulary)
    right, right_sizes = _incidence(against, vocabulary)
    left.resize((len(texts), len(vocabulary)))
    right_by_run = right.T.tocsr()
    for start in range(0, len(texts), _ROWS_AT_ONCE):
        shared = (left[start : start + _ROWS_AT_ONCE] @ right_by_run).toarray()
        sizes = left_sizes[start : start + _ROWS_AT_ONCE, None] + right_sizes[None, :]
        scores = 2 * shared / sizes
        rows, columns = np.nonzero(scores >= threshold)
        yield rows + start, columns, scores[rows, columns]


def _incidence(texts: Sequence[str], vocabulary: dict[str, int]) -> tuple[sparse.csr_matrix, npt.NDArray[np.float32]]:
    columns: list[int] = []
    starts = [0]
    for text in texts:
        columns.extend(vocabulary.setdefault(run, len(vocabulary)) for run in letter_runs(text))
        starts.append(len(columns))
    ones = np.ones(len(columns), dtype=np.float32)
    matrix = sparse.csr_matrix((ones, columns, starts), shape=(len(texts), len(vocabulary)))
    return matrix, np.diff(np.asarray(starts)).astype(np.float32)
