"""Own rows: which coding counts, which rows teach or judge, and what the guard rails say before anything is fitted."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from evenhand.annotate.json_lines import written
from evenhand.annotate.records import Annotation, Annotations, Coder, Unit
from evenhand.errors import InputError
from evenhand.scheme import Assertion, Issue, Level
from evenhand_training.corpus import Corpus, Splits
from evenhand_training.examples import Example
from evenhand_training.fine_tuning.choosing import Chosen, choose
from evenhand_training.fine_tuning.guards import Guarded, few_issues, guard
from evenhand_training.fine_tuning.own_rows import OwnRow, read_own, settled
from evenhand_training.fine_tuning.settings import FineTuneSettings, RowSettings
from evenhand_training.fine_tuning.shift import divergence, shift_of

SETTINGS = Path(__file__).parents[2] / "training" / "configs" / "fine-tune.toml"
MADE = datetime(2026, 3, 2, tzinfo=UTC)
ONE, TWO = Coder("coder-1"), Coder("coder-2")
ROWS = RowSettings(least=8, least_documents=3, least_of_an_issue=2, held_out=0.25, widest_severity=2)


@pytest.fixture(scope="module")
def settings() -> FineTuneSettings:
    return FineTuneSettings.read(SETTINGS)


def coding(unit: str, coder: Coder, severity: float | None, *issues: Issue, **told: object) -> Annotation:
    made = Annotation(f"{unit}-{coder.name}", unit, coder, MADE, severity=severity, issues=issues)
    return replace(made, **told)  # type: ignore[arg-type] # fields by name


def settle(*codings: Annotation) -> tuple[list[OwnRow], dict[str, int]]:
    units = tuple(Unit(name, f"Text {name}", "note-1") for name in dict.fromkeys(one.unit for one in codings))
    return settled(Annotations(units, codings), widest_severity=2)


def own(number: int, document: str, severity: int = 3, *issues: Issue, text: str = "") -> OwnRow:
    said = text or hashlib.sha256(str(number).encode()).hexdigest()  # no two nearly repeat each other
    return OwnRow(said, document, None, 1, False, (severity,), (frozenset(issues or (Issue.NEGLECT,)),))


def test_several_coders_each_count_and_a_dispute_is_taught_as_one() -> None:
    (row,), _ = settle(
        coding("a", ONE, 3, Issue.NEGLECT, Issue.HOUSING, levels=(Level.B,)),
        coding("a", TWO, 4, Issue.NEGLECT, levels=(Level.D,)),
    )
    assert row.grades == (3, 4)
    assert row.severity == 4  # of two the graver
    assert set(row.agreed_issues or ()) == {Issue.NEGLECT, Issue.HOUSING}  # half of two
    assert row.levels == (Level.B, Level.C, Level.D)


def test_a_coding_that_decides_stands_alone() -> None:
    decision = coding("a", Coder("coder-3"), 2, Issue.EDUCATION, decides=("a-coder-1", "a-coder-2"))
    (row,), left_out = settle(coding("a", ONE, 5, Issue.NEGLECT), coding("a", TWO, 3, Issue.HOUSING), decision)
    assert row.decided
    assert (row.grades, row.agreed_issues) == ((2,), (Issue.EDUCATION,))
    assert left_out["codings between which another decides"] == 2


def test_models_and_stretches_never_teach() -> None:
    model = coding("a", Coder("evenhand", "model", "0.3.1"), 6, Issue.NEGLECT)
    stretch = coding("b", ONE, 6, Issue.NEGLECT, start=0, end=4)
    rows, left_out = settle(model, stretch)
    assert rows == []
    assert left_out["codings by models"] == 1
    assert left_out["codings of stretches"] == 1
    assert left_out["texts that no person coded"] == 2


def test_the_last_coding_of_a_coder_counts() -> None:
    later = coding("a", ONE, 2, Issue.HOUSING, id="later", made=MADE + timedelta(days=1))
    (row,), _ = settle(coding("a", ONE, 5, Issue.NEGLECT), later)
    assert row.grades == (2,)


def test_severities_too_far_apart_are_unknown_and_issues_still_teach() -> None:
    (row,), left_out = settle(coding("a", ONE, 1, Issue.NEGLECT), coding("a", TWO, 4, Issue.NEGLECT))
    assert row.severity is None
    assert row.agreed_issues == (Issue.NEGLECT,)
    assert left_out["severities that coders put too far apart"] == 1


def test_a_coder_who_never_gives_issues_is_not_taken_to_deny_them() -> None:
    rows, _ = settle(coding("a", ONE, 3), coding("b", TWO, 3, Issue.NEGLECT), coding("c", TWO, 1))
    assert [row.agreed_issues for row in rows] == [None, (Issue.NEGLECT,), ()]


def test_plain_rows_and_codings_are_both_read(tmp_path: Path) -> None:
    plain = tmp_path / "plain.jsonl"
    plain.write_text(json.dumps({"text": "No heating.", "issues": ["housing"], "severity": 3}) + "\n", "utf-8")
    (row,), _ = settled(read_own(plain), widest_severity=2)
    assert (row.text, row.severity, row.agreed_issues) == ("No heating.", 3, (Issue.HOUSING,))
    coded = tmp_path / "coded.jsonl"
    coded.write_text(written(Annotations((Unit("a", "No heating."),), (coding("a", ONE, 3),))), "utf-8")
    assert read_own(coded).codings[0].coder == ONE


@pytest.mark.parametrize(
    "line",
    ['{"text": "Secret words", "issues": ["nope"], "severity": 3}', '{"text": "Secret words", "Secret words": 1}', "{"],
    ids=["unknown issue", "unknown field", "no JSON"],
)
def test_a_bad_row_is_named_by_its_line_and_never_by_its_text(tmp_path: Path, line: str) -> None:
    path = tmp_path / "ours.jsonl"
    path.write_text(f'\n{{"text": "Fine.", "issues": [], "severity": 1}}\n{line}\n', "utf-8")
    with pytest.raises(InputError, match="line 3") as caught:
        read_own(path)
    assert "Secret" not in str(caught.value)


def test_documents_are_held_out_whole_and_the_same_at_each_run(corpus: Corpus, splits: Splits) -> None:
    rows = [own(number, f"note-{number % 8}") for number in range(40)]
    chosen = choose(rows, corpus, splits, [], ROWS, seed=1)
    taught, held = ({row.document for row in some} for some in (chosen.taught, chosen.held_out))
    assert not taught & held
    assert len(chosen.held_out) == 10
    assert chosen == choose(rows, corpus, splits, [], ROWS, seed=1)
    assert {row.document for row in choose(rows, corpus, splits, [], ROWS, seed=2).held_out} != held


def test_what_would_spoil_a_judgement_is_left_out(corpus: Corpus, splits: Splits) -> None:
    test_row = next(row for row in corpus.descriptors if row.id in splits.test_rows and len(row.text) > 40)
    fitted = Example("x", "Taught before, word for word.", "authored")
    rows = [own(number, f"note-{number % 8}") for number in range(40)]
    spoilers = [
        own(0, "note-1", text=f"{test_row.text}!"),
        own(0, "note-2", text="taught before, word for word"),
        own(0, "note-3", text=rows[3].text),
    ]
    chosen = choose([*rows, *spoilers], corpus, splits, [fitted], ROWS, seed=1)
    assert chosen.left_out == {"nearly repeat a text that judges": 1, "taught the base model": 1, "stand twice": 1}
    assert len(chosen.rows) == 40


def test_a_text_that_nearly_repeats_a_held_out_one_does_not_teach(corpus: Corpus, splits: Splits) -> None:
    rows = [own(number, f"note-{number % 8}") for number in range(40)]
    first = choose(rows, corpus, splits, [], ROWS, seed=1)
    copied = replace(first.taught[0], text=f"{first.held_out[0].text} x")
    rows[rows.index(first.taught[0])] = copied
    assert copied not in choose(rows, corpus, splits, [], ROWS, seed=1).rows


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([own(number, f"note-{number}") for number in range(5)], "5 texts of 5 documents can be used"),
        ([own(number, "note-1") for number in range(20)], "of 1 documents can be used"),
        ([own(number, f"note-{max(0, number - 37)}") for number in range(40)], "one of 3 documents has so many"),
    ],
    ids=["few texts", "one document", "one large document"],
)
def test_too_little_to_judge_by_is_refused(corpus: Corpus, splits: Splits, rows: list[OwnRow], told: str) -> None:
    with pytest.raises(InputError, match=told):
        choose(rows, corpus, splits, [], ROWS, seed=1)


def test_an_issue_of_few_rows_is_named() -> None:
    rows = [own(number, "note", 3, Issue.NEGLECT) for number in range(3)] + [own(9, "note", 3, Issue.HOUSING)]
    few = few_issues(rows, 2)
    assert Issue.HOUSING in few
    assert Issue.NEGLECT not in few


def test_divergence_is_of_the_size_that_the_settings_say() -> None:
    even = np.full(6, 1 / 6)
    half = np.array([1, 1, 1, 0, 0, 0]) / 3
    assert divergence(half, even) == pytest.approx(0.311, abs=0.001)
    assert divergence(even, even) == 0.0


def test_a_sample_of_the_corpus_is_within_chance_and_one_grade_is_not() -> None:
    corpus = np.eye(6)[np.arange(600) % 6]
    codes = tuple("123456")
    alike = shift_of("severity", codes, corpus[:60], corpus, quantile=0.99)
    assert alike.divergence <= alike.by_chance
    other = shift_of("severity", codes, np.eye(6)[[5] * 60], corpus, quantile=0.99)
    assert other.divergence > 0.3 > other.by_chance


def guarded(settings: FineTuneSettings, codings: Annotations, *, severity: int | None = None) -> Guarded:
    rows, _ = settled(codings, widest_severity=5)
    fitted_to = [Example(f"r{n}", "t", "authored", severity=n % 6 + 1, issues=(Issue.NEGLECT,)) for n in range(120)]
    if severity is not None:
        rows = [replace(row, grades=(severity,)) for row in rows]
    half = len(rows) // 2
    chosen = Chosen(tuple(rows[:half]), tuple(rows[half:]), {})
    return guard(chosen, codings, fitted_to, settings, corpora=("2026.5", "2026.5"))


def coded_by(coders: list[Coder], grade: object) -> Annotations:
    units = tuple(Unit(f"u{n}", f"Text {n}", f"note-{n % 12}", {"area": f"Area {n % 2}"}) for n in range(60))
    codings = tuple(
        coding(unit.id, coder, grade(n, place), Issue.NEGLECT if grade(n, place) > 3 else Issue.HOUSING)  # type: ignore[operator]
        for n, unit in enumerate(units)
        for place, coder in enumerate(coders)
    )
    return Annotations(units, codings)


def verdict(found: Guarded, name: str) -> str:
    return next(one.verdict for one in found.guards if one.name == name)


def test_a_single_coder_is_a_warning_that_agreement_is_unknown(settings: FineTuneSettings) -> None:
    found = guarded(settings, coded_by([ONE], lambda n, _: n % 6 + 1))
    assert verdict(found, "agreement") == "warned"
    assert "single coder" in next(one.told for one in found.guards if one.name == "agreement")
    assert verdict(found, "areas") == "passed"


def test_coders_who_agree_pass_and_coders_who_do_not_are_refused(settings: FineTuneSettings) -> None:
    assert verdict(guarded(settings, coded_by([ONE, TWO], lambda n, _: n % 6 + 1)), "agreement") == "passed"
    noise = np.random.default_rng(1).integers(1, 7, size=(60, 2))
    found = guarded(settings, coded_by([ONE, TWO], lambda n, place: int(noise[n, place])))
    assert verdict(found, "agreement") == "refused"
    assert [one.name for one in found.refused] == ["agreement"]


def test_rows_of_one_grade_are_a_shift_that_is_refused(settings: FineTuneSettings) -> None:
    found = guarded(settings, coded_by([ONE], lambda n, _: n % 6 + 1), severity=6)
    assert verdict(found, "shift of severity") == "refused"


def test_another_assertion_than_the_other_coders_is_not_taught() -> None:
    (row,), _ = settle(
        coding("a", ONE, 3, assertion=Assertion.PRESENT), coding("a", TWO, 3, assertion=Assertion.HISTORICAL)
    )
    assert row.assertion is None
