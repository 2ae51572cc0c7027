"""Read tables of texts and write tables of codings: CSV, JSON Lines, Parquet, and plain text for reading.

`open_table` gives the rows of a file as a stream of chunks, `find_text_column` says which column holds the
texts, `open_writer` writes codings beside the user's own columns, whole or not at all. pyarrow is imported
only for Parquet. Error messages name files, rows and columns and never repeat what is in a cell.
"""

from evenhand.tables.columns import RESULT_FIELDS, find_text_column
from evenhand.tables.reading import open_table
from evenhand.tables.table import Chunk, Table
from evenhand.tables.writing import Writer, open_writer

__all__ = ["RESULT_FIELDS", "Chunk", "Table", "Writer", "find_text_column", "open_table", "open_writer"]
