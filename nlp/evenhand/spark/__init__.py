"""Score Spark DataFrames: the codings of one machine, row for row, on as many machines as Spark has.

`score` is all of it; it needs the extra `[spark]`. evenhand has to be installed on every worker; the model need not be
there, for the session sends it, once to each executor.
"""

from evenhand.spark.scoring import score

__all__ = ["score"]
