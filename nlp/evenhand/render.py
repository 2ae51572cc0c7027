"""Show codings to a person at a terminal; builds rich renderables and writes nothing itself.

Texts are shown through `normalise`, so that control characters and direction marks in them cannot steer the
terminal, and as `Text` objects, so that placeholders such as [CHILD] are not taken for markup. Levels are
told by letter and by bar as well as by colour. A terminal that is not UTF-8 gets ASCII signs, and `?` for
what it lacks.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from evenhand.result import Coding, SentenceCoding
from evenhand.scheme import LEVEL_MEANINGS, LEVELS, SEVERITY_MEANINGS, Level
from evenhand.text import normalise

_WHOLE = "As a whole the text reads as"
NOTICE = "Evenhand describes texts for research and audit. It never decides about a child."

_COLOURS = {  # told apart by colour-blind people too, and readable on dark and light backgrounds
    Level.NONE: "grey58",
    Level.A: "cyan",
    Level.B: "dark_goldenrod",
    Level.C: "dark_orange3",
    Level.D: "red",
}
_EXCERPT_SLACK = 6  # columns that wrapping at words leaves empty in the first of an excerpt's two lines
_TOP_ISSUES = 3  # issues in a table row; the file has all
_WIDE = 96  # columns; from here on the table has room for bars and for longer excerpts
_BAR = 24  # columns of the longest bar of a distribution
_PROBABLE = 0.005  # below half a per cent a bar would show 0%
_LEAST_SHARE = 0.005  # a sentence that weighs less would be shown with 0%


def make_console(stream: TextIO, *, width: int | None = None) -> Console:
    """Return a console for a stream: no colour unless it is a terminal that wants it, no markup."""
    columns = width or (None if stream.isatty() or "COLUMNS" in os.environ else 100)
    return _Console(file=stream, width=columns, markup=False, emoji=False, highlight=False)


class _Console(Console):
    """A console that leaves a closed pipe to the command, which knows the exit status for it."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def level_set_words(levels: Sequence[Level]) -> str:
    """Return a level set in words: "C", "B or C", "A, B or C".

    >>> level_set_words([Level.B, Level.C])
    'B or C'
    """
    *first, last = [str(level) for level in levels] or ["not codable"]
    return f"{', '.join(first)} or {last}" if first else last


def score_rows(
    console: Console, first: int, texts: Sequence[str | None], codings: Sequence[Coding], *, header: bool
) -> Table:
    """Return one stretch of the readable table; stretches that follow each other line up.

    Args:
        console: Where it will be shown; decides the columns' widths.
        first: Number of the first row.
        texts: The texts as given.
        codings: One for each text.
        header: Show the names of the columns above.
    """
    wide = console.width >= _WIDE
    table = Table(box=box.SIMPLE_HEAD, show_header=header, expand=True, show_edge=False)
    table.pad_edge, table.collapse_padding = False, True
    table.add_column("Row", justify="right", width=5)
    table.add_column("Text", ratio=11, overflow="fold")
    table.add_column("Level", width=9 if wide else 5, no_wrap=True)
    table.add_column("Set", width=6, no_wrap=True)
    table.add_column("Sev.", justify="right", width=4)
    table.add_column("Issues", ratio=10, overflow="fold")
    table.add_column("Assertion", width=12)
    fixed = 5 + (9 if wide else 5) + 6 + 4 + 12 + 6 * 2  # the columns of a fixed width and the gaps between all
    excerpt_columns = 2 * (console.width - fixed) * 11 // 21 - _EXCERPT_SLACK
    for number, (text, coding) in enumerate(zip(texts, codings, strict=True), start=first):
        table.add_row(
            str(number),
            _excerpt(console, text or "", excerpt_columns),
            _level_cell(console, coding.level, bar=wide),
            "-".join(dict.fromkeys(str(level) for level in (*coding.levels[:1], *coding.levels[-1:]))),
            "" if coding.severity is None else f"{coding.severity:.1f}",
            _issues_cell(console, coding),
            _words(coding.assertion or ""),
        )
    return table


def explain(console: Console, text: str, coding: Coding) -> Group:
    """Return the coding of one text, sentence by sentence, with what decided it and how sure it is."""
    parts: list[RenderableType] = []
    if coding.level is None:
        reason = coding.reason or "nothing in the text can be coded"
        parts.append(Text.assemble(("Not codable", "bold"), f": {reason}."))
    else:
        parts += [_headline(coding, coding.level), Text()]
        parts += [_heading(console, "How likely each level is", "could be"), _distribution(console, coding)]
    if coding.truncated:
        parts.append(Text("A sentence was longer than the model reads; its end was left out.", style="yellow"))
    if coding.sentences:
        parts += [
            Text(),
            _heading(console, "Sentences", "weighs most"),
            _sentences(console, text, coding),
        ]
        heaviest = max(coding.sentences, key=lambda one: one.weight)
        if coding.level is not None and heaviest.weight > 0 and heaviest.level not in {None, coding.level}:
            parts.append(Text(f"{_WHOLE} {coding.level}, and the sentence that weighs most as {heaviest.level}."))
    parts += [Text(), notice()]
    return Group(*parts)


def notice() -> Text:
    """Return the line that every result shown to a person carries."""
    return Text(NOTICE, style="dim italic")


def legend() -> Text:
    """Return what the columns of the table mean."""
    levels = "; ".join(f"{level}: {meaning}" for level, meaning in LEVEL_MEANINGS.items())
    return Text(f"Level, {levels}. Set: what the level could be. Sev.: severity, 1 to 6.", style="dim")


def info(console: Console, facts: dict[str, Any]) -> Group:
    """Return facts about a model as names with values."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in facts.items():
        grid.add_row(_words(name), Text(_safe(console, "\n".join(_fact_lines(value)))))
    return Group(grid, Text(), notice())


def _fact_lines(value: object) -> Iterator[str]:
    """Yield a value as lines: a list on one line, a mapping with a name and value on each."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield f"{_words(str(name))}: {', '.join(_fact_lines(item))}"
    elif isinstance(value, list | tuple):
        yield ", ".join(part for item in value for part in _fact_lines(item))
    else:
        yield "-" if value is None else str(value)


def _headline(coding: Coding, level: Level) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column()
    grid.add_row("Level", Text.assemble((str(level), f"bold {_COLOURS[level]}"), f"  {LEVEL_MEANINGS[level]}"))
    unsure = "areas and readers differ on texts like this" if len(coding.levels) > 1 else "other levels are unlikely"
    grid.add_row("Could be", f"{level_set_words(coding.levels)}  {unsure}")
    if coding.severity is not None:
        nearest = min(6, max(1, round(coding.severity)))
        grid.add_row("Severity", f"{coding.severity:.1f} of 6  near {nearest}: {SEVERITY_MEANINGS[nearest]}")
    issues = [f"{_words(issue)} {coding.issue_probabilities.get(issue, 0.0):.0%}" for issue in coding.issues]
    grid.add_row("Issues", ", ".join(issues) or "none found")
    grid.add_row("DfE factors", ", ".join(coding.dfe_codes) or "none")
    return grid


def _heading(console: Console, title: str, marked: str) -> Text:
    """Return a heading that says what the pointer below it marks."""
    return Text.assemble((title, "bold"), (f"  ({_signs(console)[2]} {marked})", "dim"))


def _distribution(console: Console, coding: Coding) -> Table:
    """Return a bar for each level, marked where the level is in the set."""
    full, _, pointer = _signs(console)
    grid = Table.grid(padding=(0, 1))
    for justify in ("left", "right", "right", "left"):
        grid.add_column(justify=justify, no_wrap=True)
    for level in LEVELS:
        probability = coding.level_probabilities.get(level, 0.0)
        inside = level in coding.levels
        bar = full * max(round(probability * _BAR), 1 if probability >= _PROBABLE else 0)
        style = _COLOURS[level] if inside else "dim"
        grid.add_row(pointer if inside else "", str(level), f"{probability:4.0%}", Text(bar, style=style))
    return grid


def _sentences(console: Console, text: str, coding: Coding) -> Table:
    """Return the sentences with their own coding below each; the one that bears most on the level is marked."""
    _, _, pointer = _signs(console)
    heaviest = max((sentence.weight for sentence in coding.sentences), default=0.0)
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=1)
    grid.add_column(justify="right", style="dim")
    grid.add_column(overflow="fold")
    for number, sentence in enumerate(coding.sentences, start=1):
        decided = sentence.weight == heaviest > 0
        words = _safe(console, normalise(text[sentence.start : sentence.end]))
        shown = Text(words, style="bold" if decided else "")
        detail = _sentence_detail(sentence)
        grid.add_row(pointer if decided else "", str(number), Group(shown, Padding(detail, (0, 0, 0, 2))))
    return grid


def _sentence_detail(sentence: SentenceCoding) -> Text:
    if sentence.claim:
        return Text("claims a threshold or outcome, which does not count", style="dim")
    if sentence.level is None or sentence.severity is None:
        return Text("nothing to code", style="dim")
    parts = [
        f"severity {sentence.severity:.1f}",
        ", ".join(_words(issue) for issue in sentence.issues) or "no issue",
        _words(sentence.assertion or ""),
        f"told as {sentence.frame}" if sentence.frame else "",
        f"{sentence.weight:.0%} of the level" if _LEAST_SHARE <= sentence.weight < 1 else "",
    ]
    detail = Text(f"level {sentence.level}", style=_COLOURS[sentence.level])
    return detail.append("; " + "; ".join(part for part in parts if part), style="dim")


def _level_cell(console: Console, level: Level | None, *, bar: bool) -> Text:
    if level is None:
        return Text("-", style="dim")
    full, empty, _ = _signs(console)
    steps = f" {full * level.rank}{empty * (len(LEVELS) - 1 - level.rank)}" if bar else ""
    return Text(f"{level:<4}{steps}", style=_COLOURS[level])


def _issues_cell(console: Console, coding: Coding) -> Text:
    if coding.level is None:
        return Text(coding.reason or "not codable", style="dim italic")
    shown = [_words(issue) for issue in coding.issues[:_TOP_ISSUES]]
    more = len(coding.issues) - len(shown)
    return Text(", ".join(shown) + (f" +{more}" if more > 0 else ""))


def _excerpt(console: Console, text: str, columns: int) -> Text:
    """Return the beginning of a text, at most `columns` wide."""
    # 4: what normalising removes and joins is far less than three of four characters in any real text
    shown = Text(_safe(console, normalise(text[: 4 * columns])))
    if shown.cell_len > columns or len(text) > 4 * columns:
        shown.truncate(columns - 3)
        shown.append("...")
    return shown


def _signs(console: Console) -> tuple[str, str, str]:
    """Return the signs for a full step, an empty step and a pointer that the terminal can show."""
    return ("#", ".", ">") if console.options.ascii_only else ("█", "·", "▸")


def _safe(console: Console, text: str) -> str:
    """Return a text with `?` for what the terminal's encoding lacks."""
    return text.encode(console.encoding, "replace").decode(console.encoding, "replace")


def _words(code: str) -> str:
    return code.replace("_", " ")
