"""Areas that are read alike are not suspected, one that is not is found, and limits that are broken are told."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer

from evenhand.errors import EvenhandError, InputError
from evenhand_training import cli, cli_consistency
from evenhand_training.behaviour_tables import behaviour_tables
from evenhand_training.config import TrainConfig
from evenhand_training.consistency import LEAST_ROWS, EqualErrors, equal_errors, error_spread
from evenhand_training.consistency_limits import BehaviourLimits, Limits
from evenhand_training.consistency_tables import consistency_tables
from evenhand_training.corpus import FOLDS
from evenhand_training.crossvalidate import FoldReadings, fold_readings
from evenhand_training.evaluate_consistency import area_figures
from evenhand_training.metrics import Floats, Integers, Predictions, Truth
from evenhand_training.network import LadderNetwork
from evenhand_training.results import read
from evenhand_training.set_readings import held_units, read_units
from evenhand_training.stages import fold_rows

SIZES = (90, 60, 40, 30, 20, 20, 12, 12, 10, 6, 3, 1)  # as uneven as the corpus's areas
AREAS = tuple(f"Area {number:02}" for number, rows in enumerate(SIZES) for _ in range(rows))
TESTED = tuple(sorted({area for area in AREAS if AREAS.count(area) >= LEAST_ROWS}))
WRONGED = "Area 03"
PERMUTATIONS = 199
LIMITS = "consistency.toml"
Run = Callable[..., int]


def case_mix(generator: np.random.Generator) -> Integers:
    """Coded severities, of which each area has a mix of its own."""
    shares = {area: generator.dirichlet(np.full(6, 2.0)) for area in sorted(set(AREAS))}
    return np.array([generator.choice(6, p=shares[area]) + 1 for area in AREAS], dtype=np.intp)


def even_errors(severity: Integers, generator: np.random.Generator) -> Floats:
    """Errors as a careful reader makes them, who grades the gravest too low and is less sure of them, in any area."""
    errors: Floats = 0.6 - 0.25 * severity + (0.2 + 0.08 * severity) * generator.standard_normal(len(severity))
    return errors


def compare(errors: Floats, severity: Integers, *, permutations: int = PERMUTATIONS) -> EqualErrors:
    return equal_errors(errors, severity, AREAS, seed=7, permutations=permutations)


def of_area(area: str) -> Floats:
    """1.0 for each row of the area."""
    member: Floats = (np.asarray(AREAS) == area).astype(np.float64)
    return member


@pytest.mark.parametrize("spread", [1.0, 3.0], ids=["equally spread", "one area three times as spread"])
def test_equal_errors_are_suspected_in_one_of_twenty_corpora(spread: float) -> None:
    suspected = together = 0
    for seed in range(100):
        generator = np.random.default_rng(seed)
        severity = case_mix(generator)
        errors = even_errors(severity, generator)
        expected = 0.6 - 0.25 * severity
        found = compare(np.where(of_area(WRONGED) > 0, expected + spread * (errors - expected), errors), severity)
        suspected += bool((found.adjusted < 0.05).any())
        together += found.together < 0.05
    # Twelve of a hundred happen by chance in less than one of two hundred trials.
    assert suspected < 12
    assert together < 12


def test_graver_rows_alone_do_not_make_an_area_suspect() -> None:
    generator = np.random.default_rng(3)
    severity = np.where(of_area(WRONGED) > 0, 6 - generator.integers(2, size=len(AREAS)), case_mix(generator))
    errors = even_errors(severity, generator)
    plain = errors[of_area(WRONGED) > 0].mean() - errors[of_area(WRONGED) == 0].mean()
    found = compare(errors, severity)
    place = found.areas.index(WRONGED)
    assert plain < -0.4
    assert abs(found.excess[place]) < abs(plain) / 2
    assert found.adjusted[place] > 0.2
    assert compare(errors, np.ones_like(severity)).adjusted[place] < 0.05


def test_the_one_area_that_is_read_too_gravely_is_found() -> None:
    generator = np.random.default_rng(4)
    severity = case_mix(generator)
    found = compare(even_errors(severity, generator) + 0.6 * of_area(WRONGED), severity, permutations=999)
    suspected = [area for area, p in zip(found.areas, found.adjusted, strict=True) if p < 0.05]
    assert suspected == [WRONGED]
    assert found.together < 0.05
    place = found.areas.index(WRONGED)
    low, high = found.interval(place)
    assert low < 0.6 < high
    assert found.excess[place] == pytest.approx(0.6, abs=0.3)


def test_areas_of_few_rows_are_compared_with_but_not_tested() -> None:
    generator = np.random.default_rng(5)
    severity = case_mix(generator)
    errors = even_errors(severity, generator)
    found = compare(errors, severity)
    assert found.areas == TESTED
    moved = compare(errors + 50 * of_area("Area 10"), severity)
    assert not np.allclose(moved.excess, found.excess)


def test_the_same_seed_gives_the_same_p_values() -> None:
    generator = np.random.default_rng(6)
    severity = case_mix(generator)
    errors = even_errors(severity, generator)
    first, second = compare(errors, severity), compare(errors, severity)
    assert first.adjusted.tolist() == second.adjusted.tolist()


def test_errors_that_are_all_the_same_are_no_difference() -> None:
    severity = case_mix(np.random.default_rng(8))
    found = compare(np.full(len(AREAS), 0.3), severity)
    assert found.adjusted.tolist() == [1.0] * len(TESTED)


def test_a_single_area_has_nothing_to_be_compared_with() -> None:
    found = equal_errors(np.arange(20.0), np.full(20, 3), ["Anyshire"] * 20, seed=1, permutations=9)
    assert found.areas == ()
    assert np.isnan(found.together)
    assert error_spread(np.arange(20.0), ["Anyshire"] * 20, ["g"] * 20, seed=1) is None


@pytest.mark.parametrize("between", [0.0, 0.2, 0.5])
def test_standard_deviations_that_made_the_errors_are_recovered(between: float) -> None:
    places = np.unique(np.asarray(AREAS * 4), return_inverse=True)[1] + np.repeat(np.arange(4), len(AREAS)) * len(SIZES)
    names = [str(place) for place in places]
    areas, rows, held = [], [], 0
    for seed in range(30):
        generator = np.random.default_rng(seed)
        own = between * generator.standard_normal(places.max() + 1)
        errors = own[places] + 0.4 * generator.standard_normal(len(places))
        found = error_spread(errors, names, names, seed=seed, resamples=200)
        assert found is not None
        areas.append(found.area[0] ** 2)
        rows.append(found.row[0])
        held += found.area[1] <= between <= found.area[2]
    assert np.sqrt(np.mean(areas)) == pytest.approx(between, abs=0.05)
    assert np.mean(rows) == pytest.approx(0.4, abs=0.01)
    assert held >= 24  # of 30; nominally 28.5


def judged(errors: Floats, severity: Integers) -> dict[str, Any]:
    """Figures of a reader who makes these errors of severity, and reads levels off it."""
    rows = len(AREAS)
    levels = np.eye(5, dtype=np.bool_)[np.minimum(severity - 1, 4)]
    truth = Truth(levels, severity, np.zeros((rows, 32), dtype=np.bool_), np.ones(rows, dtype=np.bool_), AREAS, AREAS)
    read_as = np.clip(np.round(severity + errors) - 1, 0, 4).astype(np.intp)
    predicted = Predictions(
        level_probabilities=np.eye(5)[read_as],
        severity=severity + errors,
        issues=truth.issues,
        level_sets=np.stack([read_as, read_as], axis=1),
    )
    return area_figures(truth, predicted, permutations=PERMUTATIONS)


@pytest.fixture(scope="module")
def asked(configs: Path) -> Limits:
    return Limits.read(configs / LIMITS)


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    """Of an even reader with one area that is read too gravely."""
    generator = np.random.default_rng(9)
    severity = case_mix(generator)
    return judged(0.3 * generator.standard_normal(len(AREAS)) + 1.2 * of_area(WRONGED), severity)


@pytest.fixture(scope="module")
def even_figures() -> dict[str, Any]:
    generator = np.random.default_rng(10)
    return judged(0.1 * generator.standard_normal(len(AREAS)), case_mix(generator))


def test_every_area_is_told_with_its_rows(figures: dict[str, Any]) -> None:
    assert tuple(figures["by_area"]) == TESTED
    counted = {area: found["rows"] for area, found in figures["by_area"].items()} | figures["only_counted"]
    assert counted == {f"Area {number:02}": rows for number, rows in enumerate(SIZES)}
    assert figures["by_area"][WRONGED]["excess"]["bias"]["p"] < 0.05
    assert figures["by_area"][WRONGED]["severity_bias"] == pytest.approx(1.2, abs=0.2)
    assert "NaN" not in json.dumps(figures)


def test_an_area_that_is_read_too_gravely_breaks_the_limits_of_areas(figures: dict[str, Any], asked: Limits) -> None:
    told = asked.model_copy(update={"behaviour": BehaviourLimits()}).judge(figures, {})
    kept = {found["limit"].removeprefix("areas."): found["kept"] for found in told}
    assert not any(kept[name] for name in ("biased_areas", "less_exact_areas", "worst_bias"))
    measured = {found["limit"].removeprefix("areas."): found["measured"] for found in told}
    assert measured["biased_areas"] == 1


def test_an_even_model_keeps_every_limit_of_areas(even_figures: dict[str, Any], asked: Limits) -> None:
    told = asked.model_copy(update={"behaviour": BehaviourLimits()}).judge(even_figures, {})
    assert [found["limit"] for found in told if not found["kept"]] == []
    assert len(told) == 7


def test_what_was_not_measured_is_not_kept(even_figures: dict[str, Any], asked: Limits) -> None:
    told = [found for found in asked.judge(even_figures, {}) if found["limit"].startswith("behaviour.")]
    assert {(found["measured"], found["kept"]) for found in told} == {(None, False)}


@pytest.mark.parametrize(("same", "kept"), [(0.95, True), (0.94, False)])
def test_a_share_is_held_against_its_limit(
    even_figures: dict[str, Any], asked: Limits, same: float, *, kept: bool
) -> None:
    only = asked.model_copy(update={"behaviour": BehaviourLimits(framing_same_level=0.95)})
    *_, told = only.judge(even_figures, {"framing": {"level_unchanged": {"value": same}}})
    assert (told["measured"], told["asked"], told["kept"]) == (same, "≥ 0.95", kept)


def test_no_attribute_hides_among_the_others(even_figures: dict[str, Any], asked: Limits) -> None:
    attributes = {name: {"severity_difference": {"value": value}} for name, value in (("gender", 0.3), ("all", 0.1))}
    only = asked.model_copy(update={"behaviour": BehaviourLimits(worst_attribute_difference=0.25)})
    *_, told = only.judge(even_figures, {"counterfactuals": attributes})
    assert (told["measured"], told["kept"]) == (0.3, False)


ASKED_IN_TABLES = {
    "repeats_raise": "The same concern told again raises it",
    "padding_raises": "Padding raises it",
    "framing_same_level": "Risk- and need-framed telling: same level",
    "framing_difference": "… difference in severity",
    "claim_same_level": "A claim about thresholds leaves the level",
}


@pytest.mark.parametrize("key", ASKED_IN_TABLES)
def test_the_gate_asks_of_behaviour_what_its_tables_ask(
    asked: Limits, evaluations: dict[str, dict[str, Any]], key: str
) -> None:
    (line,) = [
        line for line in behaviour_tables(evaluations["behaviour"]) if line.startswith(f"| {ASKED_IN_TABLES[key]} |")
    ]
    wanted = line.split("|")[2].strip(" ≥≤")
    share = float(wanted.removesuffix("%")) / 100 if wanted.endswith("%") else float(wanted)
    assert getattr(asked.behaviour, key) == pytest.approx(share)


def test_the_gate_asks_of_counterfactuals_what_the_tables_ask(
    asked: Limits, evaluations: dict[str, dict[str, Any]]
) -> None:
    limits = asked.behaviour
    told = f"(asked ≤ {limits.counterfactual_flips:.0%}, ≤ {limits.counterfactual_difference:g}".replace("0.", ".")
    assert told in "\n".join(behaviour_tables(evaluations["behaviour"]))


def test_every_limit_that_is_shipped_says_why(configs: Path, asked: Limits) -> None:
    lines = (configs / LIMITS).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if " = " in line and "#" not in line] == []
    assert None not in {*asked.areas.model_dump().values(), *asked.behaviour.model_dump().values()}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ("[areas]\nworst_bais = 1.0", "limit 'areas.worst_bais': Extra inputs are not permitted"),
        ("[areas]\nsignificance = 2", "limit 'areas.significance'"),
        ("[areas", "not a TOML file"),
    ],
    ids=["unknown", "out of range", "not TOML"],
)
def test_limits_that_cannot_be_meant_are_refused(configs: Path, tmp_path: Path, changed: str, told: str) -> None:
    text = (configs / LIMITS).read_text(encoding="utf-8")
    if "significance" in changed:
        text = text.replace("significance = 0.05", "significance = 2.0")
    path = tmp_path / "limits.toml"
    path.write_text(text if "significance" in changed else text.replace("[areas]", changed, 1), encoding="utf-8")
    with pytest.raises(InputError, match=r"limits\.toml: ") as error:
        Limits.read(path)
    assert told in str(error.value)


def test_a_missing_file_of_limits_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read the limits .* give a file like"):
        Limits.read(tmp_path / "nowhere.toml")


def test_the_tables_tell_limits_areas_and_verdict(figures: dict[str, Any], asked: Limits) -> None:
    told = asked.judge(figures, {"framing": {"level_unchanged": {"value": 0.75}}})
    broken = [found["limit"] for found in told if not found["kept"]]
    line = {**figures, "limits": told, "broken": broken, "despite": None}
    made = "\n".join(consistency_tables(line))
    assert f"**{len(broken)} of 15 limits are broken.**" in made
    assert "| two framings: same level | ≥ 0.95 | 0.75 | broken |" in made
    assert "| a claim leaves the level | ≥ 0.95 | not measured | broken |" in made
    assert "| Area 00 | 90 |" in made
    assert "which an area's own bar counts" in made


@pytest.fixture(scope="module")
def folds(
    small: Any,  # noqa: ANN401 - a Small of conftest.py
    network: LadderNetwork,
    tokenizer: Tokenizer,
) -> list[FoldReadings]:
    made = []
    for fold in range(FOLDS):
        held = fold_rows(small.corpus, small.splits, repeat=0, fold=fold)[1]
        sets = read_units(network, tokenizer, held_units(small.corpus, small.splits, fold))
        made.append(replace(fold_readings(network, tokenizer, held, trained_on=""), sets=sets))
    return made


@pytest.fixture
def run(
    small: Any,  # noqa: ANN401 - a Small of conftest.py
    folds: list[FoldReadings],
    configs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Run the command on readings of the tiny network, which stand for those of a run folder."""
    monkeypatch.setattr(cli_consistency, "fold_readings", lambda *_, **__: [folds])

    def check(*arguments: object) -> int:
        where = ("--corpus", small.folder, "--config", configs / "smoke.toml", "--log", tmp_path / "log.jsonl")
        try:
            cli.app([*map(str, ("check-consistency", *where, *arguments))], standalone_mode=True)
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    return check


def write_limits(path: Path, framing: float) -> Path:
    text = "[areas]\nsignificance = 0.05\nbias_from = 0.5\nsize_from = 0.25\nlevel_from = 0.125\n[behaviour]\n"
    path.write_text(f"{text}framing_same_level = {framing}\n", encoding="utf-8")
    return path


def test_the_command_is_exit_0_where_limits_are_kept_and_logs_one_line(
    run: Run,
    tmp_path: Path,
    configs: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("--limits", write_limits(tmp_path / "loose.toml", 0.0)) == 0
    assert "All 1 limits are kept." in capsys.readouterr().out
    (line,) = read(tmp_path / "log.jsonl")
    assert (line["kind"], line["broken"]) == ("consistency", [])
    assert line["config_sha256"] == TrainConfig.read(configs / "smoke.toml").digest()
    assert "model" not in line


def test_the_command_is_exit_1_where_a_limit_is_broken_and_prints_the_line(
    run: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("--limits", write_limits(tmp_path / "strict.toml", 1.0), "--json") == 1
    line = json.loads(capsys.readouterr().out)
    assert line["broken"] == ["behaviour.framing_same_level"]
    assert [line] == read(tmp_path / "log.jsonl")


def test_readings_are_not_logged_as_those_of_another_model(run: Run, tmp_path: Path) -> None:
    released = Path(__file__).parents[2] / "models" / "evenhand-0.3"
    with pytest.raises(EvenhandError, match=r"its (config_sha256|corpus_version) is .*; give its --corpus"):
        run("--limits", write_limits(tmp_path / "loose.toml", 0.0), "--model", released)
    assert not (tmp_path / "log.jsonl").exists()


def test_a_blank_reason_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--despite: give the reason"):
        cli.app(["release", "9.9", "--models", str(tmp_path), "--despite", " "], standalone_mode=False)
