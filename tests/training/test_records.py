"""The records that a release publishes: fresh, whole, and true of the models that are shipped."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

import evenhand
from evenhand.errors import InputError
from evenhand.framing import Flagger, load_flagger
from evenhand_training.behaviour_tables import behaviour_tables
from evenhand_training.cli import app
from evenhand_training.corpus import files
from evenhand_training.corpus.derived import checksums
from evenhand_training.records import RecordInputs, render, stale_records, write_records
from evenhand_training.records.energy import TRAINING_CORE_HOURS, energy_figures, estimate
from evenhand_training.records.failures import (
    Case,
    FailureClass,
    FramingCase,
    failures_page,
    framing_failures,
    known_failures,
)
from evenhand_training.records.figures import ASKED, MEASURED_BY, newest
from evenhand_training.records.render import FOLDER, PAGES, newest_release
from evenhand_training.results import read

ROOT = Path(__file__).parents[2]
MODELS, CORPUS = ROOT / "models", ROOT / "annotations"
RECORDS = {name: MODELS / FOLDER / name for name in PAGES.values()}
TO_FILL = "[for the organisation that uses it:"
# The sections that Mitchell et al. (2019) ask for, in their order.
CARD_SECTIONS = (
    "Model details",
    "Intended use",
    "Factors",
    "Metrics",
    "Evaluation data",
    "Training data",
    "Quantitative analyses",
    "Ethical considerations",
    "Caveats and recommendations",
)
# The fields of tier 2 that only the organisation that runs the tool can fill.
ITS_OWN = ("1.1", "1.2", "1.3", "1.4.1", "2.3", "3.1", "3.2", "3.3", "3.4", "3.5", "4.4.1", "4.4.2", "4.4.5", "5.1")


@pytest.fixture(scope="module")
def model() -> evenhand.Model:
    return evenhand.load(newest_release(MODELS, "evenhand"))


@pytest.fixture(scope="module")
def flagger() -> Flagger:
    return load_flagger(newest_release(MODELS, "evenhand-framing"))


@pytest.fixture
def copy(tmp_path: Path) -> RecordInputs:
    """A release of the same models with a log, a corpus and records of its own, which a test may spoil."""
    (tmp_path / "models").mkdir()
    for name in ("evenhand", "evenhand-framing"):
        released = newest_release(MODELS, name)
        (tmp_path / "models" / released.name).symlink_to(released)
    shutil.copy(MODELS / "results.jsonl", tmp_path / "models")
    shutil.copytree(MODELS / FOLDER, tmp_path / "models" / FOLDER)
    shutil.copytree(CORPUS, tmp_path / "annotations")
    (tmp_path / "nlp/evenhand/data").mkdir(parents=True)
    return RecordInputs(tmp_path / "models", tmp_path / "annotations")


def page(name: str) -> str:
    return RECORDS[name].read_text(encoding="utf-8")


def test_the_records_that_are_published_are_fresh() -> None:
    stale = [path.name for path in stale_records(RecordInputs(MODELS, CORPUS))]
    assert stale == [], "run evenhand-training records"


def test_the_card_tells_what_the_shipped_model_says_of_each_failure(model: evenhand.Model) -> None:
    card = page("MODEL-CARD.md")
    classes, _ = known_failures()
    for text in [text for found in classes for case in found.cases for text in case.texts]:
        (row,) = [line for line in card.splitlines() if line.startswith(f'| "{text}" |')]
        level = model.code(text).level
        assert row.split(" | ")[-1].startswith("no level" if level is None else f"**{level.value}**,")


def test_the_card_shows_grave_harm_that_the_model_puts_at_none_or_a(model: evenhand.Model) -> None:
    classes, _ = known_failures()
    grave = [case.texts[0] for found in classes for case in found.cases if case.should == ("C", "D")]
    missed = [text for text in grave if model.code(text).level in (evenhand.Level.NONE, evenhand.Level.A)]
    assert len(missed) >= 5
    assert all(text in page("MODEL-CARD.md") for text in missed)


def test_every_failure_of_the_framing_model_is_one(flagger: Flagger) -> None:
    _, cases = known_failures()
    assert len(cases) >= 5
    assert [case.text for case in cases if not case.fails(flagger.flag(case.text))] == []


def test_what_the_framing_model_reads_as_it_should_is_refused(flagger: Flagger) -> None:
    _, cases = known_failures()
    right = [
        FramingCase("Mum is in denial about the harm.", "flagged", category="parent_blaming"),
        FramingCase("There is no bed for the baby.", "a need", need="housing"),
    ]
    with pytest.raises(InputError, match=r"reads as it should \[\[framing\]\] 2, 3; drop these"):
        framing_failures([cases[0], *right], flagger)


@pytest.mark.parametrize(
    "case",
    [
        Case("level", ("Dad hits the children with a belt.",), ("C", "D")),
        Case("same", ("Rent is two months behind.", "Rent is two months behind.")),
        Case("graver", ("She attends school every day.", "Dad hits the children with a belt.")),
    ],
    ids=lambda case: case.ask,
)
def test_a_failure_that_is_none_any_more_is_refused(model: evenhand.Model, case: Case) -> None:
    with pytest.raises(InputError, match="the model now reads as asked 'Better', case 1; drop these cases"):
        failures_page([FailureClass("Better", "", (case,))], model, {})


def test_a_changed_measurement_makes_the_records_stale_and_writing_mends_them(copy: RecordInputs) -> None:
    log = copy.models / "results.jsonl"
    lines = read(log)
    energy = {**newest(lines, "energy"), "cpu_seconds": {"off": 123.4, "warn": 567.8}, "notes": 1000}
    log.write_text("".join(json.dumps(line) + "\n" for line in [*lines, energy]), encoding="utf-8")
    command = ["records", "--models", str(copy.models), "--corpus", str(copy.corpus)]
    before = (copy.models / FOLDER / "MODEL-CARD.md").read_text(encoding="utf-8")
    assert CliRunner().invoke(app, [*command, "--check"]).exit_code == 1
    assert (copy.models / FOLDER / "MODEL-CARD.md").read_text(encoding="utf-8") == before
    written = CliRunner().invoke(app, command)
    assert written.exit_code == 0
    assert "MODEL-CARD.md: written" in written.stderr
    assert "| scoring 1,000 notes | 123 core seconds |" in (copy.models / FOLDER / "MODEL-CARD.md").read_text("utf-8")
    assert CliRunner().invoke(app, [*command, "--check"]).exit_code == 0


def test_a_row_less_changes_the_datasheet_and_its_checksum(copy: RecordInputs) -> None:
    rows = copy.corpus / files.EVIDENCE_SENTENCES
    lines = files.read_lines(rows)
    rows.write_text("".join(line + "\n" for line in lines[:-1]), encoding="utf-8")
    written = write_records(copy)
    assert copy.corpus / "DATASHEET.md" in written
    sheet = (copy.corpus / "DATASHEET.md").read_text(encoding="utf-8")
    assert f"| `{files.EVIDENCE_SENTENCES}` | {len(lines) - 1} |" in sheet
    assert (copy.corpus / files.CHECKSUMS).read_text(encoding="utf-8") == checksums(copy.corpus)


def test_the_datasheet_tells_of_the_version_that_it_lies_beside() -> None:
    version = (CORPUS / files.VERSION).read_text(encoding="utf-8").strip()
    assert f"Version {version}." in (CORPUS / "DATASHEET.md").read_text(encoding="utf-8")


def test_the_card_has_every_section_in_order() -> None:
    heads = re.findall(r"^## (.+)$", page("MODEL-CARD.md"), flags=re.MULTILINE)
    assert [head for head in heads if head in CARD_SECTIONS] == list(CARD_SECTIONS)
    assert heads[0] == "The short version"
    assert {"Known failures", "How to contest", "Energy"} <= set(heads)


def test_the_fields_of_the_transparency_record_stand_once_and_in_order() -> None:
    for name in ("ATRS-TIER-1.md", "ATRS-TIER-2.md"):
        numbers = re.findall(r"^#{3,4} ([\d.]+) ", page(name), flags=re.MULTILINE)
        order = [[int(part) for part in number.split(".")] for number in numbers]
        assert order == sorted(order)
        assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("number", ITS_OWN)
def test_what_only_the_organisation_knows_is_left_to_it_and_says_what_to_write(number: str) -> None:
    _, _, rest = page("ATRS-TIER-2.md").partition(f" {number} ")
    field = re.split(r"^#", rest, maxsplit=1, flags=re.MULTILINE)[0]
    asked = " ".join(field.split()).partition(TO_FILL)[2].partition("]")[0]
    assert len(asked.split()) >= 3


def test_the_evidence_has_all_steps_of_the_assessment() -> None:
    steps = re.findall(r"^## Step (\d):", page("DPIA-EVIDENCE.md"), flags=re.MULTILINE)
    assert steps == list("1234567")


def test_each_risk_of_the_evidence_has_measures() -> None:
    _, risks = page("DPIA-EVIDENCE.md").split("## Step 5")
    told, measured = risks.split("## Step 6")
    numbers = re.findall(r"^\| (\d+)\. ", told, flags=re.MULTILINE)
    assert numbers
    assert re.findall(r"^\| (\d+) \|", measured, flags=re.MULTILINE) == numbers


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_says_what_the_models_are_not_for(name: str) -> None:
    text = " ".join(page(name).split())
    assert re.search(r"decide about a child|deciding about a child|decision about a child", text)


@pytest.mark.parametrize("name", [*RECORDS, "../../annotations/DATASHEET.md"])
def test_links_of_a_record_lead_somewhere(name: str) -> None:
    path = (MODELS / FOLDER / name).resolve()
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (path.parent / target).exists(), target


def test_what_was_asked_is_what_the_tables_of_behaviour_ask() -> None:
    line = dict(newest(read(MODELS / "results.jsonl"), "behaviour"))
    asked = {row.split(" | ")[0].lstrip("| "): row.split(" | ")[1] for row in behaviour_tables(line) if " | ≥" in row}
    assert f"≥ {ASKED['notes']}" == asked["Notes: level as coded"]
    assert f"≥ {ASKED['adds']}" == asked["Different concerns together raise the grade"]
    assert f"≥ {ASKED['pairs']}" == asked["The graver text of a pair is graded higher"]
    assert f"≥ {ASKED['framing']}" == asked["Risk- and need-framed telling: same level"]


def test_energy_of_an_hour_on_one_core_is_two_to_ten_watt_hours() -> None:
    hour = estimate(3600)
    assert str(hour) == "0.002 to 0.01 kWh"
    assert hour.carbon == "0.35 to 1.8 g"


def test_energy_is_told_for_a_thousand_notes_however_many_were_read() -> None:
    line = {
        **newest(read(MODELS / "results.jsonl"), "energy"),
        "notes": 500,
        "cpu_seconds": {"off": 20.0, "warn": 30.0},
    }
    told = energy_figures(line, trials=4)
    assert (told["energy_seconds"], told["energy_seconds_gate"]) == ("40", "60")
    # Ten thousand notes are 400 core seconds: 2 W of them are 0.00022 kWh.
    assert told["energy_year_kwh"].startswith("0.00022 to ")


def test_the_training_time_is_what_the_readme_of_training_says() -> None:
    text = " ".join((ROOT / "training/README.md").read_text(encoding="utf-8").split())
    assert "On two idle CPU cores the release takes about an hour and a quarter" in text
    assert TRAINING_CORE_HOURS == 2 * 1.25


def test_a_kind_that_was_never_measured_names_the_command() -> None:
    with pytest.raises(InputError, match=r"no line of kind 'energy'; run python -m tests.benchmarks.energy --log"):
        newest([{"kind": "test"}], "energy")


def test_a_candidate_is_not_told_of() -> None:
    lines = [{"kind": "cases", "model": "evenhand-1.0"}, {"kind": "cases", "model": "evenhand-1.1-candidate"}]
    assert newest(lines, "cases")["model"] == "evenhand-1.0"


def test_every_measurement_that_the_records_need_is_in_the_log() -> None:
    kinds = {line["kind"] for line in read(MODELS / "results.jsonl")}
    assert set(MEASURED_BY) <= kinds


def test_the_newest_release_is_by_number_and_not_by_name(tmp_path: Path) -> None:
    for name in ("evenhand-0.9", "evenhand-0.10", "evenhand-framing-0.11"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").touch()
    assert newest_release(tmp_path, "evenhand").name == "evenhand-0.10"


def test_without_a_released_model_the_folder_is_named(tmp_path: Path) -> None:
    shutil.copy(MODELS / "results.jsonl", tmp_path)
    with pytest.raises(InputError, match="no released model evenhand-<version>; give the folder"):
        render(RecordInputs(tmp_path, CORPUS))
