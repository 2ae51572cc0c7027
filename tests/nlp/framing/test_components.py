"""Two lines for spaCy users."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc

from evenhand import ModelError

TEXT = "Mum fails to engage and is hard to reach. There is no heating."


def test_framing_is_in_spans_with_advice() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("evenhand_framing")
    doc = nlp(TEXT)
    labels = {span.label_ for span in doc.spans["evenhand_framing"]}
    assert labels & {"parent_blaming", "stigmatising"}
    assert all(span._.why for span in doc.spans["evenhand_framing"])
    assert doc._.evenhand_flags["balance"]


def test_codes_are_in_an_extension() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("evenhand_coder")
    assert nlp("Dad hit him with a belt.")._.evenhand_coding["level"] in {"C", "D"}


def test_pipe_gives_what_single_calls_give() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("evenhand_framing")
    texts = [TEXT, "She is well.", TEXT + " " + TEXT]
    assert [doc._.evenhand_flags for doc in nlp.pipe(texts)] == [nlp(text)._.evenhand_flags for text in texts]


def test_a_document_keeps_its_flags_on_disk() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("evenhand_framing")
    doc = nlp(TEXT)
    again = Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert again._.evenhand_flags == doc._.evenhand_flags
    kept = [(span.text, span.label_) for span in again.spans["evenhand_framing"]]
    assert kept == [(span.text, span.label_) for span in doc.spans["evenhand_framing"]]


def test_a_pipeline_is_kept_and_loaded(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("evenhand_framing")
    expected = nlp(TEXT)._.evenhand_flags
    nlp.to_disk(tmp_path / "pipeline")
    assert spacy.load(tmp_path / "pipeline")(TEXT)._.evenhand_flags == expected


def test_a_pipeline_kept_with_another_model_is_refused(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("evenhand_framing")
    nlp(TEXT)
    nlp.to_disk(tmp_path / "pipeline")
    (tmp_path / "pipeline" / "evenhand_framing").write_bytes(b"evenhand-framing-0.0 sha256:00")
    with pytest.raises(ModelError, match=r"kept with evenhand-framing-0\.0"):
        spacy.load(tmp_path / "pipeline")(TEXT)
