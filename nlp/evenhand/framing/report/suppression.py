"""Hide small counts, and so many others that no hidden one can be worked out from the totals; pure functions.

The rule is that of official statistics about children: counts of 1 to 4, and counts that leave 1 to 4, are not shown
(primary), and where what is shown and a total would give them away, further ones are not shown either (secondary).
Which further ones depends on their place and not on their counts, and all hidden ones look alike: a reader who knew
that the smallest are hidden could work out more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

# The Department for Education hides counts below 5 in statistics about children's social care.
LEAST_SHOWN = 5


def is_small(count: int, whole: int | None = None) -> bool:
    """Whether a count may not be shown, nor what it leaves of a whole."""
    return 0 < count < LEAST_SHOWN or (whole is not None and 0 < whole - count < LEAST_SHOWN)


def hidden(
    counts: Sequence[int], wholes: Sequence[int] | None = None, hidden_before: frozenset[int] = frozenset()
) -> frozenset[int]:
    """Places of the counts that may not be shown where their sum is.

    Args:
        counts: Of the groups that make up a total.
        wholes: Sizes of the groups, where these and their sum are shown as well.
        hidden_before: Places that are hidden anyway.
    """
    sizes: Sequence[int | None] = wholes if wholes is not None else [None] * len(counts)
    places = {place for place, (count, whole) in enumerate(zip(counts, sizes, strict=True)) if is_small(count, whole)}
    places |= hidden_before
    left = sorted(set(range(len(counts))) - places, key=_drawn)
    while places and left and _told(places, counts, wholes):
        places.add(left.pop())
    return frozenset(places)


def _told(places: set[int], counts: Sequence[int], wholes: Sequence[int] | None) -> bool:
    """Whether the total would tell of the hidden ones, in what they count or in what they leave."""
    sums = [sum(counts[place] for place in places)]
    if wholes is not None:
        sums.append(sum(wholes[place] for place in places) - sums[0])
    # With so much in all, each of them could be any of 1 to 4, and larger.
    return len(places) == 1 or any(0 < total < len(places) + LEAST_SHOWN - 1 for total in sums)


def _drawn(place: int) -> str:
    return hashlib.sha256(str(place).encode()).hexdigest()
