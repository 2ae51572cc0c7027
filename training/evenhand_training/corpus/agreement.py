"""How far the second, blind coding of descriptors agrees with the first: consistency, not validity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evenhand.scheme import SEVERITIES
from evenhand_training.corpus.reader import Corpus


@dataclass(frozen=True)
class SecondCodingAgreement:
    """Agreement of two codings of the same descriptors.

    Attributes:
        severity_kappa: Cohen's kappa with quadratic weights.
        severity_exact: Share of rows with the same severity.
        issue_f1: F1 of all single issue codes taken together (micro), which treats both coders alike.
        issue_exact: Share of rows with the same set of issues.
    """

    rows: int
    severity_kappa: float
    severity_exact: float
    issue_f1: float
    issue_exact: float


def second_coding_agreement(corpus: Corpus) -> SecondCodingAgreement:
    """Compare `second-codings.jsonl` with the descriptors as they are coded now."""
    first = {row.id: row for row in corpus.descriptors}
    pairs = [(first[second.descriptor_id], second) for second in corpus.second_codings]
    shared = sum(len(set(one.issues) & set(two.issues)) for one, two in pairs)
    given = sum(len(one.issues) + len(two.issues) for one, two in pairs)
    return SecondCodingAgreement(
        rows=len(pairs),
        severity_kappa=_quadratic_kappa([one.severity for one, _ in pairs], [two.severity for _, two in pairs]),
        severity_exact=sum(one.severity == two.severity for one, two in pairs) / len(pairs),
        issue_f1=2 * shared / given,
        issue_exact=sum(set(one.issues) == set(two.issues) for one, two in pairs) / len(pairs),
    )


def _quadratic_kappa(left: list[int], right: list[int]) -> float:
    size = len(SEVERITIES)
    observed = np.zeros((size, size))
    for one, two in zip(left, right, strict=True):
        observed[one - 1, two - 1] += 1
    expected = np.outer(observed.sum(axis=1), observed.sum(axis=0)) / len(left)
    weights = np.subtract.outer(np.arange(size), np.arange(size)) ** 2
    return float(1 - (weights * observed).sum() / (weights * expected).sum())
