"""Find quoted speech in a text: its words are the speaker's and not the writer's."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

# Longer than any quotation of a note; a mark that is never closed must not swallow the text.
_LONGEST = 400
# An opening mark stands behind no letter or digit (5" is a length), a closing one behind no space.
_DOUBLE = re.compile(rf"(?<!\w)[\"“„](?=\S)[^\"“”„\n]{{1,{_LONGEST}}}?(?<=\S)[\"”“](?!\w)")
# A single mark opens before a letter or placeholder ('90s is a decade), and closes before what cannot go on a word.
_SINGLE = re.compile(rf"(?<![\w'’])['‘](?=[^\W\d_]|\[)[^\n‘]{{1,{_LONGEST}}}?(?<=\S)['’](?!\w)")


def quotations(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each quotation with its marks, in order; quotations in quotations are part of the outer.

    >>> quotations('He said "he hits me" and cried.')
    [(8, 20)]
    >>> quotations("The parents' house is the children's home.")
    []
    """
    found: list[tuple[int, int]] = []
    marks = (match.span() for kind in (_DOUBLE, _SINGLE) for match in kind.finditer(text))
    for span in sorted(marks, key=lambda span: (span[0], -span[1])):
        if not found or span[0] >= found[-1][1]:
            found.append(span)
    return found


def inside(span: tuple[int, int], stretches: Sequence[tuple[int, int]]) -> bool:
    """Whether a span lies within one of some stretches, which are in order and apart."""
    place = bisect_right(stretches, (span[0], span[1])) - 1
    near = stretches[max(0, place) : place + 2]
    return any(start <= span[0] and span[1] <= end for start, end in near)
