"""Small rules about pieces of text that every reader shares."""

from __future__ import annotations

import re

from evenhand.text import split_sentences

# Arrows, boxes, dingbats, coloured circles and squares, small dots, and Word's Symbol and Wingdings bullets.
BULLETS = "\u2190-\u21ff\u2580-\u27bf\u2b00-\u2bff\U0001f534-\U0001f53d\U0001f7e0-\U0001f7eb\uf000-\uf0ff•‣⁃·∙⦁⦿›»"
_MOST_LEAD_IN = 16  # words before a list
_DASHES = "-–—*o"  # bullets only with white space behind them
_BULLET = re.compile(
    rf"^\s*(?:[{BULLETS}]+\s*|[{_DASHES}]\s+|\(?(?:\d{{1,2}}|[a-z]|[ivx]{{1,4}})[.)]\s+|\d{{1,2}}[a-z]?\.\d{{1,2}}\.?\s+)(?=\S)"
)
_LONE_BULLET = re.compile(rf"[{BULLETS}]|[{_DASHES}]")
_TICK = re.compile(rf"[{BULLETS}×√]|x|yes|y|no|n", re.IGNORECASE)
_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\u00ad": None, "\x00": None}
)
_CONTINUED = re.compile(r"(?<!\W)\W*\b(?:continued|cont(?:['’]?d)?)\b\W*$", re.IGNORECASE)
_SPACES = re.compile(r"[\s\x00-\x1f\x7f]+")  # control characters mean nothing in a text, and no sheet can hold them


def collapsed(text: str) -> str:
    """The text on one line, white space collapsed, soft hyphens gone and ligatures as letters."""
    return _SPACES.sub(" ", text.translate(_LIGATURES)).strip()


def is_bullet(text: str) -> bool:
    """Whether a text is a bullet or dash and nothing else."""
    return _LONE_BULLET.fullmatch(text) is not None


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


def sentences_of(text: str) -> list[str]:
    """The sentences of a text."""
    return [text[start:end] for start, end in split_sentences(text)]


def is_lead_in(text: str) -> bool:
    """Whether a text leads in a list: "Think about early help where:"."""
    return text.endswith(":") and len(text.split()) <= _MOST_LEAD_IN


def is_marker(text: str) -> bool:
    """Whether a text is a bullet, a dash or a number of a list and nothing else."""
    return is_bullet(text) or without_bullet(f"{text} x") == "x"


def mark_of(text: str) -> str:
    """The tick, cross or dot that is all of a cell's text; "" for anything else."""
    text = text.strip().strip("()[]")
    return text if _TICK.fullmatch(text) else ""


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
