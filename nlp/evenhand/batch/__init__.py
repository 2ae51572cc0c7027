"""Score files of texts: stream, keep every row, go on after an interruption, and let no identifiable text through.

`work_through`, of which `score_file` is one use, ties together the tables (`evenhand.tables`), the privacy gate
(`gate`), the run into a file (`run`, with its `journal` and `parts`) and the cache of codings (`cache`).
"""

from evenhand.batch.files import CHUNK_ROWS, FileOptions, work_through
from evenhand.batch.gate import Privacy
from evenhand.batch.scoring import score_file
from evenhand.batch.summary import ScoreSummary

__all__ = ["CHUNK_ROWS", "FileOptions", "Privacy", "ScoreSummary", "score_file", "work_through"]
