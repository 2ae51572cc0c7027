"""The frozen splits, and the procedure that drew them."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from pathlib import Path

import pytest

from evenhand.errors import InputError
from evenhand_training.corpus import FOLDS, NEAR_REPEAT_THRESHOLD, REPEATS, Corpus, Row, Splits, near_repeats
from evenhand_training.corpus.areas import AREA_JOINS, LEFT_OUT, group_areas
from evenhand_training.corpus.make_splits import INFORMATIVE_SHARE, TEST_GROUPS, TEST_ROWS, make_splits

# The released splits. A change undoes every figure measured on the test: it needs a reason in the changelog.
WHEN_DRAWN = {"AuthoredText": 2608, "Narrative": 160, "AssertionSet": 120}  # rows in 2026.1; later ones only train
FROZEN = "8636ec7db73216e01ad621770cf8cd211a98c0caf26886c70398fdc3975cc62d"


def test_the_splits_are_frozen(annotations: Path) -> None:
    content = (annotations / "splits.json").read_bytes()
    assert hashlib.sha256(content).hexdigest() == FROZEN


def test_no_area_is_on_both_sides(splits: Splits) -> None:
    areas = [area for group in splits.groups for area in group.areas]
    assert len(areas) == len(set(areas))
    assert not set(splits.test_groups) & set(splits.development_groups)


@pytest.mark.parametrize("join", AREA_JOINS, ids=lambda join: join.group)
def test_connected_areas_stay_together(splits: Splits, join: object) -> None:
    areas = getattr(join, "areas", ())
    assert len({splits.group_of(area) for area in areas if splits.group_of(area) is not None}) <= 1


def test_areas_named_within_another_area_are_joined(corpus: Corpus) -> None:
    groups = {area: group.id for group in group_areas({row.area for row in corpus.documents}) for area in group.areas}
    for area, group in groups.items():
        for other, theirs in groups.items():
            names = {name.removeprefix("and ") for name in re.split(r"[,()]\s*|\s+(?=and )", other)}
            if area != other and area in names:
                assert group == theirs, (area, other)


def test_an_area_is_in_a_group_left_out_or_was_added_later_with_nothing_judged(corpus: Corpus, splits: Splits) -> None:
    for row in corpus.descriptors:
        area = corpus.area(row)
        if splits.group_of(area) is not None:
            assert not splits.is_left_out(area), area
        elif not splits.is_left_out(area):
            assert not splits.judges(area), area
            assert row.id not in splits.test_rows


@pytest.mark.parametrize("area", sorted(LEFT_OUT))
def test_regional_areas_are_left_out(splits: Splits, area: str) -> None:
    assert splits.group_of(area) is None
    assert splits.is_left_out(area)


def test_the_test_rows_are_all_rows_of_the_test_areas(corpus: Corpus, splits: Splits) -> None:
    tested = {row.id for row in corpus.descriptors if splits.group_of(corpus.area(row)) in splits.test_groups}
    assert splits.test_rows == tested


def test_the_test_meets_its_balance_constraints(splits: Splits) -> None:
    groups = [group for group in splits.groups if group.split == "test"]
    rows = sum(group.rows for group in groups)
    assert len(groups) == TEST_GROUPS
    assert TEST_ROWS[0] <= rows <= TEST_ROWS[1]
    assert sum(group.informative_rows for group in groups) >= INFORMATIVE_SHARE * rows


@pytest.mark.parametrize("repeat", range(REPEATS))
def test_folds_hold_about_the_same_number_of_rows(splits: Splits, repeat: int) -> None:
    sizes: Counter[int] = Counter()
    for group in splits.groups:
        if group.split == "development":
            sizes[splits.fold_of(group.id, repeat)] += group.rows
    assert set(sizes) == set(range(FOLDS))
    assert max(sizes.values()) - min(sizes.values()) <= 10


def test_repeats_differ(splits: Splits) -> None:
    folds = {
        repeat: [splits.fold_of(group, repeat) for group in splits.development_groups] for repeat in range(REPEATS)
    }
    assert len(set(map(tuple, folds.values()))) == REPEATS


def test_test_groups_have_no_fold(splits: Splits) -> None:
    with pytest.raises(InputError, match="no fold"):
        splits.fold_of(splits.test_groups[0], 0)


def test_authored_shares_are_about_seven_one_two(corpus: Corpus, splits: Splits) -> None:
    kinds: dict[str, Counter[str]] = {}
    for row in corpus.authored_units():
        kinds.setdefault(type(row).__name__, Counter())[splits.part_of(row.id)] += 1
    for kind, parts in kinds.items():
        rows = WHEN_DRAWN.get(kind, parts.total())
        assert parts["test"] / rows == pytest.approx(0.2, abs=0.02), kind
        assert parts["validation"] / rows == pytest.approx(0.1, abs=0.02), kind


def test_no_row_outside_the_test_nearly_repeats_a_test_row_unless_removed(corpus: Corpus, splits: Splits) -> None:
    rows: list[Row] = [*corpus.descriptors, *corpus.authored_units()]
    test = splits.test_rows | splits.authored.test
    against = [text for row in rows if row.id in test for text in row.texts]
    free = [text for row in rows if row.id not in test | splits.removed for text in row.texts]
    assert near_repeats(free, against, threshold=NEAR_REPEAT_THRESHOLD) == []


def test_removed_rows_are_outside_the_test(splits: Splits) -> None:
    assert splits.removed
    assert not splits.removed & (splits.test_rows | splits.authored.test)


def test_rows_and_areas_added_later_are_training_only(splits: Splits) -> None:
    assert splits.part_of("a-newcomer") == "train"
    assert splits.group_of("Rutland") is None
    assert not splits.is_left_out("Rutland")


def test_the_procedure_still_gives_the_released_splits(corpus: Corpus, splits: Splits) -> None:
    if corpus.version != splits.version:
        pytest.skip("the splits were drawn on an earlier version and stay")
    assert make_splits(corpus, splits.seed) == splits


def test_other_seeds_give_other_splits(corpus: Corpus, splits: Splits) -> None:
    assert make_splits(corpus, splits.seed + 1).test_rows != splits.test_rows


def test_splits_survive_writing_and_reading(splits: Splits, tmp_path: Path) -> None:
    splits.write(tmp_path)
    assert Splits.read(tmp_path) == splits


@pytest.mark.parametrize("content", [None, b"{}", b"not json", b"\xff\xfe"], ids=["missing", "empty", "text", "bytes"])
def test_unreadable_splits_are_an_input_error(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "splits.json").write_bytes(content)
    with pytest.raises(InputError, match=r"splits\.json"):
        Splits.read(tmp_path)
