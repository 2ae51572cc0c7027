"""The records that a release publishes about itself, filled in from measured figures and never by hand.

`render` gives the text of every record: a model card, a datasheet, a draft of an algorithmic transparency record in
both tiers, and the evidence for a data protection impact assessment. `write_records` puts them where they belong, and
`stale_records` says which of those that lie there differ. Figures come from the sealed model directories, the log of
evaluations and the corpus; examples of failures are read by the released models each time.
"""

from __future__ import annotations

from evenhand_training.records.render import RecordInputs, render, stale_records, write_records

__all__ = ["RecordInputs", "render", "stale_records", "write_records"]
