"""The command: what goes to which stream, and with which exit status it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evenhand import __version__
from evenhand.render import NOTICE

if TYPE_CHECKING:
    from evenhand.model import Model

Run = Callable[..., Any]  # the fixture `evenhand`
NOTE = "Dad hit [CHILD] with a belt. She likes school."
CONFTEST = Path(__file__).parent / "conftest.py"
# The command in its own process, with the stand-in for a model.
STAND_IN = f"""
import runpy, sys, time
from evenhand import cli, cli_shared
stand_in = runpy.run_path({str(CONFTEST)!r})["StandIn"]()
cli_shared.load_model = cli.load_model = lambda path: stand_in
"""


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes.csv"
    path.write_text(f"id,note,level\n007,{NOTE},3\n008,,1\n", encoding="utf-8")
    return path


def test_score_writes_json_lines_where_the_output_is_no_terminal(evenhand: Run, notes: Path) -> None:
    ran = evenhand("score", notes)

    first, second = [json.loads(line) for line in ran.out.splitlines()]
    assert (ran.status, first["id"], first["level"], first["input_level"]) == (0, "007", "D", "3")
    assert (second["level"], second["reason"]) == (None, "the text is blank")
    assert "2 rows from column 'note': 1 coded, 1 not codable" in ran.err
    assert "'level' has a name of ours and is carried as 'input_level'" in ran.err


def test_score_shows_a_table_at_a_terminal(evenhand: Run, notes: Path) -> None:
    ran = evenhand("score", notes, terminal=True)

    assert ran.status == 0
    assert "C-D" in ran.out
    assert "the text is blank" in ran.out
    assert NOTICE in ran.out.splitlines()[-1]


def test_json_is_data_at_a_terminal_too(evenhand: Run, notes: Path) -> None:
    ran = evenhand("score", notes, "--json", "--quiet", terminal=True)

    assert [json.loads(line)["id"] for line in ran.out.splitlines()] == ["007", "008"]
    assert "rows" not in ran.err


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
def test_score_writes_a_file_and_keeps_standard_output_clean(evenhand: Run, notes: Path, suffix: str) -> None:
    out = notes.with_name(f"out.{suffix}")

    ran = evenhand("score", notes, "-o", out)

    assert (ran.status, ran.out, out.exists()) == (0, "", True)
    assert f"written to {out}" in ran.err


def test_a_table_can_be_had_beside_the_file(evenhand: Run, notes: Path) -> None:
    ran = evenhand("score", notes, "-o", notes.with_name("out.csv"), "--table")

    assert "C-D" in ran.out
    assert notes.with_name("out.csv").exists()


def test_several_files_and_a_pattern_are_one_input(evenhand: Run, tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.txt").write_text(f"He was late, {name}.\n")

    one = evenhand("score", tmp_path / "a.txt", tmp_path / "b.txt")
    other = evenhand("score", tmp_path / "*.txt")

    assert [json.loads(line)["text"] for line in one.out.splitlines()] == ["He was late, a.", "He was late, b."]
    assert one.out == other.out


def test_rejected_rows_are_counted_and_make_status_3(evenhand: Run, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "He was late."}\nnot json\n')

    ran = evenhand("score", source, "-o", tmp_path / "out.jsonl")

    assert ran.status == 3
    assert "1 rejected (see" in ran.err
    assert json.loads((tmp_path / "out.jsonl.rejected").read_text())["row"] == 2


def test_identifiable_text_stops_the_command_with_what_to_do(evenhand: Run, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("id,text\n1,He was late.\n2,Ring 07700 900123.\n")

    refused = evenhand("score", source, "-o", tmp_path / "out.csv")
    redacted = evenhand("score", source, "-o", tmp_path / "out.csv", "--privacy", "redact")

    assert refused.status == 1
    assert "phone in 1 row of column 'text' (2)" in refused.err
    assert redacted.status == 0
    assert "Replaced by placeholders: phone in 1 row" in redacted.err
    assert "[PHONE]" in (tmp_path / "out.csv").read_text()
    assert "900123" not in refused.err + redacted.err + (tmp_path / "out.csv").read_text()


def test_a_cache_makes_no_difference_to_the_result(evenhand: Run, notes: Path) -> None:
    evenhand("score", notes, "-o", notes.with_name("plain.jsonl"))
    for again in ("first.jsonl", "second.jsonl"):
        assert evenhand("score", notes, "-o", notes.with_name(again), "--cache", notes.with_name("cache")).status == 0
        assert notes.with_name(again).read_bytes() == notes.with_name("plain.jsonl").read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_an_interrupted_run_says_how_to_go_on_and_does(tmp_path: Path) -> None:
    source, out = tmp_path / "in.txt", tmp_path / "out.csv"
    source.write_text("He was late.\n" * 2_000)
    arguments = ["evenhand", "score", str(source), "-o", str(out), "--privacy", "patterns"]
    code = STAND_IN + (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "whole = stand_in.code_many\n"
        "calls = []\n"
        "def slowly(texts):\n"
        "    calls.append(1)\n"
        "    if len(calls) == 2: print('started', flush=True); time.sleep(20)\n"
        "    return whole(texts)\n"
        "stand_in.code_many = slowly\n"
        f"sys.argv = {arguments!r}; cli.main()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert "the same command with --resume goes on" in process.stderr.read().decode()

    ran = python(STAND_IN + f"sys.argv = {[*arguments, '--resume']!r}; cli.main()")

    assert "2,000 rows" in ran.stderr
    assert "512 of them before" in ran.stderr
    assert len(out.read_text().splitlines()) == 2_001


def test_the_summary_can_be_had_as_json(evenhand: Run, notes: Path) -> None:
    ran = evenhand("score", notes, "-o", notes.with_name("out.csv"), "--json", "-q")

    summary = json.loads(ran.out)
    assert (summary["rows"], summary["coded"], summary["not_codable"]) == (2, 1, 1)
    assert summary["output"].endswith("out.csv")


def test_score_reads_standard_input(evenhand: Run) -> None:
    ran = evenhand("score", "-", "--format", "txt", stdin=b"He was late.\n\n")

    assert [json.loads(line)["level"] for line in ran.out.splitlines()] == ["A", None]


def test_json_lines_on_standard_input_become_parquet(evenhand: Run, tmp_path: Path) -> None:
    stdin = b'{"text": "He was late."}\n{"text": "belt", "n": 2}\n'

    ran = evenhand("score", "-", "--format", "jsonl", "-o", tmp_path / "out.parquet", stdin=stdin)

    assert ran.status == 0
    assert "2 rows" in ran.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["score", "none.csv"], "does not exist"),
        (["score", "."], "is a directory"),
        (["score", "{notes}", "--column", "nota"], "did you mean 'note'?"),
        (["score", "{notes}", "-o", "{notes}"], "is the input itself"),
        (["score", "{notes}", "-o", "out.xlsx"], "use one of .jsonl, .csv, .parquet"),
        (["score", "{notes}", "--encoding", "utf-17"], "unknown encoding 'utf-17'"),
        (["score", "-"], "--format"),
        (["explain", "--file", "none.txt"], "does not exist"),
    ],
)
def test_a_mistake_is_one_line_and_status_1(evenhand: Run, notes: Path, arguments: list[str], message: str) -> None:
    ran = evenhand(*(argument.format(notes=notes) for argument in arguments))

    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("Error: ")
    assert ran.err.count("\n") == 1
    assert message in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["scroe"],
        ["score"],
        ["score", "x.csv", "--nope"],
        ["score", "x.csv", "--table", "--json"],
        ["explain", "a", "--file", "b"],
    ],
)
def test_wrong_usage_is_status_2(evenhand: Run, arguments: list[str]) -> None:
    ran = evenhand(*arguments)

    assert (ran.status, ran.out) == (2, "")


def test_a_mistake_in_the_input_is_told_before_the_model_is_loaded(
    evenhand: Run, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(path: Path | None) -> None:
        pytest.fail("the model was loaded")

    monkeypatch.setattr("evenhand.cli_shared.load_model", load)

    assert evenhand("score", notes, "--column", "nope").status == 1


def test_explain_shows_sentences_and_the_notice(evenhand: Run) -> None:
    ran = evenhand("explain", NOTE)

    assert ran.status == 0
    assert "Could be" in ran.out
    assert "weighs most" in ran.out
    assert "\x1b" not in ran.out
    assert NOTICE in ran.out


def test_explain_says_when_a_text_looks_identifiable_and_does_not_repeat_it(evenhand: Run) -> None:
    ran = evenhand("explain", "He was late. Ring 07700 900123.")

    assert ran.status == 0
    assert "looks identifiable (phone)" in ran.err
    assert "900123" not in ran.err
    assert "identifiable" not in evenhand("explain", NOTE).err


def test_explain_reads_a_file_and_standard_input(evenhand: Run, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_bytes("\ufeffHe was late – again.".encode("utf-16"))

    assert "He was late - again." in evenhand("explain", "--file", tmp_path / "note.txt").out
    assert "He was late." in evenhand("explain", stdin=b"He was\r\nlate.").out
    assert "He was late." in evenhand("explain", "-", stdin=b"He was late.").out


def test_explain_as_json_is_the_coding(evenhand: Run, model: Model) -> None:
    assert json.loads(evenhand("explain", NOTE, "--json").out) == model.code(NOTE).to_dict()


def test_explain_codes_a_blank_text_as_not_codable(evenhand: Run) -> None:
    ran = evenhand("explain", "  ")

    assert ran.status == 0
    assert "Not codable: the text is blank." in ran.out


def test_info_is_shown_and_given_as_json(evenhand: Run, model: Model) -> None:
    assert NOTICE in evenhand("info").out
    assert json.loads(evenhand("info", "--json").out) == model.info()


def python(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def test_help_and_version_load_nothing_heavy() -> None:
    code = (
        "import sys\nfrom evenhand import cli\ntry: cli.main()\nexcept SystemExit as end: status = end.code\n"
        "print([m for m in ('numpy', 'onnxruntime', 'pyarrow', 'spacy', 'tokenizers') if m in sys.modules], status)"
    )

    assert python(code, "--version").stdout == f"evenhand {__version__}\n[] 0\n"
    assert python(code, "--help").stdout.endswith("[] 0\n")
    assert "never decides about a child" in " ".join(python(code, "--help").stdout.split())


def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    source = tmp_path / "in.txt"
    source.write_text("He was late.\n" * 5_000)
    code = STAND_IN + f"sys.argv = ['evenhand', 'score', {str(source)!r}, '--privacy', 'patterns']; cli.main()"

    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(20) == 141
        assert process.stderr.read() == b""


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_control_c_leaves_no_file_and_is_status_130(tmp_path: Path) -> None:
    source, out = tmp_path / "in.txt", tmp_path / "out.csv"
    source.write_text("He was late.\n" * 5_000)
    code = STAND_IN + (
        # A test run in the background of a script would hand on that interrupts are ignored.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "whole = stand_in.code_many\n"
        "def slowly(texts):\n    print('started', flush=True); time.sleep(20); return whole(texts)\n"
        "stand_in.code_many = slowly\n"
        f"sys.argv = ['evenhand', 'score', {str(source)!r}, '-o', {str(out)!r}, '--privacy', 'patterns']; cli.main()"
    )

    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert process.stderr.read().decode() == f"Interrupted; {out} was not written.\n"
    assert [path.name for path in tmp_path.iterdir()] == ["in.txt"]


def test_a_terminal_in_another_encoding_does_not_stop_it() -> None:
    code = STAND_IN + "sys.argv = ['evenhand', 'explain', 'Dad’s 😀 belt']; cli.main()"

    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
    )

    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"Dad's ? belt" in ran.stdout
