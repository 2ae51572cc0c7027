"""Write a report: the page and the figures beside it, each whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from evenhand.consistency.comparison import Comparison
from evenhand.consistency.report import files
from evenhand.consistency.report.page import page
from evenhand.errors import MissingExtraError
from evenhand.output import check_output, replacing

SUFFIXES = (".html",)
_NEEDED = ("altair", "vl_convert", "jinja2")
_BESIDE: dict[str, Callable[[Comparison], str]] = {
    "thresholds": files.thresholds,
    "situations": files.situations,
    "coverage": files.coverage,
    "national": files.national,
    "effects": files.effects,
}


def check_report(output: Path, sources: Sequence[Path], *, overwrite: bool) -> dict[str, Path]:
    """Find out before any work whether a report can be written; return where each table beside it goes, by name.

    Raises:
        MissingExtraError: the extra `report` is not installed.
        OutputError: a file exists, is one of the sources, or its folder is missing.
    """
    check_output(output, sources, SUFFIXES, overwrite=overwrite)
    paths = {name: output.with_name(f"{output.stem}-{name}.csv") for name in _BESIDE}
    for path in paths.values():
        check_output(path, sources, (".csv",), overwrite=overwrite)
    for name in _NEEDED:
        if find_spec(name) is None:
            message = f"charts need {name}: pip install 'evenhand[report]'"
            raise MissingExtraError(message)
    return paths


def write_report(comparison: Comparison, output: Path, *, overwrite: bool) -> tuple[Path, ...]:
    """Write the page and, beside it, `<stem>-thresholds.csv`, `-situations`, `-coverage`, `-national` and `-effects`.

    The last is written where there are covariates or years. If there are none and an older one is to be overwritten, it
    is removed, as it would belong to another report.

    Args:
        comparison: What to tell.
        output: The page, with the suffix .html.
        overwrite: Whether files that exist may be replaced.

    Returns:
        What was written, the page first.

    Raises:
        MissingExtraError: the extra `report` is not installed.
        OutputError: a file exists or cannot be written; found out before any work where that is possible.
    """
    paths = check_report(output, (), overwrite=overwrite)
    tables = {name: table for name, make in _BESIDE.items() if (table := make(comparison))}
    texts = {output: page(comparison, {name: paths[name].name for name in tables})}
    texts |= {paths[name]: table for name, table in tables.items()}
    for path, text in texts.items():
        with replacing(path, overwrite=overwrite) as part:
            part.write_text(text, encoding="utf-8", newline="")
    if "effects" not in tables and overwrite:
        paths["effects"].unlink(missing_ok=True)
    return tuple(texts)
