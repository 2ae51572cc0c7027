"""Read tables of texts and write tables of codings: CSV, JSON Lines, Parquet; workbooks and plain text for reading.

`open_table` gives the rows of files as a stream of chunks, `inputs` says which files those are, `find_text_column`
which column holds the texts, and `row_writer` turns codings beside the user's own columns into bytes. pyarrow and
openpyxl are imported only where a format needs them. Error messages name files, rows and columns and never repeat what
is in a cell.
"""

from evenhand.tables.columns import RESULT_FIELDS, find_text_column
from evenhand.tables.inputs import inputs
from evenhand.tables.reading import open_table
from evenhand.tables.table import Chunk, Rejected, Table
from evenhand.tables.writing import RowWriter, row_writer

__all__ = [
    "RESULT_FIELDS",
    "Chunk",
    "Rejected",
    "RowWriter",
    "Table",
    "find_text_column",
    "inputs",
    "open_table",
    "row_writer",
]
