"""Shared by the tests of the library: a stand-in model, and the command run inside the test's own process."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from evenhand.privacy import Finding, load_checker
from evenhand.result import Coding, SentenceCoding
from evenhand.scheme import ISSUES, LEVELS, Assertion, Frame, Issue, Level, dfe_codes
from evenhand.text import normalise, split_sentences

_CUES = (
    ("belt", 4, Issue.PHYSICAL_ABUSE),
    ("bruise", 3, Issue.PHYSICAL_ABUSE),
    ("scared", 3, Issue.EMOTIONAL_ABUSE),
    ("alone", 2, Issue.NEGLECT),
    ("damp", 1, Issue.HOUSING),
    ("late", 1, Issue.EDUCATION),
    ("likes", 0, Issue.PROTECTIVE),
)


class StandIn:
    """Finds a few words; deterministic, each text by itself, shaped like the real model."""

    name = identity = "stand-in-1"

    def code(self, text: str) -> Coding:
        return self.code_many([text])[0]

    def code_many(self, texts: Iterable[str]) -> list[Coding]:
        return [self._code(text) for text in texts]

    def info(self) -> dict[str, Any]:
        headline = {"level_in_set": {"value": 0.81, "interval": [0.78, 0.84]}}
        return {"name": self.name, "levels": list(map(str, LEVELS)), "headline": headline, "files": {}}

    def _code(self, text: str) -> Coding:
        found = [(span, self._sentence(normalise(text[slice(*span)]).lower())) for span in split_sentences(text)]
        ranks = [rank for _, (rank, _) in found if rank is not None]
        decides = max(ranks, default=None)
        sentences = tuple(self._sentence_coding(span, rank, issues, decides) for span, (rank, issues) in found)
        if decides is None:
            reason = "the text is blank" if not sentences else "no sentence describes a concern, need or strength"
            return Coding(None, (), {}, None, (), {}, (), None, None, sentences, False, self.name, reason)
        issues = tuple(dict.fromkeys(issue for _, (_, listed) in found for issue in listed))
        return Coding(
            level=LEVELS[decides],
            levels=LEVELS[max(0, decides - 1) : decides + 1],
            level_probabilities={level: 0.68 if level.rank == decides else 0.08 for level in LEVELS},
            severity=1 + 1.2345678 * decides,
            issues=issues,
            issue_probabilities={issue: 0.912345 if issue in issues else 0.01 for issue in ISSUES},
            dfe_codes=dfe_codes(issues),
            assertion=Assertion.PRESENT,
            frame=Frame.EVIDENCE,
            sentences=sentences,
            truncated="untold" in text,
            model=self.name,
        )

    @staticmethod
    def _sentence(text: str) -> tuple[int | None, list[Issue]]:
        cues = [(rank, issue) for word, rank, issue in _CUES if word in text]
        return max((rank for rank, _ in cues), default=None), list(dict.fromkeys(issue for _, issue in cues))

    @staticmethod
    def _sentence_coding(
        span: tuple[int, int], rank: int | None, issues: list[Issue], decides: int | None
    ) -> SentenceCoding:
        if rank is None:
            return SentenceCoding(*span, None, None, (), None, None, 0.0)
        level: Level = LEVELS[rank]
        weight = float(rank == decides)
        severity = 1 + 1.2345678 * rank
        return SentenceCoding(*span, level, severity, tuple(issues), Assertion.PRESENT, Frame.EVIDENCE, weight)


@pytest.fixture
def model() -> StandIn:
    """The model under the tests; `evenhand.load()` would be the released one."""
    return StandIn()


class PatternsOnly:
    """Says that it looked for names, and spares the tests of other things the language model for that."""

    names_checked = True
    version = "patterns"

    def check_many(self, texts: Sequence[str]) -> list[tuple[Finding, ...]]:
        return load_checker(names=False).check_many(texts)


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    status: int
    out: str
    err: str


RunCommand = Callable[..., Ran]


@pytest.fixture
def evenhand(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], model: StandIn) -> RunCommand:
    """Run the command in this process: `evenhand("score", path, stdin=b"...", terminal=True)`."""
    from evenhand import cli, cli_shared
    from evenhand.batch import gate

    for module in (cli, cli_shared):
        monkeypatch.setattr(module, "load_model", lambda path: model)
    monkeypatch.setattr(gate, "load_checker", lambda *, names: PatternsOnly())
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments: object, stdin: bytes = b"", terminal: bool = False) -> Ran:
        monkeypatch.setattr(sys, "argv", ["evenhand", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
        status = 0
        try:
            cli.main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        out, err = capsysbinary.readouterr()
        return Ran(status, out.decode(), err.decode())

    return run
