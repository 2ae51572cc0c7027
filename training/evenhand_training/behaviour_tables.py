"""The behaviour suite's figures as Markdown, for the card and the README; made from the log, never by hand."""

from __future__ import annotations

from typing import Any

# What a row shows: its name, where the figure stands, what was asked of it and whether it is a share.
_ROWS: tuple[tuple[str, str, str, bool], ...] = (
    ("Notes: level as coded", "notes/all/level_exact", "≥ 75%", True),
    ("… of a single concern", "notes/single_concern/level_exact", "≥ 75%", True),
    ("… of several concerns", "notes/several_concerns/level_exact", "≥ 75%", True),
    ("Notes: level as coded or next to it", "notes/all/level_adjacent", "≥ 97%", True),
    ("Notes: issue micro-F1", "notes/all/issue_micro_f1", "≥ .80", False),
    ("… of a single concern", "notes/single_concern/issue_micro_f1", "≥ .80", False),
    ("… of several concerns", "notes/several_concerns/issue_micro_f1", "≥ .80", False),
    ("Different concerns together raise the grade", "accumulation/accumulates/raised", "≥ 80%", True),
    ("The same concern told again raises it", "accumulation/repeats/raised", "≤ 5%", True),
    ("Padding raises it", "accumulation/unrelated/raised", "≤ 5%", True),
    ("Protective facts: change of severity", "accumulation/offset/change", "< 0", False),
    ("Present above denied, past, supposed and others'", "assertion/ordered", "≥ 90%", True),
    ("The graver text of a pair is graded higher", "severity_pairs/ordered", "≥ 97%", True),
    ("… where the child is younger", "severity_pairs/by_change/age/ordered", "≥ 97%", True),
    ("… where it happens more often", "severity_pairs/by_change/frequency/ordered", "≥ 97%", True),
    ("… where there is an injury", "severity_pairs/by_change/injury/ordered", "≥ 97%", True),
    ("Risk- and need-framed telling: same level", "framing/level_unchanged", "≥ 95%", True),
    ("… difference in severity", "framing/severity_difference", "≤ .2", False),
    ("A claim about thresholds leaves the level", "claims/claim/level_unchanged", "≥ 95%", True),
    ("A claim by itself gives no level", "claims/claim/alone_has_no_level", "", True),
)
_ATTRIBUTE_ASKED = "≤ 2%, ≤ .1"
_COLUMNS = {"cross_validation": "cross-validation", "test": "test"}


def behaviour_tables(line: dict[str, Any]) -> list[str]:
    """Lines of Markdown: what was asked and reached, counterfactuals by attribute, and ways of reading notes."""
    columns = {name: title for name, title in _COLUMNS.items() if name in line}
    return [
        f"**Behaviour** ({line['model']}, {line['date']}; pairs, sets, templates, claims and notes that were not "
        "trained on; rows in brackets; 95% intervals, exact for shares of independent rows, else by resampling)",
        "",
        "| behaviour | asked | " + " | ".join(columns.values()) + " |",
        "|---|---|" + "---|" * len(columns),
        *[
            f"| {name} | {asked} | " + " | ".join(_cell(line[column], path, share=share) for column in columns) + " |"
            for name, path, asked, share in _ROWS
        ],
        "",
        *_attributes(line, columns),
        *_note_readings(line),
    ]


def _attributes(line: dict[str, Any], columns: dict[str, str]) -> list[str]:
    found = {column: line[column].get("counterfactuals", {}) for column in columns}
    names = [*sorted({name for figures in found.values() for name in figures} - {"all"}), "all"]
    return [
        "Counterfactuals: how often the level differs between two fillers of a template, and by how much severity does "
        f"(asked {_ATTRIBUTE_ASKED} for each attribute).",
        "",
        "| attribute | " + " | ".join(f"{title}: flips | severity" for title in columns.values()) + " |",
        "|---|" + "---|---|" * len(columns),
        *[
            f"| {name.replace('_', ' ')} | "
            + " | ".join(_attribute(found[column].get(name)) for column in columns)
            + " |"
            for name in names
        ],
        "",
    ]


def _attribute(found: dict[str, Any] | None) -> str:
    if found is None:
        return "– | –"
    flips, difference = _figure(found["flips"], share=True), _figure(found["severity_difference"], share=False)
    return f"{flips} ({found['rows']}) | {difference}"


def _note_readings(line: dict[str, Any]) -> list[str]:
    readings: dict[str, Any] | None = line.get("note_readings")
    if readings is None:
        return []
    shown = (
        ("level as coded", "notes/all/level_exact", True),
        ("or next to it", "notes/all/level_adjacent", True),
        ("severity error", "notes/all/severity_error", False),
        ("issue micro-F1", "notes/all/issue_micro_f1", False),
        ("adding up raises", "accumulation/accumulates/raised", True),
        ("repeats raise", "accumulation/repeats/raised", True),
        ("framing: same level", "framing/level_unchanged", True),
    )
    return [
        "Ways of reading a note, from the same readings of the same cross-validated networks:",
        "",
        "| way | " + " | ".join(title for title, *_ in shown) + " |",
        "|---|" + "---|" * len(shown),
        *[
            f"| {name} | " + " | ".join(_figure(_at(figures, path), share=share) for _, path, share in shown) + " |"
            for name, figures in readings.items()
        ],
        "",
    ]


def _cell(figures: dict[str, Any], path: str, *, share: bool) -> str:
    found = _at(figures, path)
    if found is None:
        return "–"
    parent = _at(figures, path.rpartition("/")[0])
    return f"{_figure(found, share=share)} ({parent['rows'] if parent else '?'})"


def _at(figures: dict[str, Any], path: str) -> dict[str, Any] | None:
    found: Any = figures
    for step in path.split("/"):
        if not isinstance(found, dict) or step not in found:
            return None
        found = found[step]
    return dict(found)


def _figure(found: dict[str, Any] | None, *, share: bool) -> str:
    if found is None:
        return "–"
    if share:
        return f"{found['value']:.1%} [{found['low']:.1%}–{found['high']:.1%}]"
    return f"{found['value']:.2f} [{found['low']:.2f}–{found['high']:.2f}]"
