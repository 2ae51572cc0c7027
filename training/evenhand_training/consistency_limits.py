"""The limits of consistency that a model keeps or breaks, read from TOML; unknown keys fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from evenhand_training.config import Section

Figures = Mapping[str, Any]
TOLERANCE = 1e-9  # a share such as 19 of 20 keeps a limit of .95 whatever its last bit


class AreaLimits(Section):
    """How much error may differ between areas; None asks nothing. Grades are of severity, 1 to 6."""

    significance: float = Field(gt=0, lt=1)
    """An area's error differs if its adjusted p-value is below this and the difference is at least the next three."""
    bias_from: float = Field(ge=0)
    size_from: float = Field(ge=0)
    level_from: float = Field(ge=0)
    overall_bias: float | None = Field(default=None, ge=0)
    biased_areas: int | None = Field(default=None, ge=0)
    less_exact_areas: int | None = Field(default=None, ge=0)
    less_exact_in_level: int | None = Field(default=None, ge=0)
    worst_bias: float | None = Field(default=None, ge=0)
    area_error_sd: float | None = Field(default=None, ge=0)
    worst_coverage: float | None = Field(default=None, ge=0, le=1)


class BehaviourLimits(Section):
    """What must not move a grade, and how far it may; None asks nothing."""

    repeats_raise: float | None = Field(default=None, ge=0, le=1)
    padding_raises: float | None = Field(default=None, ge=0, le=1)
    framing_same_level: float | None = Field(default=None, ge=0, le=1)
    framing_difference: float | None = Field(default=None, ge=0)
    claim_same_level: float | None = Field(default=None, ge=0, le=1)
    counterfactual_flips: float | None = Field(default=None, ge=0, le=1)
    counterfactual_difference: float | None = Field(default=None, ge=0)
    worst_attribute_difference: float | None = Field(default=None, ge=0)


class Limits(Section):
    """All limits of consistency."""

    areas: AreaLimits
    behaviour: BehaviourLimits

    @classmethod
    def read(cls, path: Path) -> Limits:
        """Read a TOML file.

        Raises:
            InputError: the file is missing, is not TOML, or a key is missing, unknown or out of range.
        """
        return cls.read_toml(path, what="limits", one="limit", instead="a file like training/configs/consistency.toml")

    def judge(self, figures: Figures, behaviour: Figures) -> list[dict[str, Any]]:
        """Every limit that is asked, in order, as plain JSON types; `kept` is False also for what was not measured.

        Args:
            figures: What `evaluate_consistency.area_figures` found.
            behaviour: Figures of the behaviour suite on units that were not trained on.
        """
        sources = {"areas": figures, "behaviour": behaviour}
        judged = []
        for check in _CHECKS:
            limit = getattr(getattr(self, check.section), check.key)
            if limit is None:
                continue
            measured = check.measure(sources[check.section], self.areas)
            kept = measured is not None and (
                measured >= limit - TOLERANCE if check.at_least else measured <= limit + TOLERANCE
            )
            judged.append(
                {
                    "limit": f"{check.section}.{check.key}",
                    "told": check.told,
                    "asked": f"{'≥' if check.at_least else '≤'} {limit:g}",
                    "measured": None if measured is None else round(measured, 4),
                    "kept": kept,
                }
            )
        return judged


@dataclass(frozen=True, slots=True)
class _Check:
    """One limit: where it stands, what it is called, and how it is measured; None if it cannot be."""

    section: str
    key: str
    told: str
    measure: Callable[[Figures, AreaLimits], float | None]
    at_least: bool = False


def _compared(figures: Figures) -> list[Figures]:
    return [found["excess"] for found in figures["by_area"].values()]


def _differing(kind: str, *, either_way: bool) -> Callable[[Figures, AreaLimits], float | None]:
    def count(figures: Figures, limits: AreaLimits) -> float | None:
        areas = [found[kind] for found in _compared(figures)]
        least = getattr(limits, f"{kind}_from")
        size = abs if either_way else float
        differing = [area["p"] < limits.significance and size(area["value"]) >= least for area in areas]
        return float(sum(differing)) if areas else None

    return count


def _overall_bias(figures: Figures, _: AreaLimits) -> float | None:
    return abs(float(figures["severity_bias"]["value"]))


def _worst_bias(figures: Figures, _: AreaLimits) -> float | None:
    return max((abs(area["bias"]["value"]) for area in _compared(figures)), default=None)


def _area_error_sd(figures: Figures, _: AreaLimits) -> float | None:
    found = figures["area_error_sd"]
    return None if found is None else float(found["value"])


def _worst_coverage(figures: Figures, _: AreaLimits) -> float | None:
    return min((float(area["overlap"]) for area in figures["coverage_by_area"].values()), default=None)


def _figure(path: str) -> Callable[[Figures, AreaLimits], float | None]:
    def value(behaviour: Figures, _: AreaLimits) -> float | None:
        found: Any = behaviour
        for step in (*path.split("/"), "value"):
            if not isinstance(found, Mapping) or step not in found:
                return None
            found = found[step]
        return float(found)

    return value


def _worst_attribute(behaviour: Figures, _: AreaLimits) -> float | None:
    attributes = behaviour.get("counterfactuals", {})
    return max(
        (float(found["severity_difference"]["value"]) for name, found in attributes.items() if name != "all"),
        default=None,
    )


_CHECKS = (
    _Check("areas", "overall_bias", "mean error of severity over all rows", _overall_bias),
    _Check("areas", "biased_areas", "areas whose bias differs", _differing("bias", either_way=True)),
    _Check("areas", "less_exact_areas", "areas with larger errors of severity", _differing("size", either_way=False)),
    _Check("areas", "less_exact_in_level", "areas with larger errors of level", _differing("level", either_way=False)),
    _Check("areas", "worst_bias", "largest difference in bias of an area", _worst_bias),
    _Check("areas", "area_error_sd", "standard deviation of bias between areas", _area_error_sd),
    _Check("areas", "worst_coverage", "least coverage of level sets in an area", _worst_coverage, at_least=True),
    _Check(
        "behaviour",
        "repeats_raise",
        "the same concern told again raises the grade",
        _figure("accumulation/repeats/raised"),
    ),
    _Check("behaviour", "padding_raises", "padding raises the grade", _figure("accumulation/unrelated/raised")),
    _Check(
        "behaviour", "framing_same_level", "two framings: same level", _figure("framing/level_unchanged"), at_least=True
    ),
    _Check(
        "behaviour",
        "framing_difference",
        "two framings: difference in severity",
        _figure("framing/severity_difference"),
    ),
    _Check(
        "behaviour",
        "claim_same_level",
        "a claim leaves the level",
        _figure("claims/claim/level_unchanged"),
        at_least=True,
    ),
    _Check("behaviour", "counterfactual_flips", "counterfactuals: level flips", _figure("counterfactuals/all/flips")),
    _Check(
        "behaviour",
        "counterfactual_difference",
        "counterfactuals: difference in severity",
        _figure("counterfactuals/all/severity_difference"),
    ),
    _Check(
        "behaviour",
        "worst_attribute_difference",
        "counterfactuals: difference in severity of the worst attribute",
        _worst_attribute,
    ),
)
