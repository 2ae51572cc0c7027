"""Does a text look identifiable? Finds names, numbers and places that could tell who it is about.

It warns; it does not make a text anonymous. Import is light: only `load_checker(names=True)` loads a language model,
which needs the extra `privacy`. Findings hold offsets and kinds, never text.
"""

from __future__ import annotations

from evenhand.privacy.checker import load_checker
from evenhand.privacy.findings import Checker, Finding, Kind, redact

__all__ = ["Checker", "Finding", "Kind", "load_checker", "redact"]
