"""What the network gave for texts that were read before, for those that come again: stock phrases, rows sent twice.

Texts are known by a hash with a key that each process draws for itself, so that none is kept in memory for it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

# Each takes about half a kilobyte, so that all take less than the model itself.
MOST_SEEN = 50_000
_DIGEST_BYTES = 16  # two different texts in a billion billion would meet


class Seen:
    """Rows of numbers by text; the longest unused go first. Several threads may use it.

    Args:
        most: How many rows are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._key = secrets.token_bytes(hashlib.blake2b.MAX_KEY_SIZE)
        self._rows: OrderedDict[bytes, NDArray[np.float64]] = OrderedDict()
        self._lock = Lock()

    def get(self, texts: Sequence[str]) -> list[NDArray[np.float64] | None]:
        """The row of each text, None where it is not known."""
        digests = [self._digest(text) for text in texts]
        with self._lock:
            for digest in digests:
                if digest in self._rows:
                    self._rows.move_to_end(digest)
            return [self._rows.get(digest) for digest in digests]

    def keep(self, texts: Sequence[str], rows: NDArray[np.float64]) -> None:
        """Remember a row for each text."""
        digests = [self._digest(text) for text in texts]
        with self._lock:
            for digest, row in zip(digests, rows, strict=True):
                self._rows[digest] = row.copy()  # a view would keep the whole of what it is a part of
            while len(self._rows) > self._most:
                self._rows.popitem(last=False)

    def _digest(self, text: str) -> bytes:
        told = text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(told, digest_size=_DIGEST_BYTES, key=self._key).digest()
