"""What a line of kind `consistency` says, as tables for card and terminal; made from the line, never by hand."""

from __future__ import annotations

from typing import Any

AREA_COLUMNS = (
    "area",
    "rows",
    "bias",
    "beyond its severities",
    "p",
    "size of error",
    "p",
    "RPS ↓",
    "p",
    "level set",
    "missed harm",
)
LIMIT_COLUMNS = ("limit", "asked", "measured", "")
LEAST_SHOWN = 0.001  # smaller p-values are said to be smaller


def area_rows(line: dict[str, Any]) -> list[tuple[str, ...]]:
    """One row for each tested area, the largest areas first, with cells in the order of `AREA_COLUMNS`."""
    by_size = sorted(line["by_area"].items(), key=lambda item: (-item[1]["rows"], item[0]))
    return [(area, *_area(found)) for area, found in by_size]


def _area(found: dict[str, Any]) -> tuple[str, ...]:
    bias, size, level = (found["excess"][kind] for kind in ("bias", "size", "level"))
    coverage = found["set_coverage"]
    return (
        str(found["rows"]),
        f"{found['severity_bias']:+.2f}",
        f"{bias['value']:+.2f} ({bias['low']:+.2f} to {bias['high']:+.2f})",
        _p(bias["p"]),
        f"{found['severity_error']:.2f}",
        _p(size["p"]),
        f"{found['rps']:.3f}",
        _p(level["p"]),
        "–" if coverage is None else f"{coverage:.0%}",
        f"{found['missed_harm']} of {found['harm_rows']}",
    )


def limit_rows(line: dict[str, Any]) -> list[tuple[str, ...]]:
    """One row for each limit, with cells in the order of `LIMIT_COLUMNS`."""
    return [
        (
            found["told"],
            found["asked"],
            "not measured" if found["measured"] is None else f"{found['measured']:.3g}",
            "kept" if found["kept"] else "broken",
        )
        for found in line["limits"]
    ]


def about(line: dict[str, Any]) -> list[str]:
    """What was compared and what holds over all areas, as sentences."""
    together = line["all_areas_alike"]
    equal = line["at_equal_severity"]
    return [
        f"{line['rows']} published rows of {line['areas']} areas, each read by a network that has seen nothing of its "
        f"area. {len(line['by_area'])} areas have {line['least_rows']} rows or more and are compared with rows of the "
        f"same coded severity elsewhere; the other {len(line['only_counted'])} are only counted.",
        f"P-value of all areas having the same bias of severity: {_p(together['bias'])}; the same size of error: "
        f"{_p(together['size'])}; the same error of level: {_p(together['level'])}, in which an area's own bar counts "
        f"as error ({line['permutations']:,} permutations within coded severities; p-values of single areas are "
        "adjusted for their number).",
        f"Mean error of severity: {_signed(line['severity_bias'])} grades. Error between unseen areas: "
        f"standard deviation {_interval(line['area_error_sd'])} grades ({_interval(equal['area_error_sd'])} at equal "
        f"coded severity); of a row within its area: {_interval(line['row_error_sd'])} "
        f"({_interval(equal['row_error_sd'])}).",
    ]


def verdict(line: dict[str, Any]) -> str:
    """One sentence: whether all limits are kept, and if not, why the model was released all the same."""
    if not line["broken"]:
        return f"All {len(line['limits'])} limits are kept."
    told = f"{len(line['broken'])} of {len(line['limits'])} limits are broken"
    return f"{told}; released despite that: {line['despite']}" if line["despite"] else f"{told}."


def consistency_tables(line: dict[str, Any]) -> list[str]:
    """Lines of Markdown: what was compared, limits, areas."""
    return [
        *(each for sentence in about(line) for each in (sentence, "")),
        f"**{verdict(line)}**",
        "",
        *_markdown(LIMIT_COLUMNS, limit_rows(line)),
        "",
        "By area: bias is expected less coded severity in grades, also beyond what rows of the same coded severity "
        "have elsewhere (95% interval, not adjusted); size of error is its mean without sign; p-values are of equal "
        "bias, equal size and equal RPS.",
        "",
        *_markdown(AREA_COLUMNS, area_rows(line)),
    ]


def _markdown(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    return [
        f"| {' | '.join(columns)} |",
        "|" + "---|" * len(columns),
        *[f"| {' | '.join(row)} |" for row in rows],
    ]


def _p(value: float | None) -> str:
    if value is None:
        return "–"
    return f"< {LEAST_SHOWN}" if value < LEAST_SHOWN else f"{value:.3f}"


def _signed(found: dict[str, float]) -> str:
    return f"{found['value']:+.2f} ({found['low']:+.2f} to {found['high']:+.2f})"


def _interval(found: dict[str, float] | None) -> str:
    return "–" if found is None else f"{found['value']:.2f} ({found['low']:.2f}–{found['high']:.2f})"
