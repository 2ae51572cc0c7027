"""Code free-text concerns about children by level of intervention and issue, the same way for every area.

>>> import evenhand
>>> model = evenhand.load()
>>> coding = model.code("Dad hit him with a belt last night and he has bruises on both legs.")
>>> evenhand.Issue.PHYSICAL_ABUSE in coding.issues
True

Evenhand describes texts for research and audit. It never decides about a child.

Importing this package loads no model and no other package; a public name is imported when it is first used.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.3.0"

# ONNX Runtime keeps and sends reports of its use unless this is said before it is imported. Nothing goes out from here.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

if TYPE_CHECKING:
    from evenhand.batch import ScoreSummary, score_file
    from evenhand.errors import (
        EvenhandError,
        InputError,
        MissingExtraError,
        ModelError,
        OutputError,
        PrivacyError,
        VocabularyError,
    )
    from evenhand.model import Model, load
    from evenhand.result import Coding, SentenceCoding
    from evenhand.scheme import Assertion, Frame, Issue, Level
    from evenhand.text import split_sentences

__all__ = [
    "Assertion",
    "Coding",
    "EvenhandError",
    "Frame",
    "InputError",
    "Issue",
    "Level",
    "MissingExtraError",
    "Model",
    "ModelError",
    "OutputError",
    "PrivacyError",
    "ScoreSummary",
    "SentenceCoding",
    "VocabularyError",
    "__version__",
    "load",
    "score_file",
    "split_sentences",
]

_HOMES = {
    "evenhand.batch": ("ScoreSummary", "score_file"),
    "evenhand.errors": (
        "EvenhandError",
        "InputError",
        "MissingExtraError",
        "ModelError",
        "OutputError",
        "PrivacyError",
        "VocabularyError",
    ),
    "evenhand.model": ("Model", "load"),
    "evenhand.result": ("Coding", "SentenceCoding"),
    "evenhand.scheme": ("Assertion", "Frame", "Issue", "Level"),
    "evenhand.text": ("split_sentences",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


if not TYPE_CHECKING:  # with this in sight, a type checker would take any name for a public one

    def __getattr__(name: str) -> object:
        """Import a public name from its module when it is first asked for."""
        if name not in _HOME_OF:
            message = f"module 'evenhand' has no attribute {name!r}"
            raise AttributeError(message)
        value = getattr(import_module(_HOME_OF[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
