"""`check_corpus` passes the released corpus and reports every fault of a spoiled one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evenhand_training.corpus import Problem, Splits, check_corpus, files, refresh_derived

Row = dict[str, Any]


def rewrite(directory: Path, name: str, line: int, change: Callable[[Row], None]) -> str:
    """Change one row of a file, refresh the checksums, and return the row's id as it was."""
    path = directory / name
    lines = path.read_text(encoding="utf-8").splitlines()
    row = json.loads(lines[line - 1])
    row_id = str(row["id"])
    change(row)
    lines[line - 1] = json.dumps(row, ensure_ascii=False)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return row_id


def at(problems: list[Problem], name: str, line: int | None) -> list[str]:
    """What is reported of one line."""
    return [problem.what for problem in problems if (problem.file, problem.line) == (name, line)]


def test_the_released_corpus_has_no_problems(annotations: Path) -> None:
    assert [str(problem) for problem in check_corpus(annotations)] == []


def test_the_small_corpus_has_no_problems(small: Path) -> None:
    assert [str(problem) for problem in check_corpus(small)] == []


def test_a_missing_folder_is_one_problem(tmp_path: Path) -> None:
    problems = check_corpus(tmp_path / "nowhere")
    assert len(problems) == 1
    assert str(problems[0]).endswith("there is no such folder; give the corpus folder, usually annotations/")


def test_a_file_in_place_of_the_folder_is_one_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert [problem.what for problem in check_corpus(tmp_path / "file")] == ["this is not a folder"]


def test_an_empty_folder_reports_every_missing_file(tmp_path: Path) -> None:
    reported = {problem.file for problem in check_corpus(tmp_path)}
    assert {*files.ROW_FILES, *files.PROSE, files.SPLITS, files.CHECKSUMS, files.VERSION} <= reported


@pytest.mark.parametrize(
    "name",
    [*files.ROW_FILES, *files.PROSE, files.LEVEL_SYNONYMS, files.DFE_CODES, files.SPLITS, files.CHECKSUMS],
)
def test_a_missing_file_is_named(spoiled: Path, name: str) -> None:
    (spoiled / name).unlink()
    assert any(problem.file == name and problem.line is None for problem in check_corpus(spoiled))


CHANGES: dict[str, tuple[str, Callable[[Row], None], str]] = {
    "unknown field": (files.DESCRIPTORS, lambda row: row.update(mood="low"), "mood: Extra inputs"),
    "missing field": (files.DESCRIPTORS, lambda row: row.pop("domain"), "domain: Field required"),
    "text for a number": (files.DESCRIPTORS, lambda row: row.update(severity="3"), "severity: "),
    "severity 7": (files.DESCRIPTORS, lambda row: row.update(severity=7), "severity: "),
    "unknown issue": (files.DESCRIPTORS, lambda row: row.update(issues=["weather"]), "issues.0: "),
    "no issue": (files.DESCRIPTORS, lambda row: row.update(issues=[]), "issues: "),
    "issue twice": (files.DESCRIPTORS, lambda row: row.update(issues=["housing", "housing"]), "listed twice"),
    "levels out of order": (files.DESCRIPTORS, lambda row: row.update(levels=["D", "C"]), "not in order"),
    "levels with a gap": (files.DESCRIPTORS, lambda row: row.update(levels=["none", "B"]), "gap"),
    "other levels than the document": (
        files.DESCRIPTORS,
        lambda row: row.update(levels=["B"] if row["levels"] != ["B"] else ["A"]),
        "puts",
    ),
    "unknown native level": (
        files.DESCRIPTORS,
        lambda row: row.update(native_level="Level 9"),
        "not a level of",
    ),
    "unknown document": (
        files.DESCRIPTORS,
        lambda row: row.update(doc_id="atlantis"),
        "no document 'atlantis'",
    ),
    "blank text": (files.DESCRIPTORS, lambda row: row.update(text="  "), "text: is empty"),
    "wrong provenance": (files.DESCRIPTORS, lambda row: row.update(provenance="authored"), "provenance: "),
    "bad id": (files.DESCRIPTORS, lambda row: row.update(id="P 1"), "id: "),
    "invisible character": (files.AUTHORED, lambda row: row.update(text="A\u200bb"), "invisible character"),
    "line break": (files.AUTHORED, lambda row: row.update(text="A\nb"), "control or invisible"),
    "e-mail": (files.AUTHORED, lambda row: row.update(text="Write to a.b@example.org"), "an e-mail address"),
    "telephone": (
        files.AUTHORED,
        lambda row: row.update(text="Ring 020 7946 0000 today"),
        "a telephone number",
    ),
    "mobile": (files.AUTHORED, lambda row: row.update(text="Ring 07700 900123"), "a telephone number"),
    "postcode": (files.AUTHORED, lambda row: row.update(text="Lives at ZZ99 3WZ"), "a postcode"),
    "NHS number": (files.AUTHORED, lambda row: row.update(text="NHS no 999 000 0000"), "an NHS number"),
    "kind": (files.DOCUMENTS, lambda row: row.update(kind="definitions"), "write "),
    "visible level": (files.DOCUMENTS, lambda row: row.update(levels_visible=["Level 0"]), "levels_visible"),
    "country": (files.DOCUMENTS, lambda row: row.update(country="Atlantis"), "country: "),
    "span": (files.FRAMING_PAIRS, lambda row: row["risk_spans"].__setitem__(0, "absent"), "risk_spans[0]"),
    "categories": (files.FRAMING_PAIRS, lambda row: row["categories"].append("vague"), "give one each"),
    "pair order": (files.SEVERITY_PAIRS, lambda row: row.update(low_severity=6), "not below"),
    "slots": (files.COUNTERFACTUAL_TEMPLATES, lambda row: row.update(slots={"X": ["a", "b"]}), "slots"),
    "one filler": (files.COUNTERFACTUAL_TEMPLATES, lambda row: _one_filler(row), "at least 2 items"),
    "one part": (files.ACCUMULATION_SETS, lambda row: row.update(parts=row["parts"][:1]), "at least 2 items"),
    "assertion text": (files.ASSERTION_SETS, lambda row: row.update(negated=""), "negated: is empty"),
    "null for na": (files.NARRATIVES, lambda row: row["sentences"][0].update(frame=None), "write 'na'"),
    "half coded": (
        files.NARRATIVES,
        lambda row: row["sentences"][0].update(assertion="present"),
        "none of them",
    ),
    "note too mild": (files.NARRATIVES, lambda row: _graver_sentence(row), "a present sentence is 6"),
    "nothing present": (files.NARRATIVES, lambda row: _all_hypothetical(row), "no sentence is present"),
    "second coding": (files.SECOND_CODINGS, lambda row: row.update(descriptor_id="p-none"), "no descriptor"),
    "lexicon category": (files.LEXICON, lambda row: row.update(category="rude"), "category: "),
    "unknown mark": (files.REFERRALS, lambda row: _mark(row, 0, 2, "rude"), "of a kind of the coding guide"),
    "marks meet": (files.REFERRALS, lambda row: _mark(row, 0, 4, "vague", 2, 6, "vague"), "do not overlap"),
    "mark too long": (files.REFERRALS, lambda row: _mark(row, 0, 9000, "vague"), "reaches behind the sentence"),
    "coding too long": (
        files.REFERRAL_CODINGS,
        lambda row: _mark(row, 0, 9000, "vague"),
        "reaches behind its sentence",
    ),
    "coding of nothing": (files.REFERRAL_CODINGS, lambda row: row.update(referral_id="rf-none"), "has 0 sentences"),
    "sentence uncoded": (
        files.NARRATIVE_ELEMENTS,
        lambda row: row.update(elements=row["elements"][1:]),
        "sentences, not",
    ),
    "element twice": (
        files.REFERRALS,
        lambda row: row["sentences"][0].update(elements=["history", "history"]),
        "listed twice",
    ),
    "no example": (files.REFERRAL_ELEMENTS, lambda row: row.update(how_it_shows=[]), "how_it_shows: "),
}


def _mark(row: Row, *told: int | str) -> None:
    marks = [dict(zip(("start", "end", "kind"), told[at : at + 3], strict=True)) for at in range(0, len(told), 3)]
    row["sentences"][0]["marks"] = marks


def _one_filler(row: Row) -> None:
    row["slots"] = {name: fillers[:1] for name, fillers in row["slots"].items()}


def _graver_sentence(row: Row) -> None:
    row["severity"] = 5
    coded = {"issues": ["neglect"], "severity": 6, "assertion": "present", "frame": "evidence"}
    row["sentences"][0] = {"text": "Found alone.", **coded}


def _all_hypothetical(row: Row) -> None:
    for sentence in row["sentences"]:
        if sentence["assertion"] != "na":
            sentence["assertion"] = "hypothetical"


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_row_is_reported_with_file_line_and_id(spoiled: Path, name: str) -> None:
    file, change, expected = CHANGES[name]
    row_id = rewrite(spoiled, file, 2, change)
    found = [problem for problem in check_corpus(spoiled) if (problem.file, problem.line) == (file, 2)]
    assert any(expected in problem.what for problem in found), [str(problem) for problem in found]
    assert row_id in {problem.id for problem in found} or name == "bad id"
    assert all(problem.action for problem in found)


RAW: dict[str, tuple[bytes, str]] = {
    "cut off": (b'{"id": "p-1", ', "not JSON"),
    "not an object": (b"[1, 2]", "should be an object"),
    "not UTF-8": (b'{"id": "\xe9"}', "not UTF-8"),
    "NUL": (b'{"id": "\x00"}', "NUL"),
    "blank": (b"  ", "blank"),
    "field twice": (b'{"id": "p-1", "id": "p-2"}', "given twice"),
    "deep": (b"[" * 100_000, "nested too deeply"),
}


@pytest.mark.parametrize("name", RAW)
def test_a_damaged_line_is_reported_with_its_number(spoiled: Path, name: str) -> None:
    raw, expected = RAW[name]
    path = spoiled / files.AUTHORED
    lines = path.read_bytes().split(b"\n")
    lines[3] = raw
    path.write_bytes(b"\n".join(lines))
    assert any(expected in what for what in at(check_corpus(spoiled), files.AUTHORED, 4))


def test_every_problem_is_reported_not_only_the_first(spoiled: Path) -> None:
    rewrite(spoiled, files.DESCRIPTORS, 1, lambda row: row.update(severity=0))
    rewrite(spoiled, files.DESCRIPTORS, 3, lambda row: row.update(severity=0, issues=["weather"]))
    rewrite(spoiled, files.LEXICON, 2, lambda row: row.update(why=""))
    problems = check_corpus(spoiled)
    assert at(problems, files.DESCRIPTORS, 1)
    assert len(at(problems, files.DESCRIPTORS, 3)) >= 2
    assert at(problems, files.LEXICON, 2)


def test_problems_never_repeat_the_text_of_a_row(spoiled: Path) -> None:
    rewrite(spoiled, files.AUTHORED, 2, lambda row: row.update(text="Ring Zebedee 07700 900123", issues=["zebra"]))
    rewrite(spoiled, files.AUTHORED, 3, lambda row: row.update(text="Ring Zebedee 07700 900123"))
    assert not any("Zebedee" in str(problem) for problem in check_corpus(spoiled))


def test_a_repeated_id_names_the_first_place(spoiled: Path) -> None:
    other = json.loads(files.read_lines(spoiled / files.AUTHORED)[0])["id"]
    rewrite(spoiled, files.AUTHORED, 2, lambda row: row.update(id=other))
    assert "the id is already used in authored.jsonl, line 1" in at(check_corpus(spoiled), files.AUTHORED, 2)


def test_an_unsorted_file_is_reported(spoiled: Path) -> None:
    lines = files.read_lines(spoiled / files.AUTHORED)
    (spoiled / files.AUTHORED).write_text("\n".join(reversed(lines)) + "\n", encoding="utf-8")
    assert any("stands after" in what for what in at(check_corpus(spoiled), files.AUTHORED, 2))


def test_a_last_line_without_line_break_is_reported(spoiled: Path) -> None:
    path = spoiled / files.AUTHORED
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert any("no line break" in problem.what for problem in check_corpus(spoiled))


def test_the_same_words_with_other_codes_are_reported(spoiled: Path) -> None:
    text = json.loads(files.read_lines(spoiled / files.AUTHORED)[0])["text"]
    rewrite(spoiled, files.AUTHORED, 2, lambda row: row.update(text=text.upper(), issues=["radicalisation"]))
    assert any("the same words as" in what for what in at(check_corpus(spoiled), files.AUTHORED, 2))


def test_a_concern_listed_twice_at_one_level_is_reported(spoiled: Path) -> None:
    first = json.loads(files.read_lines(spoiled / files.DESCRIPTORS)[0])
    rewrite(spoiled, files.DESCRIPTORS, 2, lambda row: row.update({**first, "id": row["id"]}))
    assert any("same document and level" in what for what in at(check_corpus(spoiled), files.DESCRIPTORS, 2))


def test_a_new_row_that_repeats_a_test_row_is_a_leak_until_removed(spoiled: Path) -> None:
    splits = Splits.read(spoiled)
    rows = [json.loads(line) for line in files.read_lines(spoiled / files.DESCRIPTORS)]
    tested = next(row for row in rows if row["id"] in splits.test_rows)
    codes = {"issues": tested["issues"], "severity": tested["severity"]}
    row_id = rewrite(spoiled, files.AUTHORED, 2, lambda row: row.update(text=tested["text"], **codes))
    refresh_derived(spoiled)
    assert [problem.what for problem in check_corpus(spoiled)] == ["nearly repeats a test row"]
    splits.model_copy(update={"removed": frozenset({row_id})}).write(spoiled)
    refresh_derived(spoiled)
    assert check_corpus(spoiled) == []


def _split_change(directory: Path, **changes: object) -> list[str]:
    Splits.read(directory).model_copy(update=changes).write(directory)
    return at(check_corpus(directory), files.SPLITS, None)


def test_splits_that_name_missing_rows_are_reported(spoiled: Path) -> None:
    ghosts = frozenset({"ghost-1"})
    assert "a test row is missing from the descriptors" in _split_change(spoiled, test_rows=ghosts)
    assert "a removed row is missing from the corpus" in _split_change(spoiled, removed=ghosts)


def test_an_area_in_two_groups_is_reported(spoiled: Path) -> None:
    splits = Splits.read(spoiled)
    twin = splits.groups[0].model_copy(update={"id": "twin"})
    assert any("is named 2 times" in what for what in _split_change(spoiled, groups=(*splits.groups, twin)))


def test_connected_areas_in_different_groups_are_reported(annotations: Path, tmp_path: Path) -> None:
    spoiled = Path(shutil.copytree(annotations, tmp_path / "annotations"))
    splits = Splits.read(spoiled)
    groups = []
    for group in splits.groups:
        if group.id == "kent-medway":
            groups.append(group.model_copy(update={"id": "kent", "areas": ("Kent",)}))
            groups.append(group.model_copy(update={"id": "medway", "areas": ("Kent and Medway",)}))
        else:
            groups.append(group)
    assert any("'kent-medway' are in different groups" in what for what in _split_change(spoiled, groups=tuple(groups)))


def test_a_test_row_of_a_development_area_is_reported(spoiled: Path) -> None:
    splits = Splits.read(spoiled)
    rows = [json.loads(line) for line in files.read_lines(spoiled / files.DESCRIPTORS)]
    stray = next(row["id"] for row in rows if row["id"] not in splits.test_rows)
    found = _split_change(spoiled, test_rows=splits.test_rows | {stray})
    assert "a test row belongs to an area outside the test" in found


def test_a_group_without_folds_is_reported(spoiled: Path) -> None:
    groups = tuple(group.model_copy(update={"folds": ()}) for group in Splits.read(spoiled).groups)
    assert any("has 0 folds, not 3" in what for what in _split_change(spoiled, groups=groups))


def test_a_changed_file_breaks_its_checksum(spoiled: Path) -> None:
    (spoiled / "LICENSE.md").write_text("other terms\n", encoding="utf-8")
    assert "LICENSE.md is not the file that was released" in [problem.what for problem in check_corpus(spoiled)]


def test_a_file_without_checksum_is_reported(spoiled: Path) -> None:
    (spoiled / "notes.txt").write_text("x", encoding="utf-8")
    assert "notes.txt has no checksum" in at(check_corpus(spoiled), files.CHECKSUMS, None)


def test_a_broken_checksum_line_is_reported(spoiled: Path) -> None:
    (spoiled / files.CHECKSUMS).write_text("zzz\n", encoding="utf-8")
    assert at(check_corpus(spoiled), files.CHECKSUMS, 1) == ["not a checksum line"]


def test_a_version_that_the_changelog_does_not_head_is_reported(spoiled: Path) -> None:
    (spoiled / files.VERSION).write_text("2027.1\n", encoding="utf-8")
    assert any("newest heading" in what for what in at(check_corpus(spoiled), files.VERSION, 1))


def test_a_stale_sources_page_is_reported(spoiled: Path) -> None:
    (spoiled / files.SOURCES).write_text("# Sources\n", encoding="utf-8")
    assert at(check_corpus(spoiled), files.SOURCES, None) == ["does not fit the documents"]


@pytest.mark.parametrize("content", ["{", '{"names": [{"levels": ["none", "B"]}]}', '{"x": [{"issues": ["zebra"]}]}'])
def test_a_spoiled_reference_file_is_reported(spoiled: Path, content: str) -> None:
    (spoiled / files.LEVEL_SYNONYMS).write_text(content, encoding="utf-8")
    assert at(check_corpus(spoiled), files.LEVEL_SYNONYMS, None)
