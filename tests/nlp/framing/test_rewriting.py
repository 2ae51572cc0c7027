"""Saying a flagged sentence otherwise: drop-ins, requests to the writer, and the level kept as it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from evenhand.framing.result import Rewrite
from evenhand.framing.rewriting import Flagged, drafted, kept
from evenhand.result import Coding, SentenceCoding
from evenhand.scheme import Assertion, Frame, Level

Drop = str | None


class Cues:
    """A coder for which "hit" is of level D, "late" of level A, and all else has no level."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def code_sentences(self, sentences: Sequence[str]) -> list[SentenceCoding]:
        self.calls.append(list(sentences))
        return [self._code(sentence) for sentence in sentences]

    def code_many(self, texts: Iterable[str]) -> list[Coding]:
        given = list(texts)
        self.calls.append(given)
        levels = [self._code(text).level for text in given]
        return [Coding(level, (), {}, None, (), {}, (), None, None, (), False, "cues") for level in levels]

    @staticmethod
    def _code(text: str) -> SentenceCoding:
        level = Level.D if "hit" in text else Level.A if "late" in text else None
        return SentenceCoding(0, len(text), level, None, (), Assertion.PRESENT, Frame.EVIDENCE, 0.0)


def flagged(text: str, words: str, drop_in: Drop = None, suggestion: str | None = "Say what he does.") -> Flagged:
    start = text.index(words)
    return Flagged((start, start + len(words)), suggestion, drop_in)


def said(text: str, *pairs: tuple[str, Drop], suggestion: str | None = "Say what he does.") -> str | None:
    """The whole text as a sentence, with each of the words flagged and replaced by their drop-in if they have one."""
    drafts = drafted(text, [(0, len(text))], [flagged(text, *pair, suggestion) for pair in pairs])
    return drafts[0][1] if drafts else None


def test_a_drop_in_takes_the_place_of_the_words() -> None:
    assert said("He is needy today.", ("needy", "asking for comfort")) == "He is asking for comfort today."


def test_words_without_a_drop_in_become_a_request_to_the_writer() -> None:
    assert said("He is lazy.", ("lazy", None)) == "He is [say what he does]."


def test_without_a_suggestion_the_request_is_for_what_was_seen() -> None:
    assert said("He is lazy.", ("lazy", None), suggestion=None) == "He is [say what was seen]."


def test_a_request_that_begins_with_an_acronym_keeps_its_capitals() -> None:
    assert said("He is lazy.", ("lazy", None), suggestion="SEND needs are facts.") == "He is [SEND needs are facts]."


def test_several_words_of_a_sentence_are_each_replaced() -> None:
    text = "He is lazy and needy at home."

    assert said(text, ("lazy", None), ("needy", "asking for comfort")) == (
        "He is [say what he does] and asking for comfort at home."
    )


def test_a_sentence_without_flagged_words_has_no_draft() -> None:
    assert said("He likes school.") is None


def test_only_words_of_the_sentence_are_replaced() -> None:
    text = "He is lazy. She is rude."
    first, second = (0, 11), (12, len(text))

    drafts = drafted(text, [first, second], [flagged(text, "lazy"), flagged(text, "rude", "upset")])

    assert drafts == [(first, "He is [say what he does]."), (second, "She is upset.")]


def test_sentences_without_flagged_words_between_others_have_no_draft() -> None:
    text = "He sang. He is lazy. He left. She is rude. He slept."
    sentences = [(0, 8), (9, 20), (21, 29), (30, 42), (43, 52)]

    drafts = drafted(text, sentences, [flagged(text, "lazy", "tired"), flagged(text, "rude", "upset")])

    assert drafts == [((9, 20), "He is tired."), ((30, 42), "She is upset.")]


def test_a_sentence_that_is_flagged_as_a_whole_is_replaced_as_a_whole() -> None:
    assert said("Lazy boy", ("Lazy boy", "tired boy")) == "Tired boy"


def test_without_sentences_there_is_no_draft() -> None:
    assert drafted("", [], []) == []


def test_a_drop_in_begins_with_a_capital_where_the_words_did() -> None:
    assert said("Needy boy.", ("Needy", "worried")) == "Worried boy."


def test_a_drop_in_keeps_its_own_capitals() -> None:
    assert said("The adhd child left.", ("adhd child", "child with ADHD")) == "The child with ADHD left."


def test_a_drop_in_for_an_acronym_in_a_sentence_begins_with_a_small_letter() -> None:
    assert said("The ADHD child left.", ("ADHD child", "child with ADHD")) == "The child with ADHD left."


@pytest.mark.parametrize(
    ("text", "words", "drop_in", "expected"),
    [
        ("He is a needy boy.", "needy", "anxious", "He is an anxious boy."),
        ("He is an attention-seeker.", "attention-seeker", "boy who wants company", "He is a boy who wants company."),
        ("A needy boy.", "needy", "anxious", "An anxious boy."),
        ("An angry boy.", "angry", "worried", "A worried boy."),
        ("He is a needy boy.", "needy", "worried", "He is a worried boy."),
    ],
)
def test_an_article_before_a_drop_in_fits_it(text: str, words: str, drop_in: str, expected: str) -> None:
    assert said(text, (words, drop_in)) == expected


@pytest.mark.parametrize("drop_in", ["user of drugs", "one-parent family", "usual visitor"])
def test_an_article_goes_by_the_sound_of_a_drop_in(drop_in: str) -> None:
    assert said("She is an addict.", ("addict", drop_in)) == f"She is a {drop_in}."


@pytest.mark.parametrize("drop_in", ["honest boy", "hourly visitor", "upset boy", "online contact", "unsafe place"])
def test_a_drop_in_that_sounds_like_a_vowel_has_an(drop_in: str) -> None:
    assert said("It is a junkie.", ("junkie", drop_in)) == f"It is an {drop_in}."


def test_a_drop_in_with_un_before_a_vowel_has_an() -> None:
    assert said("She is a lazy mother.", ("lazy", "uninvolved")) == "She is an uninvolved mother."


def test_the_letter_of_a_class_is_no_article() -> None:
    assert said("He takes class A needy.", ("needy", "anxious")) == "He takes class A anxious."


def test_words_in_a_sentence_get_no_capital_for_one_that_they_replace() -> None:
    assert said("The Needy boy.", ("Needy", "worried")) == "The worried boy."


@pytest.mark.parametrize("mark", ["- ", "(", '"'])
def test_a_drop_in_behind_a_mark_begins_with_a_capital_where_the_words_did(mark: str) -> None:
    assert said(f"{mark}Needy boy.", ("Needy", "worried")) == f"{mark}Worried boy."


def test_a_word_that_ends_in_a_is_no_article() -> None:
    assert said("Maria needy.", ("needy", "anxious")) == "Maria anxious."


def test_an_article_before_a_request_is_left_as_it_is() -> None:
    assert said("He is an idler, and late.", ("idler", None)) == "He is an [say what he does], and late."


def test_a_sentence_that_would_go_on_behind_a_request_is_left_alone() -> None:
    text = "She failed to protect her child."

    assert drafted(text, [(0, len(text))], [Flagged((4, 21), "Say who did what.", None)]) == []


def test_a_request_may_stand_before_another_clause() -> None:
    assert said("He is idle and she knows.", ("idle", None)) == "He is [say what he does] and she knows."


def test_every_draft_is_kept_without_a_model() -> None:
    text = "He hit her."

    assert kept(text, [((0, 11), "He played.")], None) == (Rewrite(0, 11, "He played."),)


def test_a_draft_of_the_same_level_is_kept() -> None:
    text = "The lazy boy hit her."

    assert kept(text, [((0, 21), "The boy hit her.")], Cues()) == (Rewrite(0, 21, "The boy hit her."),)


@pytest.mark.parametrize("other", ["He was late.", "He played."])
def test_a_draft_of_another_level_is_not_kept(other: str) -> None:
    assert kept("He hit her.", [((0, 11), other)], Cues()) == ()


def test_a_draft_is_kept_where_neither_has_a_level() -> None:
    assert len(kept("He is lazy.", [((0, 11), "He is tired.")], Cues())) == 1


def test_where_the_text_changes_its_level_each_draft_is_compared_with_its_own_sentence() -> None:
    text = "He hit her. He was late. He sang."
    drafts = [((0, 11), "He sang."), ((12, 24), "He came late.")]

    assert kept(text, drafts, Cues()) == (Rewrite(12, 24, "He came late."),)


def test_a_model_is_not_asked_where_there_is_no_draft() -> None:
    coder = Cues()

    assert (kept("He sang.", [], coder), coder.calls) == ((), [])


def test_a_sentence_may_change_its_own_level_where_the_text_keeps_its() -> None:
    text = "He hit her. He is late again."
    drafts = [((12, 29), "He came after nine.")]
    assert kept(text, drafts, Cues()) == (Rewrite(12, 29, "He came after nine."),)
