"""The frozen splits: which areas and which authored rows train, and which test.

Published rows are split by connected group of areas, authored rows by row, pair, set, template or note. What
`splits.json` does not name is training only, so that a row added later never changes a test.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evenhand.errors import InputError
from evenhand_training.corpus import files

# Between the names of a joint area.
_SEPARATORS = re.compile(r", | and |[()]| & ")

Part = Literal["train", "validation", "test"]
FOLDS = 5  # about 160 rows and nine areas a fold
REPEATS = 3  # the five largest groups hold more than half of the rows, so further repeats differ little


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class LeftOut(_Frozen):
    """An area that is in no split, and why."""

    area: str
    reason: str


class Group(_Frozen):
    """A connected group of areas on one side of the split; in development with one fold for each repeat."""

    id: str
    areas: tuple[str, ...]
    joined_because: str | None
    rows: Annotated[int, Field(ge=1)]
    informative_rows: Annotated[int, Field(ge=0)]
    split: Literal["development", "test"]
    folds: tuple[Annotated[int, Field(ge=0, lt=FOLDS)], ...]


class AuthoredParts(_Frozen):
    """Ids of authored rows outside training, and the fold of those that cross-validation leaves out in turn."""

    validation: frozenset[str]
    test: frozenset[str]
    folds: dict[str, Annotated[int, Field(ge=0, lt=FOLDS)]]


class Splits(_Frozen):
    """The content of `splits.json`.

    Attributes:
        test_rows: Ids of the published test rows; rows added to their areas later are not among them.
        removed: Ids of rows outside the test that nearly repeat a test row; never train or tune on them.
    """

    version: str
    seed: int
    near_repeat_threshold: float
    left_out: tuple[LeftOut, ...]
    groups: tuple[Group, ...]
    test_rows: frozenset[str]
    authored: AuthoredParts
    removed: frozenset[str]

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Read `splits.json` of a corpus folder.

        Raises:
            InputError: the file is missing or not of this form.
        """
        path = directory / files.SPLITS
        try:
            return cls.model_validate_json(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            message = f"{path}: cannot be read ({type(error).__name__}); restore the released file"
            raise InputError(message) from None
        except ValidationError as error:
            faults = error.error_count()
            message = f"{path}: not the form of a splits file ({faults} faults); restore the released file"
            raise InputError(message) from error

    def write(self, directory: Path) -> None:
        """Write `splits.json`, with every list of ids sorted so that changes read well."""
        content = json.dumps(_sorted_sets(self.model_dump()), ensure_ascii=False, indent=1)
        (directory / files.SPLITS).write_text(content + "\n", encoding="utf-8", newline="\n")

    @cached_property
    def _group_by_area(self) -> dict[str, str]:
        return {area: group.id for group in self.groups for area in group.areas}

    @cached_property
    def _folds(self) -> dict[str, tuple[int, ...]]:
        return {group.id: group.folds for group in self.groups if group.split == "development"}

    @property
    def test_groups(self) -> tuple[str, ...]:
        """Ids of the groups of areas kept for the test."""
        return tuple(group.id for group in self.groups if group.split == "test")

    @property
    def development_groups(self) -> tuple[str, ...]:
        """Ids of the groups of areas that training and cross-validation use."""
        return tuple(group.id for group in self.groups if group.split == "development")

    def group_of(self, area: str) -> str | None:
        """The group an area belongs to, or None for one that is left out or was added later."""
        return self._group_by_area.get(area)

    @cached_property
    def _judged_names(self) -> frozenset[str]:
        return frozenset(part for area in self._group_by_area for part in (area, *_SEPARATORS.split(area)) if part)

    def judges(self, area: str) -> bool:
        """Whether a group has this area, by itself or as part of a joint one ("Bedford ... and Luton").

        A row of such an area that was added later may not train: its area would be judged by what it has seen.
        """
        return area in self._judged_names

    def is_left_out(self, area: str) -> bool:
        """Whether an area is kept out of splits altogether, training included."""
        return any(area == left.area for left in self.left_out)

    def fold_of(self, group: str, repeat: int) -> int:
        """The fold, 0 to 4, in which a development group is held out in a repeat, 0 to 2.

        Raises:
            InputError: not a development group, or no such repeat.
        """
        folds = self._folds.get(group)
        if folds is None or not 0 <= repeat < len(folds):
            message = f"no fold for group {group!r} in repeat {repeat}; use development_groups and 0..{REPEATS - 1}"
            raise InputError(message)
        return folds[repeat]

    def part_of(self, row_id: str) -> Part:
        """The part of an authored row, pair, set, template or note; `train` for one added later."""
        if row_id in self.authored.test:
            return "test"
        return "validation" if row_id in self.authored.validation else "train"

    def authored_fold(self, row_id: str) -> int | None:
        """The fold in which an authored set or note is left out, the same in all repeats; None where it never is."""
        return self.authored.folds.get(row_id)


def _sorted_sets(value: Any) -> Any:  # noqa: ANN401 - any part of the splits
    if isinstance(value, dict):
        return {key: _sorted_sets(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_sorted_sets(item) for item in value]
    return value
