"""Split lines into CSV records, and go on after a record whose quotation marks are wrong; standard library only.

A quotation mark that is opened and not closed would swallow the rest of the file. Then only the line where the
record begins is given up, and the lines behind it are read again as if nothing were open. Lines already known to
lie inside quotation marks are not searched twice, so a file full of such marks takes no more than time in
proportion to its size. Where text behind such a mark happens to close it as a cell would end, the record reads as a
whole one, and nothing can tell.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from contextlib import suppress

from evenhand.tables.source import TOO_LONG, fault

LONGEST_RECORD = 10 * 2**20  # characters over several lines; ten times the longest text that is scored
# Characters of a cell: the default of 131,072 refuses long case files; this is the largest a C long holds.
_CELL_LIMIT = 2**31 - 1
_OPEN = "a quotation mark is opened and never closed"
_STRAY = "a quotation mark inside a cell is not doubled, or a cell is damaged"
_FAR = f"a quotation mark is opened and not closed within {LONGEST_RECORD // 2**20} MiB"


class Records:
    """The records of CSV text, with the line each begins at; blank lines are none.

    In place of its cells, a record that cannot be read has the reason.
    """

    def __init__(self, lines: Iterator[str], delimiter: str) -> None:
        csv.field_size_limit(max(_CELL_LIMIT, csv.field_size_limit()))  # of the whole process; only ever raised
        self._lines, self._delimiter = lines, delimiter
        self._waiting: deque[str] = deque()  # read to find the end of a record, and not yet part of one
        self._taken, self._taken_characters = 0, 0
        # From the line after `_taken` up to this one, text that is inside quotation marks stays inside.
        self._inside, self._inside_characters = 0, 0
        self._ended = (-1, "")  # what was found wrong in that last line

    def __iter__(self) -> Iterator[tuple[int, list[str] | str]]:
        while (line := self._take()) is not None:
            begins, lines = self._taken, [line]
            usual = self._cells_over_lines(lines) if line.count('"') % 2 else None
            cells = usual or self._cells(lines)
            if cells == _OPEN:
                closes = self._closing(self._taken_characters - len(line))
                cells = closes if isinstance(closes, str) else self._cells(self._taking(lines, closes + 1))
            if isinstance(cells, str):
                yield begins, f"in the row that begins at line {begins:,} {cells}; correct the quotation marks there"
            elif cells:
                yield begins, _fault(lines, begins) or cells

    def _cells_over_lines(self, lines: list[str]) -> list[str] | None:
        """Try the usual case: the quotation mark that one line leaves open, the next with an odd number of them closes.

        Returns:
            The cells, and adds their lines to `lines`; or None where it is not so.
        """
        tried, characters = [*lines], len(lines[0])
        while characters <= LONGEST_RECORD and (line := self._peek(len(tried) - 1)) is not None:
            if line.startswith(TOO_LONG):
                return None
            tried.append(line)
            characters += len(line)
            if line.count('"') % 2:
                reader = csv.reader(tried, delimiter=self._delimiter, strict=True)
                with suppress(csv.Error):
                    cells = next(reader)
                    if reader.line_num == len(tried):
                        self._taking(lines, len(tried) - 1)
                        return cells
                return None
        return None

    def _cells(self, lines: list[str]) -> list[str] | str:
        """Return the cells of one record, or what is wrong with its quotation marks."""
        try:
            return next(csv.reader(lines, delimiter=self._delimiter, strict=True), [])
        except csv.Error as error:
            return _OPEN if "end of data" in str(error) else _STRAY

    def _closing(self, begins: int) -> int | str:
        """Return which of the waiting lines closes the record that is open, or what is wrong with it.

        Args:
            begins: Characters before the record.
        """
        if self._inside < self._taken:
            self._inside, self._inside_characters = self._taken, self._taken_characters
        while self._inside_characters - begins <= LONGEST_RECORD:
            if self._ended[0] == self._inside:
                return self._ended[1]
            place = self._inside - self._taken
            line = self._peek(place)
            if line is None or line.startswith(TOO_LONG):
                return _OPEN if line is None else _FAR
            # A mark put before it opens a cell, which is where the line stands.
            state = _OPEN if '"' not in line else self._cells([f'"{line}'])
            if state == _STRAY:
                self._ended = self._inside, _STRAY
                continue
            if state != _OPEN:
                return place
            self._inside += 1
            self._inside_characters += len(line)
        return _FAR

    def _peek(self, place: int) -> str | None:
        while len(self._waiting) <= place:
            line = next(self._lines, None)
            if line is None:
                return None
            self._waiting.append(line)
        return self._waiting[place]

    def _taking(self, lines: list[str], count: int) -> list[str]:
        """Return the lines with the next ones added to them."""
        lines += [self._take() or "" for _ in range(count)]
        return lines

    def _take(self) -> str | None:
        line = self._waiting.popleft() if self._waiting else next(self._lines, None)
        if line is not None:
            self._taken += 1
            self._taken_characters += len(line)
        return line


def _fault(lines: list[str], begins: int) -> str | None:
    return next((wrong for number, line in enumerate(lines, start=begins) if (wrong := fault(line, number))), None)
