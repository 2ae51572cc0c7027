"""Prove that an export says what the network says: decisions compared text by text, disagreements listed by id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from tokenizers import Tokenizer

from evenhand.decoder import Decoder, middle_level
from evenhand.encoder import Encoder
from evenhand.readings import Readings
from evenhand.scheme import LEVELS
from evenhand.text import normalise
from evenhand_training.examples import Example
from evenhand_training.metrics import quadratic_kappa, whole_grade
from evenhand_training.network import LadderNetwork
from evenhand_training.reading import read_off

Decisions = dict[str, NDArray[Any]]


def compare_exports(
    networks: tuple[LadderNetwork, LadderNetwork],
    single: onnx.ModelProto,
    eight_bit: onnx.ModelProto,
    decoder: Decoder,
    tokenizer: Tokenizer,
    rows: Sequence[Example],
) -> dict[str, Any]:
    """Compare the network as fitted and rounded, its single-precision and its 8-bit export on the same rows.

    Args:
        networks: As fitted, and with its weights rounded, which is what is exported.
        single: The single-precision export.
        eight_bit: The 8-bit export.
        decoder: Decodes all of them.
        tokenizer: The encoder's.
        rows: Texts that were not trained on.

    Returns:
        For `rounded_against_fitted`, `single_against_network` and `eight_bit_against_single`: the share of rows with
        equal level, severity grade, issue set, assertion and frame, the share of equal single issue decisions, and
        every row that differs by id; and the quadratic kappa of each with the coded severity.
    """
    texts = [row.text for row in rows]
    fitted, rounded = (_of_network(network, tokenizer, texts, decoder) for network in networks)
    seen = [normalise(text) for text in texts]
    serial = tokenizer.to_str().encode()
    max_tokens = decoder.max_tokens
    read_single = Encoder(single.SerializeToString(), serial, max_tokens=max_tokens).read(seen)
    read_eight = Encoder(eight_bit.SerializeToString(), serial, max_tokens=max_tokens).read(seen)
    one, eight = decisions(read_single, decoder), decisions(read_eight, decoder)
    graded = [place for place, row in enumerate(rows) if row.severity]
    coded = np.array([rows[place].severity for place in graded], dtype=np.intp)
    return {
        "rows": len(rows),
        "rounded_against_fitted": _agreement(fitted, rounded, rows),
        "single_against_network": _agreement(rounded, one, rows),
        "eight_bit_against_single": _agreement(one, eight, rows),
        "severity_qwk": {
            "rows": len(graded),
            "fitted": round(quadratic_kappa(coded, fitted["severity"][graded]), 4),
            "single": round(quadratic_kappa(coded, one["severity"][graded]), 4),
            "eight_bit": round(quadratic_kappa(coded, eight["severity"][graded]), 4),
        },
    }


def _of_network(network: LadderNetwork, tokenizer: Tokenizer, texts: Sequence[str], decoder: Decoder) -> Decisions:
    read = read_off(network, tokenizer, texts)
    return decisions(Readings(**read, truncated=np.zeros(len(texts), dtype=np.bool_)), decoder)


def decisions(read: Readings, decoder: Decoder) -> Decisions:
    """What is decided for each sentence: level and severity grade, issues, assertion and frame."""
    severity = whole_grade(decoder.severity(read.theta))
    issues = decoder.issue_choice(decoder.issue_probabilities(read.issues))
    return {
        "level": middle_level(decoder.level_probabilities(read.theta)),
        "severity": severity,
        "issues": issues,
        "assertion": np.array([str(assertion) for assertion in decoder.assertions(read.assertion, issues)]),
        "frame": read.frame.argmax(axis=1),
    }


def _agreement(one: Decisions, other: Decisions, rows: Sequence[Example]) -> dict[str, Any]:
    equal = {
        name: (one[name] == other[name]).all(axis=1) if one[name].ndim > 1 else one[name] == other[name] for name in one
    }
    shares = {name: round(float(same.mean()), 4) for name, same in equal.items()}
    shares["single_issue_decisions"] = round(float((one["issues"] == other["issues"]).mean()), 5)
    differing = [
        {"id": row.id, **{name: _pair(name, one, other, place) for name in one if not equal[name][place]}}
        for place, row in enumerate(rows)
        if not all(same[place] for same in equal.values())
    ]
    return {"equal": shares, "differing": differing}


def _pair(name: str, one: Decisions, other: Decisions, place: int) -> list[Any]:
    if name == "issues":
        return [np.flatnonzero(found["issues"][place]).tolist() for found in (one, other)]
    if name == "level":
        return [str(LEVELS[int(found["level"][place])]) for found in (one, other)]
    return [found[name][place].item() for found in (one, other)]
