"""A run that is interrupted anywhere goes on to exactly the files of one that was not."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from evenhand.batch import ScoreSummary, score_file
from evenhand.errors import OutputError
from evenhand.result import Coding

CRASH = Path(__file__).with_name("crash.py")
pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="processes are stopped by signals and looked at in /proc"
)


class Lengths:
    """Says how long a text is; fails where it is told to."""

    identity = "lengths-1"

    def __init__(self, fails_after: int | None = None, error: type[BaseException] = KeyboardInterrupt) -> None:
        self.calls = 0
        self._fails_after, self._error = fails_after, error

    def code_many(self, texts: Iterable[str]) -> list[Coding]:
        if self.calls == self._fails_after:
            raise self._error
        self.calls += 1
        return [
            Coding(None, (), {}, None, (), {}, (), None, None, (), False, "lengths-1", f"{len(text)} characters")
            for text in texts
        ]


def written(path: Path, rows: int = 25) -> Path:
    """JSON Lines in which every seventh row cannot be read and every fifth has a key of its own."""
    lines = []
    for number in range(1, rows + 1):
        row: dict[str, Any] = {"n": number, "text": "He was late again. " * (number % 4)}
        if number % 5 == 0:
            row[f"extra {number}"] = [number]
        lines.append(json.dumps(row) if number % 7 else '{"n": 7, "text": broken')
    path.write_text("\n".join(lines) + "\n")
    return path


def score(
    folder: Path,
    suffix: str = ".jsonl",
    model: Lengths | None = None,
    **options: Any,  # noqa: ANN401 - those of score_file
) -> ScoreSummary:
    given = {"privacy": "off", "chunk_rows": 3, **options}
    return score_file(folder / "in.jsonl", folder / f"out{suffix}", model=model or Lengths(), **given)


@pytest.mark.parametrize(
    ("suffix", "power", "seeds"),
    [
        pytest.param(".jsonl", False, range(60), id="killed"),
        pytest.param(".jsonl", True, range(60), id="power lost"),
        pytest.param(".csv.gz", True, range(12), id="power lost, compressed"),
        pytest.param(".parquet", True, range(12), id="power lost, Parquet"),
    ],
)
def test_a_run_stopped_anywhere_goes_on_to_the_same_files(
    tmp_path: Path, suffix: str, power: bool, seeds: range
) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    written(tmp_path / "in.jsonl")
    written(whole / "in.jsonl")
    score(whole, suffix)
    expected = {path.name: path.read_bytes().hex() for path in sorted(whole.glob("out*"))}
    assert set(expected) == {f"out{suffix}", f"out{suffix}.rejected", f"out{suffix}.about.json"}

    command = [sys.executable, str(CRASH), str(tmp_path), suffix, *map(str, seeds), *(["--power"] if power else [])]
    told = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

    ends = [json.loads(line) for line in told.stdout.splitlines()]
    assert [end["seed"] for end in ends] == list(seeds), told.stderr
    assert all(end["stops"][-1] == 0 for end in ends), told.stderr
    assert sum(len(end["stops"]) > 1 for end in ends) > len(seeds) / 2
    assert [end["seed"] for end in ends if end["files"] != expected] == []


def test_processes_killed_at_random_moments_end_with_every_row_once(tmp_path: Path) -> None:
    written(tmp_path / "in.jsonl", 3000)
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(CRASH.parent)!r}); import crash, pathlib; "]
    command[-1] += f"crash.score(pathlib.Path({str(tmp_path)!r}), '.jsonl')"
    chance, kills = random.Random(7), 0
    for _ in range(12):
        process = subprocess.Popen(command)
        try:
            process.wait(timeout=chance.uniform(0.15, 0.6))
            break
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
    subprocess.run(command, check=True, timeout=120)

    rows = [json.loads(line)["n"] for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert kills > 0
    assert rows == [number for number in range(1, 3001) if number % 7]
    rejected = [json.loads(line)["row"] for line in (tmp_path / "out.jsonl.rejected").read_text().splitlines()]
    assert rejected == list(range(7, 3001, 7))


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".csv.gz", ".jsonl.gz", ".parquet"])
def test_after_control_c_the_rest_is_scored_and_no_more(tmp_path: Path, suffix: str) -> None:
    written(tmp_path / "in.jsonl")
    with pytest.raises(KeyboardInterrupt):
        score(tmp_path, suffix, Lengths(fails_after=5))
    assert not (tmp_path / f"out{suffix}").exists()

    rest = Lengths()
    summary = score(tmp_path, suffix, rest, resume=True)

    assert summary.resumed_after == 15
    assert (summary.rows, summary.rejected) == (25, 3)
    assert rest.calls == 9 - 5
    assert sorted(path.name for path in tmp_path.glob("out*")) == [
        f"out{suffix}{end}" for end in ("", ".about.json", ".rejected")
    ]


def test_an_unfinished_run_is_neither_lost_nor_gone_on_with_unasked(tmp_path: Path) -> None:
    written(tmp_path / "in.jsonl")
    with pytest.raises(KeyboardInterrupt):
        score(tmp_path, model=Lengths(fails_after=5))

    with pytest.raises(OutputError, match=r"unfinished run of .*--resume goes on with it, --overwrite starts again"):
        score(tmp_path)
    assert score(tmp_path, overwrite=True).resumed_after == 0


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"chunk_rows": 4}, "the options"),
        ({"column": "other"}, "the options"),
        ({"privacy": "patterns"}, "the privacy gate"),
        ({"model": "another"}, "the model"),
        ({"input": "more"}, "the input"),
    ],
)
def test_a_run_does_not_go_on_with_other_input_model_or_options(
    tmp_path: Path, changed: dict[str, Any], what: str
) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": "He was late.", "other": "Late."}\n' * 9)
    with pytest.raises(KeyboardInterrupt):
        score(tmp_path, model=Lengths(fails_after=1), column="text")
    before = (tmp_path / "out.jsonl.part").read_bytes()
    model = Lengths()
    if "model" in changed:
        model.identity = changed["model"]
    if "input" in changed:
        with (tmp_path / "in.jsonl").open("a") as stream:
            stream.write('{"text": "More."}\n')
    options = {name: value for name, value in changed.items() if name not in {"model", "input"}}

    with pytest.raises(OutputError, match=f"cannot go on, for {what} changed since"):
        score(tmp_path, model=model, resume=True, **{"column": "text", **options})

    assert (tmp_path / "out.jsonl.part").read_bytes() == before


def test_an_input_that_was_only_renamed_is_the_same(tmp_path: Path) -> None:
    written(tmp_path / "in.jsonl")
    with pytest.raises(KeyboardInterrupt):
        score(tmp_path, model=Lengths(fails_after=5))
    (tmp_path / "in.jsonl").rename(tmp_path / "moved.jsonl")

    summary = score_file(
        tmp_path / "moved.jsonl", tmp_path / "out.jsonl", model=Lengths(), privacy="off", chunk_rows=3, resume=True
    )

    assert summary.resumed_after == 15


def test_resume_begins_where_nothing_is_unfinished_and_does_nothing_where_all_is_done(tmp_path: Path) -> None:
    written(tmp_path / "in.jsonl")

    assert score(tmp_path, resume=True).resumed_after == 0
    again = Lengths()
    summary = score(tmp_path, model=again, resume=True)

    assert (summary.resumed_after, summary.rows, summary.rejected, again.calls) == (25, 25, 3, 0)
    with pytest.raises(OutputError, match="is finished, but of another input"):
        score(tmp_path, resume=True, chunk_rows=4)


def test_a_torn_last_line_of_the_journal_is_done_again_and_a_damaged_first_is_told(tmp_path: Path) -> None:
    written(tmp_path / "in.jsonl")
    with pytest.raises(KeyboardInterrupt):
        score(tmp_path, model=Lengths(fails_after=5))
    journal = tmp_path / "out.jsonl.journal"
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-5])
    assert score(tmp_path, resume=True).resumed_after == 12

    with pytest.raises(KeyboardInterrupt):
        score(tmp_path, model=Lengths(fails_after=5), overwrite=True)
    journal.write_bytes(b"\0" * 40)
    with pytest.raises(OutputError, match=r"journal is damaged; start again with --overwrite"):
        score(tmp_path, resume=True)


def test_rows_that_vanished_behind_the_journals_back_are_told(tmp_path: Path) -> None:
    written(tmp_path / "in.jsonl")
    with pytest.raises(KeyboardInterrupt):
        score(tmp_path, model=Lengths(fails_after=5))
    os.truncate(tmp_path / "out.jsonl.part", 10)

    with pytest.raises(OutputError, match="is shorter than its journal says"):
        score(tmp_path, resume=True)


def test_two_processes_do_not_write_one_output(tmp_path: Path) -> None:
    written(tmp_path / "in.jsonl")

    class Nested(Lengths):
        def code_many(self, texts: Iterable[str]) -> list[Coding]:
            if self.calls == 2:
                with pytest.raises(OutputError, match="another process is writing this output"):
                    score(tmp_path, resume=True)
            return super().code_many(texts)

    assert score(tmp_path, model=Nested()).rows == 25


def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_room(tmp_path: Path) -> None:
    written(tmp_path / "in.jsonl", 400)
    code = (
        "import resource, signal, sys, pathlib; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000));"
        f"sys.path.insert(0, {str(CRASH.parent)!r}); import crash;"
        f"crash.score(pathlib.Path({str(tmp_path)!r}), '.jsonl')"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert "OutputError" in ran.stderr
    assert "out.jsonl was not finished (file too large)" in ran.stderr
    assert "run it again with --resume" in ran.stderr
    summary = score(tmp_path, resume=True)
    assert 0 < summary.resumed_after < 400
    assert (summary.rows, summary.rejected) == (400, 57)
