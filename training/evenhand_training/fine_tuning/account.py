"""The account of a fine-tuning: its log line, which the report is made from, and the manifest; no text is in them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import evenhand
from evenhand.errors import OutputError
from evenhand_training.fine_tuning.gates import judge_gates
from evenhand_training.fine_tuning.judging import compare_behaviour, compare_development, compare_own
from evenhand_training.fine_tuning.pages import report_page
from evenhand_training.fine_tuning.preparing import FineTuneInputs, Prepared
from evenhand_training.results import model_stamp, stamp

KIND = "fine_tune"
NOT_FOR = "; and never to be passed on as a release of Evenhand: it was fitted further to texts of its maker's own"


def manifest_of(inputs: FineTuneInputs, ready: Prepared, named: tuple[str, str]) -> dict[str, Any]:
    """The manifest of the derivative, without its files: the base model's, and what it was fitted to."""
    base = ready.bundle.manifest
    kept = {key: value for key, value in base.items() if key not in ("files", "released")}
    return {
        **kept,
        "name": named[0],
        "version": named[1],
        "corpus_version": f"{base['corpus_version']}+own",
        "not_for": f"{base['not_for']}{NOT_FOR}",
        "derived_from": {"name": ready.bundle.name, "model_sha256": base["files"]["model.onnx"]["sha256"]},
        "made": stamp()["date"],
        KIND: {
            "own_sha256": hashlib.sha256(inputs.own.read_bytes()).hexdigest(),
            "taught": len(ready.chosen.taught),
            "held_out": len(ready.chosen.held_out),
            "seed": inputs.settings.fit.seed,
            "settings": inputs.settings.model_dump(mode="json"),
            "settings_sha256": inputs.settings.digest(),
        },
    }


def account_of(inputs: FineTuneInputs, ready: Prepared, staged: Path, despite: str | None) -> dict[str, Any]:
    """The log line, which is the report as well: no text and no id of a text is in it."""
    before, after = evenhand.load(inputs.base), evenhand.load(staged)
    own = compare_own(before, after, ready.chosen.held_out)
    development, areas = compare_development(before, after, inputs.corpus, inputs.splits)
    behaviour = compare_behaviour(before, after, inputs.corpus, inputs.splits)
    compared = {"own": own, "development": development}
    gates = judge_gates(compared, areas, behaviour, inputs.limits, inputs.settings.gates)
    broken = [*(one.name for one in ready.guarded.refused), *(one.name for one in gates if not one.kept)]
    return {
        "kind": KIND,
        **model_stamp(after),
        "base": ready.bundle.name,
        "base_sha256": ready.bundle.manifest["files"]["model.onnx"]["sha256"],
        "corpus_version": inputs.corpus.version,
        "seeds": [inputs.settings.fit.seed],
        "settings_sha256": inputs.settings.digest(),
        "own_sha256": hashlib.sha256(inputs.own.read_bytes()).hexdigest(),
        "privacy": inputs.looked_for,
        "rows": _rows(ready),
        "guards": [asdict(one) for one in ready.guarded.guards],
        "shifts": [asdict(one) for one in ready.guarded.shifts],
        **compared,
        "behaviour": {"before": behaviour[0], "after": behaviour[1]},
        "gates": [asdict(one) for one in gates],
        "broken": broken,
        "despite": despite if broken else None,
    }


def _rows(ready: Prepared) -> dict[str, Any]:
    chosen = ready.chosen
    return {
        "taught": len(chosen.taught),
        "held_out": len(chosen.held_out),
        "documents_taught": len({row.document for row in chosen.taught}),
        "documents_held_out": len({row.document for row in chosen.held_out}),
        "people": ready.coders,
        "coded_by_several": sum(row.coders > 1 for row in chosen.rows),
        "decided": sum(row.decided for row in chosen.rows),
        "left_out": chosen.left_out,
    }


def as_refused(line: dict[str, Any]) -> dict[str, Any]:
    """The line of a model that was not written: named so that no reader takes it for one."""
    return {**line, "model": f"{line['model']}-candidate", "note": f"not written: breaks {', '.join(line['broken'])}"}


def write_report(target: Path, line: dict[str, Any]) -> None:
    """Write the report beside the model's place, as JSON and as Markdown.

    Raises:
        OutputError: it cannot be written.
    """
    pages = {
        ".report.json": json.dumps(line, indent=1, ensure_ascii=False) + "\n",
        ".report.md": report_page(line),
    }
    try:
        for ending, content in pages.items():
            target.with_name(target.name + ending).write_text(content, encoding="utf-8", newline="\n")
    except OSError as error:
        message = f"{target}: its report cannot be written beside it ({error.strerror})"
        raise OutputError(message) from error
