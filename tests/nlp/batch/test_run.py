"""The files of a run: written whole or kept to go on with, through links, with the usual rights."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from evenhand.batch import score_file
from evenhand.errors import InputError, OutputError
from evenhand.result import Coding, KnownCoder

score = partial(score_file, privacy="off", chunk_rows=2)
FORMATS = [".jsonl", ".csv", ".parquet"]


def source(folder: Path, rows: int = 6) -> Path:
    path = folder / "in.jsonl"
    path.write_text('{"text": "He was late."}\n' * rows)
    return path


class Failing:
    """Fails at the second chunk."""

    identity = "stand-in-1"

    def __init__(self, model: KnownCoder, error: BaseException, good: int = 1) -> None:
        self._model, self._error, self._good = model, error, good

    def code_many(self, texts: object) -> list[Coding]:
        if self._good == 0:
            raise self._error
        self._good -= 1
        return self._model.code_many(texts)  # type: ignore[arg-type]


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    "error", [InputError("row 3: bad"), KeyboardInterrupt(), OSError(28, "No space left on device")]
)
def test_a_failure_before_the_first_rows_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, model: KnownCoder, suffix: str, error: BaseException
) -> None:
    out = tmp_path / f"out{suffix}"
    out.write_text("old")

    with pytest.raises((InputError, OutputError, KeyboardInterrupt)) as caught:
        score(source(tmp_path), out, model=Failing(model, error, good=0), overwrite=True)

    assert out.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", f"out{suffix}"]
    if isinstance(error, InputError):
        assert str(caught.value) == f"row 3: bad; {out} was not written"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (InputError("row 3: bad"), r"row 3: bad; .*out\.jsonl\.part has what was finished before"),
        (OSError(28, "No space left on device"), r"no space left on device\); .*run it again with --resume"),
    ],
)
def test_a_failure_after_some_rows_keeps_them_and_the_old_file(
    tmp_path: Path, model: KnownCoder, error: BaseException, told: str
) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("old")

    with pytest.raises((InputError, OutputError), match=told):
        score(source(tmp_path), out, model=Failing(model, error), overwrite=True)

    assert out.read_text() == "old"
    assert len((tmp_path / "out.jsonl.part").read_text().splitlines()) == 2
    assert score(source(tmp_path), out, model=model, resume=True).resumed_after == 2
    assert len(out.read_text().splitlines()) == 6


def test_a_file_that_appears_meanwhile_is_not_replaced_and_the_rows_are_kept(tmp_path: Path, model: KnownCoder) -> None:
    out = tmp_path / "out.csv"

    def appear(*_: object) -> None:
        out.write_text("theirs")

    with pytest.raises(OutputError, match="exists already"):
        score(source(tmp_path), out, model=model, on_chunk=appear)

    assert out.read_text() == "theirs"
    out.unlink()
    assert score(source(tmp_path), out, model=model, resume=True).rows == 6


def test_a_link_is_written_through(tmp_path: Path, model: KnownCoder) -> None:
    (tmp_path / "real.csv").touch()
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")

    score(source(tmp_path), tmp_path / "link.csv", model=model, overwrite=True)

    assert (tmp_path / "link.csv").is_symlink()
    assert len((tmp_path / "real.csv").read_text().splitlines()) == 7


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_a_new_file_has_the_usual_permissions(tmp_path: Path, model: KnownCoder) -> None:
    (tmp_path / "usual").touch()

    score(source(tmp_path), tmp_path / "out.csv", model=model)

    assert (tmp_path / "out.csv").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_an_earlier_list_of_rejected_rows_goes_when_none_is_rejected(tmp_path: Path, model: KnownCoder) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"text": "He was late."}\n{"text": 5}\n')
    summary = score(bad, tmp_path / "out.jsonl", model=model)
    assert summary.rejects == tmp_path / "out.jsonl.rejected"
    assert summary.rejects.exists()

    assert score(source(tmp_path), tmp_path / "out.jsonl", model=model, overwrite=True).rejects is None
    assert not (tmp_path / "out.jsonl.rejected").exists()


def test_what_was_done_is_told_beside_the_output_without_texts_or_paths(tmp_path: Path, model: KnownCoder) -> None:
    score(source(tmp_path), tmp_path / "out.jsonl", model=model)

    about = (tmp_path / "out.jsonl.about.json").read_text()
    assert '"schema": "evenhand.score/1"' in about
    assert '"names": "not checked"' in about
    assert "late" not in about
    assert str(tmp_path) not in about
