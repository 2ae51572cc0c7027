"""`evenhand annotate`: codings out to other programs and back, and how far coders agree."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evenhand.annotate import Annotations, Coder
from evenhand.annotate.formats import read_annotations, write_annotations
from evenhand.annotate.store import Store
from evenhand.scheme import Level

Run = Callable[..., Any]  # the fixture `evenhand`
MARKER = "Zq7marker"
EXAMPLE = Path(__file__).parents[2] / "examples/referrals.csv"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes.csv"
    path.write_text(
        f"case,agency,note\nk1,police,Dad hit him with a belt {MARKER}.\nk2,school,There is no heating.\nk3,school,\n",
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize("suffix", ["jsonl", "json", "qdpx", "jsonld", "csv", "xlsx"])
def test_texts_of_a_table_go_out_with_the_models_codings_and_come_back(
    evenhand: Run, notes: Path, tmp_path: Path, suffix: str
) -> None:
    out, back = tmp_path / f"out.{suffix}", tmp_path / "back.jsonl"
    ran = evenhand("annotate", "export", notes, "-o", out, "--id", "case", "--predict", "--privacy", "patterns")
    assert ran.status == 0, ran.err
    assert "2 texts and 2 codings" in ran.err
    ran = evenhand("annotate", "import", out, "-o", back, "--privacy", "patterns")
    assert ran.status == 0, ran.err
    assert "2 codings by 0 people and 1 models" in ran.err

    found = read_annotations(back)
    assert [(unit.id, unit.document, dict(unit.data)) for unit in found.units] == [
        ("k1", "notes.csv", {"agency": "police"}),
        ("k2", "notes.csv", {"agency": "school"}),
    ]
    assert {(coding.coder.name, coding.coder.kind) for coding in found.codings} == {("evenhand", "model")}
    assert all(0 < (coding.confidence or 0) <= 1 for coding in found.codings)


@pytest.mark.parametrize(("suffix", "beside"), [("json", "out.config.xml"), ("qdpx", "out.qdc")])
def test_what_another_program_needs_besides_is_written_too(
    evenhand: Run, notes: Path, tmp_path: Path, suffix: str, beside: str
) -> None:
    ran = evenhand("annotate", "export", notes, "-o", tmp_path / f"out.{suffix}", "--privacy", "off")
    assert ran.status == 0, ran.err
    assert "domestic_abuse" in (tmp_path / beside).read_text(encoding="utf-8").lower().replace(" ", "_")


def test_a_reviewed_sheet_has_its_reviewers_codings(evenhand: Run, tmp_path: Path) -> None:
    document = tmp_path / "hallowby.txt"
    document.write_text(
        "Level 1: Universal\n- Child is late at school\nLevel 4: Child protection\n- Child was hit with a belt\n",
        encoding="utf-8",
    )
    assert evenhand("code", document, "-o", tmp_path / "sheet.csv").status == 0
    with (tmp_path / "sheet.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    rows[0]["severity"] = "2"
    with (tmp_path / "sheet.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    reviewed = evenhand(
        "code", tmp_path / "sheet.csv", "--from-review", "--coder", "ann", "-o", tmp_path / "back.jsonl"
    )
    assert reviewed.status == 0, reviewed.err

    ran = evenhand("annotate", "export", tmp_path / "back.jsonl", "-o", tmp_path / "out.jsonl", "--privacy", "patterns")
    assert ran.status == 0, ran.err
    found = read_annotations(tmp_path / "out.jsonl")
    assert {coding.coder.kind for coding in found.codings} == {"person", "model"}
    assert [(one.coder.name, one.severity) for one in found.codings if one.coder.kind == "person"] == [("ann", 2.0)]
    assert all(unit.data["native_level"] for unit in found.units)


def test_texts_that_look_identifiable_are_not_written(evenhand: Run, tmp_path: Path) -> None:
    source = tmp_path / "notes.csv"
    source.write_text("note\nRing 07700 900123.\n", encoding="utf-8")
    ran = evenhand("annotate", "export", source, "-o", tmp_path / "out.json", "--privacy", "patterns")
    assert ran.status == 1
    assert "1 texts look identifiable (phone)" in ran.err
    assert "900123" not in ran.err
    assert not (tmp_path / "out.json").exists()


def test_a_note_that_looks_identifiable_is_found_too(evenhand: Run, notes: Path, tmp_path: Path) -> None:
    evenhand("annotate", "export", notes, "-o", tmp_path / "a.jsonl", "--predict", "--privacy", "off")
    lines = (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    last = json.loads(lines[-1])
    last["coding"]["note"] = "Mum is on 07700 900123"
    (tmp_path / "a.jsonl").write_text("\n".join([*lines[:-1], json.dumps(last)]), encoding="utf-8")
    ran = evenhand("annotate", "import", tmp_path / "a.jsonl", "-o", tmp_path / "b.jsonl", "--privacy", "patterns")
    assert ran.status == 1
    assert "phone" in ran.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["export", "notes.csv", "-o", "out.docx"], "the suffix says"),
        (["export", "notes.csv", "-o", "out.json", "--id", "cas"], "did you mean 'case'"),
        (["export", "gone.csv", "-o", "out.json"], "gone.csv"),
        (["export", "notes.csv", "-o", "out.json", "--privacy", "redact"], "are not changed"),
        (["agree", "notes.csv"], "no text was coded by two coders"),
        (["agree", "notes.csv", "--coder", "ann"], "nobody is called so"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    evenhand: Run, notes: Path, tmp_path: Path, arguments: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert notes.exists()
    ran = evenhand("annotate", *arguments)
    assert ran.status == 1
    assert told in ran.err
    assert MARKER not in ran.err
    assert "Traceback" not in ran.err


def test_the_first_command_of_the_readme_works_on_the_shipped_example(evenhand: Run, tmp_path: Path) -> None:
    ran = evenhand("annotate", "export", EXAMPLE, "-o", tmp_path / "tasks.json", "--predict", "--privacy", "patterns")
    assert ran.status == 0, ran.err
    found = read_annotations(tmp_path / "tasks.json")
    assert [unit.id for unit in found.units[:2]] == ["EX-01", "EX-02"]


@pytest.mark.parametrize("option", ["--id", "--document"])
def test_ids_and_names_of_documents_pass_the_gate_too(evenhand: Run, tmp_path: Path, option: str) -> None:
    source = tmp_path / "notes.csv"
    source.write_text("nhs,note\n943 476 5919,He was late.\n", encoding="utf-8")
    ran = evenhand(
        "annotate",
        "export",
        source,
        "-o",
        tmp_path / "out.json",
        "--column",
        "note",
        option,
        "nhs",
        "--privacy",
        "patterns",
    )
    assert ran.status == 1
    assert "nhs number" in ran.err


@pytest.mark.parametrize("header", ["Unit,Text,Coder,Level", "id,text,coder,level"])
def test_a_table_of_codings_written_by_hand_is_read_as_one(evenhand: Run, tmp_path: Path, header: str) -> None:
    source = tmp_path / "hand.csv"
    source.write_text(f"{header}\nt1,He was late.,Anna,B\nt1,He was late.,Ben,C\n", encoding="utf-8")
    ran = evenhand("annotate", "import", source, "-o", tmp_path / "out.jsonl", "--privacy", "patterns")
    assert ran.status == 0, ran.err
    assert "1 texts and 2 codings by 2 people" in ran.err


def test_codes_that_nobody_gave_are_not_passed_over(evenhand: Run, tmp_path: Path) -> None:
    source = tmp_path / "hand.csv"
    source.write_text("unit,text,levels\nt1,He was late.,B\n", encoding="utf-8")
    ran = evenhand("annotate", "import", source, "-o", tmp_path / "out.jsonl", "--privacy", "patterns")
    assert ran.status == 1
    assert "no column 'coder'" in ran.err


@pytest.mark.parametrize("command", ["export", "import"])
def test_a_source_is_never_replaced(evenhand: Run, notes: Path, command: str) -> None:
    before = notes.read_bytes()
    ran = evenhand("annotate", command, notes, "-o", notes, "--overwrite", "--privacy", "off")
    assert ran.status == 1
    assert notes.read_bytes() == before


def test_a_page_never_replaces_codings(evenhand: Run, notes: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    evenhand("annotate", "export", notes, "-o", kept, "--privacy", "off")
    before = kept.read_bytes()
    assert evenhand("annotate", "agree", kept, "--html", kept, "--overwrite").status == 1
    assert kept.read_bytes() == before


def test_a_labelling_configuration_that_is_there_is_not_replaced(evenhand: Run, notes: Path, tmp_path: Path) -> None:
    (tmp_path / "out.config.xml").write_text("mine", encoding="utf-8")
    ran = evenhand("annotate", "export", notes, "-o", tmp_path / "out.json", "--privacy", "off")
    assert ran.status == 1
    assert "out.config.xml exists already" in ran.err
    assert (tmp_path / "out.config.xml").read_text(encoding="utf-8") == "mine"


def test_agreement_is_told_and_written_as_a_page(evenhand: Run, notes: Path, tmp_path: Path) -> None:
    evenhand("annotate", "export", notes, "-o", tmp_path / "a.jsonl", "--predict", "--privacy", "off")
    found = read_annotations(tmp_path / "a.jsonl")
    person = tuple(replace(one, id=f"p{one.id}", coder=Coder("ann")) for one in found.codings)
    write_annotations(Annotations(found.units, person), tmp_path / "b.jsonl")

    ran = evenhand("annotate", "agree", tmp_path / "a.jsonl", tmp_path / "b.jsonl", "--html", tmp_path / "page.html")
    assert ran.status == 0, ran.err
    assert "2 texts of 1 documents" in ran.out
    assert "ann: 2 texts" in ran.out
    content = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "How far coders agree" in content
    assert MARKER not in content + ran.out
    figures = json.loads(evenhand("annotate", "agree", tmp_path / "a.jsonl", tmp_path / "b.jsonl", "--json").out)
    assert figures["units"] == 2
    assert figures["disagreements"] == []


def test_a_project_is_made_once_and_goes_in_wherever_codings_do(evenhand: Run, notes: Path, tmp_path: Path) -> None:
    project, out = tmp_path / "ours.sqlite", tmp_path / "out.jsonl"
    ran = evenhand("annotate", "start", notes, "-o", project, "--id", "case", "--predict", "--privacy", "patterns")
    assert ran.status == 0, ran.err
    assert "2 texts and 2 codings" in ran.err
    again = evenhand("annotate", "start", notes, "-o", project, "--privacy", "patterns")
    assert again.status == 1
    assert "go on with it" in again.err

    store = Store(project)
    assert store.privacy == "patterns"
    store.add("Anna", "k1", levels=(Level.D,))
    store.add("Ben", "k1", levels=(Level.C,))
    ran = evenhand("annotate", "standing", project, "--json")
    assert json.loads(ran.out) == {
        "units": 2,
        "coded": {"Anna": 1, "Ben": 1},
        "complete": 1,
        "differing": 1,
        "decided": 0,
    }
    assert "1 to be decided" in evenhand("annotate", "standing", project).out
    assert evenhand("annotate", "export", project, "-o", out, "--privacy", "patterns").status == 0
    assert read_annotations(out) == store.collection()
    assert "Anna" in evenhand("annotate", "agree", project).out


def test_the_most_useful_texts_are_asked_for_first_where_that_is_wished(
    evenhand: Run, notes: Path, tmp_path: Path
) -> None:
    queue, project = tmp_path / "queue.csv", tmp_path / "ours.sqlite"
    assert evenhand("annotate", "queue", notes, "-o", queue, "--id", "case").status == 0
    with queue.open(encoding="utf-8-sig", newline="") as stream:
        first = next(csv.DictReader(stream))["unit"]
    ran = evenhand("annotate", "start", notes, "-o", project, "--id", "case", "--queue", "--privacy", "patterns")
    assert ran.status == 0, ran.err
    unit = Store(project).unit_at(1)
    assert unit is not None
    assert unit.id == first


def test_a_project_of_identifiable_texts_is_not_made(evenhand: Run, tmp_path: Path) -> None:
    given, project = tmp_path / "notes.csv", tmp_path / "ours.sqlite"
    given.write_text(f"note\nRing 07700 900123 {MARKER}\n", encoding="utf-8")
    ran = evenhand("annotate", "start", given, "-o", project, "--privacy", "patterns")
    assert ran.status == 1
    assert MARKER not in ran.err
    assert not project.exists()


def test_columns_are_named_for_tables_alone(evenhand: Run, notes: Path, tmp_path: Path) -> None:
    coded = tmp_path / "coded.jsonl"
    assert evenhand("annotate", "export", notes, "-o", coded, "--privacy", "off").status == 0
    ran = evenhand("annotate", "queue", coded, "-o", tmp_path / "queue.csv", "--column", "note")
    assert ran.status == 1
    assert "leave --column, --id and --document out" in ran.err


def test_the_queue_holds_texts_only_where_that_is_wished(evenhand: Run, notes: Path, tmp_path: Path) -> None:
    for more, held in (((), False), (("--with-text",), True)):
        queue = tmp_path / f"queue-{held}.csv"
        assert evenhand("annotate", "queue", notes, "-o", queue, *more).status == 0
        assert (MARKER in queue.read_text(encoding="utf-8-sig")) == held


def test_coders_who_differ_in_capitals_alone_are_told(evenhand: Run, tmp_path: Path) -> None:
    given = tmp_path / "coded.csv"
    given.write_text("unit,text,coder,levels\nu1,x,Anna,B\nu1,x,anna,C\nu2,y,Anna,B\nu2,y,Ben,B\n", encoding="utf-8")
    ran = evenhand("annotate", "agree", given)
    assert ran.status == 0, ran.err
    assert "Anna and anna count as different coders" in ran.err
