"""Known failures with examples: invented texts, what a careful reader would say, and what the released models say.

The texts stand in `failures.toml`. The models read them anew each time, so that what is told of a model is so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise
from string import Template
from typing import TYPE_CHECKING, Literal

from evenhand.errors import InputError

if TYPE_CHECKING:
    from evenhand.framing import Flagger, Flags
    from evenhand.model import Model
    from evenhand.result import Coding

Ask = Literal["level", "same", "graver"]
_NOTHING = "no level"  # what a text gets in which nothing can be coded


@dataclass(frozen=True, slots=True)
class Case:
    """Texts that belong together.

    Attributes:
        ask: What is asked of them; the head of `failures.toml` says what each word means.
        should: The levels that would be right, where `ask` is `level`.
    """

    ask: Ask
    texts: tuple[str, ...]
    should: tuple[str, ...] = ()

    def fails(self, codings: Sequence[Coding]) -> bool:
        """Whether the model's codings of the texts are not as asked."""
        levels = [_level(coding) for coding in codings]
        if self.ask == "level":
            return levels[0] not in self.should
        if self.ask == "same":
            return len(set(levels)) > 1
        # A text without a level has no severity, and is graver than nothing.
        grades = [coding.severity or 0.0 for coding in codings]
        return any(later <= earlier for earlier, later in pairwise(grades))


@dataclass(frozen=True, slots=True)
class FailureClass:
    """Failures of one kind: its name, what is measured of it (a template of figures), and cases."""

    title: str
    measured: str
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class FramingCase:
    """A text that the framing model misreads.

    Attributes:
        should: What a careful reader would say.
        category: The category that its flag should have; None for any that is no need or strength, or for no flag.
        need: The unmet need that it tells; None for none.
    """

    text: str
    should: str
    category: str | None = None
    need: str | None = None

    def fails(self, flags: Flags) -> bool:
        """Whether the model misses the need, or has no flag, or not of this category."""
        if self.need:
            return self.need not in {found.need.value for found in flags.unmet_needs}
        found = {span.category.value for span in flags.framing} - {"need_framed", "strength_based"}
        return self.category not in found if self.category else not found


def known_failures() -> tuple[list[FailureClass], list[FramingCase]]:
    """The failures of the coding model by class, and those of the framing model."""
    told = tomllib.loads(resources.files(__package__).joinpath("failures.toml").read_text(encoding="utf-8"))
    classes = [
        FailureClass(
            found["title"],
            found["measured"],
            tuple(Case(case["ask"], tuple(case["texts"]), tuple(case.get("should", ()))) for case in found["case"]),
        )
        for found in told["class"]
    ]
    framing = [
        FramingCase(found["text"], found["should"], found.get("category"), found.get("need"))
        for found in told["framing"]
    ]
    return classes, framing


def failures_page(classes: Sequence[FailureClass], model: Model, figures: Mapping[str, str]) -> str:
    """The classes as Markdown, each with a table of its texts and what the model says of them.

    Raises:
        InputError: the model does better than is said of it; names every case that is read as asked.
    """
    read = [[model.code_many(case.texts) for case in found.cases] for found in classes]
    mended = [
        f"{found.title!r}, case {number}"
        for found, codings in zip(classes, read, strict=True)
        for number, (case, told) in enumerate(zip(found.cases, codings, strict=True), 1)
        if not case.fails(told)
    ]
    if mended:
        message = f"failures.toml: the model now reads as asked {'; '.join(mended)}; drop these cases"
        raise InputError(message)
    return "\n".join(
        line
        for number, (found, codings) in enumerate(zip(classes, read, strict=True), 1)
        for line in _class(number, found, codings, figures)
    )


def framing_failures(cases: Sequence[FramingCase], flagger: Flagger) -> str:
    """The framing model's misreadings as a table.

    Raises:
        InputError: a text is read as it should be.
    """
    read = flagger.flag_many([case.text for case in cases])
    mended = [
        str(number) for number, (case, flags) in enumerate(zip(cases, read, strict=True), 1) if not case.fails(flags)
    ]
    if mended:
        message = f"failures.toml: the model now reads as it should [[framing]] {', '.join(mended)}; drop these"
        raise InputError(message)
    rows = [
        f"| {_quoted(case.text)} | {case.should} | {_flags(case.text, flags)} |"
        for case, flags in zip(cases, read, strict=True)
    ]
    return "\n".join(["| invented text | should be | what the model says |", "|---|---|---|", *rows])


def _class(
    number: int, found: FailureClass, read: Sequence[Sequence[Coding]], figures: Mapping[str, str]
) -> Iterator[str]:
    yield from [f"### {number}. {found.title}", "", Template(found.measured).substitute(figures), ""]
    yield from ["| invented text | should be | the model says |", "|---|---|---|"]
    for case, codings in zip(found.cases, read, strict=True):
        for place, (text, coding) in enumerate(zip(case.texts, codings, strict=True)):
            yield f"| {_quoted(text)} | {_should(case, place)} | {_told(coding)} |"
    yield ""


def _should(case: Case, place: int) -> str:
    if case.ask == "level":
        return " or ".join(case.should)
    if place == 0:
        return "–"
    return "the same" if case.ask == "same" else "graver"


def _told(coding: Coding) -> str:
    if coding.level is None:
        return _NOTHING
    issues = ", ".join(issue.value.replace("_", " ") for issue in coding.issues) or "no issue"
    return f"**{coding.level.value}**, severity {coding.severity:.1f}; {issues}"


def _flags(text: str, flags: Flags) -> str:
    spans = [f'"{text[span.start : span.end]}": {span.category.value.replace("_", " ")}' for span in flags.framing]
    needs = [f'"{text[found.start : found.end]}": {found.need.value}' for found in flags.unmet_needs]
    return "; ".join([*spans, *needs]) or "nothing"


def _level(coding: Coding) -> str:
    return _NOTHING if coding.level is None else coding.level.value


def _quoted(text: str) -> str:
    return f'"{text}"'.replace("|", "\\|")
