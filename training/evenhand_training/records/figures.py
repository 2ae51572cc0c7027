"""Figures of a release as they stand in the records, by name: from sealed directories and the log of evaluations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evenhand.errors import InputError
from evenhand_training.results import is_released
from evenhand_training.speed_tables import OURS

Line = Mapping[str, Any]
# What each attribute of a template is called in a sentence; those that are not named here are called by their own name.
_ATTRIBUTES = {"grammar_typos": "typing errors", "disability_irrelevant": "a disability that does not matter here"}
_ATTRIBUTES |= {"migration_irrelevant": "migration that does not matter here", "class_marker": "markers of class"}
MEASURED_BY = {
    "cases": "evenhand-training evaluate-cases",
    "consistency": "evenhand-training check-consistency",
    "energy": "python -m tests.benchmarks.energy --log",
    "privacy": "python tests/benchmarks/privacy.py",
    "speed": "python -m tests.benchmarks.batch",
}
ASKED = {"notes": "75%", "adds": "80%", "pairs": "97%", "framing": "95%"}  # as in behaviour_tables, "asked"


def coding_figures(manifest: Line, metrics: Line, lines: Sequence[Line]) -> dict[str, str]:
    """What the records say of the coding model."""
    test, behaviour = metrics["test"], metrics["behaviour"]
    ours = test["methods"]["evenhand"]
    level = {name: test["methods"][name]["level_in_set"] for name in test["methods"]}
    codable = metrics["authored"]["codable"]
    return {
        "name": f"{manifest['name']} {manifest['version']}",
        "released": manifest["released"],
        "model_corpus": manifest["corpus_version"],
        "scheme": manifest["scheme_version"],
        "config": manifest["config_sha256"][:12],
        "encoder": manifest["encoder"],
        "licence": manifest["licence"],
        "language": manifest["language"],
        "intended_use": manifest["intended_use"],
        "not_for": manifest["not_for"],
        **_files(manifest, "size", "model_sha256"),
        "test_readings": str(sum(line["kind"] == "test" for line in lines)),
        "test_rows": str(test["rows"]),
        "test_groups": str(test["groups"]),
        "level_test": _share(ours["level_in_set"]),
        "level_cv": _share(metrics["cross_validation"]["methods"]["evenhand"]["level_in_set"]),
        "level_ceiling": f"{level['true_severity']['value']:.0%}",
        "level_terms": f"{level['search_terms']['value']:.0%}",
        "level_tfidf": f"{level['tfidf_linear']['value']:.0%}",
        "severity_qwk": _number(ours["severity_qwk"]),
        "issue_f1": _number(ours["issue_micro_f1"]),
        "coverage": _share(ours["set_coverage"]),
        "set_width": f"{ours['set_width']['value']:.1f}",
        "rank": _number(ours["rank_correlation"]),
        **_missed(test),
        "refused": f"{codable['refused']:.0%}",
        "wrongly_refused": f"{codable['wrongly_refused']:.1%}",
        **_behaviour(behaviour),
        **_cases(lines),
        **_areas(metrics["cross_validation"], lines),
    }


def framing_figures(manifest: Line, metrics: Line) -> dict[str, str]:
    """What the records say of the framing model."""
    found = metrics["framing"]
    referrals, coders, pairs = found["referrals"], found["two_coders"], found["pairs"]
    return {
        "framing_name": f"{manifest['name']} {manifest['version']}",
        "framing_released": manifest["released"],
        "framing_corpus": manifest["corpus_version"],
        "framing_use": manifest["intended_use"],
        "framing_not_for": manifest["not_for"],
        **_files(manifest, "framing_size", "framing_sha256"),
        "framing_documents": str(referrals["documents"]),
        "framing_sentences": str(referrals["sentences"]),
        "framing_spans": f"{referrals['framing']['f1']:.2f}",
        "framing_spans_coders": f"{coders['framing']['f1']:.2f}",
        "framing_frames": f"{referrals['frames']['macro_f1']:.2f}",
        "framing_frames_coders": f"{coders['frames']['macro_f1']:.2f}",
        "framing_needs": f"{referrals['unmet_needs']['f1']:.2f}",
        "framing_needs_coders": f"{coders['unmet_needs']['f1']:.2f}",
        "framing_needs_found": f"{referrals['unmet_needs']['recall']:.0%}",
        "framing_checklist": f"{referrals['checklist']['macro_f1']:.2f}",
        "framing_checklist_coders": f"{coders['checklist']['macro_f1']:.2f}",
        "framing_risk_found": f"{pairs['risk_framed_with_a_correct_span']['share']:.0%}",
        "framing_need_flagged": f"{pairs['need_framed_with_a_flag']['share']:.1%}",
        "framing_evidence_flagged": f"{found['evidence_sentences']['share']:.1%}",
        "framing_who": f"{found['who_it_is_about']['share']:.1%}",
        "framing_who_rows": str(found["who_it_is_about"]["rows"]),
    }


def privacy_figures(line: Line) -> dict[str, str]:
    """What the records say of the privacy gate: a line of kind `privacy`."""
    names, patterns = line["names"], line["patterns"]
    kinds = {name: row for name, row in names["kinds"].items() if name != "name"}
    origins = sorted(names["origins"].items(), key=lambda item: item[1]["recall"])
    worst, best = origins[0], origins[-1]
    return {
        "privacy_date": line["date"],
        "privacy_texts": str(line["texts"]),
        "privacy_names": f"{names['kinds']['name']['recall']:.0%}",
        "privacy_names_missed": f"{1 - names['kinds']['name']['recall']:.0%}",
        "privacy_names_interval": _interval(names["kinds"]["name"]["interval"]),
        "privacy_names_patterns": f"{patterns['kinds']['name']['recall']:.0%}",
        "privacy_worst_origin": f"{worst[1]['recall']:.0%} ({worst[0].replace('_', ' ').title()})",
        "privacy_best_origin": f"{best[1]['recall']:.0%} ({best[0].replace('_', ' ').title()})",
        "privacy_false": f"{names['false_alarms_per_1000_words']:.1f}",
        "privacy_clean_words": f"{names['clean_words']:,}",
        "privacy_kinds": "\n".join(
            f"| {kind.replace('_', ' ')} | {row['spans']} | {row['recall']:.0%} ({_interval(row['interval'])}) |"
            for kind, row in sorted({"name": names["kinds"]["name"], **kinds}.items())
        ),
    }


def speed_figures(line: Line) -> dict[str, str]:
    """What the records say of rates and memory: a line of kind `speed`."""
    ours = line["peers"][OURS]
    return {
        "speed_model": line["model"],
        "speed_notes": f"{ours['texts_per_second']['1']['notes']['median']:.0f}",
        "speed_notes_two": f"{ours['texts_per_second']['2']['notes']['median']:.0f}",
        "speed_memory": str(ours["peak_mb"]),
    }


def newest(lines: Sequence[Line], kind: str) -> Line:
    """The last line of a kind; the records say which model it is of, if it is of one.

    Raises:
        InputError: the log has none.
    """
    found = [line for line in lines if line["kind"] == kind and is_released(dict(line))]
    if not found:
        message = f"models/results.jsonl: no line of kind {kind!r}; run {MEASURED_BY[kind]}"
        raise InputError(message)
    return found[-1]


def _files(manifest: Line, size: str, digest: str) -> dict[str, str]:
    files = manifest["files"]
    megabytes = sum(found["bytes"] for found in files.values()) / 1e6
    return {size: f"{megabytes:.0f} MB", digest: files["model.onnx"]["sha256"]}


def _missed(test: Line) -> dict[str, str]:
    missed = test["missed_harm"]
    return {
        "missed": f"{missed['missed']:g}",
        "missed_rows": str(missed["rows"]),
        "missed_share": f"{missed['missed'] / missed['rows']:.0%}",
        "missed_upper": f"{missed['upper_bound']:.1%}",
    }


def _behaviour(found: Line) -> dict[str, str]:
    """Shares of the test, and of cross-validation, for what should hold whatever the accuracy."""
    told: dict[str, str] = {}
    for name, part in (("test", found["test"]), ("cv", found["cross_validation"])):
        flips = part["counterfactuals"]
        told |= {
            f"notes_{name}_rows": str(part["notes"]["all"]["rows"]),
            f"notes_{name}_level": _share(part["notes"]["all"]["level_exact"]),
            f"notes_{name}_adjacent": _share(part["notes"]["all"]["level_adjacent"]),
            f"notes_{name}_issues": _number(part["notes"]["all"]["issue_micro_f1"]),
            f"assertion_{name}": _share(part["assertion"]["ordered"]),
            f"historical_{name}": _share(part["assertion"]["above"]["historical"]),
            f"adds_{name}": _share(part["accumulation"]["accumulates"]["raised"]),
            f"framing_{name}": _share(part["framing"]["level_unchanged"]),
            f"claims_{name}": _share(part["claims"]["claim"]["level_unchanged"]),
            f"pairs_{name}": _share(part["severity_pairs"]["ordered"]),
            f"typos_{name}": _share(flips["grammar_typos"]["flips"]),
            f"flips_{name}": _share(flips["all"]["flips"]),
            f"flips_{name}_rows": str(flips["all"]["rows"]),
        }
    told["risk_over_need"] = _number(found["test"]["framing"]["risk_over_need"])
    return (
        told | _attributes(found["test"]["counterfactuals"]) | {f"{name}_asked": told for name, told in ASKED.items()}
    )


def _attributes(flips: Line) -> dict[str, str]:
    shown = sorted((name for name in flips if name != "all"), key=lambda name: -float(flips[name]["flips"]["value"]))
    return {
        "flips_table": "\n".join(
            f"| {_ATTRIBUTES.get(name, name.replace('_', ' '))} | {_share(flips[name]['flips'])} "
            f"| {flips[name]['severity_difference']['value']:.2f} | {flips[name]['rows']} |"
            for name in shown
        )
    }


def _cases(lines: Sequence[Line]) -> dict[str, str]:
    line = newest(lines, "cases")
    return {
        "cases_model": line["model"],
        "cases_rows": str(line["rows"]),
        "cases_level": _share(line["level_in_set"]),
        "cases_overlap": _share(line["set_overlap"]),
    }


def _areas(folds: Line, lines: Sequence[Line]) -> dict[str, str]:
    line = newest(lines, "consistency")
    shares = {area: found["level_in_set"] for area, found in folds["by_area"].items()}
    low, high = min(shares, key=lambda area: shares[area]), max(shares, key=lambda area: shares[area])
    return {
        "consistency_model": line["model"],
        "limits": str(len(line["limits"])),
        "limits_broken": str(sum(not limit["kept"] for limit in line["limits"])),
        "limits_table": "\n".join(
            f"| {limit['told']} | {limit['asked']} | {limit['measured']:.2f} | {'yes' if limit['kept'] else '**no**'} |"
            for limit in line["limits"]
        ),
        "area_low": f"{low} ({shares[low]:.0%})",
        "area_high": f"{high} ({shares[high]:.0%})",
    }


def _share(found: Line) -> str:
    return f"{found['value']:.0%} ({found['low']:.0%} to {found['high']:.0%})"


def _number(found: Line) -> str:
    return f"{found['value']:.2f} ({found['low']:.2f} to {found['high']:.2f})"


def _interval(found: Sequence[float]) -> str:
    return f"{found[0]:.0%} to {found[1]:.0%}"
