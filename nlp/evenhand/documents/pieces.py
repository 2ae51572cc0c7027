"""Small rules about pieces of text that every reader shares."""

from __future__ import annotations

import re

BULLETS = "☐☑☒✗✘•●▪◦‣⁃■□○➢➤✓✔·∙►▶❖➔⮚\uf0b7\uf0a7\uf0d8\uf0fc"  # the last four are Word's Symbol and Wingdings bullets
_BULLET = re.compile(rf"^\s*(?:[{BULLETS}]+\s*|[-–—*o]\s+|\(?(?:\d{{1,2}}|[a-z]|[ivx]{{1,4}})[.)]\s+)(?=\S)")
_CONTINUED = re.compile(r"\W*\b(?:continued|cont(?:['’]?d)?)\b\W*$", re.IGNORECASE)
_SPACES = re.compile(r"\s+")


def collapsed(text: str) -> str:
    """The text on one line, white space collapsed and soft hyphens gone."""
    return _SPACES.sub(" ", text.replace("\u00ad", "").replace("\x00", "")).strip()


def without_bullet(text: str) -> str | None:
    """The text behind its bullet, dash or number; None if it has none."""
    found = _BULLET.match(text)
    return text[found.end() :].strip() if found else None


def without_continued(text: str) -> str:
    """A heading or row head without "(continued)", which pages repeat it with.

    >>> without_continued("Housing (continued)")
    'Housing'
    """
    return _CONTINUED.sub("", text)


def is_ended(text: str) -> bool:
    """Whether a sentence or a part of one ends with it, so that what follows begins anew."""
    return text.rstrip().endswith((".", "!", "?", ";", ":"))


def is_bare(text: str) -> bool:
    """Whether there is no letter or digit in it."""
    return not any(map(str.isalnum, text))


def joined_lines(lines: list[str]) -> str:
    """Lines of one paragraph put together; a word that a hyphen parts at the end of a line is made whole.

    A hyphen stays where both sides are words of their own elsewhere in a compound ("multi-agency" broken behind its
    hyphen cannot be told from a broken word; a lower-case letter on both sides makes it one, and short first parts that
    usually keep theirs do).

    >>> joined_lines(["Regular hospi-", "tal visits; multi-", "agency plan"])
    'Regular hospital visits; multi-agency plan'
    """
    text = ""
    for line in lines:
        part = line.strip()
        if text.endswith("-") and part[:1].islower() and text[-2:-1].isalpha():
            first = text[:-1].rpartition(" ")[2].lower().lstrip("(\"'")
            text = text + part if first in _KEEP_HYPHEN else text[:-1] + part
        else:
            text = f"{text} {part}" if text else part
    return collapsed(text)


# First parts of compounds that are written with a hyphen in this field.
_KEEP_HYPHEN = frozenset(
    {
        "multi", "single", "non", "self", "post", "pre", "co", "anti", "well", "long", "short", "ill", "low",
        "high", "step", "ex", "peer", "full", "part", "on", "off", "drop", "in", "inter", "school", "age",
        "over", "under", "one", "two", "three", "half", "follow", "problem", "drug", "alcohol", "child",
        "parent", "family", "risk", "life", "decision",
    }
)  # fmt: skip
