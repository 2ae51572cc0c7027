"""Reading compressed tables: the same rows, in constant memory, and damage told with the rows before it."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import random
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from evenhand.errors import InputError
from evenhand.tables import open_table

Row = dict[str, Any]


def zstandard(content: bytes) -> bytes:
    packed: bytes = pa.compress(content, codec="zstd", asbytes=True)
    return packed


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard,
}
ROWS = [{"id": str(number), "text": f"Ünder the table, {random.Random(number).random()}"} for number in range(5_000)]
CONTENTS = {
    ".csv": "id,text\n" + "".join(f'{row["id"]},"{row["text"]}"\n' for row in ROWS),
    ".tsv": "id\ttext\n" + "".join(f"{row['id']}\t{row['text']}\n" for row in ROWS),
    ".jsonl": "".join(json.dumps(row) + "\n" for row in ROWS),
    ".ndjson": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS),
    ".txt": "".join(row["text"] + "\n" for row in ROWS),
}


def read(source: Path | str, **options: Any) -> list[Row]:  # noqa: ANN401
    with open_table(source, **{"chunk_rows": 512, **options}) as table:
        return [row for chunk in table.chunks for row in chunk.rows]


@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize("suffix", CONTENTS)
def test_a_compressed_table_gives_the_same_rows(tmp_path: Path, suffix: str, packing: str) -> None:
    path = tmp_path / f"in{suffix}{packing.upper()}"
    path.write_bytes(PACKERS[packing](CONTENTS[suffix].encode()))

    assert read(path) == ([{"text": row["text"]} for row in ROWS] if suffix == ".txt" else ROWS)


@pytest.mark.parametrize("packing", PACKERS)
def test_several_compressed_members_are_read_as_one(tmp_path: Path, packing: str) -> None:
    content, middle = CONTENTS[".csv"].encode(), 70_001
    path = tmp_path / f"in.csv{packing}"
    path.write_bytes(PACKERS[packing](content[:middle]) + PACKERS[packing](content[middle:]))

    assert read(path) == ROWS


@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize("tolerant", [True, False])
def test_a_file_that_is_cut_off_says_after_how_many_rows(tmp_path: Path, packing: str, tolerant: bool) -> None:
    rows, content = [], PACKERS[packing](CONTENTS[".jsonl"].encode())
    path = tmp_path / f"in.jsonl{packing}"
    path.write_bytes(content[: len(content) * 2 // 3])

    with (
        pytest.raises(InputError, match=r"in\.jsonl\S+ is cut off or damaged \(\w+\) after ([\d,]+) rows") as caught,
        open_table(path, chunk_rows=1, tolerant=tolerant) as table,
    ):
        rows += [row for chunk in table.chunks for row in chunk.rows]

    told = int(str(caught.value).partition("after ")[2].split()[0].replace(",", ""))
    assert (packing == ".bz2" and told >= 0) or told > 500  # bzip2 packs almost a megabyte at a time
    assert "Ünder" not in str(caught.value)


@pytest.mark.parametrize("packing", [".gz", ".bz2", ".xz"])  # Arrow writes no checksum of Zstandard
def test_a_damaged_file_is_told(tmp_path: Path, packing: str) -> None:
    content = bytearray(PACKERS[packing](CONTENTS[".csv"].encode()))
    place = len(content) * 3 // 4
    content[place : place + 8] = b"\0" * 8
    path = tmp_path / f"in.csv{packing}"
    path.write_bytes(content)

    with pytest.raises(InputError, match=r"cut off or damaged \(\w+\)"):
        read(path, tolerant=True)


@pytest.mark.parametrize("packing", PACKERS)
def test_a_header_that_is_cut_off_is_told(tmp_path: Path, packing: str) -> None:
    path = tmp_path / f"in.csv{packing}"
    path.write_bytes(PACKERS[packing](CONTENTS[".csv"].encode())[:14])

    with pytest.raises(InputError, match=r"is cut off or damaged \(\w+\); get it again"):
        read(path)


@pytest.mark.parametrize("packing", PACKERS)
def test_standard_input_and_files_without_the_suffix_are_known_by_how_they_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packing: str
) -> None:
    content = PACKERS[packing](CONTENTS[".jsonl"].encode())
    (tmp_path / "in.jsonl").write_bytes(content)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    assert read(tmp_path / "in.jsonl") == ROWS
    assert read("-", format="jsonl") == ROWS

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert read("-", format="jsonl", complete=True) == ROWS


def test_text_that_begins_like_a_compressed_file_is_text(tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    path.write_text("BZh9\nsecond")

    assert read(path) == [{"text": "BZh9"}, {"text": "second"}]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("in.csv.gz", b"text\na\n", "is not compressed with gzip, as its name says"),
        ("in.csv.gz", b"", "is empty"),
        ("in.csv.gz", gzip.compress(b""), "is empty"),
        ("in.parquet.gz", gzip.compress(b"PAR1"), "parquet is compressed inside.*unpack it first"),
        ("in.xlsx.xz", lzma.compress(b"PK"), "xlsx is compressed inside.*unpack it first"),
        ("in.gz", gzip.compress(b"text\na\n"), r"there is no suffix of .csv.*--format"),
        ("in.csv.zip", b"PK\x03\x04", r"'.zip' is not one of .csv.*\.gz, \.bz2, \.xz, \.zst"),
        ("in.csv.gz", gzip.compress(b"PK\x03\x04 and so on"), "is an Excel workbook or another zip archive"),
    ],
)
def test_what_is_not_compressed_as_it_says_is_explained(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(InputError, match=message):
        read(path)


@pytest.mark.parametrize("name", ["in.csv", "in.csv.gz", "in.csv.xz", "in.jsonl.zst"])
def test_memory_does_not_grow_with_the_rows(tmp_path: Path, name: str) -> None:
    peaks = []
    for count in (2_000, 16_000):
        text = "mum said he was late " * 10
        line = '{"text": "%s"}\n' if ".jsonl" in name else "%s\n"
        content = ("" if ".jsonl" in name else "text\n") + (line % text) * count
        path = tmp_path / name
        path.write_bytes(PACKERS.get(path.suffix, bytes)(content.encode()))
        tracemalloc.start()
        with open_table(path, chunk_rows=100, tolerant=True) as table:
            assert sum(len(chunk.rows) for chunk in table.chunks) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < 1.2 * peaks[0] + 100_000
