"""Show flags of one text to a person at a terminal; builds rich renderables and writes nothing itself.

As in `evenhand.render`, texts are shown through `normalise` and never as markup. Each mark has a number as well as a
style, so that it is told without colour too.
"""

from __future__ import annotations

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from evenhand.framing.result import Flags, FramingSpan
from evenhand.framing.scheme import CATEGORY_NAMES, ELEMENT_NAMES, FLAGGED, Found
from evenhand.render import notice
from evenhand.scheme import FRAMES
from evenhand.text import normalise

_FLAG, _WELCOME, _NEED, _QUOTE = "bold dark_orange3", "bold cyan", "bold dark_goldenrod", "italic"
_LONGEST_ELEMENT = max(map(len, ELEMENT_NAMES.values()))
_BAR = 24  # columns of the longest bar


def marked(console: Console, text: str, flags: Flags) -> Group:
    """The text with its marks, what they mean, balance, needs, checklist and suggestions."""
    if flags.reason is not None:
        return Group(Text(f"Nothing to flag: {flags.reason}."), Text(), notice())
    parts: list[RenderableType] = [_text(text, flags), Text()]
    if flags.framing:
        parts += [_advice(text, flags.framing), Text()]
    else:
        parts += [Text("No framing was found."), Text()]
    if flags.rewrites:
        parts.append(Text("The same facts, told kindly (brackets are for the writer to fill)", style="bold"))
        parts += [Padding(Text(normalise(rewrite.text)), (0, 0, 0, 2)) for rewrite in flags.rewrites]
        parts.append(Text())
    parts += [_balance(console, flags), Text(), _needs(text, flags), Text(), _checklist(text, flags)]
    if flags.truncated:
        parts.append(Text("A sentence was longer than the model reads; its end was left out.", style="yellow"))
    return Group(*parts, Text(), notice())


def _text(text: str, flags: Flags) -> Text:
    """The text in one piece, each span between brackets with its number or its need."""
    styled: list[tuple[int, int, str, str]] = []
    for number, span in enumerate(flags.framing, start=1):
        style = _FLAG if span.category in FLAGGED else _WELCOME
        styled.append((span.start, span.end, style, str(number)))
    for need in flags.unmet_needs:
        styled.append((need.start, need.end, _NEED, f"{_plain(need.need)}: not asked for"))
    styled += [(start, end, _QUOTE, "") for start, end in flags.quotations]
    shown, at = Text(), 0
    for start, end, style, label in sorted(styled):
        if start < at:
            continue  # within a mark that is shown already
        shown.append(_said(text[at:start]))
        shown.append(_said(text[start:end]), style=style)
        shown.append(f" [{label}]" if label else "", style="dim")
        at = end
    shown.append(_said(text[at:]))
    return shown


def _advice(text: str, spans: tuple[FramingSpan, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=True, show_edge=False)
    table.add_column("", justify="right", width=3)
    table.add_column("Words", ratio=4, overflow="fold")
    table.add_column("What they do, and why it matters", ratio=6, overflow="fold")
    table.add_column("Instead", ratio=6, overflow="fold")
    for number, span in enumerate(spans, start=1):
        style = _FLAG if span.category in FLAGGED else _WELCOME
        table.add_row(
            str(number),
            Text(normalise(text[span.start : span.end]), style=style),
            Text.assemble((CATEGORY_NAMES[span.category].capitalize(), "bold"), f". {span.why} ", (span.source, "dim")),
            Text(span.suggestion or "keep it"),
        )
    return table


def _balance(console: Console, flags: Flags) -> Group:
    sign = "█" if console.encoding.lower().startswith("utf") else "#"
    rows = Table(box=None, show_header=False, pad_edge=False)
    for frame in FRAMES:
        share = flags.balance.get(str(frame), 0.0)
        rows.add_row(Text(f"  {frame}"), Text(f"{share:.0%}", justify="right"), Text(sign * round(share * _BAR)))
    return Group(Text("How its sentences are told", style="bold"), rows)


def _needs(text: str, flags: Flags) -> Group:
    lines: list[RenderableType] = [Text("Needs described that nobody asks for help with", style="bold")]
    for need in flags.unmet_needs:
        lines.append(Text(f"  {_plain(need.need)}: {normalise(text[need.start : need.end])}"))
    return Group(*lines, *([] if flags.unmet_needs else [Text("  none found")]))


def _checklist(text: str, flags: Flags) -> Group:
    rows = Table(box=None, show_header=False, pad_edge=False, expand=True)
    rows.add_column(width=11)
    rows.add_column(width=_LONGEST_ELEMENT, overflow="fold")
    rows.add_column(ratio=1, overflow="ellipsis", no_wrap=True)
    for element, shown in flags.checklist.items():
        style = {Found.FOUND: "", Found.UNCLEAR: "yellow", Found.NOT_FOUND: "bold"}[shown.state]
        where = "" if shown.start is None else normalise(text[shown.start : shown.end])
        rows.add_row(Text(f"  {_plain(shown.state)}", style=style), ELEMENT_NAMES[element], Text(where, style="dim"))
    return Group(Text("What a good referral says", style="bold"), rows)


def _plain(code: object) -> str:
    return str(code).replace("_", " ")


def _said(text: str) -> str:
    """A piece of a text for the screen, with the white space at its ends."""
    shown = normalise(f"x{text}x")[1:-1]  # between letters, so that white space and dashes at its ends stay
    return f"\n{shown.lstrip()}" if text[:1] == "\n" else shown
