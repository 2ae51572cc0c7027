"""What a fold's network reads off its sets and notes is kept whole, and never taken for that of other texts."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from evenhand.decoder import Decoder
from evenhand.readings import Readings
from evenhand.scheme import FRAMES, ISSUES
from evenhand_training.behaviour import Units
from evenhand_training.corpus import FOLDS, Claim, Corpus, Splits
from evenhand_training.network import ASSERTION_CLASSES, LadderNetwork
from evenhand_training.reading import read_off
from evenhand_training.set_readings import SetReadings, held_units, network_readings, read_units


def claim(number: int, base: str = "Mum drinks most nights. He was late again.") -> Claim:
    told = {"id": f"cl-{number}", "provenance": "authored", "kind": "claim", "base": base, "claim": "Meets section 47."}
    return Claim.model_validate_json(json.dumps({**told, "place": "last", "issues": ["neglect"], "severity": 3}))


UNITS = Units((claim(1), claim(2, "No food.")))


@pytest.fixture(scope="module", name="read")
def readings_of_units(network: LadderNetwork, tokenizer: Tokenizer) -> SetReadings:
    return read_units(network, tokenizer, UNITS)


def assert_equal(one: Readings, other: Readings) -> None:
    for field in fields(Readings):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name))


def test_readings_survive_the_disk(read: SetReadings, tmp_path: Path) -> None:
    read.write(tmp_path / "sets.npz")
    again = SetReadings.read_from(tmp_path / "sets.npz", UNITS)
    assert again
    assert again.units == UNITS
    assert (again.read.spans, again.read.passage_counts) == (read.read.spans, read.read.passage_counts)
    assert_equal(again.read.sentences, read.read.sentences)
    assert_equal(again.read.passages, read.read.passages)
    assert [path.name for path in tmp_path.iterdir()] == ["sets.npz"]


@pytest.mark.parametrize(
    "others",
    [Units((claim(1),)), Units((claim(2, "No food."), claim(1))), Units((claim(1), claim(2, "No heat.")))],
    ids=["fewer", "another order", "another text"],
)
def test_readings_of_other_texts_are_not_taken(read: SetReadings, tmp_path: Path, others: Units) -> None:
    read.write(tmp_path / "sets.npz")
    assert SetReadings.read_from(tmp_path / "sets.npz", others) is None


def test_what_is_not_there_is_none(tmp_path: Path) -> None:
    assert SetReadings.read_from(tmp_path / "sets.npz", UNITS) is None


def test_a_fold_without_sets_survives_the_disk(network: LadderNetwork, tokenizer: Tokenizer, tmp_path: Path) -> None:
    read_units(network, tokenizer, Units(())).write(tmp_path / "sets.npz")
    again = SetReadings.read_from(tmp_path / "sets.npz", Units(()))
    assert again
    assert (again.read.spans, again.read.passage_counts) == ((), ())
    assert again.read.sentences.issues.shape == (0, len(ISSUES))


def test_every_text_is_read_by_sentence_and_as_a_whole(
    read: SetReadings, network: LadderNetwork, tokenizer: Tokenizer
) -> None:
    texts = UNITS.texts()
    sentences = [text[start:end] for text, spans in zip(texts, read.read.spans, strict=True) for start, end in spans]
    assert sentences[:2] == ["Mum drinks most nights.", "He was late again."]
    np.testing.assert_allclose(read.read.sentences.theta, read_off(network, tokenizer, sentences)["theta"], atol=1e-5)
    assert len(read.read.passage_counts) == len(texts)
    assert len(read.read.passages.theta) == sum(read.read.passage_counts)


def test_each_text_has_its_own_coding(read: SetReadings, decoder: Decoder) -> None:
    codings = read.codings(decoder, model="any")
    assert list(codings) == UNITS.texts()
    for text, coding in codings.items():
        assert coding.model == "any"
        assert all(0 <= sentence.start < sentence.end <= len(text) for sentence in coding.sentences)


def test_nothing_is_read_as_nothing(network: LadderNetwork, tokenizer: Tokenizer) -> None:
    read = network_readings(network, tokenizer, [])
    widths = {"issues": len(ISSUES), "assertion": ASSERTION_CLASSES, "frame": len(FRAMES)}
    assert {name: getattr(read, name).shape for name in widths} == {name: (0, width) for name, width in widths.items()}
    assert read.theta.shape == read.truncated.shape == (0,)


def test_every_set_and_note_with_a_fold_is_held_by_that_fold_alone(corpus: Corpus, splits: Splits) -> None:
    held = [row.id for fold in range(FOLDS) for row in held_units(corpus, splits, fold).rows]
    assert sorted(held) == sorted(splits.authored.folds)
    assert all(splits.authored_fold(row.id) == 2 for row in held_units(corpus, splits, 2).rows)
