"""Which column holds the texts, and under which names the user's columns are carried; pure functions.

A column name may be repeated in a message, but what looks like a text in place of a name (a file without a
header line) is described by its length instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from difflib import get_close_matches

from evenhand.errors import InputError
from evenhand.result import Coding

RESULT_FIELDS: tuple[str, ...] = tuple(field.name for field in fields(Coding))
SCHEMA_FIELD = "schema"
RESERVED = frozenset({*RESULT_FIELDS, SCHEMA_FIELD})

# Names under which services and the project's own corpus keep their texts, in the form of `_key`.
TEXT_COLUMNS = frozenset(
    {
        "text",
        "texts",
        "note",
        "notes",
        "concern",
        "concerns",
        "description",
        "descriptor",
        "referral",
        "narrative",
    }
    | {"case_note", "case_notes", "contact_note", "referral_text", "referral_reason", "reason_for_referral"}
    | {"free_text", "comment", "comments", "body", "content", "sentence", "summary"}
)
_LONGEST_NAME = 60  # characters; column names are shorter, texts that stand in for a missing header are longer
_MOST_WORDS = 8  # words in a column name, for the same reason


def looks_like_text(name: str) -> bool:
    """Tell whether a column "name" is rather a text, as in a file without a header line."""
    return len(name) > _LONGEST_NAME or len(name.split()) > _MOST_WORDS or name.rstrip().endswith((".", "!", "?"))


def show_names(columns: Sequence[str]) -> str:
    """List column names for a message; one that looks like a text is shown by its length only."""
    shown = [
        f"(column {number}: {len(name)} characters)" if looks_like_text(name) else repr(name)
        for number, name in enumerate(columns, start=1)
    ]
    most = 20  # names; a wider table would fill the screen
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")


def find_text_column(columns: Sequence[str], *, column: str | None, where: str) -> str:
    """Return the name of the column that holds the texts.

    Args:
        columns: The names in the table.
        column: The name that the user gave, or None to find it.
        where: What the table is called in messages.

    Raises:
        InputError: no such column, or none or several that look like texts.
    """
    if column is not None:
        return _named(columns, column, where)
    known = [name for name in columns if _key(name) in TEXT_COLUMNS]
    if len(known) == 1:
        return known[0]
    if len(columns) == 1:
        if looks_like_text(columns[0]):
            message = (
                f"{where}: the first line looks like a text rather than a column name; add a header line such"
                " as 'text', or read the file with --format txt"
            )
            raise InputError(message)
        return columns[0]
    found = "several columns may hold the texts" if known else "no column is named like one that holds texts"
    message = f"{where}: {found}; name it with --column (present: {show_names(known or columns)})"
    raise InputError(message)


def _named(columns: Sequence[str], column: str, where: str) -> str:
    if column in columns:
        return column
    folded = [name for name in columns if _key(name) == _key(column)]
    if len(folded) == 1:
        return folded[0]
    near = get_close_matches(column.lower(), [name for name in columns if not looks_like_text(name)], n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    message = f"{where}: there is no column {column!r}{hint} (present: {show_names(columns)})"
    raise InputError(message)


def _key(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


class CarriedNames:
    """The names under which the user's columns are written: their own, or `input_<name>` where that is ours.

    Names are given out once and remembered, so that rows of JSON Lines with different keys agree.
    """

    def __init__(self, columns: Iterable[str], reserved: frozenset[str] = RESERVED) -> None:
        self._reserved = reserved
        self._names: dict[str, str] = {}
        self._taken: set[str] = set()
        columns = list(columns)
        for name in (*(n for n in columns if n not in reserved), *(n for n in columns if n in reserved)):
            self.name(name)

    def name(self, column: str) -> str:
        """Return the name to write a column under."""
        if column not in self._names:
            carried = column
            while carried in self._reserved or carried in self._taken:
                carried = f"input_{carried}"
            self._names[column] = carried
            self._taken.add(carried)
        return self._names[column]

    @property
    def renamed(self) -> dict[str, str]:
        """The columns that are written under another name, with that name."""
        return {column: carried for column, carried in self._names.items() if column != carried}
