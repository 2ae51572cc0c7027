"""What each source teaches, on the released corpus; and what never reaches development."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from datasets import Dataset
from tokenizers import Tokenizer

from evenhand.readings import passages_of
from evenhand.scheme import ASSERTIONS, FRAMES, ISSUES, LEVELS, Assertion, Level
from evenhand.text import normalise, split_sentences
from evenhand_training.calibrate import MAX_TOKENS
from evenhand_training.config import TrainConfig
from evenhand_training.corpus import Corpus, Splits
from evenhand_training.dataset import digest, encode, to_dataset
from evenhand_training.encoder import load_tokenizer
from evenhand_training.examples import (
    FILLERS_PER_TEMPLATE,
    Example,
    area_index,
    authored_examples,
    level_weights,
    published_examples,
    says_something_about_level,
    split_published,
)
from evenhand_training.fit import columns_of
from evenhand_training.losses import Labels, batch_loss
from evenhand_training.network import ASSERTION_CLASSES, LadderNetwork, Readings

PARTS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def all_authored(corpus: Corpus, splits: Splits) -> list[Example]:
    return [row for part in PARTS for row in authored_examples(corpus, splits, part)]


@pytest.fixture(scope="module")
def by_id(all_authored: list[Example]) -> dict[str, Example]:
    return {row.id: row for row in all_authored}


def of_source(rows: list[Example], source: str) -> list[Example]:
    found = [row for row in rows if row.source == source]
    assert found
    return found


# --- published rows


def test_a_published_row_teaches_severity_issues_and_its_level_as_published(corpus: Corpus, splits: Splits) -> None:
    rows = {row.id: row for row in published_examples(corpus, splits)}
    for descriptor in corpus.descriptors:
        row = rows.get(descriptor.id)
        if row is None:
            assert splits.is_left_out(corpus.area(descriptor))
            continue
        assert (row.severity, row.issues, row.levels) == (
            descriptor.severity,
            tuple(descriptor.issues),
            tuple(descriptor.levels),
        )
        assert row.visible_sets == corpus.document(descriptor.doc_id).visible_sets


def test_a_published_row_is_codable_but_of_no_known_assertion_or_frame(corpus: Corpus, splits: Splits) -> None:
    rows = published_examples(corpus, splits)
    assert {row.assertions for row in rows} == {tuple(ASSERTIONS)}
    assert {row.frame for row in rows} == {None}


def test_regional_and_non_english_documents_are_left_out(corpus: Corpus, splits: Splits) -> None:
    areas = {row.area for row in published_examples(corpus, splits)}
    assert splits.left_out
    assert areas.isdisjoint(left.area for left in splits.left_out)


def test_test_areas_never_appear_in_development(corpus: Corpus, splits: Splits) -> None:
    development, test = split_published(corpus, splits)
    test_groups = set(splits.test_groups)
    assert development
    assert test
    assert {row.group for row in development}.isdisjoint(test_groups)
    assert {row.group for row in test} <= test_groups
    assert {row.area for row in development}.isdisjoint(row.area for row in test)


def test_the_test_is_exactly_the_frozen_rows(corpus: Corpus, splits: Splits) -> None:
    _, test = split_published(corpus, splits)
    assert {row.id for row in test} == splits.test_rows


def test_what_nearly_repeats_a_test_row_never_appears_in_development(corpus: Corpus, splits: Splits) -> None:
    development, test = split_published(corpus, splits)
    training = development + authored_examples(corpus, splits, "train")
    units = {row.id.split("#")[0] for row in training}
    assert splits.removed
    assert units.isdisjoint(splits.removed)
    assert units.isdisjoint(splits.test_rows | splits.authored.test | splits.authored.validation)
    assert {row.text for row in training}.isdisjoint(row.text for row in test)


# --- authored rows


def test_authored_rows_never_inform_the_level(all_authored: list[Example]) -> None:
    assert {(row.levels, row.visible_sets, row.group, row.area) for row in all_authored} == {((), (), None, None)}
    assert area_index(all_authored) == {}


def test_every_authored_unit_is_in_exactly_one_part(corpus: Corpus, splits: Splits) -> None:
    units = [{row.id.split("#")[0] for row in authored_examples(corpus, splits, part)} for part in PARTS]
    assert set.union(*units) | splits.removed >= {row.id for row in corpus.authored_units()}
    assert sum(map(len, units)) == len(set.union(*units))


def test_every_text_has_its_own_id(corpus: Corpus, splits: Splits, all_authored: list[Example]) -> None:
    ids = [row.id for row in [*published_examples(corpus, splits), *all_authored]]
    assert len(ids) == len(set(ids))


def test_an_authored_text_teaches_all_that_is_coded_of_it(corpus: Corpus, by_id: dict[str, Example]) -> None:
    coded = [row for row in corpus.authored if row.id in by_id]
    assert coded
    for unit in coded:
        row = by_id[unit.id]
        assert (row.severity, row.issues, row.assertions, row.frame) == (
            unit.severity,
            tuple(unit.issues),
            (unit.assertion,),
            unit.frame,
        )


def test_a_supposition_in_a_note_does_not_teach_its_severity(all_authored: list[Example]) -> None:
    supposed = [
        row for row in all_authored if row.assertions == (Assertion.HYPOTHETICAL,) and row.source == "narratives"
    ]
    assert supposed
    assert {row.severity for row in supposed} == {None}


def test_an_administrative_sentence_teaches_not_codable_and_maybe_a_claim(
    corpus: Corpus, by_id: dict[str, Example]
) -> None:
    seen = 0
    for note in corpus.narratives:
        for number, sentence in enumerate(note.sentences):
            row = by_id.get(f"{note.id}#{number}")
            if row is not None and sentence.assertion is None:
                seen += 1
                assert row.assertions in ((None,), (None, "claim"))
                assert (row.severity, row.issues, row.frame) == (None, (), None)
    assert seen > 100


@pytest.mark.parametrize(
    ("source", "parts"), [("framing-pairs", {"risk", "need"}), ("severity-pairs", {"low", "high"})]
)
def test_both_texts_of_a_pair_are_rows(all_authored: list[Example], source: str, parts: set[str]) -> None:
    texts: dict[str, set[str]] = {}
    for row in of_source(all_authored, source):
        unit, part = row.id.split("#")
        texts.setdefault(unit, set()).add(part)
        assert row.assertions == tuple(ASSERTIONS)  # codable, and nothing more is known of it
    assert all(found == parts for found in texts.values())


def test_the_texts_of_a_severity_pair_have_their_own_severities(corpus: Corpus, by_id: dict[str, Example]) -> None:
    for pair in corpus.severity_pairs:
        low, high = by_id.get(f"{pair.id}#low"), by_id.get(f"{pair.id}#high")
        if low is not None and high is not None:
            assert (low.severity, high.severity) == (pair.low_severity, pair.high_severity)
            assert (low.text, high.text) == (pair.low_text, pair.high_text)


def test_an_assertion_set_teaches_assertion_and_only_what_is_present_its_issue(
    corpus: Corpus, by_id: dict[str, Example]
) -> None:
    for unit in corpus.assertion_sets:
        for assertion in ASSERTIONS:
            row = by_id.get(f"{unit.id}#{assertion}")
            if row is None:
                continue
            assert row.assertions == (assertion,)
            assert row.severity is None
            assert row.issues == ((unit.issue,) if assertion is Assertion.PRESENT else None)


def test_a_template_gives_a_few_texts_without_slots(corpus: Corpus, all_authored: list[Example]) -> None:
    rows = of_source(all_authored, "counterfactual-templates")
    assert not [row.id for row in rows if "{" in row.text or "}" in row.text]
    texts: dict[str, set[str]] = {}
    for row in rows:
        texts.setdefault(row.unit, set()).add(row.text)
    for template in corpus.counterfactual_templates:
        if template.id in texts:
            assert len(texts[template.id]) == min(FILLERS_PER_TEMPLATE, len(template.texts)), template.id


# --- what a text says of levels, and areas


NONE, A, B, C, D = LEVELS


@pytest.mark.parametrize(
    ("levels", "visible", "says"),
    [
        ((B,), ((A,), (B,)), True),
        ((C, D), ((C, D),), False),
        ((C, D), ((C,),), False),
        ((B,), ((B,),), False),
        ((B, C), ((B, C), (C, D)), True),
        ((), (), False),
    ],
    ids=[
        "another level seen",
        "merged set is all that is seen",
        "less is seen",
        "one level seen",
        "another set seen that overlaps",
        "no document",
    ],
)
def test_a_row_says_something_only_beside_another_level(
    levels: tuple[Level, ...], visible: tuple[tuple[Level, ...], ...], *, says: bool
) -> None:
    row = Example("x", "x", "descriptors", levels=levels, visible_sets=visible)
    assert says_something_about_level(row) is says


@pytest.mark.parametrize(
    ("levels", "visible", "own", "seen"),
    [
        ((B,), ((A,), (B,)), [0, 0, 1, 0, 0], [0, 1, 1, 0, 0]),
        ((C, D), ((B,), (C, D)), [0, 0, 0, 1, 1], [0, 0, 1, 1, 1]),
        ((B, C), ((B, C), (C, D)), [0, 0, 1, 0.5, 0], [0, 0, 1, 1, 1]),
        ((C, D), ((C, D),), [1] * 5, [1] * 5),
        ((), (), [1] * 5, [1] * 5),
    ],
    ids=["single levels", "merged set", "overlapping sets share a level", "nothing else seen", "no document"],
)
def test_level_weights(
    levels: tuple[Level, ...],
    visible: tuple[tuple[Level, ...], ...],
    own: list[float],
    seen: list[float],
) -> None:
    row = Example("x", "x", "descriptors", levels=levels, visible_sets=visible)
    assert level_weights(row) == (own, seen)


def test_what_a_published_row_says_is_among_what_was_visible(corpus: Corpus, splits: Splits) -> None:
    rows = [row for row in published_examples(corpus, splits) if says_something_about_level(row)]
    assert rows
    assert [row.id for row in rows if row.levels not in row.visible_sets] == []


def test_the_native_levels_of_every_document_have_probability_one_together(corpus: Corpus) -> None:
    """Whatever the text, something of what could be read must have been chosen."""
    several = [document.visible_sets for document in corpus.documents if len(document.visible_sets) > 1]
    assert several
    for sets in several:
        rows = [Example("x", "x", "descriptors", levels=levels, visible_sets=sets) for levels in sets]
        told = [level_weights(row) for row in rows if says_something_about_level(row)]
        if len(told) == len(sets):
            together = [sum(weights) for weights in zip(*(own for own, _ in told), strict=True)]
            assert together == pytest.approx(told[0][1])


def test_areas_are_numbered_by_name_and_only_where_they_say_something() -> None:
    rows = [
        Example("1", "x", "descriptors", levels=(A,), visible_sets=((A,), (B,)), area="Z"),
        Example("2", "x", "descriptors", levels=(A,), visible_sets=((A,),), area="Silent"),
        Example("3", "x", "descriptors", levels=(B,), visible_sets=((A,), (B,)), area="B"),
        Example("4", "x", "authored"),
    ]
    assert area_index(rows) == {"B": 0, "Z": 1}


# --- as a data set


def test_the_longest_text_fits_what_the_released_configuration_reads(
    corpus: Corpus, splits: Splits, all_authored: list[Example], configs: Path
) -> None:
    read = TrainConfig.read(configs / "base.toml").encoder.max_tokens
    rows = [*published_examples(corpus, splits), *all_authored]
    # Notes that are coded by sentence may be longer as a whole: the product reads them in several passages.
    texts = [row.text for row in rows if not (row.source == "narratives" and row.id.endswith("#whole"))]
    longest = max(map(len, encode(load_tokenizer(512), texts)))
    assert longest <= read


def test_every_passage_of_a_note_fits_what_is_read_in_training_and_in_use(
    all_authored: list[Example], configs: Path
) -> None:
    read = TrainConfig.read(configs / "base.toml").encoder.max_tokens
    notes = [row.text for row in all_authored if row.source == "whole-notes" or row.id.endswith("#whole")]
    passages = [
        passage
        for text in notes
        for passage in passages_of([normalise(text[start:end]) for start, end in split_sentences(text)])
    ]
    longest = max(map(len, encode(load_tokenizer(512), passages)))
    assert longest <= min(read, MAX_TOKENS)


def columns(rows: Dataset) -> Labels:
    told = columns_of(rows, balance=0.0)
    return Labels(**{name: told[name] for name in Labels.__dataclass_fields__})


def test_labels_say_what_the_examples_say(
    published: list[Example], authored: list[Example], tokenizer: Tokenizer
) -> None:
    rows = to_dataset(
        [published[9], authored[9], Example("x", "x", "assertion-sets")],
        tokenizer,
        areas=area_index(published),
    )
    labels = columns(rows)
    assert list(rows["id"]) == ["p51", "ap51", "x"]
    assert labels.severity.tolist() == [5, 5, 0]
    assert labels.has_issues.tolist() == [1.0, 1.0, 0.0]
    held = labels.issues[0].nonzero().squeeze(1).tolist()
    assert held == [ISSUES.index(issue) for issue in published[9].issues or ()]
    assert labels.issues[2].sum() == 0
    assert labels.levels.tolist() == [[0, 0, 0, 1, 1], [1] * 5, [1] * 5]
    assert labels.visible.tolist() == [[1] * 5] * 3
    assert labels.area.tolist() == [1, 0, 0]
    assert labels.assertion.tolist() == [[1, 1, 1, 1, 1, 0, 0], [1, 0, 0, 0, 0, 0, 0], [1] * 7]
    assert labels.frame.tolist() == [-1, FRAMES.index("evidence"), -1]


def test_every_row_that_informs_the_level_has_the_number_of_its_area(
    corpus: Corpus, splits: Splits, tokenizer: Tokenizer
) -> None:
    rows, _ = split_published(corpus, splits)
    areas = area_index(rows)
    labels = columns(to_dataset(rows, tokenizer, areas=areas))
    informative = (labels.levels != labels.visible).any(dim=1).tolist()
    assert informative == [says_something_about_level(row) for row in rows]
    told = [
        (row.area, number) for row, number, says in zip(rows, labels.area.tolist(), informative, strict=True) if says
    ]
    assert all(areas[area or ""] == number for area, number in told)
    assert {number for _, number in told} == set(areas.values())


def test_authored_rows_get_no_level_gradient(
    corpus: Corpus, splits: Splits, tokenizer: Tokenizer, tiny_config: TrainConfig
) -> None:
    development, _ = split_published(corpus, splits)
    published = [row for row in development if says_something_about_level(row)][:20]
    authored = authored_examples(corpus, splits, "train")[:: len(corpus.authored) // 40]
    rows = [*published, *authored]
    labels = columns(to_dataset(rows, tokenizer, areas=area_index(rows)))
    areas = len(area_index(rows))
    torch.manual_seed(1)
    network = LadderNetwork(tiny_config.encoder, areas=areas, dropout=0.0, pretrained=False)
    theta = torch.linspace(-4, 4, len(rows)).requires_grad_()
    read = Readings(
        theta, torch.zeros(len(rows), 32), torch.zeros(len(rows), ASSERTION_CLASSES), torch.zeros(len(rows), 5)
    )
    level = batch_loss(network, read, labels, tiny_config.loss)["level"]
    (pull,) = torch.autograd.grad(level, [theta])
    assert pull[: len(published)].abs().min() > 0
    assert pull[len(published) :].abs().max() == 0


def test_texts_are_encoded_as_the_product_sees_them(tokenizer: Tokenizer) -> None:
    assert encode(tokenizer, ["Late  for\n school"]) == encode(tokenizer, ["Late for school"])


def test_the_digest_tells_rows_and_their_order_apart(published: list[Example], tokenizer: Tokenizer) -> None:
    areas = area_index(published)
    first = digest(to_dataset(published, tokenizer, areas=areas))
    assert digest(to_dataset(published, tokenizer, areas=areas)) == first
    assert digest(to_dataset(published[::-1], tokenizer, areas=areas)) != first
    assert digest(to_dataset(published, tokenizer, areas=areas, replayed={published[0].id})) != first
    assert digest(to_dataset(published[:-1], tokenizer, areas=areas)) != first


def test_every_level_of_the_scheme_has_its_column(published: list[Example], tokenizer: Tokenizer) -> None:
    labels = columns(to_dataset(published, tokenizer, areas=area_index(published)))
    assert labels.levels.shape == (len(published), len(LEVELS))
    assert labels.levels.any(dim=0).all()
