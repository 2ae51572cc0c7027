"""A linear system in the shape of an arrow: a corner that joins blocks which nothing else joins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.consistency.rows import Array


@dataclass(frozen=True, slots=True)
class Block:
    """A block's part of the system.

    Attributes:
        gradient: (own,).
        square: Symmetric, (own, own).
        side: Towards the corner, (own, corner).
    """

    gradient: Array
    square: Array
    side: Array


class Arrow:
    """The system, solved block by block, so that its cost grows with the number of blocks and not with its cube.

    Args:
        gradient: Of the corner, (corner,).
        corner: Symmetric, (corner, corner).
        blocks: What it joins.

    Raises:
        numpy.linalg.LinAlgError: the system is not positive definite.
    """

    def __init__(self, gradient: Array, corner: Array, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._gradient = gradient
        self._roots = [np.linalg.inv(np.linalg.cholesky(block.square)) for block in blocks]
        self._towards = [root.T @ (root @ block.side) for root, block in zip(self._roots, blocks, strict=True)]
        reduced = corner.copy()
        for block, towards in zip(blocks, self._towards, strict=True):
            reduced -= block.side.T @ towards
        self._root = np.linalg.inv(np.linalg.cholesky((reduced + reduced.T) / 2))

    @property
    def log_determinant(self) -> float:
        """Of the whole system."""
        return -2.0 * sum(float(np.log(np.diag(root)).sum()) for root in (self._root, *self._roots))

    def step(self) -> tuple[Array, tuple[Array, ...]]:
        """The solution: of the corner, and of each block."""
        right = self._gradient.copy()
        for block, towards in zip(self._blocks, self._towards, strict=True):
            right -= towards.T @ block.gradient
        corner = self._root.T @ (self._root @ right)
        return corner, tuple(
            root.T @ (root @ block.gradient) - towards @ corner
            for root, towards, block in zip(self._roots, self._towards, self._blocks, strict=True)
        )

    def variances(self) -> tuple[Array, list[Array]]:
        """Diagonals of the inverse: of the corner, and of each block."""
        own = [
            (root**2).sum(axis=0) + ((towards @ self._root.T) ** 2).sum(axis=1)
            for root, towards in zip(self._roots, self._towards, strict=True)
        ]
        return (self._root**2).sum(axis=0), own

    def draw(self, count: int, generator: np.random.Generator) -> tuple[Array, tuple[Array, ...]]:
        """Normal draws with the inverse as covariance and mean 0: of the corner (count, corner), and of each block."""
        corner = generator.standard_normal((count, len(self._root))) @ self._root
        return corner, tuple(
            generator.standard_normal((count, len(root))) @ root - corner @ towards.T
            for root, towards in zip(self._roots, self._towards, strict=True)
        )
