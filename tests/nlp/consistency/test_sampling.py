"""A sample covers what is known of all areas better than chance, keeps what it has to, and is the same each time."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from evenhand.consistency.covariates import Covariates, read_covariates
from evenhand.consistency.sampling import MOST_STRATA, Sample, pick_areas
from evenhand.errors import InputError

AREAS = 150
REGIONS = ("London", "North East", "North West", "South East", "South West", "East", "Midlands")
JUDGEMENTS = ("Inadequate", "Requires improvement", "Good", "Outstanding")
HEADER = ("area", "deprivation", "referrals", "spend", "region", "inspection")


def write(path: Path, rows: list[tuple[object, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([HEADER, *rows])
    return path


def nation() -> list[tuple[object, ...]]:
    """Invented areas: referrals follow deprivation, spending is skewed, and regions are not of one size."""
    generator = np.random.default_rng(5)
    deprivation = generator.normal(20, 7, AREAS)
    referrals = 300 + 12 * deprivation + generator.normal(0, 60, AREAS)
    spend = np.exp(generator.normal(7, 0.5, AREAS))
    regions = generator.choice(REGIONS, size=AREAS, p=np.arange(1, 8) / 28)
    judged = generator.choice(JUDGEMENTS, size=AREAS, p=[0.1, 0.3, 0.45, 0.15])
    facts = zip(deprivation.round(1), referrals.round(), spend.round(), regions, judged, strict=True)
    return [(f"Area {number:03}", *own) for number, own in enumerate(facts)]


@pytest.fixture(scope="module")
def covariates(tmp_path_factory: pytest.TempPathFactory) -> Covariates:
    return read_covariates(write(tmp_path_factory.mktemp("nation") / "areas.csv", nation()))


@pytest.fixture(scope="module")
def sample(covariates: Covariates) -> Sample:
    return pick_areas(covariates, 30)


def unevenness(covariates: Covariates, areas: list[str]) -> float:
    """How far counts are from even ones over tenths of each number, and from shares of categories; told apart here."""
    places = [covariates.areas.index(area) for area in areas]
    found = 0.0
    for column in covariates.columns:
        if column.numbers is not None and not column.judged:
            tenth = np.argsort(np.argsort(column.numbers)) * 10 // AREAS
            found += np.abs(np.bincount(tenth[places], minlength=10) / len(areas) - 0.1).sum()
        else:
            cells = np.array(column.cells)
            found += sum(abs((cells[places] == cell).mean() - (cells == cell).mean()) for cell in set(column.cells))
    return found


def test_a_sample_covers_strata_and_categories_better_than_any_of_500_random_ones(
    covariates: Covariates, sample: Sample
) -> None:
    generator = np.random.default_rng(1)
    random = [
        unevenness(covariates, [covariates.areas[place] for place in generator.choice(AREAS, 30, replace=False)])
        for _ in range(500)
    ]
    assert unevenness(covariates, list(sample.areas)) < min(random)
    assert sample.better_than == 1.0


def test_every_tenth_of_each_number_is_met_about_as_often(sample: Sample) -> None:
    counts: dict[str, list[float]] = defaultdict(list)
    for row in sample.agreement:
        if row.covariate in ("deprivation", "referrals", "spend") and " to " in row.part:
            counts[row.covariate].append(row.sample)
    assert {name: len(strata) for name, strata in counts.items()} == dict.fromkeys(counts, MOST_STRATA)
    assert all(2 <= count <= 4 for strata in counts.values() for count in strata)
    assert [sum(strata) for strata in counts.values()] == [30, 30, 30]


def test_means_and_correlations_of_the_sample_are_near_those_of_all(covariates: Covariates, sample: Sample) -> None:
    rows = {(row.covariate, row.part): row for row in sample.agreement}
    for name in ("deprivation", "referrals", "spend"):
        mean, spread = rows[name, "mean"], rows[name, "standard deviation"]
        assert abs(mean.sample - mean.everywhere) < 0.25 * spread.everywhere
        assert spread.sample == pytest.approx(spread.everywhere, rel=0.25)
    assert rows["deprivation", "correlation with referrals"].everywhere > 0.6
    together = [row for (_, part), row in rows.items() if part.startswith("correlation")]
    assert len(together) == 6
    assert all(row.sample == pytest.approx(row.everywhere, abs=0.05) for row in together)  # by chance within about 0.2


def test_the_table_of_agreement_is_of_the_areas_in_the_sample(covariates: Covariates, sample: Sample) -> None:
    places = [covariates.areas.index(area) for area in sample.areas]
    region = next(column for column in covariates.columns if column.name == "region")
    told = {row.part: row for row in sample.agreement if row.covariate == "region"}
    for name, row in told.items():
        assert row.sample == [region.cells[place] for place in places].count(name)
        assert row.everywhere == region.cells.count(name)
        assert row.expected == pytest.approx(row.everywhere / 5)


def test_the_same_seed_chooses_the_same_areas_whatever_the_order_of_rows(
    covariates: Covariates, sample: Sample, tmp_path: Path
) -> None:
    assert pick_areas(write(tmp_path / "areas.csv", nation()[::-1]), 30) == sample
    assert pick_areas(covariates, 30, seed=1).areas != sample.areas


def test_areas_to_keep_are_kept_and_the_rest_is_chosen_around_them(covariates: Covariates) -> None:
    deprivation = covariates.columns[0].numbers
    assert deprivation is not None
    poorest = [covariates.areas[place].lower() for place in np.argsort(deprivation)[-6:]]
    found = pick_areas(covariates, 30, keep=poorest)
    assert {area.lower() for area in found.kept} == set(poorest)
    assert set(found.kept) < set(found.areas)
    assert len(set(found.areas)) == 30
    top = [row for row in found.agreement if row.covariate == "deprivation" and " to " in row.part][-1]
    assert top.sample == 6  # of 15 there; no other joins them


def test_a_sample_may_be_one_area_or_all_or_those_kept(covariates: Covariates) -> None:
    assert len(pick_areas(covariates, 1).areas) == 1
    assert pick_areas(covariates, AREAS).areas == covariates.areas
    assert pick_areas(covariates, 2, keep=["Area 009", "Area 007"]).areas == ("Area 007", "Area 009")


def test_areas_with_empty_cells_are_not_chosen_and_named(tmp_path: Path) -> None:
    rows = nation()
    rows[3] = (*rows[3][:2], "", *rows[3][3:])
    found = pick_areas(write(tmp_path / "areas.csv", rows), AREAS - 1)
    assert "Area 003" not in found.areas
    assert found.notes[-1].endswith("which cannot be chosen: Area 003.")


def test_a_number_that_many_areas_share_is_parted_where_it_can_be(tmp_path: Path) -> None:
    path = tmp_path / "areas.csv"
    rows = "".join(f"Area {number:02},{0 if number < 30 else number}\n" for number in range(40))
    path.write_text(f"area,late\n{rows}", encoding="utf-8")
    strata = [row for row in pick_areas(path, 8).agreement if row.part not in ("mean", "standard deviation")]
    assert (strata[0].part, strata[0].everywhere, strata[0].sample) == ("0", 30, 6)
    assert sum(row.everywhere for row in strata) == 40


@pytest.mark.parametrize("count", [0, -1, AREAS + 1])
def test_a_count_that_cannot_be_is_an_error_that_says_what_can(covariates: Covariates, count: int) -> None:
    with pytest.raises(InputError, match=f"{count} areas were asked for.*ask for 1 to {AREAS}"):
        pick_areas(covariates, count)


def test_more_areas_to_keep_than_to_choose_are_an_error(covariates: Covariates) -> None:
    with pytest.raises(InputError, match="2 areas are to be kept in a sample of 1"):
        pick_areas(covariates, 1, keep=["Area 001", "Area 002"])


def test_an_area_to_keep_that_is_not_there_or_has_an_empty_cell_is_an_error(tmp_path: Path) -> None:
    rows = nation()
    rows[3] = (*rows[3][:4], "", *rows[3][5:])
    path = write(tmp_path / "areas.csv", rows)
    with pytest.raises(InputError, match=r"no area 'Area 9' to keep"):
        pick_areas(path, 5, keep=["Area 9"])
    with pytest.raises(InputError, match="area 'Area 003': cannot be kept, as its cell in column 'region' is empty"):
        pick_areas(path, 5, keep=["Area 003"])
