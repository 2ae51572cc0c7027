"""A concern among asides keeps its codes."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from evenhand.scheme import ASSERTIONS, Assertion, Issue
from evenhand_training.composites import FEWEST, LONGEST, MOST, Asides, among_asides
from evenhand_training.examples import Example
from evenhand_training.twins import with_twins

ASIDES = Asides(("Call at 2.",), ("No bruises were seen",), ("She has good friends.",))


def row(text: str, assertion: Assertion | None, severity: int | None, *issues: Issue) -> Example:
    return Example(text, text, "authored", severity=severity, issues=issues, assertions=(assertion,))


def test_asides_say_nothing_grave_of_now() -> None:
    found = Asides.of(
        [
            row("Kind regards.", None, None),
            row("He was never hit.", Assertion.NEGATED, 1, Issue.PHYSICAL_ABUSE),
            row("Saw a stabbing once; cannot sleep now.", Assertion.HISTORICAL, 3, Issue.CHILD_MENTAL_HEALTH),
            row("Happy at school.", Assertion.PRESENT, 1, Issue.EDUCATION, Issue.PROTECTIVE),
            row("Hit with a belt.", Assertion.PRESENT, 5, Issue.PHYSICAL_ABUSE),
            row("word " * (LONGEST + 1), None, None),
        ]
    )
    assert found == Asides(("Kind regards.",), ("He was never hit.",), ("Happy at school.",))


@given(st.integers(0, 10_000))
def test_the_concern_stands_once_among_sentences_of_their_own(seed: int) -> None:
    note = among_asides("Hit with a belt", ASIDES, random.Random(seed))
    assert note is not None
    assert note.count("Hit with a belt.") == 1
    assert FEWEST <= note.count(".") - 1 <= MOST


def test_long_texts_and_a_corpus_without_asides_give_no_note() -> None:
    assert among_asides("word " * (LONGEST + 1), ASIDES, random.Random(1)) is None
    assert among_asides("Hit with a belt", Asides((), (), ()), random.Random(1)) is None


def test_a_note_has_the_codes_of_its_concern_and_must_be_read_alike() -> None:
    rows = [row(f"Hit with belt {number}", Assertion.PRESENT, 5, Issue.PHYSICAL_ABUSE) for number in range(60)]
    found = with_twins([row("Kind regards.", None, None), *rows])
    notes = [example for example in found if example.id.endswith("#note")]
    by_id = {example.id: example for example in found}
    assert notes
    for note in notes:
        concern = by_id[note.unit]
        assert concern.text in note.text
        assert (note.severity, note.issues) == (concern.severity, concern.issues)
        assert note.same
        assert concern.same
        assert note.assertions == tuple(ASSERTIONS)
