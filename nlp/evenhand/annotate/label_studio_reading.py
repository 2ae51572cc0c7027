"""A task of Label Studio as a text with its codings, and who made each; no I/O.

A record that a task carries stands where the results still show it. Otherwise the coding is by the person who changed
it, and so is one that was copied from a prediction or from somebody else's annotation.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from evenhand.annotate.json_lines import coding_of, time_of
from evenhand.annotate.label_studio_config import TEXT
from evenhand.annotate.label_studio_results import (
    RECORDS,
    as_line,
    as_note,
    codes_of,
    record_of,
    same_codes,
    stretch_of,
)
from evenhand.annotate.records import Annotation, Coder, Unit
from evenhand.errors import InputError

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # where a file has none
_Results = list[Mapping[str, Any]]


@dataclass(slots=True)
class Task:
    """A text, its codings, and the version of their scheme.

    Attributes:
        unit: The text.
        scheme: None for a task of another project.
        codings: Of people and models.
    """

    unit: Unit
    scheme: str | None = None
    codings: list[Annotation] = field(default_factory=list)
    _records: dict[str, Annotation] = field(default_factory=dict)

    @classmethod
    def of(cls, given: Mapping[str, Any], people: Mapping[int, str]) -> Task:
        """A task from its JSON.

        Args:
            given: The JSON.
            people: E-mails of users by their numbers, as far as the file has them.

        Raises:
            InputError: something in it cannot be.
        """
        unit, kept = _unit(given)
        records = [coding_of(one) for one in kept.get("codings") or ()]
        task = cls(unit, kept.get("scheme"), [], {one.id: one for one in records})
        for annotation in given.get("annotations") or given.get("completions") or ():
            if isinstance(annotation, Mapping) and not annotation.get("was_cancelled"):
                for coding in task._of_person(annotation, people):  # one by one: each looks for those before it
                    task.codings.append(coding)
        # Models' records stand as they are: plain exports list no more than the numbers of predictions.
        task.codings += [one for one in records if one.coder.kind == "model"]
        for prediction in given.get("predictions") or ():
            if isinstance(prediction, Mapping):
                task.codings += list(task._of_model(prediction))
        return task

    def _of_person(self, annotation: Mapping[str, Any], people: Mapping[int, str]) -> Iterator[Annotation]:
        copied = any(annotation.get(key) is not None for key in ("parent_prediction", "parent_annotation"))
        regions = _regions(annotation.get("result") or [])
        imported = not copied and any(
            (record := self._records.get(record_of(results) or "")) is not None and record.coder.kind == "person"
            for results in regions.values()
        )
        who = ("updated_by", "completed_by") if imported else ("completed_by", "updated_by")
        coder = _person(next((annotation[key] for key in who if annotation.get(key) is not None), None), people)
        for place, results in regions.items():
            stretch, codes = self._read(results)
            record = self._records.get(record_of(results) or "")
            if imported and record is not None and same_codes(record, stretch, codes) and self._is_new(record):
                yield record
            else:
                yield self._made(annotation, "annotation", place, coder, stretch, codes)

    def _of_model(self, prediction: Mapping[str, Any]) -> Iterator[Annotation]:
        """What another model said; its version is all that Label Studio tells of it."""
        version = " ".join(str(prediction.get("model_version") or "undefined").split())
        coder = Coder("Label Studio", "model", version)
        score = prediction.get("score")
        sure = score if isinstance(score, int | float) and 0 <= score <= 1 else None
        for place, results in _regions(prediction.get("result") or []).items():
            if record_of(results) not in self._records:
                stretch, codes = self._read(results)
                yield self._made(prediction, "prediction", place, coder, stretch, codes, sure)

    def _read(self, results: _Results) -> tuple[tuple[int, int] | None, dict[str, Any]]:
        return stretch_of(results[0].get("value") or {}, self.unit.text), codes_of(results)

    def _is_new(self, record: Annotation) -> bool:
        return record.coder.kind == "person" and all(one.id != record.id for one in self.codings)

    def _made(
        self,
        given: Mapping[str, Any],
        kind: str,
        place: str,
        coder: Coder,
        stretch: tuple[int, int] | None,
        codes: Mapping[str, Any],
        confidence: float | None = None,
    ) -> Annotation:
        start, end = stretch or (None, None)
        number = given.get("unique_id") or given.get("id") or f"{self.unit.id} {len(self.codings)}"
        made = next((given[key] for key in ("updated_at", "created_at") if given.get(key)), None)
        return Annotation(
            id=f"label-studio {kind} {number} {place}".strip(),
            unit=self.unit.id,
            coder=coder,
            made=_NO_TIME if made is None else time_of(str(made)),
            confidence=confidence,
            start=start,
            end=end,
            **codes,
        )


def _unit(given: Mapping[str, Any]) -> tuple[Unit, Mapping[str, Any]]:
    """The text of a task, and what else its data keeps for us."""
    data = given["data"]
    kept = data.get(RECORDS)
    if isinstance(kept, Mapping):
        return Unit(data["id"], data[TEXT], data.get("document") or "", dict(kept.get("data") or {})), kept
    texts = {name: value for name, value in data.items() if isinstance(value, str)}
    name = TEXT if TEXT in texts else next(iter(texts), "") if len(texts) == 1 else ""
    if not name:
        message = f'its data has no "{TEXT}", and not one text alone; rename the column of the texts to "{TEXT}"'
        raise InputError(message)
    number = data.get("id", given.get("id"))
    if number is None:
        message = "it has no id; export the project from Label Studio, or give its data an id"
        raise InputError(message)
    document = data.get("document")
    rest = {
        as_line(key): as_note(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for key, value in data.items()
        if key not in {name, "id", "document"} and value is not None
    }
    return Unit(str(number), data[name], document if isinstance(document, str) else "", rest), {}


def _regions(results: Iterable[Mapping[str, Any]]) -> dict[str, _Results]:
    """Results by what they code: "" for the whole text, or the id of a region; relations code nothing."""
    found: dict[str, _Results] = {}
    for each in results:
        if each.get("type") == "relation":
            continue
        value = each.get("value") or {}
        is_stretch = "start" in value or "globalOffsets" in value
        found.setdefault(str(each.get("id") or len(found)) if is_stretch else "", []).append(each)
    return found


def people_of(tasks: Iterable[object]) -> dict[int, str]:
    """E-mails of users by their numbers: exports that tell who made an annotation still number who changed it."""
    found: dict[int, str] = {}
    for task in tasks:
        annotations = task.get("annotations") if isinstance(task, Mapping) else None
        for annotation in annotations if isinstance(annotations, list) else ():
            who = annotation.get("completed_by") if isinstance(annotation, Mapping) else None
            if isinstance(who, Mapping) and isinstance(who.get("id"), int) and who.get("email"):
                found[who["id"]] = str(who["email"])
    return found


def _person(given: object, people: Mapping[int, str]) -> Coder:
    """Somebody of Label Studio, by e-mail, or by number where the file says no more."""
    if isinstance(given, Mapping):
        email, number = given.get("email"), given.get("id")
        return Coder(str(email)) if email else Coder(f"label-studio user {number}")
    if isinstance(given, int) and given in people:
        return Coder(people[given])
    if isinstance(given, str) and given.strip():
        return Coder(given.strip())
    return Coder("label-studio user" if given is None else f"label-studio user {given}")
