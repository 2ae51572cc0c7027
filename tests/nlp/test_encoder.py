"""Sentences are read in the order given, once each, and by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnxruntime import InferenceSession

from evenhand import encoder
from evenhand.encoder import TOKENS_PER_RUN, Encoder
from evenhand.errors import ModelError
from evenhand.readings import Readings
from evenhand.scheme import ASSERTIONS, FRAMES, ISSUES

MAX_TOKENS = 16
SENTENCES = [
    "Dad hit him with a belt",
    "late",
    "",
    "She is happy at home",
    "damp",
    "Mum denies the belt",
    "the school is late with him",
    "damp at home with a bruise",
]


@pytest.fixture(scope="module", name="reader")
def toy_encoder(toy_bundle: Path) -> Encoder:
    return Encoder(
        (toy_bundle / "model.onnx").read_bytes(),
        (toy_bundle / "tokenizer.json").read_bytes(),
        max_tokens=MAX_TOKENS,
        workers=2,
    )


def assert_equal(one: Readings, other: Readings) -> None:
    for name in Readings.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def rows_of(read: Readings, rows: list[int]) -> Readings:
    return Readings(**{name: getattr(read, name)[rows] for name in Readings.__dataclass_fields__})


def test_each_sentence_has_its_own_row(reader: Encoder) -> None:
    read = reader.read(SENTENCES)
    assert read.theta.tolist() == [6.0, -2.0, 0.0, -6.0, 1.0, 6.0, -2.0, 4.0]
    assert read.issues.shape == (8, len(ISSUES))
    assert read.assertion.shape == (8, len(ASSERTIONS) + 1)
    assert read.frame.shape == (8, len(FRAMES))
    assert {getattr(read, name).dtype for name in encoder.OUTPUTS} == {np.dtype(np.float64)}


@given(st.lists(st.integers(0, len(SENTENCES) - 1), max_size=12))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_reading_depends_neither_on_order_nor_on_company(reader: Encoder, chosen: list[int]) -> None:
    alone = rows_of(reader.read(SENTENCES), chosen)
    assert_equal(reader.read([SENTENCES[place] for place in chosen]), alone)


@pytest.mark.parametrize("tokens_per_run", [1, 5, 12, TOKENS_PER_RUN])
@pytest.mark.parametrize("workers", [1, 2, 7])
def test_a_reading_depends_neither_on_batch_nor_on_workers(
    toy_bundle: Path, reader: Encoder, tokens_per_run: int, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = reader.read(SENTENCES)
    monkeypatch.setattr(encoder, "TOKENS_PER_RUN", tokens_per_run)
    other = Encoder(
        (toy_bundle / "model.onnx").read_bytes(),
        (toy_bundle / "tokenizer.json").read_bytes(),
        max_tokens=MAX_TOKENS,
        workers=workers,
    )
    assert_equal(other.read(SENTENCES), expected)


def test_equal_sentences_are_run_once(reader: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    run: list[list[int]] = []
    original = encoder.run_tokens

    def counting(session: InferenceSession, names: Sequence[str], tokens: list[list[int]]) -> list[NDArray[np.float64]]:
        run.extend(tokens)
        return original(session, names, tokens)

    monkeypatch.setattr(encoder, "run_tokens", counting)
    read = reader.read(["late", "damp", "late", "late"])
    assert len(run) == 2
    assert read.theta.tolist() == [-2.0, 1.0, -2.0, -2.0]


def test_a_run_holds_one_token_length_and_no_more_than_its_budget(
    reader: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths: list[list[int]] = []
    original = encoder.run_tokens

    def noting(session: InferenceSession, names: Sequence[str], tokens: list[list[int]]) -> list[NDArray[np.float64]]:
        lengths.append([len(ids) for ids in tokens])
        return original(session, names, tokens)

    monkeypatch.setattr(encoder, "run_tokens", noting)
    monkeypatch.setattr(encoder, "TOKENS_PER_RUN", 12)
    reader.read(SENTENCES)
    assert all(len(set(run)) == 1 for run in lengths)
    assert all(len(run) == 1 or sum(run) <= 12 for run in lengths)


def test_a_cut_sentence_is_marked_and_only_its_beginning_is_read(reader: Encoder) -> None:
    room = MAX_TOKENS - 2  # two tokens mark beginning and end
    fits, too_long = " ".join(["damp"] * room), " ".join(["damp"] * (room + 5))
    read = reader.read([too_long, "damp", fits, too_long])
    assert read.truncated.tolist() == [True, False, False, True]
    assert read.theta.tolist() == [room, 1.0, room, room]


def test_sentences_are_tokenised_block_by_block_with_the_same_result(
    reader: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentences = [*SENTENCES, " ".join(["damp"] * 40), "late"]
    expected = reader.read(sentences)
    monkeypatch.setattr(encoder, "SENTENCES_PER_BLOCK", 3)
    assert_equal(reader.read(sentences), expected)
    assert expected.truncated.tolist() == [False] * 8 + [True, False]


def test_no_sentences_give_no_rows(reader: Encoder) -> None:
    read = reader.read([])
    assert read.theta.shape == (0,)
    assert read.issues.shape == (0, len(ISSUES))
    assert read.assertion.shape == (0, len(ASSERTIONS) + 1)
    assert read.frame.shape == (0, len(FRAMES))
    assert read.truncated.shape == (0,)
    assert read.truncated.dtype == np.bool_


@pytest.mark.parametrize("blank", ["", " ", "\n\t"], ids=["empty", "space", "line break"])
def test_a_blank_sentence_is_read_like_any_other(reader: Encoder, blank: str) -> None:
    read = reader.read([blank, "damp"])
    assert read.theta.tolist() == [0.0, 1.0]
    assert not read.truncated.any()


@pytest.mark.parametrize("broken", ["onnx", "tokenizer"])
def test_a_file_that_cannot_be_started_is_a_model_error(toy_bundle: Path, broken: str) -> None:
    files = {
        "onnx": (toy_bundle / "model.onnx").read_bytes(),
        "tokenizer": (toy_bundle / "tokenizer.json").read_bytes(),
    }
    files[broken] = b"no such thing"
    with pytest.raises(ModelError, match=r"cannot be started .*; get it again or update onnxruntime"):
        Encoder(files["onnx"], files["tokenizer"], max_tokens=MAX_TOKENS)
