"""The model card: the text of `card.md` filled in from the manifest and the measured figures, never by hand."""

from __future__ import annotations

from importlib import resources
from string import Template
from typing import Any

from evenhand_training.behaviour_tables import behaviour_tables
from evenhand_training.consistency_tables import consistency_tables
from evenhand_training.results import tables

PARITY_COLUMNS = ("level", "severity", "issues", "assertion", "frame", "single_issue_decisions")


def card(manifest: dict[str, Any], metrics: dict[str, Any]) -> str:
    """The whole card as Markdown.

    Raises:
        KeyError: the template asks for something that manifest and metrics do not have.
    """
    template = resources.files("evenhand_training").joinpath("card.md").read_text(encoding="utf-8")
    authored, parity = metrics["authored"], metrics["parity"]
    notes = authored["notes"]
    coverage = metrics["test"]["methods"]["evenhand"]["set_coverage"]
    return Template(template).substitute(
        manifest,
        seeds=", ".join(map(str, manifest["seeds"])),
        config=manifest["config_sha256"][:12],
        tables=tables([metrics["cross_validation"], metrics["test"]]),
        issues="\n".join(
            f"| {issue} | {found['f1']:.2f} | {found['rows']} |"
            for issue, found in metrics["cross_validation"]["by_issue"].items()
        ),
        assertion_accuracy=f"{authored['assertion']['accuracy']:.2f}",
        assertion_rows=authored["assertion"]["rows"],
        frame_accuracy=f"{authored['frame']['accuracy']:.2f}",
        frame_rows=authored["frame"]["rows"],
        uncoded_sentences=authored["codable"]["uncoded_sentences"],
        refused=f"{authored['codable']['refused']:.2f}",
        coded_sentences=authored["codable"]["coded_sentences"],
        wrongly_refused=f"{authored['codable']['wrongly_refused']:.3f}",
        note_rows=notes["rows"],
        note_level=f"{notes['level_in_set']:.2f}",
        note_qwk=f"{notes['severity_qwk']:.2f}",
        note_f1=f"{notes['issue_micro_f1']:.2f}",
        behaviour="\n".join(behaviour_tables(metrics["behaviour"])).rstrip(),
        consistency=_consistency(metrics),
        parity_rows=parity["rows"],
        parity_fitted=f"{parity['severity_qwk']['fitted']:.4f}",
        parity_names=" | ".join(name.replace("_", " ") for name in PARITY_COLUMNS),
        parity_rule="---|" * len(PARITY_COLUMNS),
        parity_rounded=_parity_row(parity, "rounded_against_fitted", "single"),
        parity_single=_parity_row(parity, "single_against_network", "single"),
        parity_eight=_parity_row(parity, "eight_bit_against_single", "eight_bit"),
        coverage=f"{coverage['value']:.0%} ({coverage['low']:.0%}–{coverage['high']:.0%})",
    )


def _consistency(metrics: dict[str, Any]) -> str:
    # A model that was sealed before there was this gate has no such section.
    line = metrics.get("consistency")
    if line is None:
        return ""
    return "\n".join(["\n\n### Consistency across areas", "", *consistency_tables(line)]).rstrip()


def _parity_row(parity: dict[str, Any], comparison: str, export: str) -> str:
    shares = [f"{parity[comparison]['equal'][name]:.4f}" for name in PARITY_COLUMNS]
    return " | ".join([*shares, f"{parity['severity_qwk'][export]:.4f}"])
