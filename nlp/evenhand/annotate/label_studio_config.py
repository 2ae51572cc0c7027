"""The labelling configuration that makes a Label Studio project one in which our scheme is coded; no I/O.

Results hold our codes (`alias`); what a person reads is plain English. A control codes either the whole text or a
stretch of it, so that each stands twice: `level` and `passage_level`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from evenhand.consistency.report.words import issue_words
from evenhand.framing.scheme import CATEGORY_NAMES
from evenhand.scheme import LEVEL_MEANINGS, SEVERITIES, SEVERITY_MEANINGS, Assertion, Frame, Issue, Level

TEXT = "text"  # name of the object, and of its key in the data of a task
PASSAGES = "passage"  # the control that marks a stretch
PASSAGE = "Passage"  # its one label
PASSAGE_PREFIX = "passage_"  # before the name of a control that codes a stretch
_STEP = 0.1  # of severity; people give whole numbers, models do not, and the page refuses what is between steps

_LEVELS = {level: f"{level}: {LEVEL_MEANINGS[level]}" for level in Level}
_ASSERTIONS = {
    Assertion.PRESENT: "so now",
    Assertion.NEGATED: "said not to be so",
    Assertion.HISTORICAL: "so in the past",
    Assertion.HYPOTHETICAL: "not said to be so, but possible",
    Assertion.OTHER_PERSON: "about somebody else",
}
_FRAMES = {
    Frame.EVIDENCE: "evidence: what was seen, said or done",
    Frame.RISK: "risk: what might happen",
    Frame.BLAME: "blame: a verdict on the child or the parents",
    Frame.NEED: "need: what the family or the child lacks",
    Frame.STRENGTH: "strength: what goes well or protects",
}
# Name of a control, what it asks, and the words for its codes.
_CHOICES: tuple[tuple[str, str, bool, Mapping[Any, str]], ...] = (
    (
        "level",
        "Level of intervention. Choose neighbours where several fit.",
        True,
        _LEVELS,
    ),
    ("issues", "Issues. Choose all that it is about.", True, {issue: issue_words(issue) for issue in Issue}),
    ("assertion", "Is it so?", False, _ASSERTIONS),
    ("frame", "How is it told?", False, _FRAMES),
    ("framing", "How does it frame somebody? Leave empty where it does not.", False, CATEGORY_NAMES),
)
_SEVERITY = "Severity, 1 to 6. Give a whole number."
_NOTE = "Note"
_SMALL = "evenhand-small"  # class of the meanings of the grades
_OTHER = "Codes of other schemes, one at a time"


def labelling_config() -> str:
    """XML to paste into a project's labelling interface, under "Code".

    >>> labelling_config().count("<Choices ")
    10
    """
    lines = [
        "<View>",
        # Headers of every size look alike but for this.
        f"  <Style>.{_SMALL} h4 {{ font-size: 14px; font-weight: 400; margin: 2px 0 !important; }}</Style>",
        f'  <Labels name="{PASSAGES}" toName="{TEXT}">',
        f'    <Label value="{PASSAGE}" background="#1d70b8"'
        ' hint="To code a few words: choose this, then drag over them" />',
        "  </Labels>",
        f'  <Text name="{TEXT}" value="${TEXT}" granularity="symbol" />',
        '  <View visibleWhen="no-region-selected">',
        '    <Header value="The whole text (to code a passage, click it)" size="4" />',
        *(f"  {line}" for line in _controls("")),
        "  </View>",
        '  <View visibleWhen="region-selected">',
        '    <Header value="The chosen passage" size="4" />',
        *(f"  {line}" for line in _controls(PASSAGE_PREFIX)),
        "  </View>",
        "</View>",
    ]
    return "\n".join(lines) + "\n"


def _controls(prefix: str) -> Iterable[str]:
    common = f'toName="{TEXT}"' + (' perRegion="true"' if prefix else "")
    for name, asked, multiple, words in _CHOICES:
        yield _header(asked)
        inline = ' showInline="true"' if name == "issues" else ""
        yield f'  <Choices name="{prefix}{name}" {common} choice="{"multiple" if multiple else "single"}"{inline}>'
        for code, meaning in words.items():
            shown = meaning[:1].upper() + meaning[1:]
            yield f"    <Choice value={quoteattr(shown)} alias={quoteattr(str(code))} hint={quoteattr(str(code))} />"
        yield "  </Choices>"
        if name == "level":
            yield _header(_SEVERITY)
            yield f'  <View className="{_SMALL}">'
            yield from (f"  {_header(f'{grade}: {SEVERITY_MEANINGS[grade]}')}" for grade in SEVERITIES)
            yield "  </View>"
            limits = f'min="{SEVERITIES[0]}" max="{SEVERITIES[-1]}" step="{_STEP}"'
            yield f'  <Number name="{prefix}severity" {common} {limits} />'
    yield _header(_NOTE)
    yield f'  <TextArea name="{prefix}note" {common} rows="3" maxSubmissions="1" editable="true" />'
    yield _header(_OTHER)
    yield f'  <TextArea name="{prefix}other" {common} rows="1" editable="true" />'


def _header(value: str) -> str:
    return f'  <Header value={quoteattr(value)} size="5" />'
