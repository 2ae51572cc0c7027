"""What users get for a text, from the shipped model."""

from __future__ import annotations

import pytest

from evenhand import InputError, Model
from evenhand.framing import Category, Element, Flagger, Found
from evenhand.framing.result import Flags
from evenhand.framing.scheme import FLAGGED

BLAMING = (
    "Mum consistently fails to engage and is hard to reach. Attendance was 71% last term. "
    "There has been no heating since Sunday and the boys sleep in their coats. "
    "It is only a matter of time before something terrible happens. "
    'Aaron told me "I am cold every night". She walks them to school every day in the rain.'
)


def words(text: str, flags: Flags) -> dict[str, Category]:
    return {text[span.start : span.end].lower(): span.category for span in flags.framing}


def test_blame_is_flagged_with_why_alternative_and_source(flagger: Flagger) -> None:
    flags = flagger.flag(BLAMING)
    blamed = [span for span in flags.framing if span.category is Category.PARENT_BLAMING]
    assert any("engage" in BLAMING[span.start : span.end] for span in blamed)
    assert all(span.why and span.suggestion and span.source for span in blamed)


def test_an_unmet_need_is_found_with_its_kind(flagger: Flagger) -> None:
    needs = {str(need.need): BLAMING[need.start : need.end] for need in flagger.flag(BLAMING).unmet_needs}
    assert "heating" in needs["heating"]


def test_offsets_lie_in_the_text_and_spans_are_apart(flagger: Flagger) -> None:
    flags = flagger.flag(BLAMING)
    ends = [0, *(span.end for span in flags.framing)]
    assert all(end <= span.start < span.end for end, span in zip(ends, flags.framing, strict=False))
    assert ends[-1] <= len(BLAMING)


def test_shares_of_frames_add_up_to_one(flagger: Flagger) -> None:
    assert sum(flagger.flag(BLAMING).balance.values()) == pytest.approx(1)


def test_words_in_quotation_marks_are_the_speakers(flagger: Flagger) -> None:
    text = 'Mum said "he is a lazy little liar who manipulates everyone" and then cried.'
    flags = flagger.flag(text)
    assert flags.quotations
    assert not [span for span in flags.framing if span.category in FLAGGED and span.start > text.index('"')]


def test_a_negated_phrase_is_not_flagged(flagger: Flagger) -> None:
    assert not [s for s in flagger.flag("She is not hard to reach and rang me twice.").framing if s.category in FLAGGED]


@pytest.mark.parametrize(
    "text",
    [
        "She has a spiral fracture of the left humerus and two older rib fractures.",
        "The court found that he was suffering significant harm and made an interim care order.",
        "He told his teacher that his stepfather touched him on Saturday night.",
    ],
)
def test_grave_facts_are_not_framing(flagger: Flagger, text: str) -> None:
    assert not [span for span in flagger.flag(text).framing if span.category in FLAGGED]


def test_a_result_does_not_depend_on_what_else_is_flagged(flagger: Flagger) -> None:
    texts = [BLAMING, "School reports that he is well.", BLAMING[:90], BLAMING + " " + BLAMING]
    assert flagger.flag_many(texts) == [flagger.flag(text) for text in texts]


def test_curly_quotes_and_dashes_change_nothing_but_offsets_stay(flagger: Flagger) -> None:
    plain = 'Mum didn\'t engage - she said "no".'
    curly = "Mum didn’t engage – she said “no”."
    assert flagger.flag(plain).framing == flagger.flag(curly).framing


@pytest.mark.parametrize("text", ["", "   \n", "\t"])
def test_a_blank_text_says_so(flagger: Flagger, text: str) -> None:
    flags = flagger.flag(text)
    assert flags.reason == "the text is blank"
    assert flags.checklist[Element.CONSENT].state is Found.NOT_FOUND


@pytest.mark.parametrize("text", ["\x00\x00", "\ud800 mum", "a" * 5000, "????", "Mum.\n\n\n•\n• \n", "🙂" * 50])
def test_odd_texts_are_read(flagger: Flagger, text: str) -> None:
    assert flagger.flag(text).model.startswith("evenhand-framing-")


def test_a_sentence_beyond_the_window_is_told(flagger: Flagger) -> None:
    assert flagger.flag("¬¦~`^" * 190).truncated


def test_one_string_for_several_texts_is_an_error(flagger: Flagger) -> None:
    with pytest.raises(InputError, match="several texts"):
        flagger.flag_many("Mum is fine.")


def test_something_that_is_no_text_is_an_error(flagger: Flagger) -> None:
    with pytest.raises(InputError, match="text 1 is of type int"):
        flagger.flag_many(["Mum is fine.", 3])  # type: ignore[list-item]


def test_rewrites_leave_the_level_as_the_model_reads_it(flagger: Flagger, coder: Model) -> None:
    flags = flagger.flag(BLAMING)
    assert flags.rewrites
    said = BLAMING
    for one in reversed(flags.rewrites):
        said = said[: one.start] + one.text + said[one.end :]
    assert coder.code(said).level == coder.code(BLAMING).level


def test_a_rewrite_has_none_of_the_flagged_words(flagger: Flagger) -> None:
    flags = flagger.flag(BLAMING)
    for rewrite in flags.rewrites:
        for span in flags.framing:
            if span.category in FLAGGED and rewrite.start <= span.start < rewrite.end:
                assert BLAMING[span.start : span.end] not in rewrite.text


def test_a_long_note_is_read_in_windows(flagger: Flagger) -> None:
    note = " ".join([BLAMING] * 30)
    flags = flagger.flag(note)
    assert not flags.truncated
    assert max(span.start for span in flags.framing) > len(note) - 2 * len(BLAMING)
