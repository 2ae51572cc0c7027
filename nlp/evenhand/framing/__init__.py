"""Flag risk-framed language in referrals, and say what a good referral still needs.

`load_flagger` gives what flags texts, `flag_file` flags files. The pieces: `network` reads tokens, `matching` finds
what the lexicon has, `decoding` joins both, `rewriting` says flagged sentences otherwise, `report` and `audit` look at
many referrals, `components` are for spaCy pipelines. A public name is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evenhand.framing.files import flag_file
    from evenhand.framing.flagger import Flagger, load_flagger
    from evenhand.framing.result import FLAG_SCHEMA, Flags, FramingSpan, NeedSpan
    from evenhand.framing.scheme import Category, Element, Found, Need

__all__ = [
    "FLAG_SCHEMA",
    "Category",
    "Element",
    "Flagger",
    "Flags",
    "Found",
    "FramingSpan",
    "Need",
    "NeedSpan",
    "flag_file",
    "load_flagger",
]

_HOMES = {
    "files": ("flag_file",),
    "flagger": ("Flagger", "load_flagger"),
    "result": ("FLAG_SCHEMA", "Flags", "FramingSpan", "NeedSpan"),
    "scheme": ("Category", "Element", "Found", "Need"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


if not TYPE_CHECKING:  # with this in sight, a type checker would take any name for a public one

    def __getattr__(name: str) -> object:
        """Import a public name from its module when it is first asked for."""
        if name not in _HOME_OF:
            message = f"module 'evenhand.framing' has no attribute {name!r}"
            raise AttributeError(message)
        value = getattr(import_module(f"evenhand.framing.{_HOME_OF[name]}"), name)
        globals()[name] = value
        return value
