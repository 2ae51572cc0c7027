"""The parity report counts what is equal and lists what is not, by id."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from tokenizers import Tokenizer

from evenhand.decoder import Decoder
from evenhand.readings import Readings
from evenhand_training.examples import Example
from evenhand_training.network import LadderNetwork
from evenhand_training.parity import compare_exports, decisions

DECIDED = ("level", "severity", "issues", "assertion", "frame")


@pytest.fixture(scope="module")
def report(
    network: LadderNetwork,
    single: onnx.ModelProto,
    eight_bit: onnx.ModelProto,
    decoder: Decoder,
    tokenizer: Tokenizer,
    published: list[Example],
) -> dict[str, Any]:
    return compare_exports((network, network), single, eight_bit, decoder, tokenizer, published)


def with_bias(model: onnx.ModelProto, name: str, value: float) -> onnx.ModelProto:
    """A copy that adds to one head's bias."""
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    for tensor in changed.graph.initializer:
        if tensor.name.endswith(f"{name}.bias"):
            moved = numpy_helper.to_array(tensor) + np.float32(value)
            tensor.CopyFrom(numpy_helper.from_array(moved, tensor.name))
            return changed
    pytest.fail(f"no bias of {name}")


def test_single_precision_decides_as_the_network(report: dict[str, Any], published: list[Example]) -> None:
    assert report["rows"] == len(published)
    assert report["single_against_network"]["differing"] == []
    assert set(report["single_against_network"]["equal"].values()) == {1.0}


def test_every_kind_of_decision_is_counted(report: dict[str, Any]) -> None:
    for comparison in ("single_against_network", "eight_bit_against_single"):
        assert set(report[comparison]["equal"]) == {*DECIDED, "single_issue_decisions"}


def test_what_is_listed_is_what_is_not_equal(report: dict[str, Any], published: list[Example]) -> None:
    found = report["eight_bit_against_single"]
    for name in DECIDED:
        differing = [row["id"] for row in found["differing"] if name in row]
        assert found["equal"][name] == pytest.approx(1 - len(differing) / len(published), abs=5e-5)
    assert {row["id"] for row in found["differing"]} <= {row.id for row in published}


def test_a_wrong_export_is_found_row_by_row(
    network: LadderNetwork,
    single: onnx.ModelProto,
    eight_bit: onnx.ModelProto,
    decoder: Decoder,
    tokenizer: Tokenizer,
    published: list[Example],
) -> None:
    wrong = with_bias(single, "theta", 100.0)
    report = compare_exports((network, network), wrong, eight_bit, decoder, tokenizer, published)
    listed = {row["id"]: row for row in report["single_against_network"]["differing"]}
    shares = report["single_against_network"]["equal"]
    assert shares["issues"] == shares["assertion"] == shares["frame"] == 1.0
    assert shares["severity"] < 1.0
    assert shares["severity"] == pytest.approx(
        1 - sum("severity" in row for row in listed.values()) / len(published), abs=5e-5
    )
    assert all(row["severity"][1] == 6 for row in listed.values() if "severity" in row)
    assert all(row["level"][1] == "D" for row in listed.values() if "level" in row)
    assert report["severity_qwk"]["rows"] == len(published)
    assert report["severity_qwk"]["single"] == pytest.approx(0.0)


def test_issues_that_differ_are_listed_as_both_sets(
    network: LadderNetwork,
    single: onnx.ModelProto,
    decoder: Decoder,
    tokenizer: Tokenizer,
    published: list[Example],
) -> None:
    all_issues = with_bias(single, "issues", 100.0)
    report = compare_exports((network, network), single, all_issues, decoder, tokenizer, published)
    found = report["eight_bit_against_single"]
    assert found["equal"]["issues"] == 0.0
    assert 0.0 < found["equal"]["single_issue_decisions"] < 1.0
    assert [row["id"] for row in found["differing"]] == [row.id for row in published]
    for row in found["differing"]:
        assert row["issues"][1] == list(range(32))
        assert row["issues"][0] != row["issues"][1]


def test_the_report_is_plain_json(report: dict[str, Any]) -> None:
    assert json.loads(json.dumps(report)) == report


def test_rows_without_a_severity_are_left_out_of_kappa(
    network: LadderNetwork,
    single: onnx.ModelProto,
    eight_bit: onnx.ModelProto,
    decoder: Decoder,
    tokenizer: Tokenizer,
    published: list[Example],
) -> None:
    rows = [*published[:6], Example("x", "She is late.", "assertion-sets")]
    report = compare_exports((network, network), single, eight_bit, decoder, tokenizer, rows)
    assert (report["rows"], report["severity_qwk"]["rows"]) == (7, 6)


def test_decisions_by_hand(decoder: Decoder) -> None:
    issues = np.full((2, 32), -9.0)
    issues[0, [3, 7]] = 9.0
    read = Readings(
        theta=np.array([-50.0, 50.0]),
        issues=issues,
        assertion=np.eye(6)[[5, 0]],
        frame=np.eye(5)[[2, 4]],
        truncated=np.zeros(2, dtype=np.bool_),
    )
    found = decisions(read, decoder)
    assert found["level"].tolist() == [0, 4]
    assert found["severity"].tolist() == [1, 6]
    assert [np.flatnonzero(row).tolist() for row in found["issues"]] == [[3, 7], []]
    # The first reports issues, so a third of a chance of "not codable" is not enough to pass over it.
    assert (found["assertion"].tolist(), found["frame"].tolist()) == (["present", "present"], [2, 4])
