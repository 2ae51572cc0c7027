"""The installed command with the released model: real files in, real files out, and what a wrong file gets."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "referrals.csv"
CONTRACT = [
    "level",
    "levels",
    "level_probabilities",
    "severity",
    "issues",
    "issue_probabilities",
    "dfe_codes",
    "assertion",
    "frame",
    "sentences",
    "truncated",
    "model",
]


def _evenhand(*arguments: str, text: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", "from evenhand.cli import main; main()", *arguments],
        input=text,
        capture_output=True,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100"},
    )


def test_the_examples_are_scored_row_by_row_with_every_field_of_the_contract(tmp_path: Path) -> None:
    out = tmp_path / "scored.jsonl"
    done = _evenhand("score", str(EXAMPLES), "-o", str(out))
    assert done.returncode == 0, done.stderr.decode()
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    with EXAMPLES.open(encoding="utf-8", newline="") as stream:
        given = list(csv.DictReader(stream))
    assert [{name: row[name] for name in given[0]} for row in rows] == given
    for row in rows:
        assert list(row)[4 : 4 + len(CONTRACT)] == CONTRACT
        if row["level"] is None:
            assert row["reason"]
        else:
            assert row["level"] in row["levels"]
            assert sum(row["level_probabilities"].values()) == pytest.approx(1, abs=1e-3)
            assert 1 <= row["severity"] <= 6
            assert sum(sentence["weight"] for sentence in row["sentences"]) == pytest.approx(1)
        for sentence in row["sentences"]:
            piece = row["text"][sentence["start"] : sentence["end"]]
            assert piece == piece.strip() != ""


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_every_format_of_input_and_output_gives_the_same_levels(tmp_path: Path, suffix: str) -> None:
    texts = ["Dad hit him with a belt.", "Reads well and has good friends.", "", "Often late for school. 😀"]
    source = tmp_path / f"in{suffix}"
    if suffix == ".csv":
        with source.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([["note"], *[[text] for text in texts]])
        # csv drops the only cell of an empty row, so the blank text is written out
        source.write_text(source.read_text(encoding="utf-8").replace("\n\n", '\n""\n'), encoding="utf-8")
    elif suffix == ".jsonl":
        source.write_text("".join(json.dumps({"note": text}) + "\n" for text in texts), encoding="utf-8")
    else:
        pq.write_table(pa.table({"note": texts}), source)
    piped = _evenhand("score", str(source), "--quiet")
    assert piped.returncode == 0, piped.stderr.decode()
    levels = [json.loads(line)["level"] for line in piped.stdout.decode().splitlines()]
    out = tmp_path / "out.parquet"
    assert _evenhand("score", str(source), "-o", str(out)).returncode == 0
    assert pq.read_table(out).column("level").to_pylist() == levels
    assert levels[0] in {"C", "D"}
    assert levels[2] is None


def test_one_line_on_standard_input_is_scored() -> None:
    done = _evenhand("score", "-", "--format", "txt", text=b"Her partner hit her on Friday.\n")
    assert done.returncode == 0
    assert json.loads(done.stdout)["issues"][0] == "domestic_abuse"


def test_explain_marks_what_decided_and_says_what_it_is_not_for() -> None:
    done = _evenhand("explain", "She likes school. Last night dad beat her with a cable and she is bruised.")
    shown = done.stdout.decode()
    assert done.returncode == 0
    assert "physical abuse" in shown
    assert "never decides about a child" in shown
    assert "\x1b[" not in shown


def test_info_states_use_figures_and_hashes() -> None:
    facts = json.loads(_evenhand("info", "--json").stdout)
    assert facts["headline"]["severity_qwk"]["low"] <= facts["headline"]["severity_qwk"]["value"]
    assert re.fullmatch(r"[0-9a-f]{64}", facts["files"]["model.onnx"]["sha256"])
    assert "deciding" in facts["not_for"]


TOLD = "Zylphia"  # stands in no message


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", b"", "empty"),
        ("columns.csv", f"id,when\n1,{TOLD}\n".encode(), "when"),
        ("latin.csv", f"text\n{TOLD} caf\xe9\n".encode("latin-1"), "--encoding"),
        ("broken.jsonl", f'{{"text": "{TOLD}"\n'.encode(), "line 1"),
        ("damaged.parquet", f"PAR1{TOLD}".encode(), "damaged.parquet"),
        ("notes.docx", TOLD.encode(), "suffix"),
    ],
    ids=["empty", "no text column", "not UTF-8", "broken JSON", "damaged Parquet", "unknown suffix"],
)
def test_wrong_files_get_one_clear_line_without_their_text(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    source = tmp_path / name
    source.write_bytes(content)
    done = _evenhand("score", str(source), "-o", str(tmp_path / "out.jsonl"))
    message = done.stderr.decode()
    assert done.returncode == 1
    assert message.startswith("Error: ")
    assert message.count("\n") == 1
    assert says in message
    assert TOLD not in message
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("out", ["out.jsonl", "out.csv", "out.parquet"])
def test_a_row_that_is_no_text_is_rejected_with_number_and_reason(tmp_path: Path, out: str) -> None:
    source = tmp_path / "rows.jsonl"
    source.write_text('{"text": "Late."}\n{"text": 7}\n', encoding="utf-8")
    done = _evenhand("score", str(source), "-o", str(tmp_path / out))
    assert done.returncode == 3
    assert b"1 rejected" in done.stderr
    assert '"row": 2' in (tmp_path / f"{out}.rejected").read_text()
    assert sorted(path.name for path in tmp_path.glob("out*")) == [out, f"{out}.about.json", f"{out}.rejected"]


@pytest.mark.parametrize(("name", "says"), [("sheet.csv", b"--format xlsx"), ("sheet.xlsx", b"cut off or damaged")])
def test_a_workbook_is_told_from_a_text(tmp_path: Path, name: str, says: bytes) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04\x14\x00" + bytes(range(200)))
    done = _evenhand("score", str(tmp_path / name))
    assert done.returncode == 1
    assert says in done.stderr


def test_columns_of_mixed_values_keep_their_strings_in_parquet(tmp_path: Path) -> None:
    source = tmp_path / "rows.jsonl"
    source.write_text('{"id": 1, "text": "Late."}\n{"id": "x", "text": "Late."}\n', encoding="utf-8")
    assert _evenhand("score", str(source), "-o", str(tmp_path / "out.parquet")).returncode == 0
    assert pq.read_table(tmp_path / "out.parquet").column("id").to_pylist() == ["1", "x"]


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    done = _evenhand("score", str(tmp_path))
    assert done.returncode == 1
    assert b"is a directory" in done.stderr


def test_nul_bytes_huge_cells_emoji_and_right_to_left_text_are_scored(tmp_path: Path) -> None:
    source = tmp_path / "odd.csv"
    huge = "Dad hit him. " + "x" * 10_000_000
    odd = [
        "He was hit\x00 by dad.",
        huge,
        "👩‍👧 bruise on her arm 😢",
        "\u202eضربه والده\u202c He was hit by dad.",
    ]
    with source.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["id", "text"], *[[str(n), text] for n, text in enumerate(odd)]])
    done = _evenhand("score", str(source), "-o", str(tmp_path / "out.jsonl"))
    assert done.returncode == 0, done.stderr.decode()
    with (tmp_path / "out.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    assert [row["text"] for row in rows] == odd
    assert all(row["level"] for row in rows)


def test_the_readme_code_runs_as_written() -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
