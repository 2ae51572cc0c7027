"""The released corpus, and a small folder cut from it that a test may spoil."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from evenhand_training.corpus import Corpus, Splits, files, refresh_derived
from evenhand_training.corpus.splits import REPEATS, AuthoredParts

ANNOTATIONS = Path(__file__).parents[2] / "annotations"
SMALL_AREAS = ("Bristol", "Essex", "Merton")
SMALL_TEST_AREA = "Merton"
ROWS_OF_EACH_KIND = 6


@pytest.fixture(scope="session", name="annotations")
def annotations_folder() -> Path:
    return ANNOTATIONS


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    return Corpus.read(ANNOTATIONS)


@pytest.fixture(scope="session")
def splits() -> Splits:
    return Splits.read(ANNOTATIONS)


@pytest.fixture(scope="session")
def small(corpus: Corpus, splits: Splits, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of a few rows without problems; copy it before changing anything."""
    directory = tmp_path_factory.mktemp("small") / "annotations"
    directory.mkdir()
    for name in (*files.PROSE, files.VERSION, files.LEVEL_SYNONYMS, files.DFE_CODES):
        shutil.copy(ANNOTATIONS / name, directory / name)
    for name, rows in _few_rows(corpus).items():
        (directory / name).write_text("".join(row + "\n" for row in rows), encoding="utf-8")
    _few_splits(corpus, splits).write(directory)
    refresh_derived(directory)
    return directory


def _few_rows(corpus: Corpus) -> dict[str, list[str]]:
    documents = [row for row in corpus.documents if row.area in SMALL_AREAS]
    descriptors = [row for row in corpus.descriptors if corpus.area(row) in SMALL_AREAS]
    kept = {row.id for row in descriptors}
    rows = {
        files.DOCUMENTS: [files.row_line(row) for row in documents],
        files.DESCRIPTORS: [files.row_line(row) for row in descriptors],
        files.SECOND_CODINGS: [files.row_line(row) for row in corpus.second_codings if row.descriptor_id in kept],
    }
    for name in (
        *files.AUTHORED_FILES,
        files.SITUATION_PAIRS,
        *files.MARKED_FILES,
        files.LEXICON,
        files.REFERRAL_ELEMENTS,
    ):
        rows[name] = files.read_lines(ANNOTATIONS / name)[:ROWS_OF_EACH_KIND]
    for name, coded, key in (
        (files.NARRATIVE_MARKS, files.NARRATIVES, "narrative_id"),
        (files.FRAMING_PAIR_CODINGS, files.FRAMING_PAIRS, "pair_id"),
    ):  # codings of what is kept alone
        there = {json.loads(row)["id"] for row in rows[coded]}
        rows[name] = [row for row in rows[name] if json.loads(row)[key] in there]
    return rows


def _few_splits(corpus: Corpus, splits: Splits) -> Splits:
    groups = []
    for group in splits.groups:
        if set(group.areas) <= set(SMALL_AREAS):
            tested = group.areas == (SMALL_TEST_AREA,)
            split, folds = ("test", ()) if tested else ("development", (0,) * REPEATS)
            groups.append(group.model_copy(update={"split": split, "folds": folds}))
    return splits.model_copy(
        update={
            "groups": tuple(groups),
            "left_out": (),
            "removed": frozenset(),
            "authored": AuthoredParts(validation=frozenset(), test=frozenset(), folds={}),
            "test_rows": frozenset(row.id for row in corpus.descriptors if corpus.area(row) == SMALL_TEST_AREA),
        }
    )


@pytest.fixture
def spoiled(small: Path, tmp_path: Path) -> Path:
    """A copy of the small folder for one test to change."""
    return Path(shutil.copytree(small, tmp_path / "annotations"))


@pytest.fixture(scope="session")
def raw_rows() -> dict[str, list[dict[str, object]]]:
    """Every row of every released file as plain JSON."""
    return {name: [json.loads(line) for line in files.read_lines(ANNOTATIONS / name)] for name in files.ROW_FILES}
