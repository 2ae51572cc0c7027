"""Codings as Label Studio's JSON: a list of tasks, with what people said as annotations and what models said as
predictions.

Label Studio keeps the data of a task as it is, and little else: its import gives every annotation to whoever imports
and dates it anew, and its plain export leaves predictions out. So a task's data holds our records of its codings
whole, and each result only says, in its `meta`, which record it shows. What is read is what Label Studio shows; a
record stands where the results still show it. Where they differ, somebody changed them there, and it is that person's
coding.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from evenhand.annotate.json_lines import coding_fields, time_text
from evenhand.annotate.label_studio_config import TEXT, labelling_config
from evenhand.annotate.label_studio_reading import Task, people_of
from evenhand.annotate.label_studio_results import RECORDS, results_of
from evenhand.annotate.records import Annotation, Annotations, Coder, Unit
from evenhand.errors import InputError
from evenhand.scheme import SCHEME_VERSION

__all__ = ["labelling_config", "read", "written"]


def written(collection: Annotations) -> str:
    """A collection as tasks to import; `read` gives the same again.

    A file without any text cannot say the version of its scheme.
    """
    by_unit = collection.by_unit()
    tasks = [_task(unit, by_unit[unit.id], collection.scheme) for unit in collection.units]
    return json.dumps(tasks, ensure_ascii=False, indent=1) + "\n"


def read(content: str, name: str) -> Annotations:
    """Read tasks that `written` wrote, or that Label Studio exported, of our projects or of others.

    Skipped annotations are left out. An export has to be made with `download_all_tasks=true` to have the texts that
    nobody has coded.

    Args:
        content: Of the file.
        name: What it is called in messages.

    Raises:
        InputError: a task is not as it should be; the message says which, without what stands in it.
    """
    try:
        given = json.loads(content)
    except (ValueError, RecursionError):
        message = f"{name} is no JSON; export the project from Label Studio as JSON"
        raise InputError(message) from None
    if not isinstance(given, list):
        message = f"{name} is no list of tasks; export the project from Label Studio as JSON"
        raise InputError(message)
    people = people_of(given)
    tasks = [_read_task(task, people, f"{name}: task {number:,}") for number, task in enumerate(given, 1)]
    schemes = {task.scheme for task in tasks if task.scheme is not None} or {SCHEME_VERSION}
    if len(schemes) > 1:
        message = f"{name}: its tasks are of different coding schemes ({', '.join(sorted(schemes))}); split it"
        raise InputError(message)
    try:
        return Annotations(
            tuple(task.unit for task in tasks), tuple(one for task in tasks for one in task.codings), *schemes
        )
    except InputError as error:
        message = f"{name}: {error}"
        raise InputError(message) from None


def _read_task(given: Any, people: Mapping[int, str], where: str) -> Task:  # noqa: ANN401 - whatever a file has
    try:
        return Task.of(given, people)
    except InputError as error:
        message = f"{where}: {error}"
        raise InputError(message) from None
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        message = f"{where} is not as Label Studio writes it ({type(error).__name__}); export the project again"
        raise InputError(message) from None


def _task(unit: Unit, codings: Iterable[Annotation], scheme: str) -> dict[str, Any]:
    """A unit and its codings; a coder's stretches stand with the first of their codings of the whole text."""
    groups: dict[Coder, list[list[Annotation]]] = {}
    for coding in sorted(codings, key=lambda one: one.start is not None):
        of_coder = groups.setdefault(coding.coder, [])
        if coding.start is None or not of_coder:
            of_coder.append([coding])
        else:
            of_coder[0].append(coding)
    every = [group for of_coder in groups.values() for group in of_coder]
    records = [coding_fields(coding) for group in every for coding in group]
    kept = {"scheme": scheme, "data": dict(unit.data), "codings": records}
    return {
        "data": {TEXT: unit.text, "id": unit.id, "document": unit.document, RECORDS: kept},
        "annotations": [_annotation(group) for group in every if group[0].coder.kind == "person"],
        "predictions": [_prediction(group) for group in every if group[0].coder.kind == "model"],
    }


def _annotation(group: list[Annotation]) -> Mapping[str, Any]:
    """What a person said. It names no `completed_by`: the import refuses a file with one whom the server lacks."""
    times = [coding.made for coding in group]
    return {
        "created_username": group[0].coder.label,
        "created_at": time_text(min(times)),
        "updated_at": time_text(max(times)),
        "was_cancelled": False,
        "ground_truth": any(coding.decides for coding in group),
        "result": [item for coding in group for item in results_of(coding)],
    }


def _prediction(group: list[Annotation]) -> Mapping[str, Any]:
    """What a model said, scored by how sure it was of the whole text, or else of the least sure stretch."""
    sure = [coding.confidence for coding in group if coding.confidence is not None]
    of_whole = group[0].confidence if group[0].start is None else None
    coder = group[0].coder
    return {
        "model_version": f"{coder.name} {coder.version}",
        "score": of_whole if of_whole is not None else min(sure, default=None),
        "created_at": time_text(max(coding.made for coding in group)),
        "result": [item for coding in group for item in results_of(coding)],
    }
