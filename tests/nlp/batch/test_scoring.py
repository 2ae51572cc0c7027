"""Scoring a file: every row kept, in order, the same whatever the chunks."""

from __future__ import annotations

import json
import os
import tracemalloc
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from evenhand.batch import score_file as gated
from evenhand.errors import InputError, OutputError
from evenhand.result import Coding, KnownCoder

score_file = partial(gated, privacy="off")  # the gate has tests of its own
TEXTS = ["Dad hit him with a belt.", "", "He likes school.", None, "Room 4.", "  "]


def jsonl(path: Path, texts: Iterable[object]) -> Path:
    path.write_text("".join(json.dumps({"n": n, "text": text}) + "\n" for n, text in enumerate(texts)))
    return path


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_row_is_kept_in_order_with_its_coding(tmp_path: Path, model: KnownCoder) -> None:
    score_file(jsonl(tmp_path / "in.jsonl", TEXTS), tmp_path / "out.jsonl", model=model, chunk_rows=2)

    rows = rows_of(tmp_path / "out.jsonl")
    assert [(row["n"], row["text"]) for row in rows] == list(enumerate(TEXTS))
    assert rows[0]["level"] == "D"
    assert rows[0]["sentences"][0]["end"] == len("Dad hit him with a belt.")


def test_null_and_blank_texts_get_no_level_and_the_reason(tmp_path: Path, model: KnownCoder) -> None:
    score_file(jsonl(tmp_path / "in.jsonl", TEXTS), tmp_path / "out.jsonl", model=model)

    rows = rows_of(tmp_path / "out.jsonl")
    assert [row["level"] for row in rows] == ["D", None, "none", None, None, None]
    assert rows[1]["reason"] == rows[5]["reason"] == "the text is blank"
    assert rows[3]["reason"] == "the text is missing"


def test_a_row_without_the_column_counts_as_missing(tmp_path: Path, model: KnownCoder) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "He was late."}\n{"other": 1}\n')

    score_file(source, tmp_path / "out.jsonl", model=model)

    assert [row["reason"] for row in rows_of(tmp_path / "out.jsonl")] == [None, "the text is missing"]


def test_the_summary_counts_rows(tmp_path: Path, model: KnownCoder) -> None:
    source = jsonl(tmp_path / "in.jsonl", [*TEXTS, "He was late, and much is untold."])

    summary = score_file(source, tmp_path / "out.csv", model=model)

    assert (summary.rows, summary.coded, summary.not_codable, summary.truncated) == (7, 3, 4, 1)
    assert (summary.output, summary.column, dict(summary.renamed)) == (tmp_path / "out.csv", "text", {})
    assert summary.seconds > 0


def test_renamed_columns_are_in_the_summary(tmp_path: Path, model: KnownCoder) -> None:
    source = tmp_path / "in.csv"
    source.write_text("text,level\nHe was late.,2\n")

    summary = score_file(source, tmp_path / "out.jsonl", model=model)

    assert dict(summary.renamed) == {"level": "input_level"}
    assert rows_of(tmp_path / "out.jsonl")[0]["input_level"] == "2"


@given(st.lists(st.one_of(st.none(), st.sampled_from(["late", "belt!", "", "Is he alone? No."])), min_size=1))
@settings(deadline=None, max_examples=25)
def test_results_do_not_depend_on_the_chunks(tmp_path_factory: pytest.TempPathFactory, texts: list[str | None]) -> None:
    folder = tmp_path_factory.mktemp("chunks", numbered=True)
    source = jsonl(folder / "in.jsonl", texts)
    stand_in = _Recording()

    for size in (1, 3, 512):
        score_file(source, folder / f"{size}.jsonl", model=stand_in, chunk_rows=size)

    assert (folder / "1.jsonl").read_bytes() == (folder / "3.jsonl").read_bytes()
    assert (folder / "1.jsonl").read_bytes() == (folder / "512.jsonl").read_bytes()


class _Recording:
    """Says how long a text is, and remembers how many it was given at a time."""

    identity = "recording-1"

    def __init__(self) -> None:
        self.calls: list[int] = []

    def code_many(self, texts: Iterable[str]) -> list[Coding]:
        given_texts = list(texts)
        self.calls.append(len(given_texts))
        return [
            Coding(
                None,
                (),
                {},
                None,
                (),
                {},
                (),
                None,
                None,
                (),
                False,
                "recording-1",
                f"{len(text)} characters",
            )
            for text in given_texts
        ]


def test_texts_are_coded_many_at_a_time_and_told_to_the_callbacks(tmp_path: Path) -> None:
    model = _Recording()
    done: list[tuple[str, int]] = []
    shown: list[tuple[int, list[str | None], int]] = []

    def show(first: int, texts: Sequence[str | None], codings: Sequence[Coding]) -> None:
        shown.append((first, list(texts), len(codings)))

    source = jsonl(tmp_path / "in.jsonl", ["a", None, "c"])
    score_file(
        source, None, model=model, chunk_rows=2, progress=lambda done_, rows: done.append((done_, rows)), on_chunk=show
    )

    assert model.calls == [2, 1]
    assert done == [("scored", 2), ("scored", 3)]
    assert shown == [(1, ["a", None], 2), (3, ["c"], 1)]


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    peaks = []
    for rows in (4_000, 16_000):
        source = tmp_path / "in.csv"
        source.write_text("id,text\n" + "1,He was late again and Mum did not ring.\n" * rows)
        tracemalloc.start()
        score_file(source, tmp_path / "out.jsonl", model=_Recording(), chunk_rows=256, overwrite=True)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < 1.3 * peaks[0]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (5, "a number"),
        (True, "true or false"),
        (["Wilf"], "a list"),
        ({"Wilf": 1}, "an object"),
        (1.5, "a number"),
    ],
)
def test_a_value_that_is_no_text_is_rejected_without_repeating_it(
    tmp_path: Path, model: KnownCoder, value: object, kind: str
) -> None:
    source = jsonl(tmp_path / "in.jsonl", ["He was late.", value, "He is alone."])

    summary = score_file(source, tmp_path / "out.jsonl", model=model, chunk_rows=1)

    assert [row["n"] for row in rows_of(tmp_path / "out.jsonl")] == [0, 2]
    assert rows_of(tmp_path / "out.jsonl.rejected") == [{"row": 2, "reason": f"column 'text' holds {kind}, not text"}]
    assert (summary.rows, summary.coded, summary.rejected) == (3, 2, 1)
    with pytest.raises(InputError, match=f"row 2: column 'text' holds {kind}, not text") as caught:
        score_file(source, None, model=model)
    assert "Wilf" not in str(caught.value)


def test_a_text_longer_than_is_to_be_read_is_rejected_and_not_looked_at(tmp_path: Path, model: KnownCoder) -> None:
    source = jsonl(tmp_path / "in.jsonl", ["He was late.", "Ring 07700 900123. " * 50, "He is alone."])

    summary = score_file(source, tmp_path / "out.jsonl", model=model, privacy="patterns", most_characters=100)

    assert [row["n"] for row in rows_of(tmp_path / "out.jsonl")] == [0, 2]
    reason = "the text has 950 characters, and at most 100 are read"
    assert rows_of(tmp_path / "out.jsonl.rejected") == [{"row": 2, "reason": reason}]
    assert (summary.rows, summary.rejected) == (3, 1)
    with pytest.raises(InputError, match="row 2: the text has 950 characters"):
        score_file(source, None, model=model, most_characters=100)


def test_a_parquet_column_that_holds_no_text_is_refused(tmp_path: Path, model: KnownCoder) -> None:
    pq.write_table(pa.table({"text": pa.array([b"raw"]), "n": [1]}), tmp_path / "in.parquet")

    with pytest.raises(InputError, match="column 'text' holds binary, not text"):
        score_file(tmp_path / "in.parquet", None, model=model)


def test_a_missing_column_is_told_before_anything_is_written(tmp_path: Path, model: KnownCoder) -> None:
    source = jsonl(tmp_path / "in.jsonl", TEXTS)

    with pytest.raises(InputError, match="did you mean 'text'"):
        score_file(source, tmp_path / "out.csv", model=model, column="texte")

    assert list(tmp_path.iterdir()) == [source]


def test_the_input_is_never_overwritten(tmp_path: Path, model: KnownCoder) -> None:
    source = jsonl(tmp_path / "in.jsonl", TEXTS)
    before = source.read_bytes()

    with pytest.raises(OutputError, match="is the input itself"):
        score_file(source, source, model=model, overwrite=True)

    assert source.read_bytes() == before


def test_nul_emoji_and_right_to_left_texts_are_coded_and_carried(tmp_path: Path, model: KnownCoder) -> None:
    texts = ["be\x00lt: he was late", "😀 late 😀", "\u202bהוא late\u202c"]

    score_file(jsonl(tmp_path / "in.jsonl", texts), tmp_path / "out.jsonl", model=model)

    rows = rows_of(tmp_path / "out.jsonl")
    assert [row["text"] for row in rows] == texts
    assert [row["level"] for row in rows] == ["A", "A", "A"]
    assert all(row["sentences"][0]["end"] <= len(text) for row, text in zip(rows, texts, strict=True))


def test_a_ten_megabyte_text_is_coded_in_full(tmp_path: Path, model: KnownCoder) -> None:
    long = "Nothing to say of it. " * 450_000 + "Dad took a belt."

    summary = score_file(jsonl(tmp_path / "in.jsonl", [long]), tmp_path / "out.jsonl", model=_Recording())

    assert summary.rows == 1
    assert rows_of(tmp_path / "out.jsonl")[0]["reason"] == f"{len(long)} characters"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_scored_in_one_reading_and_refused_where_two_are_needed(tmp_path: Path, model: KnownCoder) -> None:
    pipe = tmp_path / "in.txt"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match=r"can be read only once.*save it to a file"):
        gated(pipe, tmp_path / "out.jsonl", model=model, privacy="patterns")
    writer = Thread(target=lambda: pipe.write_text("He was late.\nHe is alone.\n"))
    writer.start()

    assert score_file(pipe, tmp_path / "out.jsonl", model=model).rows == 2
    writer.join()


def test_an_input_of_which_nothing_can_be_read_is_told(tmp_path: Path, model: KnownCoder) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text("no\njson\n")

    with pytest.raises(InputError, match="none of the first rows could be read"):
        score_file(source, tmp_path / "out.jsonl", model=model)

    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_a_workbook_is_scored_and_its_other_sheets_are_told(tmp_path: Path, model: KnownCoder) -> None:
    book = Workbook()
    book.active.append(["id", "text"])
    book.active.append([7, "He was late."])
    book.active.append([8, 5])
    book.create_sheet("Closed").append(["text"])
    book.save(tmp_path / "in.xlsx")

    summary = score_file(tmp_path / "in.xlsx", tmp_path / "out.jsonl", model=model)

    assert (summary.rows, summary.rejected, tuple(summary.other_sheets)) == (2, 1, ("Closed",))
    assert rows_of(tmp_path / "out.jsonl")[0]["id"] == 7
