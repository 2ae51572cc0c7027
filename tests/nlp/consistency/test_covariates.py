"""What a file says of areas becomes columns that a fit can carry, and what it cannot say is told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from evenhand.consistency.covariates import Covariates, read_covariates
from evenhand.errors import InputError

DEPRIVATION = (10.0, 14.0, 18.0, 22.0, 26.0, 30.0)
REGIONS = ("London", "London", "London", "North", "North", "South")
AREAS = tuple(f"Area {letter}" for letter in "ABCDEF")


def read(folder: Path, text: str) -> Covariates:
    path = folder / "areas.csv"
    path.write_text(text, encoding="utf-8")
    return read_covariates(path)


def column(name: str, cells: Sequence[object], header: str = "area") -> str:
    return f"{header},{name}\n" + "".join(f'{area},"{cell}"\n' for area, cell in zip(AREAS, cells, strict=False))


def test_numbers_are_standardised_and_the_name_says_by_what(tmp_path: Path) -> None:
    found = read(tmp_path, column("deprivation", DEPRIVATION)).for_areas(AREAS)
    values = np.array([found.values[area][0] for area in AREAS])
    assert (values.mean(), values.std()) == pytest.approx((0.0, 1.0))
    assert np.diff(values) == pytest.approx(4 / np.std(DEPRIVATION))
    assert found.names == ("deprivation (1 sd = 6.8)",)
    assert found.notes == ()


def test_numbers_are_standardised_over_areas_that_the_collection_does_not_have(tmp_path: Path) -> None:
    covariates = read(tmp_path, column("deprivation", DEPRIVATION))
    some, every = covariates.for_areas(AREAS[:4]), covariates.for_areas(AREAS)
    assert all(some.values[area] == every.values[area] for area in AREAS[:4])
    assert some.notes == ("areas.csv has 2 areas that the collection does not have; they are ignored: Area E, Area F.",)


@pytest.mark.parametrize("cell", ["1234.5", "1,234.5", "£1,234.5", " +1.2345e3 "])
def test_numbers_are_read_as_people_write_them(tmp_path: Path, cell: str) -> None:
    (spend,) = read(tmp_path, column("spend", [cell, 800, 900, 1000])).columns
    assert spend.numbers is not None
    assert spend.numbers.tolist() == [1234.5, 800, 900, 1000]


def test_a_category_is_compared_with_the_commonest_and_averages_nothing(tmp_path: Path) -> None:
    text = column("region", REGIONS) + "Area G,south\nArea H,London\nArea I,North\n"
    found = read(tmp_path, text).for_areas([*AREAS, "Area G", "Area H", "Area I"])
    assert found.names == ("region: North rather than London", "region: South rather than London")
    assert np.array(list(found.values.values())).mean(axis=0) == pytest.approx([0.0, 0.0])
    apart = np.subtract(found.values["Area G"], found.values["Area A"])
    assert apart == pytest.approx([0.0, 1.0])


def test_the_base_is_a_category_of_the_areas_that_are_compared(tmp_path: Path) -> None:
    text = column("region", REGIONS) + "Area G,South\nArea H,North\nArea I,North\n"
    found = read(tmp_path, text).for_areas(["Area D", "Area E", "Area F", "Area G", "Area H"])
    assert found.names == ("region: South rather than North",)


def test_judgements_become_ordered_numbers_and_a_note_says_so(tmp_path: Path) -> None:
    cells = ["Good", "outstanding", "Inadequate", "Requires improvement to be good", "Requires Improvement", "Good"]
    covariates = read(tmp_path, column("inspection", cells))
    (judged,) = covariates.columns
    assert judged.numbers is not None
    assert judged.numbers.tolist() == [3, 4, 1, 2, 2, 3]
    (note,) = covariates.for_areas(AREAS).notes
    assert "'inspection' count 4 for Outstanding" in note


@pytest.mark.parametrize("empty", ["", "..", "n/a", "c", "[x]"])
def test_an_area_with_an_empty_cell_is_left_out_and_named(tmp_path: Path, empty: str) -> None:
    found = read(tmp_path, column("deprivation", (*DEPRIVATION[:5], empty))).for_areas(AREAS)
    assert sorted(found.values) == list(AREAS[:5])
    assert found.notes[0].endswith("left out of the fit with covariates: Area F (deprivation).")


def test_an_area_without_a_row_is_named_with_the_one_that_it_may_be(tmp_path: Path) -> None:
    text = column("deprivation", DEPRIVATION) + "Kent County Council,12\n"
    found = read(tmp_path, text).for_areas([*AREAS, "Kent", "Utopia"])
    assert "Kent" not in found.values
    assert found.notes[0].endswith(": Kent (is it 'Kent County Council'?), Utopia.")


def test_names_of_areas_are_compared_without_capitals(tmp_path: Path) -> None:
    found = read(tmp_path, column("deprivation", DEPRIVATION, header="Area")).for_areas(
        [area.upper() for area in AREAS]
    )
    assert len(found.values) == len(AREAS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("place,deprivation\nA,1\nB,2\n", "no column `area`"),
        ("area\nA\nB\n", "no other column"),
        ("area,x,\nA,1,2\nB,3,4\n", "a column with cells has no name"),
        ("area,x\nA,1\nB,2\na,3\n", "row 4: 'a' stands there twice, first in row 2"),
        ("area,x\nA,1\n ,2\n", "row 3: the area has no name"),
        ("area,x\nA,7\nB,7.0\n", "column 'x': the same in all areas"),
        ("area,x\nA,North\nB,north\n", "column 'x': the same in all areas"),
        ("area,x\nA,..\nB,\n", "column 'x': no cell has a value"),
        ("area,x\nA,busy\nB,quiet\nC,calm\n", "column 'x': a different text for each area"),
        ("area,x\nA,1\nB,2\nC,3 or so\n", "column 'x', area 'C': not a number"),
        ("area,x\nA,10%\nB,20%\nC,0.3\n", "some numbers have a %"),
    ],
    ids=lambda value: value if " " in value and "\n" not in value else "",
)
def test_what_cannot_be_read_says_where_and_why(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, text)


def test_columns_without_name_and_cells_are_no_columns(tmp_path: Path) -> None:
    assert len(read(tmp_path, "area,x,\nA,1,\nB,2,\n").columns) == 1


def test_more_columns_than_a_third_of_the_areas_are_an_error_that_says_to_choose(tmp_path: Path) -> None:
    rows = "".join(f"Area {n},{n},{n**2},{'NSEW'[n % 4]}\n" for n in range(14))
    covariates = read(tmp_path, f"area,one,two,region\n{rows}")
    with pytest.raises(InputError, match=r"5 columns for 14 areas \('one' 1, 'two' 1, 'region' 3\).*here 4: choose"):
        covariates.for_areas(covariates.areas)


def test_a_column_that_is_the_same_in_the_compared_areas_is_an_error(tmp_path: Path) -> None:
    covariates = read(tmp_path, column("region", REGIONS))
    with pytest.raises(InputError, match="column 'region': the same in all 3 areas"):
        covariates.for_areas(AREAS[:3])


def test_a_column_that_follows_from_another_is_an_error(tmp_path: Path) -> None:
    rows = "".join(f"Area {n},{n},{3 * n + 1},{n % 3}\n" for n in range(12))
    covariates = read(tmp_path, f"area,rate,thrice,rest\n{rows}")
    with pytest.raises(InputError, match=r"column 'thrice': .* follows from the columns before it"):
        covariates.for_areas(covariates.areas)


def test_no_area_in_common_is_an_error_that_shows_how_areas_are_named(tmp_path: Path) -> None:
    covariates = read(tmp_path, column("deprivation", DEPRIVATION))
    with pytest.raises(InputError, match=r"name areas as the collection does \('Kent'"):
        covariates.for_areas(["Kent"])


@pytest.mark.parametrize("power", [-320, -200, -9, 12, 200, 307])
def test_numbers_of_any_size_come_to_the_same_columns(tmp_path: Path, power: int) -> None:
    plain = read(tmp_path, column("deprivation", [1, 2, -4, 5, 7, 9])).for_areas(AREAS)
    found = read(tmp_path, column("deprivation", [f"{n}e{power}" for n in (1, 2, -4, 5, 7, 9)])).for_areas(AREAS)
    assert np.array(list(found.values.values())) == pytest.approx(np.array(list(plain.values.values())), abs=1e-3)
    assert len(found.names[0]) < 50


def test_numbers_at_both_ends_of_what_a_double_holds_are_standardised(tmp_path: Path) -> None:
    found = read(tmp_path, column("deprivation", ["1e300", "-1e300", "1.7e308", "-1.7e308", 0, "1e-300"]))
    values = np.array(list(found.for_areas(AREAS).values.values()))
    assert (values.mean(), values.std()) == pytest.approx((0.0, 1.0), abs=1e-9)


def test_areas_that_one_large_number_makes_alike_are_an_error_that_says_so(tmp_path: Path) -> None:
    covariates = read(tmp_path, column("deprivation", [1, 2, 3, 4, 5, "1e300"]))
    assert np.isfinite(list(covariates.for_areas(AREAS).values.values())).all()
    with pytest.raises(InputError, match="column 'deprivation': areas hardly differ next to its largest number"):
        covariates.for_areas(AREAS[:5])
