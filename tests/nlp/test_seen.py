"""What was read before: the same rows again, within bounds, without the texts."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from evenhand.encoder import Encoder
from evenhand.seen import Seen


def test_what_was_kept_is_known_and_nothing_else() -> None:
    seen = Seen(9)
    seen.keep(["a", "b\ud800"], np.array([[1.0, 2.0], [3.0, 4.0]]))

    a, other, b = seen.get(["a", "c", "b\ud800"])

    assert a is not None
    assert b is not None
    assert (a.tolist(), other, b.tolist()) == ([1.0, 2.0], None, [3.0, 4.0])


def test_the_longest_unused_go_first() -> None:
    seen = Seen(most=2)
    seen.keep(["a", "b"], np.array([[1.0], [2.0]]))
    seen.get(["a"])
    seen.keep(["c"], np.array([[3.0]]))

    assert [row is None for row in seen.get(["a", "b", "c"])] == [False, True, False]


def test_no_text_is_kept() -> None:
    seen = Seen(9)
    seen.keep(["she said his name"], np.array([[1.0]]))

    held = {name: value for name, value in vars(seen).items() if name != "_lock"}
    assert b"said" not in pickle.dumps(held)


def test_sentences_of_an_earlier_call_are_read_again_without_the_network(
    toy_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = (toy_bundle / "model.onnx").read_bytes(), (toy_bundle / "tokenizer.json").read_bytes()
    encoder = Encoder(*files, max_tokens=16)
    encoder.remember(9)
    first = encoder.read(["He was late.", "She was hungry.", "He was late."])
    monkeypatch.setattr("evenhand.encoder.run_tokens", lambda *_: pytest.fail("the network was run"))

    again = encoder.read(["She was hungry.", "He was late."])

    assert again.theta.tolist() == first.theta[[1, 0]].tolist()
    assert again.issues.tolist() == first.issues[[1, 0]].tolist()
    assert again.truncated.dtype == np.bool_
    assert encoder.read([]).issues.shape == (0, first.issues.shape[1])
