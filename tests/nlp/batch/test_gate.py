"""The privacy gate: what looks identifiable stops a run before anything is written, and is told, not repeated."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evenhand.batch import gate, score_file
from evenhand.errors import InputError, MissingExtraError, PrivacyError, VocabularyError
from evenhand.privacy import Checker, load_checker
from evenhand.result import Coding, KnownCoder

PLACE = "AB1 2DE"  # of the form of a postcode, in a district that is no more
score = partial(score_file, privacy="patterns", chunk_rows=2)


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def rows() -> list[dict[str, Any]]:
    found = [{"id": f"EX-{n}", "text": "He was late again.", "where": {"notes": ["by bus"]}} for n in range(1, 8)]
    found[4]["text"] = f"He was late. Lives at {PLACE} now."
    return found


def test_one_identifiable_text_stops_the_run_before_anything_is_scored_or_written(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    source = written(tmp_path / "in.jsonl", rows)

    class Never:
        identity = "never"

        def code_many(self, texts: Iterable[str]) -> list[Coding]:
            pytest.fail("a text was scored")

    with pytest.raises(PrivacyError, match=r"postcode in 1 row of column 'text' \(5\)") as caught:
        score(source, tmp_path / "out.jsonl", model=Never())

    assert PLACE not in str(caught.value)
    assert "--privacy redact" in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


@pytest.mark.parametrize("place", ["other column", "nested", "a column's name"])
def test_every_column_is_looked_at(tmp_path: Path, model: KnownCoder, rows: list[dict[str, Any]], place: str) -> None:
    rows[4]["text"] = "He was late."
    if place == "other column":
        rows[6]["id"] = f"case at {PLACE}"
    elif place == "nested":
        rows[6]["where"] = {"notes": ["by bus", PLACE]}
    else:
        rows[6]["Date of birth"] = "2015-04-03"

    with pytest.raises(PrivacyError, match=r"in 1 row of column '(id|where|Date of birth)' \(7\)"):
        score(written(tmp_path / "in.jsonl", rows), tmp_path / "out.jsonl", model=model)


def test_a_column_that_identifies_nobody_can_be_left_alone_and_that_is_recorded(
    tmp_path: Path, model: KnownCoder, rows: list[dict[str, Any]]
) -> None:
    rows[4]["text"] = "He was late."
    for row in rows:
        row["id"] = PLACE

    score(written(tmp_path / "in.jsonl", rows), tmp_path / "out.jsonl", model=model, unchecked=["id"])

    told = json.loads((tmp_path / "out.jsonl.about.json").read_text())["privacy"]
    assert told["unchecked_columns"] == ["id"]
    assert (told["mode"], told["names"], told["found"]) == ("patterns", "not checked", [])


def test_a_column_to_leave_alone_that_is_not_there_is_told(
    tmp_path: Path, model: KnownCoder, rows: list[dict[str, Any]]
) -> None:
    with pytest.raises(InputError, match="no column 'key'"):
        score(written(tmp_path / "in.jsonl", rows), tmp_path / "out.csv", model=model, unchecked=["key"])


def test_warn_scores_texts_as_they_are_and_counts(
    tmp_path: Path, model: KnownCoder, rows: list[dict[str, Any]]
) -> None:
    source = written(tmp_path / "in.jsonl", rows)

    summary = score(source, tmp_path / "out.jsonl", model=model, privacy="warn")

    assert summary.privacy["found"] == [
        {"column": "text", "kind": "postcode", "count": 1, "rows": 1, "first_rows": [5]}
    ]
    assert PLACE in (tmp_path / "out.jsonl").read_text()
    assert PLACE not in (tmp_path / "out.jsonl.about.json").read_text()


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_redact_scores_and_writes_placeholders_in_every_column(
    tmp_path: Path, model: KnownCoder, rows: list[dict[str, Any]], suffix: str
) -> None:
    rows[2]["id"] = f"at {PLACE}"
    rows[3]["where"] = {"notes": [PLACE]}
    source = written(tmp_path / "in.jsonl", rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate, "load_checker", lambda *, names: _without_names())
        score(source, tmp_path / f"out{suffix}", model=model, privacy="redact")

    if suffix == ".parquet":
        found = pq.read_table(tmp_path / "out.parquet").to_pylist()
    else:
        found = [
            {"text": line, "id": line, "where": line} for line in (tmp_path / f"out{suffix}").read_text().splitlines()
        ]
        found = found[1:] if suffix == ".csv" else found
    assert "Lives at [POSTCODE] now." in found[4]["text"]
    assert "at [POSTCODE]" in found[2]["id"]
    assert "[POSTCODE]" in str(found[3]["where"])
    assert PLACE not in str(found)


def test_redact_keeps_the_types_of_parquet_columns(tmp_path: Path, model: KnownCoder) -> None:
    texts = pa.array([f"Late. {PLACE}", "Late."], pa.large_string())
    pq.write_table(pa.table({"text": texts, "n": pa.array([1, 2], pa.int16())}), tmp_path / "in.parquet")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate, "load_checker", lambda *, names: _without_names())
        score(tmp_path / "in.parquet", tmp_path / "out.parquet", model=model, privacy="redact")

    found = pq.read_table(tmp_path / "out.parquet")
    assert found.column("text").to_pylist() == ["Late. [POSTCODE]", "Late."]
    assert (found.schema.field("text").type, found.schema.field("n").type) == (pa.large_string(), pa.int16())


def _without_names() -> Checker:
    return load_checker(names=False)


@pytest.mark.parametrize(("mode", "works"), [("refuse", False), ("redact", False), ("patterns", True), ("warn", True)])
def test_without_the_extra_names_are_only_left_out_where_that_is_asked_for(
    tmp_path: Path, model: KnownCoder, monkeypatch: pytest.MonkeyPatch, mode: str, works: bool
) -> None:
    def load(*, names: bool) -> Checker:
        if names:
            message = "run pip install 'evenhand[privacy]'"
            raise MissingExtraError(message)
        return load_checker(names=False)

    monkeypatch.setattr(gate, "load_checker", load)
    source = written(tmp_path / "in.jsonl", [{"text": "He was late."}])
    if not works:
        with pytest.raises(PrivacyError, match=r"evenhand\[privacy\].*--privacy patterns"):
            score(source, tmp_path / "out.jsonl", model=model, privacy=mode)
        return

    summary = score(source, tmp_path / "out.jsonl", model=model, privacy=mode)

    assert summary.privacy["names"] == "not checked"


def test_an_unknown_mode_is_told_with_the_nearest(tmp_path: Path, model: KnownCoder) -> None:
    with pytest.raises(VocabularyError, match="did you mean 'refuse'"):
        score(written(tmp_path / "in.jsonl", [{"text": "a"}]), None, model=model, privacy="refused")


def test_what_was_found_before_an_interruption_is_still_counted(
    tmp_path: Path, model: KnownCoder, rows: list[dict[str, Any]]
) -> None:
    source = written(tmp_path / "in.jsonl", rows)

    class Stops:
        identity = "stand-in-1"
        calls = 0

        def code_many(self, texts: Iterable[str]) -> list[Coding]:
            self.calls += 1
            if self.calls == 4:
                raise KeyboardInterrupt
            return model.code_many(texts)

    with pytest.raises(KeyboardInterrupt):
        score(source, tmp_path / "out.jsonl", model=Stops(), privacy="warn")
    summary = score(source, tmp_path / "out.jsonl", model=model, privacy="warn", resume=True)

    assert summary.resumed_after == 6
    assert summary.privacy["found"][0]["first_rows"] == [5]


def test_standard_input_is_looked_at_before_it_is_scored(
    tmp_path: Path, model: KnownCoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"He was late.\nAt {PLACE}.\n".encode())))
    with pytest.raises(PrivacyError, match=r"standard input looks identifiable"):
        score("-", tmp_path / "out.jsonl", model=model, format="txt")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"He was late.\nAnd late.\n")))

    assert score("-", tmp_path / "out.jsonl", model=model, format="txt").rows == 2


def test_the_key_of_a_row_is_no_case_number_and_a_column_of_case_numbers_is(tmp_path: Path, model: KnownCoder) -> None:
    rows = [{"id": f"REF-2024-00{n}17", "text": "He was late."} for n in range(3)]
    assert score(written(tmp_path / "in.jsonl", rows), tmp_path / "out.jsonl", model=model).rows == 3

    rows = [{"case no": f"REF-2024-00{n}17", "text": "He was late."} for n in range(3)]
    with pytest.raises(PrivacyError, match="case number in 3 rows of column 'case no'"):
        score(written(tmp_path / "in.jsonl", rows), tmp_path / "out.csv", model=model)
