"""Score files of texts: stream, keep every row, go on after an interruption, and let no identifiable text through.

`score_file` ties together the tables (`evenhand.tables`), the privacy gate (`gate`), the run into a file (`run`, with
its `journal` and `parts`) and the cache of codings (`cache`).
"""

from evenhand.batch.gate import Privacy
from evenhand.batch.scoring import CHUNK_ROWS, score_file
from evenhand.batch.summary import ScoreSummary

__all__ = ["CHUNK_ROWS", "Privacy", "ScoreSummary", "score_file"]
