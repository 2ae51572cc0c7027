"""The report of a fine-tuning and the card of the model it made, as Markdown from the log line; no text is in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evenhand_training.consistency_limits import Figures

MEASURES = {
    "severity_qwk": "severity QWK",
    "severity_error": "mean error of severity, in grades ↓",
    "issue_micro_f1": "issue micro-F1",
    "issue_macro_f1": "issue macro-F1",
    "level_in_set": "level in the coded set",
    "level_distance": "levels from the coded set ↓",
    "missed_harm": "missed harm: C or D that gets none or A ↓",
}
_BEHAVIOUR = {
    "notes/all/level_exact": "notes: level as coded",
    "notes/all/issue_micro_f1": "notes: issue micro-F1",
    "severity_pairs/ordered": "the graver text of a pair is graded higher",
    "assertion/ordered": "present above denied, past, supposed and others'",
    "framing/level_unchanged": "risk- and need-framed telling: same level",
    "framing/severity_difference": "risk- and need-framed telling: difference in severity ↓",
    "counterfactuals/all/flips": "counterfactuals: level flips ↓",
    "counterfactuals/all/severity_difference": "counterfactuals: difference in severity ↓",
}


def report_page(line: Mapping[str, Any]) -> str:
    """The report: what the rows are, what the guards said, both models' figures, every gate."""
    head = [
        f"# Fine-tuning {line['base']} on own rows: {line['model']}",
        "",
        _verdict(line),
        "",
    ]
    return "\n".join([*head, *_sections(line)]) + "\n"


def card_page(manifest: Mapping[str, Any], line: Mapping[str, Any]) -> str:
    """The model's card: that it is a derivative, of what, fitted to what, and the report's figures."""
    base = manifest["derived_from"]
    return (
        "\n".join(
            [
                f"# Model card: {manifest['name']} {manifest['version']}, a derivative of {base['name']}",
                "",
                f"**This is not a released Evenhand model.** It is {base['name']} (`model.onnx`"
                f" {base['model_sha256'][:12]}) fitted further, on {manifest['made']}, to {line['rows']['taught']:,}"
                " coded texts of whoever made it. The makers of Evenhand have not seen the texts, the codes or this"
                " model. The frozen test of the corpus did not judge it, so that no figure of the released model's"
                " card may be quoted for it.",
                "",
                f"- For {manifest['intended_use']}.",
                f"- Not for {manifest['not_for']}.",
                f"- Language: {manifest['language']}. Licence of the weights: {manifest['licence']}; encoder:"
                f" {manifest['encoder']}. Whether they may be passed on depends on whose the texts are as well: what a"
                " network was fitted to can in part be read off it.",
                "- Own rows taught severity and issues, and assertion and frame where they are coded. They did not"
                " teach the level: its cut-points, like all calibration, are the base model's, so that how often a"
                " level set holds the truth is not known for these texts beyond the figures below.",
                "- What the library fits to a released model's embeddings (how alike two situations are) was fitted to"
                " the base model's and not again.",
                "",
                _verdict(line),
                "",
                *_sections(line),
            ]
        )
        + "\n"
    )


def _verdict(line: Mapping[str, Any]) -> str:
    if not line["broken"]:
        return "Every guard and gate was passed or gave no more than a warning."
    told = f"**Broken: {', '.join(line['broken'])}.**"
    if line["despite"] is None:
        return f"{told} No model was written."
    return f"{told} The model was made all the same; the reason given: {line['despite']}"


def _sections(line: Mapping[str, Any]) -> list[str]:
    return [
        *_rows(line),
        *_guards(line),
        *_figures(
            "Held-out own texts",
            line["own"],
            "documents",
            "Nothing of these documents taught the model. The reference is the own coders' codes.",
        ),
        *_issues(line["own"]["by_issue"]),
        *_figures(
            "Development rows of the shipped corpus",
            line["development"],
            "connected groups of areas",
            "The base model was fitted to these rows, and they are among those replayed: they show what was forgotten,"
            " and are no estimate of quality.",
        ),
        *_behaviour(line["behaviour"]["before"], line["behaviour"]["after"]),
        *_gates(line["gates"]),
        *_unknown(line),
    ]


def _rows(line: Mapping[str, Any]) -> list[str]:
    rows = line["rows"]
    told = [
        f"- {rows['taught']:,} texts of {rows['documents_taught']:,} documents taught, {rows['held_out']:,} texts of"
        f" {rows['documents_held_out']:,} other documents judged.",
        f"- {rows['people']:,} people coded; {rows['coded_by_several']:,} of these texts have codings of two or more"
        f" that count, and of {rows['decided']:,} somebody decided. Codings by models taught nothing.",
        *(f"- Left out: {count:,} {reason}." for reason, count in rows["left_out"].items()),
        f"- Privacy gate: {line['privacy']['mode']}; names {line['privacy']['names']}.",
        f"- Base model {line['base']}, corpus {line['corpus_version']}, seed {', '.join(map(str, line['seeds']))};"
        f" file of own rows `{line['own_sha256'][:12]}`, settings `{line['settings_sha256'][:12]}`.",
    ]
    return ["## Rows", "", *told, ""]


def _guards(line: Mapping[str, Any]) -> list[str]:
    table = _table(
        ("guard", "verdict", "what it says"), [(one["name"], one["verdict"], one["told"]) for one in line["guards"]]
    )
    shares = [
        f"- {shift['what']}: " + "; ".join(f"{code} {own:g} ({shift['corpus'][code]:g})" for code, own in top)
        for shift in line["shifts"]
        for top in [sorted(shift["own"].items(), key=lambda pair: -abs(pair[1] - shift["corpus"][pair[0]]))[:8]]
    ]
    return [
        "## Guard rails",
        "",
        *table,
        "Percent of own codes (of the corpus), the most different first:",
        "",
        *shares,
        "",
    ]


def _figures(title: str, compared: Mapping[str, Any], groups: str, note: str) -> list[str]:
    rows = [
        (MEASURES[name], *(_interval(found[when], signed=when == "change") for when in ("before", "after", "change")))
        for name, found in compared["measures"].items()
    ]
    return [
        f"## {title}",
        "",
        f"{compared['rows']:,} texts; 95% intervals by resampling {compared['groups']:,} {groups}, the same for both"
        f" models. {note}",
        "",
        *_table(("measure", "before", "after", "change"), rows),
    ]


def _issues(by_issue: Mapping[str, Mapping[str, float]]) -> list[str]:
    rows = [
        (issue, f"{found['rows']:,}", f"{found['before']:.2f}", f"{found['after']:.2f}")
        for issue, found in sorted(by_issue.items(), key=lambda pair: -pair[1]["rows"])
    ]
    return ["F1 by issue; with few texts it says little.", "", *_table(("issue", "texts", "before", "after"), rows)]


def _behaviour(before: Figures, after: Figures) -> list[str]:
    rows = []
    for path, name in _BEHAVIOUR.items():
        pair = [_found(behaviour, path) for behaviour in (before, after)]
        if None not in pair:
            rows.append((name, *(_interval(one) for one in pair if one is not None)))
    return [
        "## Behaviour",
        "",
        "On pairs, sets, templates and notes of the shipped validation part, which neither model was fitted to. They"
        " are few, so intervals are wide.",
        "",
        *_table(("behaviour", "before", "after"), rows),
    ]


def _found(behaviour: Figures, path: str) -> Mapping[str, float] | None:
    found: Any = behaviour
    for step in path.split("/"):
        if step not in found:
            return None
        found = found[step]
    told: Mapping[str, float] = found
    return told


def _gates(gates: Sequence[Mapping[str, Any]]) -> list[str]:
    rows = [
        (
            gate["name"],
            gate["asked"],
            _number(gate["before"]),
            _number(gate["after"]),
            "kept" if gate["kept"] else "BROKEN",
        )
        for gate in gates
    ]
    return ["## Gates", "", *_table(("gate", "asked", "before", "after", ""), rows)]


def _unknown(line: Mapping[str, Any]) -> list[str]:
    told = [
        "- Whether the codes are right: the report says how far the model follows them.",
        "- How the model reads texts of other services and areas than those of the own rows: the development rows show"
        " only what it reads worse than before of published descriptors.",
        "- How often a level set holds the level that practitioners would give: it was calibrated on published rows.",
    ]
    if line["rows"]["people"] < 2:
        told.append("- How far a second coder would agree.")
    return ["## What is not known", "", *told]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *(f"| {' | '.join(row)} |" for row in rows), ""]


def _interval(found: Mapping[str, float | None], *, signed: bool = False) -> str:
    sign = "+" if signed else ""
    value, low, high = (found[end] for end in ("value", "low", "high"))
    if value is None:
        return "–"
    if low is None or high is None:
        return f"{value:{sign}.3f}"
    return f"{value:{sign}.3f} ({low:{sign}.3f} to {high:{sign}.3f})"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
