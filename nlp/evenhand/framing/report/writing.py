"""Read an output of `evenhand flag` and write the report about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evenhand.consistency.csv_text import csv_text
from evenhand.errors import InputError, MissingExtraError, OutputError
from evenhand.framing.audit import Audit, Auditor
from evenhand.framing.contract import FLAGS
from evenhand.framing.report import figures
from evenhand.framing.report.examples import Examples
from evenhand.framing.report.tally import Tallies, Tally, plain_flags
from evenhand.framing.scheme import Found
from evenhand.output import check_output
from evenhand.scheme import Level
from evenhand.tables import open_table
from evenhand.tables.columns import show_names
from evenhand.tables.values import cleaned

if TYPE_CHECKING:
    from evenhand.batch import ScoreSummary
    from evenhand.model import Model

_CHUNK_ROWS = 256


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What a report is asked for.

    Attributes:
        page: Where it goes; `.html` is added where it is missing. Beside it go PAGE.rates.csv and PAGE.phrases.csv.
        by: Columns of the input to compare by, `COLUMN:month` for dates.
        outcome: The column of the level that was decided; the report then asks whether framing is rewarded.
        outcome_levels: Levels of outcomes as they are written in that column, besides those that are known.
        with_text: Show example sentences.
        overwrite: Replace a report that is there.
    """

    page: Path
    by: Sequence[str] = ()
    outcome: str | None = None
    outcome_levels: Mapping[str, Level] = field(default_factory=dict)
    with_text: bool = False
    overwrite: bool = False

    @property
    def files(self) -> tuple[Path, Path, Path]:
        """What is written: the page, rates, phrases."""
        page = self.page if self.page.suffix == ".html" else Path(f"{self.page}.html")
        return page, page.with_suffix(".rates.csv"), page.with_suffix(".phrases.csv")

    def check(
        self,
        columns: Sequence[str] | None = None,
        *,
        others: Sequence[str | Path] = (),
        first: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Make sure that the report can be written, before hours of flagging.

        Args:
            columns: Of the input, where they are known.
            others: Files that it may not replace: inputs and output.
            first: First rows of the input.

        Raises:
            InputError: there is no such column, or one of dates has none in the first rows.
            MissingExtraError: jinja2 is not installed.
            OutputError: a file is there already, is one of the others, or its folder is missing.
        """
        try:
            import jinja2  # noqa: F401 - asked only whether it is there
        except ImportError as error:
            message = "the report needs: pip install 'evenhand[report]'"
            raise MissingExtraError(message) from error
        for path in self.files:
            check_output(path, others, (path.suffix,), overwrite=self.overwrite)
        if columns is not None:
            Tallies(columns, self.by).check_dates(first)
            if self.outcome is not None and self.outcome not in columns:
                message = f"--outcome {self.outcome}: there is no such column (present: {show_names(columns)})"
                raise InputError(message)


def write_report(
    flagged: Path, summary: ScoreSummary, options: ReportOptions, *, coder: Model | None = None
) -> tuple[Path, ...]:
    """Write a report about the rows of an output of `evenhand flag`.

    Args:
        flagged: The output.
        summary: What the run came to.
        options: What is asked for.
        coder: Reads severity for the question whether framing is rewarded.

    Returns:
        The files written.

    Raises:
        InputError: there is no such column, or it cannot be compared by.
        MissingExtraError: jinja2 is not installed.
        OutputError: a file is there already or cannot be written.
    """
    options.check()
    tallies, audit, examples, models = _read(flagged, summary, options, coder)
    from evenhand.framing.report.page import rendered

    html = rendered(tallies, audit, examples, summary, outcome=options.outcome, models=" and ".join(sorted(models)))
    for path, content in zip(options.files, (html, _rates(tallies), _phrases(tallies)), strict=True):
        part = path.with_name(f"{path.name}.part")
        try:
            part.write_text(cleaned(content), encoding="utf-8", newline="")
            part.replace(path)
        except OSError as error:
            reason = (error.strerror or "the system refused").lower()
            message = f"{path} cannot be written ({reason}); free or choose another place"
            raise OutputError(message) from error
    return options.files


def _read(
    flagged: Path, summary: ScoreSummary, options: ReportOptions, coder: Model | None
) -> tuple[Tallies, Audit | None, Examples, set[str]]:
    text = summary.renamed.get(summary.column, summary.column)
    outcome = None if options.outcome is None else summary.renamed.get(options.outcome, options.outcome)
    back = {carried: name for name, carried in summary.renamed.items()}
    with open_table(flagged, chunk_rows=_CHUNK_ROWS, complete=True) as table:
        own = [back.get(name, name) for name in table.columns if name in back or name not in FLAGS.reserved]
        options.check(own)
        tallies = Tallies(own, options.by)
        auditor = Auditor(coder, levels=options.outcome_levels) if coder is not None and outcome is not None else None
        examples, models = Examples(wanted=options.with_text), set[str]()
        for chunk in table.chunks:
            rows = [(row, plain_flags(row)) for row in chunk.rows]
            models |= {str(row["model"]) for row in chunk.rows}
            for row, flags in rows:
                named = {back.get(name, name): row[name] for name in row if name in back or name not in FLAGS.reserved}
                tallies.add(named, flags, str(row.get(text)))
                if flags["reason"] is None:
                    examples.add(str(row[text]), flags)
            if auditor is not None:
                read = [(str(row[text]), flags, row.get(outcome or "")) for row, flags in rows if not flags["reason"]]
                auditor.add(read)
    pairs = None if coder is None else coder.framing_pairs()
    return tallies, None if auditor is None else auditor.found(pairs), examples, models


def _rates(tallies: Tallies) -> str:
    """Rates, elements and balance of the page, of all rows and by group; empty where hidden."""
    flagged, unmet = figures.headlines(tallies.all)
    listed = [("flagged", flagged), ("unmet", unmet)]
    listed += [(str(category), one) for category, one in figures.categories(tallies.all)]
    listed += [(f"unmet: {need}", one) for need, one in figures.needs(tallies.all)]
    for name, *states in figures.elements(tallies.all):
        listed += [(f"{name}: {state}", one) for state, one in zip(Found, states, strict=True)]
    lines = [_line("all", "", what, one.rows, one) for what, one in listed]
    lines += [("all", "", f"sentences: {frame}", None, None, *_share(part)) for frame, part in _frames(tallies.all)]
    for column, groups in tallies.by.items():
        for group in figures.by_group(groups):
            lines += [_line(column, group.name, what, group.rows, one) for what, one in group.rates.items()]
            shares = group.frames.items()
            lines += [(column, group.name, f"sentences: {frame}", None, None, *_share(part)) for frame, part in shares]
    return csv_text(("column", "group", "what", "rows", "count", "share", "low", "high"), lines)


Line = tuple[str | int | float | None, ...]


def _line(column: str, group: str, what: str, rows: int | None, one: figures.Rate) -> Line:
    return column, group, what, rows, one.count, one.share, one.low, one.high


def _frames(tally: Tally) -> list[tuple[str, float]]:
    return list(figures.balance(tally).items())


def _share(part: float) -> tuple[float, None, None]:
    """A share of sentences, rounded as the page has it, without an interval: sentences of a text hang together."""
    return round(part, 2), None, None


def _phrases(tallies: Tallies) -> str:
    return csv_text(("words", "what they do", "rows", "instead"), figures.phrases(tallies))
