"""The two stages of training, and which rows each may see.

The first stage is fitted to rows that say nothing of any area that is ever judged: invented texts, and published rows
of areas added after the splits were frozen. The second goes on from it with the published rows of the areas that a
network may know, mixed with rows of the first. So all folds, and the network that is released, share one first stage.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from datasets import Dataset

from evenhand_training.config import TrainConfig
from evenhand_training.corpus import NEAR_REPEAT_THRESHOLD, Corpus, Splits, near_repeats
from evenhand_training.dataset import Teaching, to_dataset
from evenhand_training.encoder import load_tokenizer
from evenhand_training.examples import Example, area_index, authored_examples, split_published
from evenhand_training.fit import Progress, fit
from evenhand_training.network import LadderNetwork
from evenhand_training.teacher import read_by_teacher
from evenhand_training.twins import with_twins


def shared_rows(corpus: Corpus, splits: Splits) -> list[Example]:
    """Rows of the first stage: invented texts, and published rows of areas that nobody is judged on.

    None nearly repeats a row that is ever judged, left out by a fold or in the frozen test, so that one network can be
    the start of every fold. Some get a twin.
    """
    left_out = [row for row in authored_examples(corpus, splits, "train") if is_left_out(row, splits)]
    # Greetings and claims recur in unrelated notes.
    told = [row.text for row in left_out if None not in row.assertions]
    return with_twins(_without_repeats(_unjudged(corpus, splits), told))


def taught_rows(corpus: Corpus, splits: Splits) -> list[Example]:
    """Rows that the teacher is fitted to and reads: descriptors, none of which nearly repeats one of a judged area."""
    return [row for row in _unjudged(corpus, splits) if row.source in ("authored", "descriptors")]


def _unjudged(corpus: Corpus, splits: Splits) -> list[Example]:
    development, test = split_published(corpus, splits)
    judged = [row.text for row in development if row.group] + [row.text for row in test]
    invented = [row for row in authored_examples(corpus, splits, "train") if not is_left_out(row, splits)]
    return _without_repeats([row for row in development if not row.group] + invented, judged)


def is_left_out(row: Example, splits: Splits) -> bool:
    """Whether the set or note has a fold: no network learns from it, so that notes can be judged by it."""
    return splits.authored_fold(row.unit) is not None


def fold_rows(corpus: Corpus, splits: Splits, *, repeat: int, fold: int) -> tuple[list[Example], list[Example]]:
    """Training rows and left-out rows of one fold; no training row nearly repeats a left-out one."""
    development, _ = split_published(corpus, splits)
    held = [row for row in development if row.group and splits.fold_of(row.group, repeat) == fold]
    held_ids = {row.id for row in held}
    others = [row for row in development if row.id not in held_ids and row.group]
    return _without_repeats(others, [row.text for row in held]) + shared_rows(corpus, splits), held


def final_rows(corpus: Corpus, splits: Splits) -> list[Example]:
    """Training rows of the network that is released."""
    development, _ = split_published(corpus, splits)
    return [row for row in development if row.group] + shared_rows(corpus, splits)


def _without_repeats(rows: Sequence[Example], judged: Sequence[str]) -> list[Example]:
    repeats = set(near_repeats([row.text for row in rows], judged, threshold=NEAR_REPEAT_THRESHOLD))
    return [row for place, row in enumerate(rows) if place not in repeats]


@dataclass(frozen=True, slots=True)
class Stages:
    """Fits the two stages for rows of one corpus; every network numbers the same areas.

    Attributes:
        areas: Numbers of the areas that say something about thresholds.
        config: The whole configuration.
        folder: Run folder of the configuration.
        shared: Run folder of the first stage, which other settings of the second share.
        teaching: What the teacher reads off descriptors of the first stage, fitted when first asked for.
    """

    areas: dict[str, int]
    config: TrainConfig
    folder: Path
    shared: Path
    teaching: Callable[[], Teaching | None]

    @classmethod
    def of(
        cls,
        corpus: Corpus,
        splits: Splits,
        config: TrainConfig,
        run_directory: Path,
        progress: Callable[[str], Progress | None],
        *,
        train: bool = True,
    ) -> Stages:
        """For a corpus, below the run folder of the configuration.

        `progress` gives what a named fit reports to; without `train` a teacher that is missing is an error.
        """
        development, _ = split_published(corpus, splits)
        areas = area_index(development)
        folders = [run_folder(run_directory, each, corpus) for each in (config, config.starting(), config.of_teacher())]

        @cache
        def taught() -> Teaching | None:
            rows = _limited(taught_rows(corpus, splits), config.row_limit)
            place = folders[2] / "teacher"
            return read_by_teacher(rows, config, areas=areas, folder=place, progress=progress, train=train)

        return cls(areas, config, folders[0], folders[1] / "shared", taught)

    def first(self, rows: Sequence[Example], progress: Progress | None) -> LadderNetwork:
        """The network that every fold starts from; read if it is there."""
        dataset, config = self._encoded(rows, replayed=(), teaching=self.teaching()), self.config.starting()
        return fit(dataset, config, areas=len(self.areas), run_directory=self.shared, progress=progress).network

    def rows_of_second(self, rows: Sequence[Example]) -> Dataset:
        """The data set of the second stage: published rows, and those of the first to draw from.

        It learns from codes alone: with the teacher's readings here too, published levels were met a little less often.
        """
        replayed = {row.id for row in rows if row.group is None}
        return self._encoded(rows, replayed=replayed, teaching=None)

    def second(self, dataset: Dataset, start: LadderNetwork, place: Path, progress: Progress | None) -> LadderNetwork:
        """A network that goes on from the first stage; `place` keeps its checkpoint."""
        config = self.config.adapting()
        fitted = fit(dataset, config, areas=len(self.areas), start=start, run_directory=place, progress=progress)
        return fitted.network

    def _encoded(self, rows: Sequence[Example], *, replayed: Container[str], teaching: Teaching | None) -> Dataset:
        limited = _limited(rows, self.config.row_limit)
        tokenizer = load_tokenizer(self.config.encoder.max_tokens)
        return to_dataset(limited, tokenizer, areas=self.areas, replayed=replayed, teaching=teaching)


def _limited(rows: Sequence[Example], limit: int) -> Sequence[Example]:
    """At most `limit` rows (0 for all), evenly spaced, so that a limited run sees rows of every source."""
    return rows[:: max(1, len(rows) // limit)][:limit] if limit else rows


def run_folder(run_directory: Path, config: TrainConfig, corpus: Corpus) -> Path:
    """Where the runs of one configuration and corpus version are kept: a change of either starts afresh.

    A change of the training code does not; give such runs a folder of their own.
    """
    return run_directory / f"{config.digest()[:12]}-{corpus.version}"
