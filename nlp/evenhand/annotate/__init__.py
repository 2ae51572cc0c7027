"""Codings by people and models: exchanged without loss, compared, and put in the order in which they help most.

`records` has the form that all else reads and writes; each exchange format has a module of its own.
"""

from __future__ import annotations

from evenhand.annotate.records import Annotation, Annotations, Coder, Unit

__all__ = ["Annotation", "Annotations", "Coder", "Unit"]
