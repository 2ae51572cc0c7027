"""Tables of a document: a column for each level or a row for each, boxes, bands over all columns, and ticks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evenhand.documents.collected import Collected
from evenhand.documents.labels import MOST_LABEL_WORDS, Scheme, level_columns
from evenhand.documents.layout import Block, Cell, Grid, Kind, Piece, once
from evenhand.documents.pieces import is_ended, joined_lines, sentences_of, without_continued
from evenhand.documents.responses import MOST_HEAD_WORDS, THEMES, defines_levels, says_who_responds

_CROSSES = frozenset("×xX✕✖✗✘☒☐□○❌") | {"no", "No", "NO", "n", "N"}
_MOSTLY = 0.8  # of rows that have a text of their own in a column of descriptors
_FEWEST_WORDS = 3  # of such a text, on average: codes and themes have fewer
_FEWEST_LISTED = 5  # rows of a list with a column for the level
_FEWEST_HEADS = 2  # levels named by one row or column of a table; one alone is a mention


class GridReader:
    """Keeps in mind the columns of the table before, which may go on behind a page's end."""

    def __init__(self, into: Collected) -> None:
        self._into = into
        self._columns: dict[int, str] = {}
        self._width = 0
        self._row_head = ""
        self._page: int | None = None
        self._parted = False  # whether something stood between two tables
        self._seen: set[int] = set()  # cells of the table that were read

    def leave(self, *, surely: bool) -> None:
        """Forget the columns: a table that comes is another one, surely or unless it is on another page."""
        self._parted = True
        if surely:
            self._columns = {}

    def lose_track(self) -> None:
        """Forget columns and rows."""
        self._columns, self._width, self._row_head = {}, 0, ""

    def grid(self, grid: Grid) -> None:
        """Read a table."""
        if self._read_by_rows(grid):
            self._into.part += 1
            return
        goes_on = len(grid.rows[0]) == self._width and not (self._parted and grid.page == self._page)
        columns = self._columns if goes_on else {}
        self._page, self._parted, self._seen = grid.page, False, set()
        under: str | None = None
        section = self._into.section
        if not self._into.level:
            self._into.part += 1  # it names its levels itself
        first = True  # of the rows that are no head: one may go on from the page before
        for row in grid.rows:
            heads = level_columns(row, self._into.scheme)
            if len(set(heads.values())) >= _FEWEST_HEADS and _is_head(row, heads):
                columns, under = heads, None
                for column, key in heads.items():
                    self._below_name(row[column], key, section)
                section = self._into.section
                self._row_head = self._row_head if first else ""
            elif columns and (band := _band_over(row, columns, grid)):
                self._row_head = band
            elif marked := _marked_levels(row, columns):
                for key in marked:
                    self._cell(row[min(columns) - 1], key, self._row_head or section)
                first = False
            elif _is_alone(row, anywhere=bool(columns or under)):
                under = self._band(row, columns, under)
            elif columns:
                self._row(row, columns, section, first=first)
                first = False
            elif level := under or self._into.level or self._colour_of(row):
                for cell in once(row):
                    self._cell(cell, self._colour_of([cell]) or level, self._row_head or section)
        self._columns, self._width = columns, len(grid.rows[0])
        if columns or under:
            self._into.level = None
            self._into.part += 1

    def _below_name(self, cell: Cell, key: str, section: str) -> None:
        """A level's box with its name at the top and a list below it."""
        for piece in cell.pieces[1:]:
            if piece.kind is Kind.ITEM:
                self._into.add(piece.text, key, section, piece)

    def _band(self, row: Sequence[Cell], columns: dict[int, str], under: str | None) -> str | None:
        """A row with one text over all columns: a level, a section, or the rest of a cell that a page parted."""
        cell = next((cell for cell in row if cell.text), None)
        if cell is None:
            return under
        key = self._into.scheme.of(cell.text)
        if key:
            return key
        place = list(row).index(cell)
        if columns and place in columns and len({id(other) for other in row}) > 1:
            self._cell(cell, columns[place], self._row_head or self._into.section, goes_on=True)
        elif under:
            self._cell(cell, under, self._row_head or self._into.section)
        elif all(piece.kind is not Kind.ITEM for piece in cell.pieces):
            self._row_head = cell.text
        return under

    def _row(self, row: Sequence[Cell], columns: dict[int, str], section: str, *, first: bool) -> None:
        head = " ".join(
            dict.fromkeys(cell.text for column, cell in enumerate(row) if column < min(columns) and cell.text)
        )
        head = without_continued(head)
        goes_on = first and head in ("", self._row_head)
        if head:
            self._row_head = head
        if says_who_responds(head):
            return
        named = self._row_head or section
        for cell in once(row):
            # A cell that is merged over columns stands at each of their levels; one merged over rows is read once.
            keys = dict.fromkeys(key for column, key in columns.items() if column < len(row) and row[column] is cell)
            if id(cell) not in self._seen:
                self._seen.add(id(cell))
                for key in keys:
                    self._cell(cell, key, named, goes_on=goes_on)

    def _read_by_rows(self, grid: Grid) -> bool:
        """A table with a row, or rows, for each level, which one column names; columns before it name sections."""
        heads = [level_columns(row, self._into.scheme) for row in grid.rows]
        if any(len(set(found.values())) >= _FEWEST_HEADS for found in heads):
            return False
        columns = [[self._into.scheme.of_cell(row[column]) for row in grid.rows] for column in range(len(grid.rows[0]))]
        kinds = [len({key for key in own if key}) for own in columns]
        place = kinds.index(max(kinds))
        # A table of one row or two may hold one level alone: a box with its name beside it.
        if kinds[place] < (1 if len(grid.rows) <= 2 and place == 0 else _FEWEST_HEADS):
            return False
        own = columns[place]
        if defines_levels(grid, place, own):
            return True
        first = next(number for number, key in enumerate(own) if key)
        titles = [cell.text for cell in grid.rows[first - 1]] if first else [""] * len(grid.rows[0])
        told = _descriptor_columns(grid, own, place, titles)
        level: str | None = None
        for number, row in enumerate(grid.rows):
            level = own[number] or (level if not row[place].text else None)
            if level is None:
                continue
            named = (cell.text for column, cell in enumerate(row[:place]) if cell.text and column not in told)
            section = " ".join(dict.fromkeys(named))
            for cell in once(row[column] for column in told):
                title = titles[row.index(cell)]
                if cell is row[place]:
                    continue
                if THEMES.search(title) and len(cell.text.split()) <= MOST_HEAD_WORDS:
                    section = cell.text
                else:
                    self._cell(cell, level, section or title or self._into.section)
        return True

    def _cell(self, cell: Cell, key: str, section: str, *, goes_on: bool = False) -> None:
        pieces = [piece for piece in cell.pieces if self._into.scheme.of(piece.text) is None]
        listed = any(piece.kind is Kind.ITEM for piece in pieces)
        for number, piece in enumerate(pieces):
            place = self._last_of(key) if goes_on and number == 0 and piece.kind is not Kind.ITEM else None
            if place is not None and _continues(self._into.found[place].text, piece.text):
                last = self._into.found[place]
                self._into.found[place] = replace(last, text=joined_lines([last.text, piece.text]))
            elif piece.kind is Kind.HEADING:
                section = piece.text
            elif not listed or piece.kind is Kind.ITEM:
                prose = self._into.prose_in_tables and piece.kind is not Kind.ITEM
                for text in sentences_of(piece.text) if prose else [piece.text]:
                    told, own = (self._into.scheme.tailed(text) if self._into.tails else None) or (text, key)
                    self._into.add(told, own, section, piece)

    def _last_of(self, key: str) -> int | None:
        """Place of the last descriptor at a level."""
        found = self._into.found
        return next((place for place in range(len(found) - 1, -1, -1) if found[place].key == key), None)

    def _colour_of(self, row: Sequence[Cell]) -> str | None:
        return self._into.colour_of(piece for cell in row for piece in cell.pieces)


def banner_of(grid: Grid, following: Block | None, scheme: Scheme) -> list[Piece] | None:
    """The name of a level in a table of one row that heads what follows, with a few words beside it; else None."""
    if len(grid.rows) != 1 or following is None:
        return None
    first, *others = once(grid.rows[0])
    short = all(len(cell.pieces) <= 1 and len(cell.text.split()) <= _most_words(cell) for cell in others)
    listed = any(piece.kind is Kind.ITEM for cell in others for piece in cell.pieces)
    if isinstance(following, Grid):
        named_next = any(level_columns(row, scheme) for row in following.rows)
    else:
        named_next = scheme.of(following.text) is not None
    is_banner = scheme.of(first.text) is not None and short and not listed and not named_next
    return list(first.pieces[:1]) if is_banner else None


def _most_words(cell: Cell) -> int:
    """Words that what stands beside a banner's name may have: more where it is set as a heading."""
    heading = all(piece.kind is Kind.HEADING for piece in cell.pieces)
    return MOST_LABEL_WORDS if heading else MOST_HEAD_WORDS


def _descriptor_columns(grid: Grid, levels: Sequence[str | None], place: int, titles: Sequence[str]) -> list[int]:
    """Which columns of a table with a row for each level hold descriptors.

    Those behind the levels; but where one before them has a text of its own in nearly every row, as lists with a
    column for the level have, that one.
    """
    rows = [row for row, level in zip(grid.rows, levels, strict=True) if level]
    before = []
    for column in range(place):
        texts = [row[column].text for row in rows if row[column].text]
        words = sum(len(text.split()) for text in texts)
        if texts and len(set(texts)) >= _MOSTLY * len(rows) and words >= _FEWEST_WORDS * len(texts):
            before.append(column)
    if before and len(rows) >= _FEWEST_LISTED and not says_who_responds(titles[before[-1]]):
        return before
    return [column for column in range(place + 1, len(grid.rows[0])) if not says_who_responds(titles[column])]


def _marked_levels(row: Sequence[Cell], columns: dict[int, str]) -> list[str]:
    """The levels that are ticked in a row whose columns of levels hold ticks and nothing else."""
    marks = {column: row[column].mark for column in columns if column < len(row)}
    if min(columns, default=0) == 0 or any(row[column].pieces and not marks[column] for column in marks):
        return []
    told = set(marks.values()) - {""}
    wanted = told - _CROSSES or told  # crosses say no where there are ticks, and yes where there are none
    return [columns[column] for column, mark in marks.items() if mark in wanted]


def _is_alone(row: Sequence[Cell], *, anywhere: bool) -> bool:
    """Whether a row has one text, over all columns or in the first; in any of them where levels are known."""
    told = [column for column, cell in enumerate(row) if cell.text]
    return len({id(cell) for cell in row}) == 1 or (len(told) == 1 and (anywhere or told[0] == 0))


def _band_over(row: Sequence[Cell], columns: dict[int, str], grid: Grid) -> str:
    """The name of a section that stands over all columns of levels; "" for an ordinary row.

    What stands before those columns is a spine, which other rows have as well: else the row is a descriptor's.
    """
    cells = {id(row[column]): row[column] for column in columns if column < len(row)}
    if len(cells) != 1 or len(columns) == 1:
        return ""
    (cell,) = cells.values()
    heads = [other for other in row[: min(columns)] if other.text and other is not cell]
    spines = {id(other) for line in grid.rows if line is not row for other in line}
    listed = any(piece.kind is Kind.ITEM for piece in cell.pieces)
    if listed or len(cell.text.split()) > MOST_HEAD_WORDS or any(id(head) not in spines for head in heads):
        return ""
    return cell.text


def _is_head(row: Sequence[Cell], heads: dict[int, str]) -> bool:
    """Whether the cells under the named columns are heads and not descriptors that begin with a level's name."""
    return all(piece.kind is not Kind.ITEM for column in heads for piece in row[column].pieces[:1])


def _continues(before: str, text: str) -> bool:
    return not is_ended(before) and (text[:1].islower() or before.endswith(("-", ",")))
