"""The privacy gate of a table: every text column is looked at before anything is written.

The gate warns and refuses, it does not anonymise: what looks clean may still identify somebody. It reports columns,
rows and kinds, and never a text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

from evenhand.batch.sightings import Sightings
from evenhand.errors import MissingExtraError, PrivacyError, VocabularyError, did_you_mean
from evenhand.privacy import Checker, Finding, load_checker, redact
from evenhand.privacy.columns import is_key, kind_of_column
from evenhand.tables import Chunk, Table, find_text_column


class Privacy(StrEnum):
    """What is done about texts that look identifiable."""

    REFUSE = "refuse"
    PATTERNS = "patterns"
    WARN = "warn"
    REDACT = "redact"
    OFF = "off"


def privacy_mode(given: Privacy | str) -> Privacy:
    """The mode of a name.

    Raises:
        VocabularyError: there is none of this name.
    """
    try:
        return Privacy(given)
    except ValueError:
        message = f"unknown privacy mode {str(given)!r}{did_you_mean(str(given), [str(mode) for mode in Privacy])}"
        raise VocabularyError(message) from None


def checker_for(privacy: Privacy, load: Callable[..., Checker], *, otherwise: str) -> Checker | None:
    """What looks at texts; None where nothing does.

    Args:
        privacy: What is to be done about what it finds.
        load: Gives a checker, as `load_checker` does.
        otherwise: What can be done where names cannot be looked for, for the error.

    Raises:
        PrivacyError: names cannot be looked for.
    """
    if privacy is Privacy.OFF:
        return None
    if privacy is Privacy.PATTERNS:
        return load(names=False)
    try:
        return load(names=True)
    except MissingExtraError as error:
        if privacy is Privacy.WARN:
            return load(names=False)
        message = f"names cannot be looked for: {error}; or {otherwise}"
        raise PrivacyError(message) from None


def looked_for(privacy: Privacy, checker: Checker | None, unchecked: Iterable[str]) -> dict[str, Any]:
    """What was looked for and where, as plain JSON types, for what is told about a result."""
    return {
        "mode": str(privacy),
        "names": "not checked" if checker is None or not checker.names_checked else "checked",
        "checker": None if checker is None else checker.version,
        "unchecked_columns": sorted(unchecked),
    }


class Gate:
    """Looks at the texts of a table.

    Args:
        privacy: What to do: `refuse` and `patterns` stop a run whose texts look identifiable, `patterns` without
            looking for names; `warn` counts; `redact` puts placeholders in their place; `off` does not look.
        unchecked: Columns that are not looked at, for instance one of pseudonyms.

    Raises:
        PrivacyError: names cannot be looked for, as the extra `privacy` is not installed.
    """

    def __init__(self, privacy: Privacy, *, unchecked: Sequence[str] = ()) -> None:
        self.privacy = privacy
        self.sightings = Sightings()
        self._unchecked = frozenset(unchecked)
        self._checker = checker_for(
            privacy,
            load_checker,
            otherwise="say --privacy patterns to look for all else, which the output then records",
        )

    @property
    def looks_first(self) -> bool:
        """Whether all rows are looked at before any is scored."""
        return self.privacy in {Privacy.REFUSE, Privacy.PATTERNS}

    def check_columns(self, table: Table) -> None:
        """Make sure that the columns to leave alone are there.

        Raises:
            InputError: one is not. Of JSON Lines not all columns may be known yet; one that never comes does no harm.
        """
        if table.format != "jsonl" or table.kinds:
            named = (find_text_column(table.columns, column=column, where=table.name) for column in self._unchecked)
            self._unchecked = frozenset(named)

    def refuse(self, chunks: Iterable[Chunk], name: str) -> None:
        """Go through a table.

        Raises:
            PrivacyError: a text looks identifiable.
        """
        for chunk in chunks:
            for number, row in zip(chunk.numbers, self._found(chunk), strict=True):
                for column, findings in row.items():
                    self.sightings.add(number, column, [finding.kind for finding in findings])
        if self.sightings:
            message = (
                f"{name} looks identifiable, so nothing was read: {self.sightings.told()}. Anonymise the texts; or "
            )
            message += (
                "say --unchecked COLUMN for a column that identifies nobody, --privacy redact for placeholders in "
            )
            message += "place of what is found, or --privacy warn to read them as they are"
            raise PrivacyError(message)

    def screened(self, chunk: Chunk) -> Chunk:
        """A chunk as it may be scored and written: with placeholders where the gate redacts."""
        if self.privacy not in {Privacy.WARN, Privacy.REDACT}:
            return chunk
        redacted: dict[int, dict[str, Any]] = {}
        for place, found in enumerate(self._found(chunk)):
            for column, findings in found.items():
                self.sightings.add(chunk.numbers[place], column, [finding.kind for finding in findings])
                if self.privacy is Privacy.REDACT:
                    redacted.setdefault(place, {})[column] = _redacted(chunk.rows[place][column], findings)
        return _with(chunk, redacted) if redacted else chunk

    def told(self) -> dict[str, Any]:
        """What the gate did and found, as plain JSON types; never a text."""
        return {**self.plan(), "found": self.sightings.to_json()}

    def plan(self) -> dict[str, Any]:
        """What has to stay the same for an unfinished run to go on."""
        return looked_for(self.privacy, self._checker, self._unchecked)

    def _found(self, chunk: Chunk) -> list[Mapping[str, Sequence[Finding]]]:
        """What is found in each row, by column."""
        checker = self._checker
        if checker is None:
            return [{} for _ in chunk.rows]
        found: list[dict[str, list[Finding]]] = [{} for _ in chunk.rows]
        looked_at: list[tuple[int, str, str]] = []
        for place, row in enumerate(chunk.rows):
            for column, value in row.items():
                if column in self._unchecked or value is None:
                    continue
                kind = kind_of_column(column)
                if kind is not None and value != "":
                    found[place][column] = [Finding(0, len(value) if isinstance(value, str) else 0, kind)]
                else:
                    looked_at += [(place, column, text) for text in _texts(value)]
        for (place, column, _), findings in zip(
            looked_at, checker.check_many([text for _, _, text in looked_at]), strict=True
        ):
            findings = () if is_key(column, chunk.rows[place][column], findings) else findings
            if findings:
                found[place].setdefault(column, []).extend(findings)
        return list(found)


def _texts(value: object) -> Iterator[str]:
    """The texts in a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _redacted(value: object, findings: Sequence[Finding]) -> object:
    """A value with placeholders; what is no text, or holds several, as one placeholder for all of it."""
    if isinstance(value, str):
        return redact(value, findings)
    return redact(" ", [Finding(0, 1, findings[0].kind)])


def _with(chunk: Chunk, redacted: Mapping[int, Mapping[str, Any]]) -> Chunk:
    rows = [{**row, **redacted.get(place, {})} for place, row in enumerate(chunk.rows)]
    batch = chunk.batch
    if batch is not None:
        for column in sorted({column for changed in redacted.values() for column in changed}):
            batch = _with_column(batch, column, [row[column] for row in rows])
    return replace(chunk, rows=rows, batch=batch)


def _with_column(batch: Any, column: str, values: list[Any]) -> Any:  # noqa: ANN401 - pyarrow has no types
    """A record batch with other values in a column of texts.

    Raises:
        PrivacyError: the column holds no plain texts.
    """
    import pyarrow as pa

    place = batch.schema.get_field_index(column)
    try:
        return batch.set_column(place, batch.schema.field(place), pa.array(values).cast(batch.schema.field(place).type))
    except pa.ArrowException:
        message = (
            f"column {column!r} holds {batch.schema.field(place).type}, in which no placeholder can stand; leave the "
        )
        message += "column out, or make it text"
        raise PrivacyError(message) from None
