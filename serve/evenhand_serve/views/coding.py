"""What the pages of a project show: how far it is, the form for a text, and codings side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evenhand.annotate.formats import FORMATS
from evenhand.annotate.records import Annotation
from evenhand.annotate.standing import Standing, last_of_people
from evenhand.annotate.workbook_guide import ISSUE_MEANINGS
from evenhand.batch.gate import Privacy
from evenhand.errors import VocabularyError
from evenhand.scheme import ISSUES, LEVELS, SEVERITIES, SEVERITY_MEANINGS, Issue, Level, level_set, parse_code
from evenhand_serve.views.words import LEVEL_NAMES, either, issue_name, sentence_case, set_words, shown

MOST_NOTE = 2000  # characters of a note, which says why and is no second text
SURE: dict[str, tuple[str, float]] = {  # how sure somebody says that they are, and what is kept of it
    "sure": ("Sure", 0.95),
    "fairly": ("Fairly sure", 0.75),
    "unsure": ("Not sure", 0.5),
    "guess": ("A guess", 0.25),
}
_SEPARATE = "Tick codes that are next to each other, such as B and C"
_NOTHING = "Tick a level, a severity or an issue. Skip the text if there is nothing to code in it"
_LEVEL_KEYS = {Level.NONE: "n", Level.A: "a", Level.B: "b", Level.C: "c", Level.D: "d"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A code to tick: its id on the page, what it is called and means, its key, and whether it is ticked."""

    id: str
    code: str
    name: str
    means: str
    key: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class CodingForm:
    """What somebody ticked and wrote, as it came or as it is to be shown.

    Attributes:
        levels: Codes.
        severity: Digit; "" for none.
        issues: Codes.
        sure: A key of `SURE`; "" for none.
        note: Their words.
    """

    levels: tuple[str, ...] = ()
    severity: str = ""
    issues: tuple[str, ...] = ()
    sure: str = ""
    note: str = ""

    @classmethod
    def given(cls, fields: Mapping[str, Sequence[str]]) -> CodingForm:
        """Of the fields that a browser sent; codes that there are not are left out."""
        first = {name: next(iter(values), "") for name, values in fields.items()}
        severity = first.get("severity", "")
        return cls(
            tuple(code for code in LEVELS if code in fields.get("levels", ())),
            severity if severity in map(str, SEVERITIES) else "",
            tuple(code for code in ISSUES if code in fields.get("issues", ())),
            first["sure"] if first.get("sure") in SURE else "",
            _kept(first.get("note", "")),
        )

    @classmethod
    def of(cls, codings: Sequence[Annotation]) -> CodingForm:
        """What several codings have in common; of one, all of it."""
        if not codings:
            return cls()
        first, *others = codings
        alone = not others
        return cls(
            first.levels if all(one.levels == first.levels for one in others) else (),
            _digit(first.severity) if all(one.severity == first.severity for one in others) else "",
            tuple(issue for issue in ISSUES if all(issue in one.issues for one in codings)),
            _sure(first.confidence) if alone else "",
            first.note if alone else "",
        )

    def wrong(self) -> tuple[str, str] | None:
        """What cannot be taken: the field, and what to do; None if all can."""
        if len(self.note) > MOST_NOTE:
            return "note", f"The note must be {MOST_NOTE:,} characters or less"
        try:
            level_set(self.levels)
        except VocabularyError:
            if self.levels:
                return "levels", _SEPARATE
        return None if self.levels or self.severity or self.issues else ("levels", _NOTHING)

    def codes(self) -> dict[str, object]:
        """As fields of an `Annotation`."""
        return {
            "levels": tuple(Level(code) for code in self.levels),
            "severity": float(self.severity) if self.severity else None,
            "issues": tuple(parse_code(Issue, code) for code in self.issues),
            "confidence": SURE[self.sure][1] if self.sure else None,
            "note": self.note,
        }

    @property
    def level_choices(self) -> list[Choice]:
        """The levels."""
        return [
            Choice(
                _id("levels", level, LEVELS[0]), level, LEVEL_NAMES[level], "", _LEVEL_KEYS[level], level in self.levels
            )
            for level in LEVELS
        ]

    @property
    def severity_choices(self) -> list[Choice]:
        """The severities."""
        return [
            Choice(
                _id("severity", str(grade), str(SEVERITIES[0])),
                str(grade),
                sentence_case(SEVERITY_MEANINGS[grade]),
                "",
                str(grade),
                str(grade) == self.severity,
            )
            for grade in SEVERITIES
        ]

    @property
    def issue_choices(self) -> list[Choice]:
        """The issues, by name."""
        found = [
            Choice("", issue, sentence_case(issue_name(issue)), ISSUE_MEANINGS[issue], "", issue in self.issues)
            for issue in ISSUES
        ]
        ordered = sorted(found, key=lambda one: one.name)
        return [
            Choice(_id("issues", one.code, ordered[0].code), one.code, one.name, one.means, one.key, one.ticked)
            for one in ordered
        ]

    @property
    def sure_choices(self) -> list[Choice]:
        """How sure."""
        return [Choice(_id("sure", key, "sure"), key, SURE[key][0], "", "", key == self.sure) for key in SURE]


@dataclass(frozen=True, slots=True)
class Card:
    """A coding to look at.

    Attributes:
        id: Of the coding.
        who: Its coder, with a version if it is a model.
        is_model: Whether it is.
        facts: Names and values, in words.
    """

    id: str
    who: str
    is_model: bool
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CodingHome:
    """How far a project is, for one coder.

    Attributes:
        coder: Who they are.
        left: Texts that wait for them.
        standing: Of all.
        may_code: Whether they may code.
        may_decide: Whether they may see all codings, decide and export.
        file: What the project's file is called.
        checked: What was and is done about what could identify somebody, in sentences.
    """

    coder: str
    left: int
    standing: Standing
    may_code: bool
    may_decide: bool
    file: str
    checked: str

    @property
    def coded(self) -> int:
        """Texts that they coded."""
        return self.standing.coded.get(self.coder, 0)

    @property
    def exports(self) -> tuple[tuple[str, str], ...]:
        """Suffixes without their dot, and what each is."""
        return tuple((suffix[1:], kind.name) for suffix, kind in FORMATS.items())


@dataclass(frozen=True, slots=True)
class CodingText:
    """A text to code, or that was coded.

    Attributes:
        place: Its number, from 1.
        text: As a page can hold it.
        form: What is ticked.
        people: Codings by people that may be seen.
        models: Codings by models that may be seen.
        decisions: By adjudicators.
        saved: The number of the text that was saved just now; 0 for none.
    """

    place: int
    text: str
    form: CodingForm
    people: tuple[Card, ...] = ()
    models: tuple[Card, ...] = ()
    decisions: tuple[Card, ...] = ()
    saved: int = 0


_CHECKED = {
    "refuse": "They were checked for names and numbers when the project was made.",
    "patterns": "They were checked for numbers and addresses when the project was made; names were not looked for.",
    "warn": "They were checked when the project was made; what was found was let in.",
}


def checked(privacy: str, notes: Privacy) -> str:
    """What was done about identifiable texts, and what is done about notes, in sentences.

    Args:
        privacy: As the project was made.
        notes: As the service is run.
    """
    texts = _CHECKED.get(privacy, "They were not checked for what could identify somebody.")
    if notes in {Privacy.OFF, Privacy.WARN}:
        return f"{texts} Notes are not checked: leave names out."
    return f"{texts} Notes are checked when you save them."


def coding_text(
    place: int, text: str, form: CodingForm, codings: Sequence[Annotation] = (), saved: int = 0
) -> CodingText:
    """A text with the codings that its reader may see; of each person the last."""
    last: dict[str, Annotation] = {one.coder.label: one for one in codings if one.coder.kind == "model"}
    return CodingText(
        place,
        shown(text),
        form,
        tuple(_card(one) for one in last_of_people(codings)),
        tuple(_card(one) for one in last.values()),
        tuple(_card(one) for one in codings if one.decides)[-1:],
        saved,
    )


def _card(coding: Annotation) -> Card:
    issues = either([issue_name(issue) for issue in coding.issues]).replace(" or ", " and ") if coding.issues else ""
    facts = (
        ("Level", f"{either(coding.levels)} ({set_words(coding.levels).lower()})" if coding.levels else "none given"),
        ("Severity", "none given" if coding.severity is None else f"{coding.severity:g}"),
        ("Issues", issues or "none given"),
        ("Sure", "" if coding.confidence is None else f"{coding.confidence:.0%}"),
        ("Note", shown(coding.note)),
    )
    return Card(
        coding.id,
        shown(coding.coder.label),
        coding.coder.kind == "model",
        tuple((name, value) for name, value in facts if value),
    )


def _id(field: str, code: str, first: str) -> str:
    """The first choice of a field has its id, to which errors lead."""
    return field if code == first else f"{field}-{code}"


def _kept(note: str) -> str:
    """A note without what not every format of codings can hold."""
    lines = note.replace("\r\n", "\n")
    return "".join(each if each.isprintable() or each in "\n\t" else " " for each in lines).strip()


def _digit(severity: float | None) -> str:
    return f"{severity:g}" if severity is not None and severity.is_integer() else ""


def _sure(confidence: float | None) -> str:
    return next((key for key, (_, value) in SURE.items() if value == confidence), "")
