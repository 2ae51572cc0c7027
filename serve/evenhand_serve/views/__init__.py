"""What templates show, made from plain results by pure functions; nothing here reads, writes or logs.

Each page has a module of its name; this one has what all pages share, and is where the rest is imported from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from evenhand_serve.views.about import ModelCard, framing_card, model_card
from evenhand_serve.views.areas import AreasPage, areas_page
from evenhand_serve.views.coding import CodingForm, CodingHome, CodingText, checked, coding_text
from evenhand_serve.views.comparison import areas_view
from evenhand_serve.views.document_told import DocumentTold, document_told
from evenhand_serve.views.documents import DocumentsResult, documents_result, levels_chosen
from evenhand_serve.views.environment import environment
from evenhand_serve.views.examples import EXAMPLES, Example, example_text
from evenhand_serve.views.file import Download, FileForm, FileResult, file_result
from evenhand_serve.views.marking import Run, runs, segments
from evenhand_serve.views.progress import Progress
from evenhand_serve.views.text import TextResult, text_result
from evenhand_serve.views.words import kind_name, shown

__all__ = [
    "EXAMPLES",
    "AreasPage",
    "CodingForm",
    "CodingHome",
    "CodingText",
    "Common",
    "DocumentTold",
    "DocumentsResult",
    "Download",
    "Example",
    "FieldError",
    "FileForm",
    "FileResult",
    "ModelCard",
    "Page",
    "Problem",
    "Progress",
    "Refused",
    "TextResult",
    "areas_page",
    "areas_view",
    "checked",
    "coding_text",
    "document_told",
    "documents_result",
    "environment",
    "example_text",
    "file_result",
    "framing_card",
    "levels_chosen",
    "model_card",
    "refused",
    "rendered",
    "text_result",
]

Page = Literal["text", "documents", "file", "areas", "about", "code", "sign-in", "problem"]

_STARTS = (
    ("/documents", "Threshold documents"),
    ("/file", "File of texts"),
    ("/areas", "Areas"),
    ("/about", "About"),
    ("/code", "Code"),
    ("/sign-in", "Sign in"),
)


@dataclass(frozen=True, slots=True)
class Common:
    """What every page is told.

    Attributes:
        version: Of Evenhand.
        csrf_token: Goes into every form.
        page: Which page it is, for the navigation.
        signed_in: Whether somebody is.
        needs_sign_in: Whether the service asks for a token.
        privacy_note: What is looked for in texts before they are read, in whole sentences.
        most_characters: Of one text.
        has_project: Whether there is a project to code.
    """

    version: str
    csrf_token: str
    page: Page
    signed_in: bool
    needs_sign_in: bool
    privacy_note: str
    most_characters: int
    has_project: bool


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with a field of a form: its id, or "" for the form as a whole, and what to do."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, as a page tells it.

    Attributes:
        status: Of HTTP.
        title: In a few words.
        detail: What happened, in a sentence; never a text.
        next_step: What somebody can do now, in a sentence.
        back: The path that was asked for; any at all, so that no link may lead there.
    """

    status: int
    title: str
    detail: str
    next_step: str
    back: str = "/"

    @property
    def start(self) -> tuple[str, str]:
        """The page of ours from which to start again: its path and name.

        >>> Problem(404, "Not found", "", "", back="/file/x").start, Problem(404, "Not found", "", "", "//x").start
        (('/file', 'File of texts'), ('/', 'Text'))
        """
        return next((one for one in _STARTS if self.back.startswith(one[0])), ("/", "Text"))


@dataclass(frozen=True, slots=True)
class Refused:
    """A text that was not read because it looks identifiable.

    Attributes:
        kinds: Each kind with how many were found: ("name", "2 found").
        runs: The text with what was found marked as framing, by place in `names`.
        names: What each mark is.
    """

    kinds: tuple[tuple[str, str], ...]
    runs: tuple[Run, ...]
    names: tuple[str, ...]


def refused(text: str, findings: Sequence[tuple[int, int, str]]) -> Refused:
    """What is shown of a text that looks identifiable.

    Args:
        text: As it was sent.
        findings: Start, end and kind of each finding, as `evenhand.privacy.Finding` has them.
    """
    names = [kind_name(kind) for _, _, kind in findings]
    cut = segments(shown(text), framing=[(start, end) for start, end, _ in findings])
    kinds = tuple((name, f"{number:,} found") for name, number in Counter(names).most_common())
    return Refused(kinds=kinds, runs=tuple(runs(cut)), names=tuple(names))


def rendered(template: str, common: Common, context: Mapping[str, Any]) -> str:
    """A page; `context` is what the template is documented to be given besides `common`."""
    return environment().get_template(template).render(common=common, **context)
