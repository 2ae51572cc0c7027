"""The command parses, calls and prints: quick help, one-line errors, exit 0, 1 or 2."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evenhand_training import cli, trials
from evenhand_training.area_tables import AREAS_END, AREAS_START
from evenhand_training.document_tables import DOCUMENTS_END, DOCUMENTS_START
from evenhand_training.framing.tables import END as FRAMING_END
from evenhand_training.framing.tables import START as FRAMING_START
from evenhand_training.learning_curve_tables import CURVE_END, CURVE_START
from evenhand_training.privacy_tables import PRIVACY_END, PRIVACY_START
from evenhand_training.results import RESULTS_END, RESULTS_START
from evenhand_training.speed_tables import SPEED_END, SPEED_START

COMMANDS = (
    "check-corpus",
    "check-consistency",
    "add",
    "crossvalidate",
    "fit",
    "release",
    "evaluate",
    "evaluate-cases",
    "ablate",
    "learning-curve",
    "trial",
    "table",
)
HEAVY = ("torch", "transformers", "onnx", "sklearn", "datasets", "pydantic", "numpy")


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture(name="run")
def run_command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["evenhand-training", *map(str, arguments)])
        status = 0
        try:
            cli.main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        captured = capfd.readouterr()
        return Ran(status, captured.out, captured.err)

    return run


def in_a_new_process(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['evenhand-training', '--help']\n"
        "from evenhand_training.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert end.code == 0, end.code\n"
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "print('LOADED', loaded)\n"
    )
    ran = in_a_new_process(code)
    assert ran.returncode == 0, ran.stderr
    assert "LOADED []" in ran.stdout
    assert [command for command in COMMANDS if command not in ran.stdout] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(run: Run, command: str) -> None:
    ran = run(command, "--help")
    assert ran.status == 0
    assert "Usage" in ran.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["fit", "--no-such-option"],
        ["release"],
        ["crossvalidate", "--repeats", "9"],
        ["crossvalidate", "--repeats", "many"],
    ],
    ids=["command", "option", "missing argument", "out of range", "not a number"],
)
def test_wrong_usage_is_exit_2(run: Run, arguments: list[str]) -> None:
    ran = run(*arguments)
    assert ran.status == 2
    assert ran.out == ""
    assert "Usage" in ran.err


def test_a_problem_of_the_input_is_one_line_and_exit_1(run: Run, small: Any, tmp_path: Path) -> None:  # noqa: ANN401
    missing = tmp_path / "nowhere.toml"
    ran = run("fit", "--corpus", small.folder, "--config", missing, "--run", tmp_path)
    assert ran.status == 1
    assert ran.out == ""
    (line,) = ran.err.strip().splitlines()
    assert line.startswith(f"Error: {missing}: cannot read the configuration")


def test_a_missing_corpus_is_one_line_and_exit_1(run: Run, tmp_path: Path, configs: Path) -> None:
    ran = run("fit", "--corpus", tmp_path / "nowhere", "--config", configs / "smoke.toml")
    (line,) = ran.err.strip().splitlines()
    assert ran.status == 1
    assert line.startswith(f"Error: {tmp_path / 'nowhere' / 'VERSION'}: cannot be read; give the corpus folder")


def test_a_broken_corpus_is_never_released(
    run: Run,
    broken: Path,
    configs: Path,
    tmp_path: Path,
) -> None:
    smoke = configs / "smoke.toml"
    ran = run("release", "0.1", "--corpus", broken, "--config", smoke, "--models", tmp_path / "models")
    (line,) = ran.err.strip().splitlines()
    assert ran.status == 1
    assert f"problem(s) in the corpus; run evenhand-training check-corpus {broken}" in line
    assert not (tmp_path / "models").exists()


def test_an_existing_model_is_never_changed(
    run: Run,
    small: Any,  # noqa: ANN401 - a Small of conftest.py
    configs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "evenhand-0.1").mkdir()
    for name in ("fold_readings", "first_stage", "final_network"):
        monkeypatch.setattr(cli, name, lambda *_: None)
    smoke = configs / "smoke.toml"
    ran = run("release", "0.1", "--corpus", small.folder, "--config", smoke, "--models", tmp_path)
    (line,) = ran.err.strip().splitlines()
    assert ran.status == 1
    assert line.endswith("a released model is never changed; choose a new version")
    assert list((tmp_path / "evenhand-0.1").iterdir()) == []


def test_a_missing_package_names_the_extra() -> None:
    ran = in_a_new_process(
        "import sys; from importlib.abc import MetaPathFinder\n"
        "class Missing(MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'torch':\n"
        "            raise ModuleNotFoundError('No module named torch', name='torch')\n"
        "sys.meta_path.insert(0, Missing()); sys.argv = ['evenhand-training', 'fit']\n"
        "from evenhand_training.cli import main; main()"
    )
    assert ran.returncode == 1
    assert ran.stderr.strip() == "Error: torch is not installed; run: pip install 'evenhand[training]'"


def spoil(folder: Path) -> None:
    lines = (folder / "authored.jsonl").read_text(encoding="utf-8").splitlines()
    first, second = json.loads(lines[0]), json.loads(lines[1])
    first["severity"], second["issues"] = 9, ["no_such_issue"]
    lines[:2] = [json.dumps(first), json.dumps(second)]
    (folder / "authored.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "DATASHEET.md").unlink()


@pytest.fixture
def broken(small: Any, tmp_path: Path) -> Path:  # noqa: ANN401 - a Small of conftest.py
    folder = Path(shutil.copytree(small.folder, tmp_path / "annotations"))
    spoil(folder)
    return folder


def test_checking_a_sound_corpus_prints_nothing_and_is_exit_0(run: Run, small: Any) -> None:  # noqa: ANN401
    ran = run("check-corpus", small.folder)
    assert (ran.status, ran.out, ran.err) == (0, "", f"{small.folder}: no problems\n")


def test_checking_a_broken_corpus_prints_every_problem_and_is_exit_1(run: Run, broken: Path) -> None:
    ran = run("check-corpus", broken)
    assert ran.status == 1
    printed = ran.out.splitlines()
    assert ran.err == f"{broken}: {len(printed)} problem(s)\n"
    for told in ("line 1 ", "severity", "line 2 ", "issues.0", "DATASHEET.md"):
        assert [line for line in printed if told in line], told


def test_problems_can_be_had_as_json(run: Run, broken: Path) -> None:
    plain, ran = run("check-corpus", broken), run("check-corpus", broken, "--json")
    found = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.status == 1
    assert len(found) == len(plain.out.splitlines())
    assert {"authored.jsonl", "DATASHEET.md"} <= {problem["file"] for problem in found}


def test_the_table_is_regenerated_then_up_to_date_then_stale(
    run: Run, tmp_path: Path, evaluations: dict[str, dict[str, Any]]
) -> None:
    readme, training, log = tmp_path / "README.md", tmp_path / "training.md", tmp_path / "results.jsonl"
    library = tmp_path / "nlp.md"
    parts = (AREAS_START, AREAS_END, DOCUMENTS_START, DOCUMENTS_END, PRIVACY_START, PRIVACY_END, SPEED_START, SPEED_END)
    library.write_text("\n".join((*parts, FRAMING_START, FRAMING_END)), encoding="utf-8")
    readme.write_text(f"{RESULTS_START}\n{RESULTS_END}\n", encoding="utf-8")
    marks = (trials.ABLATION_START, trials.ABLATION_END, trials.TRIALS_START, trials.TRIALS_END)
    training.write_text("\n".join((*marks, CURVE_START, CURVE_END)), encoding="utf-8")
    log.write_text("".join(json.dumps(line) + "\n" for line in evaluations.values()), encoding="utf-8")
    options = ("--readme", readme, "--training", training, "--library", library, "--models", tmp_path)
    stale, made, fresh = (
        run("table", *options, "--check"),
        run("table", *options),
        run("table", *options, "--check"),
    )
    assert (stale.status, made.status, fresh.status) == (1, 0, 0)
    assert stale.err == f"{readme}: results stale\n{training}: results stale\n{library}: results stale\n"
    told = f"{readme}: results regenerated\n{training}: results regenerated\n{library}: results regenerated\n"
    assert made.err == told
    assert fresh.err == f"{readme}: results up to date\n{training}: results up to date\n{library}: results up to date\n"


def test_a_missing_readme_is_one_line(run: Run, tmp_path: Path, evaluations: dict[str, dict[str, Any]]) -> None:
    (tmp_path / "results.jsonl").write_text(
        "".join(json.dumps(line) + "\n" for line in evaluations.values()), encoding="utf-8"
    )
    (tmp_path / "README.md").write_text("no marks", encoding="utf-8")
    ran = run("table", "--readme", tmp_path / "README.md", "--training", tmp_path / "none.md", "--models", tmp_path)
    assert (ran.status, ran.err.count("\n")) == (1, 1)
    assert "the marks around the results are missing" in ran.err
