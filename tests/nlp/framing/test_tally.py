"""Counting what flags say over rows and by columns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from evenhand.errors import InputError
from evenhand.framing.report import tally as tally_module
from evenhand.framing.report.tally import NO_VALUE, Tallies, Tally, plain_flags

COLUMNS = ("text", "agency", "date")
Row = tuple[dict[str, object], dict[str, Any], str]  # columns, flags, text


def flags_of(
    text: str = "",
    words: Sequence[tuple[str, str]] = (),
    *,
    frames: Sequence[str | None] = (),
    unmet: Sequence[str] = (),
    checklist: Mapping[str, str] | None = None,
    reason: str | None = None,
    suggestion: str | None = "Say it.",
    found_by: str = "lexicon",
) -> dict[str, Any]:
    """Flags as plain JSON types: words of the text with their category."""
    advice = {"suggestion": suggestion, "found_by": found_by}
    spans = [
        {"start": text.index(said), "end": text.index(said) + len(said), "category": what, **advice}
        for said, what in words
    ]
    return {
        "framing": spans,
        "unmet_needs": [{"start": 0, "end": 1, "need": need} for need in unmet],
        "checklist": {element: {"state": state} for element, state in (checklist or {}).items()},
        "sentences": [{"start": 0, "end": 1, "frame": frame} for frame in frames],
        "rewrites": [],
        "reason": reason,
    }


def row(text: str = "He is lazy.", words: Sequence[tuple[str, str]] = (), **columns: object) -> Row:
    return columns, flags_of(text, words), text


def tallied(rows: Sequence[Row], *by: str) -> Tallies:
    tallies = Tallies(COLUMNS, by)
    for columns, flags, text in rows:
        tallies.add(columns, flags, text)
    return tallies


def test_a_category_counts_once_for_a_row() -> None:
    tally = Tally()

    tally.add(flags_of("lazy rude", [("lazy", "deficit"), ("rude", "deficit")]))

    assert (tally.rows, tally.flagged, dict(tally.categories)) == (1, 1, {"deficit": 1})


@pytest.mark.parametrize("category", ["strength_based", "need_framed"])
def test_words_to_be_welcomed_flag_no_row(category: str) -> None:
    tally = Tally()

    tally.add(flags_of("caring", [("caring", category)]))

    assert (tally.flagged, dict(tally.categories)) == (0, {category: 1})


def test_frames_count_sentences_and_leave_out_administration() -> None:
    tally = Tally()

    tally.add(flags_of(frames=["risk", "risk", None, "need"]))

    assert dict(tally.frames) == {"risk": 2, "need": 1}


def test_a_need_counts_once_for_a_row() -> None:
    tally = Tally()

    tally.add(flags_of(unmet=["food", "food", "debt_advice"]))
    tally.add(flags_of(unmet=["food"]))
    tally.add(flags_of())

    assert (tally.unmet, dict(tally.needs)) == (2, {"food": 2, "debt_advice": 1})


def test_elements_are_counted_by_state() -> None:
    tally = Tally()
    for state in ("found", "found", "unclear"):
        tally.add(flags_of(checklist={"consent": state}))

    assert tally.elements == {("consent", "found"): 2, ("consent", "unclear"): 1}


def test_rows_without_a_text_are_counted_apart() -> None:
    blank: Row = {"agency": "school"}, flags_of(reason="the text is blank"), ""

    tallies = tallied([row(agency="school"), blank], "agency")

    assert (tallies.all.rows, tallies.blank, tallies.by["agency"]["school"].rows) == (1, 1, 1)


def test_rows_are_counted_by_the_values_of_a_column() -> None:
    rows = [row(agency="school"), row(words=[("lazy", "deficit")], agency="police"), row(agency="school")]

    groups = tallied(rows, "agency").by["agency"]

    assert {name: (one.rows, one.flagged) for name, one in groups.items()} == {"school": (2, 0), "police": (1, 1)}


@pytest.mark.parametrize("value", [None, "", "  "])
def test_rows_without_a_value_are_a_group_of_their_own(value: object) -> None:
    assert set(tallied([row(agency=value)], "agency").by["agency"]) == {NO_VALUE}


def test_a_row_that_lacks_the_column_has_no_value() -> None:
    assert set(tallied([row()], "agency").by["agency"]) == {NO_VALUE}


def test_values_that_differ_in_spaces_are_one_group() -> None:
    assert set(tallied([row(agency=" a  b"), row(agency="a b ")], "agency").by["agency"]) == {"a b"}


def test_a_number_may_name_a_group() -> None:
    assert set(tallied([row(agency=0), row(agency=7)], "agency").by["agency"]) == {"0", "7"}


@pytest.mark.parametrize(
    ("value", "month"),
    [
        ("2026-03-09", "2026-03"),
        ("2026-03-09T23:30:00Z", "2026-03"),
        ("2026-03-09 08:00", "2026-03"),
        (date(2026, 3, 9), "2026-03"),
        (datetime(2026, 3, 9, 8, tzinfo=UTC), "2026-03"),
        ("9/3/2026", "2026-03"),
        ("09.03.2026 08:00", "2026-03"),
        ("March", NO_VALUE),
        ("2026-03", "2026-03"),
        ("2026/3/9", "2026-03"),
        ("1/12/2026", "2026-12"),
        ("2026-12-01", "2026-12"),
        (None, NO_VALUE),
        ("", NO_VALUE),
    ],
)
def test_dates_are_counted_by_month(value: object, month: str) -> None:
    assert set(tallied([row(date=value)], "date:month").by["date:month"]) == {month}


@pytest.mark.parametrize("value", ["2026-13-01", "2026-13", "2026-00-01", "03/25/2026", "1/13/2026", "1.0.2026"])
def test_there_is_no_month_13_nor_0(value: str) -> None:
    assert set(tallied([row(date=value)], "date:month").by["date:month"]) == {NO_VALUE}


def test_a_column_may_be_called_as_a_month_of_one() -> None:
    tallies = Tallies(("date:month",), ["date:month"])

    tallies.add({"date:month": "spring"}, flags_of(), "")

    assert set(tallies.by["date:month"]) == {"spring"}


@pytest.mark.parametrize("name", ["team", "team:month"])
def test_an_unknown_column_is_refused_with_those_that_there_are(name: str) -> None:
    with pytest.raises(InputError, match=r"no column 'team'.*agency"):
        Tallies(COLUMNS, [name])


def test_a_column_with_too_many_values_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally_module, "_MOST_VALUES", 3)
    rows = [row(agency=str(number)) for number in range(4)]

    with pytest.raises(InputError, match="--by agency: the column has more than 3 values"):
        tallied(rows, "agency")


def test_a_column_with_as_many_values_as_may_be_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally_module, "_MOST_VALUES", 3)

    assert len(tallied([row(agency=str(number % 3)) for number in range(9)], "agency").by["agency"]) == 3


def test_flagged_phrases_count_rows_whatever_their_case() -> None:
    rows = [row("Lazy boy.", [("Lazy", "deficit")]), row("He is LAZY.", [("LAZY", "deficit")])]

    (((category, words), phrase),) = tallied(rows).phrases.items()

    assert (category, words, phrase.category, phrase.rows) == ("deficit", "lazy", "deficit", 2)


def test_phrases_that_differ_in_their_apostrophe_are_one() -> None:
    rows = [row("He doesn’t.", [("doesn’t", "deficit")]), row("He doesn't.", [("doesn't", "deficit")])]

    assert [phrase.rows for phrase in tallied(rows).phrases.values()] == [2]


def test_a_phrase_that_comes_twice_in_a_row_counts_once() -> None:
    text = "lazy, and LAZY"

    assert [
        phrase.rows for phrase in tallied([row(text, [("lazy", "deficit"), ("LAZY", "deficit")])]).phrases.values()
    ] == [1]


def test_one_phrase_of_two_categories_is_counted_apart() -> None:
    rows = [row("lazy", [("lazy", "deficit")]), row("lazy", [("lazy", "parent_blaming")])]

    assert set(tallied(rows).phrases) == {("deficit", "lazy"), ("parent_blaming", "lazy")}


def test_words_to_be_welcomed_are_no_phrase() -> None:
    assert tallied([row("caring", [("caring", "strength_based")])]).phrases == {}


@pytest.mark.parametrize(
    ("words", "found_by", "counted"),
    [
        ("a b c d e f", "lexicon", 1),
        ("a b c d e f", "both", 1),
        ("a b c d e f g", "lexicon", 0),
        ("a b c d e f g", "both", 0),
        ("a b c", "model", 1),
        ("a b c d", "model", 0),
    ],
)
def test_long_phrases_are_not_counted_nor_those_that_no_lexicon_has(words: str, found_by: str, counted: int) -> None:
    flags = flags_of(words, [(words, "deficit")], found_by=found_by)

    assert len(tallied([({}, flags, words)]).phrases) == counted


def test_white_space_in_a_phrase_does_not_matter() -> None:
    rows = [
        row("bad attitude", [("bad attitude", "deficit")]),
        row("bad\n  attitude", [("bad\n  attitude", "deficit")]),
    ]

    assert {words: phrase.rows for (_, words), phrase in tallied(rows).phrases.items()} == {"bad attitude": 2}


def test_a_phrase_keeps_the_suggestion_found_last() -> None:
    rows: list[Row] = [
        ({}, flags_of("lazy", [("lazy", "deficit")], suggestion=said), "lazy") for said in ("First.", "Last.")
    ]

    assert [phrase.suggestion for phrase in tallied(rows).phrases.values()] == ["Last."]


def test_with_too_many_phrases_those_seen_once_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally_module, "_MOST_PHRASES", 2)
    rows = [row(words, [(words, "deficit")]) for words in ("lazy", "lazy", "rude", "needy")]

    tallies = tallied(rows)

    assert {words: phrase.rows for (_, words), phrase in tallies.phrases.items()} == {"lazy": 2}
    assert tallies.pruned


def test_where_no_phrase_went_none_is_said_to_have_gone() -> None:
    assert not tallied([row("lazy", [("lazy", "deficit")])]).pruned


def test_nested_fields_may_be_json_text() -> None:
    flags = flags_of("lazy", [("lazy", "deficit")], frames=["risk"], unmet=["food"], checklist={"consent": "found"})
    as_text = {name: value if name == "reason" else json.dumps(value) for name, value in flags.items()}

    assert plain_flags(as_text) == plain_flags(flags) == flags


def test_an_empty_reason_is_none() -> None:
    assert plain_flags({**flags_of(), "reason": ""})["reason"] is None


@pytest.mark.parametrize("name", ["framing", "unmet_needs", "checklist", "sentences", "rewrites"])
@pytest.mark.parametrize("value", [None, "", "null", "no JSON"])
def test_a_row_without_flags_is_refused(name: str, value: object) -> None:
    with pytest.raises(InputError, match="a row has no flags"):
        plain_flags({**flags_of(), name: value})


def test_a_row_that_lacks_a_field_is_refused() -> None:
    with pytest.raises(InputError, match="a row has no flags"):
        plain_flags({"text": "He is lazy."})
