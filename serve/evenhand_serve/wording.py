"""What libraries say of a file, in the words of a form, which has no options of a command."""

from __future__ import annotations

import re

from evenhand.errors import InputError

COLUMN_LABEL, BY_LABEL = "Column with the texts", "Columns to compare by"
# Of what a message says, what a form has in its place; the tests look whether the libraries still say it.
SAID = {
    "name it with --column": f"write its name into “{COLUMN_LABEL}”",
    "name another with --column": f"write the name of another into “{COLUMN_LABEL}”",
    ", or name another --delimiter": "",
    ", or name its encoding, for instance --encoding cp1252": "",
    ", or name its encoding with --encoding utf-16-le": "",
    "use --format xlsx, or unpack it and give the text": "name it .xlsx if it is a workbook, or unpack it",
    ", or read the file with --format txt": "",
    ", or use another --format": "",
    "read it with --format csv": "name it .csv",
    ", or check --format": "",
}
_BY = re.compile("^--by ")
_FORMAT = re.compile(r"; say what it is with --format \([^)]*\)")
_NOT_WRITTEN = re.compile(r"; [\w.-]+ was not written$")
_OF_THE_GATE = re.compile(r"; or say --unchecked .* as they are$")


class FieldInputError(InputError):
    """What was filled in on a form does not fit its file.

    Args:
        message: Why.
        field_name: Of the form.
    """

    def __init__(self, message: str, field_name: str) -> None:
        super().__init__(message)
        self.field_name = field_name


def in_words_of_a_form(message: str) -> str:
    """A message of a library without options of the command.

    >>> in_words_of_a_form("a.csv: several columns may hold the texts; name it with --column (present: 'x', 'y')")
    "a.csv: several columns may hold the texts; write its name into “Column with the texts” (present: 'x', 'y')"
    >>> in_words_of_a_form("a.doc: the suffix '.doc' is not one of .csv, .txt; say what it is with --format (csv, txt)")
    "a.doc: the suffix '.doc' is not one of .csv, .txt"
    """
    for said, here in SAID.items():
        message = message.replace(said, here)
    for gone in (_BY, _FORMAT, _NOT_WRITTEN, _OF_THE_GATE):
        message = gone.sub("", message)
    return message
