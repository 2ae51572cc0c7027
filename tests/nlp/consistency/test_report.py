"""The report of a comparison: what a reader finds in the page, and what a program finds in the files beside it."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from lxml import html

from evenhand.consistency.collection import AreaDocument, Collection, PlacedDescriptor
from evenhand.consistency.comparison import Comparison
from evenhand.consistency.coverage import CONCERNS, coverage
from evenhand.consistency.posterior import FEWEST_ROWS, AreaThreshold, Effect, NationalThreshold, Posterior
from evenhand.consistency.report import write_report
from evenhand.consistency.report.bars import MOST_ROWS, bars_of
from evenhand.consistency.report.page import MOST_SITUATIONS, link
from evenhand.consistency.situations import Situation
from evenhand.errors import MissingExtraError, OutputError
from evenhand.scheme import LEVELS, Issue, Level

LARGEST = 3_000_000  # bytes of the page for 150 areas, so that it opens at once and can be sent by mail
SCRIPT = "<script>alert(1)</script> is left alone"
LONG = "Tees (Hartlepool, Middlesbrough, Redcar and Cleveland, Stockton-on-Tees)"


def names(number: int) -> list[str]:
    """Made-up areas; among many, one has a long name and one a name that is markup."""
    found = [f"Northshire {place:03}" for place in range(number)]
    return [*found[:-2], LONG, "Ouse & <b>Wharfe</b>"] if number > 2 else found


def made(number: int, *, read: int | None = None, whole: bool = False, situations: int = 3) -> Comparison:
    """A comparison of so many areas, of which the first `read` are read enough for bars; all of them unless told."""
    areas = names(number)
    enough = set(areas[: number if read is None else read])
    documents = tuple(
        AreaDocument(
            f"d{place}",
            area,
            f"Threshold guide of {area}",
            2020 if place % 2 else None,
            f"https://example.org/{place}" if place % 3 else None,
            (("Level 2", (Level.A,)), ("Level 3", (Level.B,)), ("Level 4", (Level.C, Level.D))),
            whole,
        )
        for place, area in enumerate(areas)
    )
    rows = tuple(row for place, area in enumerate(areas) for row in descriptors(area, place, 4 + place % 9))
    collection = Collection("made-up documents", documents, rows, ("All of this is made up.",))
    same = [situation(rows, place) for place in range(situations)] if number > 1 else []
    return Comparison(
        collection=collection,
        posterior=None,
        thresholds=tuple(bar for place, area in enumerate(areas) for bar in thresholds(area, place, area in enough)),
        nation=tuple(
            NationalThreshold(level, 1.4 + level.rank, 1.2 + level.rank, 1.6 + level.rank, 0.4, 0.2, 0.7)
            for level in LEVELS[1:]
        )
        if number
        else (),
        effects=(),
        years=(),
        pairs=(),
        situations=tuple(same),
        coverage=tuple(coverage(collection)),
        model="stand-in-1",
        notes=("A note of the comparison.",),
    )


def descriptors(area: str, place: int, many: int) -> list[PlacedDescriptor]:
    sets = ((Level.A,), (Level.B,), (Level.C, Level.D))
    return [
        PlacedDescriptor(
            f"r{place}-{number}",
            f"d{place}",
            area,
            number + 1 if place % 2 else None,
            f"Level {2 + number % 3}",
            sets[number % 3],
            f"A made-up concern, number {number}",
            (CONCERNS[(place + 3 * number) % len(CONCERNS)],),
            2.0 + number % 4,
            bool(place % 2),
        )
        for number in range(many)
    ]


def thresholds(area: str, place: int, enough: bool) -> list[AreaThreshold]:
    found = []
    for level in LEVELS[1:]:
        middle = 0.9 + level.rank + (place * 37 % 100) / 100
        rows = 10 + place if enough else place % FEWEST_ROWS
        higher = min(1.0, max(0.0, (middle - level.rank - 0.9)))
        found.append(AreaThreshold(area, level, middle, middle - 0.4, middle + 0.5, higher, rows, enough))
    return found


def situation(rows: Sequence[PlacedDescriptor], place: int) -> Situation:
    """Two areas that meet the same: at other levels, but for every fourth pair of them."""
    one, other = rows[0], next(row for row in rows if row.area != rows[0].area)
    levels = (Level.A,) if place % 4 == 3 else (Level.C, Level.D)
    mild = replace(one, levels=(Level.A,), text=f"Same concern {place}")
    grave = replace(other, levels=levels, text=SCRIPT if place == 0 else f"Alike {place}")
    return Situation((mild, grave), Issue.YOUNG_CARER, 0.9)


def written(comparison: Comparison, folder: Path) -> Path:
    output = folder / "report.html"
    write_report(comparison, output, overwrite=False)
    return output


def parsed(comparison: Comparison, folder: Path) -> html.HtmlElement:
    return html.fromstring(written(comparison, folder).read_text(encoding="utf-8"))


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def drawn(page: html.HtmlElement) -> list[str]:
    """Every text in a chart, but for the title and description."""
    return [str(text) for text in page.xpath("//svg//text//text()")]


def text_of(page: html.HtmlElement, section: str) -> str:
    return words_of(page.get_element_by_id(section))


def words_of(element: html.HtmlElement) -> str:
    return " ".join(" ".join(element.itertext()).split())


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> html.HtmlElement:
    """66 areas, 60 situations, covariates: all sections are there."""
    effects = (Effect("Deprivation", Level.B, 0.12, -0.05, 0.31),)
    full = replace(
        made(66, read=60, situations=60), effects=effects, years=(Effect("five years later", Level.B, -0.1, -0.2, 0.0),)
    )
    return parsed(full, tmp_path_factory.mktemp("report"))


@pytest.mark.parametrize("number", [1, 3, 66, 150])
def test_every_area_is_in_the_tables_once_for_each_bar(number: int, tmp_path: Path) -> None:
    page = parsed(made(number), tmp_path)

    for level in LEVELS[1:]:
        (bar,) = page.xpath(f"//section[@aria-labelledby='bar-{level.lower()}-head']")
        rows = [cell.text_content() for cell in bar.xpath(".//tbody//th[@scope='row']")]
        assert sorted(rows) == sorted([*names(number), "The nation"])


@pytest.mark.parametrize("number", [1, 3, 66, 150])
def test_every_area_is_in_the_map_and_its_table_once(number: int, tmp_path: Path) -> None:
    page = parsed(made(number), tmp_path)
    (section,) = page.xpath("//section[@id='map']")

    assert [cell.text_content() for cell in section.xpath(".//tbody//th")] == sorted(names(number))
    for name in names(number):
        shown = section.xpath(".//svg//text/text()").count(name)
        assert shown == (0 if name == LONG else 1)  # a long name is cut in the chart


def test_areas_of_a_bar_stand_from_the_lowest_to_the_highest(page: html.HtmlElement) -> None:
    (bar,) = page.xpath("//section[@aria-labelledby='bar-c-head']")
    found = [float(cell.text_content()) for cell in bar.xpath(".//tbody/tr[not(@class)]/td[1]")]

    assert len(found) == 60
    assert found == sorted(found)


def test_an_area_that_is_not_enough_read_is_listed_and_neither_drawn_nor_ranked(tmp_path: Path) -> None:
    page = parsed(made(20, read=5), tmp_path)
    bars = page.get_element_by_id("thresholds")
    ranked = [cell.text_content() for cell in bars.xpath(".//tbody//th")]

    for name in names(20)[5:]:
        assert name not in ranked
        assert name not in bars.xpath(".//svg//text/text()")
        for level in LEVELS[1:]:
            (listed,) = page.xpath(f"//section[@aria-labelledby='bar-{level.lower()}-head']//details[@class='unread']")
            assert f"{name} (" in listed.text_content()


def test_an_area_without_any_row_that_informs_is_listed_too(tmp_path: Path) -> None:
    whole = made(4, read=3)
    known = tuple(one for one in whole.thresholds if one.area != LONG)

    assert text_of(parsed(replace(whole, thresholds=known), tmp_path), "thresholds").count(f"{LONG} (0)") == 4


def test_where_no_bar_has_enough_the_page_says_so_and_has_no_chart_of_bars(tmp_path: Path) -> None:
    page = parsed(made(3, read=0), tmp_path)

    assert "No area is read enough to say where any of its bars sits" in text_of(page, "thresholds")
    assert not page.xpath("//section[@id='thresholds']//svg")


def test_without_a_posterior_the_page_is_still_whole(tmp_path: Path) -> None:
    page = parsed(replace(made(3), thresholds=(), nation=()), tmp_path)

    assert not page.xpath("//section[@id='thresholds']//svg")
    assert "No model of thresholds was fitted" in text_of(page, "method")


def test_charts_are_split_where_a_printed_page_ends() -> None:
    for number, charts in ((MOST_ROWS, 1), (66, 2), (150, 3)):
        assert [len(bar.charts) for bar in bars_of(made(number))] == [charts] * 4


def test_the_page_has_one_first_heading_and_none_skips_a_rank(page: html.HtmlElement) -> None:
    ranks = [int(heading.tag[1]) for heading in page.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]

    assert ranks.count(1) == 1
    assert ranks[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(ranks))


def test_the_page_has_a_language_and_landmarks(page: html.HtmlElement) -> None:
    assert page.get("lang") == "en"
    for landmark in ("header", "nav", "main", "footer"):
        assert len(page.xpath(f"/html/body/{landmark}")) == 1


def test_every_table_has_a_caption_and_its_heads_have_a_scope(page: html.HtmlElement) -> None:
    tables = page.xpath("//table")

    assert len(tables) > 8
    assert all(one.xpath("./caption[normalize-space()]") for one in tables)
    assert all(head.get("scope") in ("col", "row", "rowgroup") for head in page.xpath("//th"))


def test_every_chart_has_a_name_and_a_description_and_a_table_behind_it(page: html.HtmlElement) -> None:
    charts = page.xpath("//svg")

    assert len(charts) == 4 * 2 + 3
    for chart in charts:
        assert chart.get("role") == "img"
        assert page.get_element_by_id(chart.get("aria-labelledby")).text_content().strip()
        assert len(page.get_element_by_id(chart.get("aria-describedby")).text_content()) > 50
        assert chart.xpath("ancestor::section[1]//details//table")


def test_ids_are_unique_and_every_link_within_the_page_has_its_end(page: html.HtmlElement) -> None:
    ids = page.xpath("//@id")

    assert len(ids) == len(set(ids))
    assert {href[1:] for href in page.xpath("//a/@href") if href.startswith("#")} <= set(ids)
    for names_ in page.xpath("//@aria-labelledby|//@aria-describedby"):
        assert set(names_.split()) <= set(ids)


def test_what_scrolls_can_be_reached_with_the_keyboard_and_has_a_name(page: html.HtmlElement) -> None:
    assert all(
        box.get("tabindex") == "0" and box.get("aria-label") for box in page.xpath("//*[contains(@class,'scroll')]")
    )


def test_the_page_loads_nothing_and_runs_nothing(tmp_path: Path) -> None:
    text = written(made(3), tmp_path).read_text(encoding="utf-8")
    page = html.fromstring(text)

    assert not page.xpath("//script|//link|//iframe|//object|//embed|//img|//image|//use|//base|//meta[@http-equiv]")
    assert not page.xpath("//@src|//@srcset|//@*[starts-with(name(), 'on')]|//@*[contains(name(), 'xlink')]")
    assert not re.search(r"@import|url\((?!#)|javascript:", text)
    assert all(href.startswith(("#", "https://example.org/")) for href in page.xpath("//@href"))


def test_texts_and_names_are_escaped(tmp_path: Path) -> None:
    page = parsed(made(3), tmp_path)

    assert not page.xpath("//script|//b[normalize-space()='Wharfe']")
    assert SCRIPT in text_of(page, "situations")
    assert "Ouse & <b>Wharfe</b>" in drawn(page)


def test_control_characters_and_lone_surrogates_do_no_harm(tmp_path: Path) -> None:
    whole = made(2)
    broken = replace(
        whole,
        thresholds=tuple(replace(one, area=f"\x00\x1b{one.area}\ud800\u202e") for one in whole.thresholds),
    )
    page = parsed(broken, tmp_path)

    assert "Northshire 000\ufffd" in drawn(page)
    assert table(tmp_path / "report-thresholds.csv")[0]["area"].endswith("Northshire 000\ufffd\u202e")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//example.org", "C:\\ours.pdf", "http://[", None]
)
def test_an_address_that_is_not_of_the_web_is_no_link(url: str | None) -> None:
    assert link(url) is None


def test_a_situation_shows_each_text_with_level_document_page_and_link(page: html.HtmlElement) -> None:
    first = page.xpath("//table[@class='situations']/tbody")[0]
    head, mild, grave = map(words_of, first.xpath("./tr"))

    assert head == "1. Young carer: 2 steps apart, probability 0.90"
    assert mild == "Northshire 000 A Level 2 Same concern 0 Threshold guide of Northshire 000"
    assert grave == f"Northshire 001 C+D Level 2 {SCRIPT} Threshold guide of Northshire 001 (2020), page 1"
    assert first.xpath(".//a/@href") == ["https://example.org/1"]


def test_the_first_situations_that_differ_are_shown_and_all_are_in_the_file(tmp_path: Path) -> None:
    whole = made(3, situations=100)
    page = parsed(whole, tmp_path)
    rows = table(tmp_path / "report-situations.csv")

    assert len(page.xpath("//table[@class='situations']/tbody")) == MOST_SITUATIONS
    assert f"The first {MOST_SITUATIONS} of 75 are shown" in text_of(page, "situations")
    assert "75 stand at levels of which two areas have none in common, and 25 stand at agreeing levels" in text_of(
        page, "situations"
    )
    assert len({row["situation"] for row in rows}) == 100
    assert sum(row["differs"] == "yes" for row in rows) == 150


def test_of_excerpts_nothing_is_said_to_be_left_out(tmp_path: Path) -> None:
    page = parsed(made(3), tmp_path)

    assert "No figure is given of what documents leave out" in text_of(page, "coverage")
    assert {row["state"] for row in table(tmp_path / "report-coverage.csv")} == {"named", "not_seen"}


def test_of_documents_read_whole_silence_is_counted(tmp_path: Path) -> None:
    whole = made(3, whole=True)
    page = parsed(whole, tmp_path)
    counts = {
        row.xpath("./th")[0].text_content(): [int(cell.text_content()) for cell in row.xpath("./td")]
        for row in page.xpath("//section[@id='coverage']//table")[0].xpath("./tbody/tr")
    }

    assert counts["Migration"] == [sum(Issue.MIGRATION in area.silent for area in whole.coverage), 0]
    assert sum(gravest for _, gravest in counts.values()) == sum(len(area.only_gravest) for area in whole.coverage) > 0
    assert "silent" in {row["state"] for row in table(tmp_path / "report-coverage.csv")}


def test_merged_levels_are_counted_beside_the_inquiry_of_2018(page: html.HtmlElement) -> None:
    assert "66 of 66 documents" in text_of(page, "coverage")
    assert "10 of 37" in text_of(page, "coverage")
    assert "Storing Up Trouble" in text_of(page, "coverage")


def test_cautions_notes_and_associations_are_told(page: html.HtmlElement) -> None:
    assert "Documents are not practice." in text_of(page, "summary")
    assert "Evenhand never decides about a child." in text_of(page, "summary")
    assert "60 of 66 areas are read enough" in text_of(page, "summary")
    assert "Deprivation B or above 0.12 −0.05 to 0.31" in text_of(page, "effects")
    assert "five years later B or above −0.10 −0.20 to 0.00" in text_of(page, "effects")
    assert "does not say that one thing causes the other" in text_of(page, "effects")
    assert "All of this is made up. A note of the comparison." in text_of(page, "method")


def test_where_years_are_unknown_the_documents_do_not_say(tmp_path: Path) -> None:
    assert "the documents do not say" in text_of(parsed(made(3), tmp_path), "effects")


@pytest.mark.parametrize(
    ("diagnostics", "told"),
    [
        ({"method": "NUTS", "passed": False}, "did not settle"),
        ({"method": "Laplace", "effective_trials": 1.9}, "few trials (1.9 weigh in)"),
    ],
    ids=["sampling", "trials"],
)
def test_a_fit_that_should_not_be_relied_on_is_told_first(
    diagnostics: dict[str, object], told: str, tmp_path: Path
) -> None:
    posterior = cast("Posterior", SimpleNamespace(diagnostics=diagnostics))
    page = parsed(replace(made(3), posterior=posterior), tmp_path)

    assert told in text_of(page, "summary")
    assert str(diagnostics["method"]) in text_of(page, "method")


def test_the_files_hold_the_figures_again(tmp_path: Path) -> None:
    whole = made(3, read=2)
    written(whole, tmp_path)
    rows = table(tmp_path / "report-thresholds.csv")
    nation = table(tmp_path / "report-national.csv")

    assert [(row["area"], row["level"], row["enough"]) for row in rows] == [
        (one.area, str(one.level), "yes" if one.enough else "no") for one in whole.thresholds
    ]
    for name in ("severity", "low", "high", "higher", "rows"):
        assert [float(row[name]) for row in rows] == pytest.approx([getattr(one, name) for one in whole.thresholds])
    for name in ("severity", "low", "high", "spread", "spread_low", "spread_high"):
        assert [float(row[name]) for row in nation] == pytest.approx([getattr(one, name) for one in whole.nation])
    assert len(table(tmp_path / "report-coverage.csv")) == 3 * len(CONCERNS)


def test_texts_that_a_spreadsheet_would_run_are_made_safe_and_figures_are_not(tmp_path: Path) -> None:
    whole = made(2, situations=0)
    one, other = whole.collection.descriptors[:2]
    rows = (replace(one, text='=HYPERLINK("x")'), replace(other, area="Northshire 001", text="-ve, with 'quotes'"))
    effects = (Effect("@cost", Level.B, -0.25, -0.5, -0.1),)
    written(replace(whole, effects=effects, situations=(Situation(rows, Issue.POVERTY, 0.9),)), tmp_path)

    assert [row["text"] for row in table(tmp_path / "report-situations.csv")] == ["'" + row.text for row in rows]
    assert table(tmp_path / "report-effects.csv") == [
        {"name": "'@cost", "level": "B", "grades": "-0.25", "low": "-0.5", "high": "-0.1"}
    ]


def test_what_was_written_is_returned_and_named_after_the_page(tmp_path: Path) -> None:
    found = write_report(made(1), tmp_path / "south.html", overwrite=False)

    assert [path.name for path in found] == [
        "south.html",
        "south-thresholds.csv",
        "south-situations.csv",
        "south-coverage.csv",
        "south-national.csv",
    ]
    assert sorted(tmp_path.iterdir()) == sorted(found)


def test_the_same_comparison_gives_the_same_bytes(tmp_path: Path) -> None:
    first = written(made(3), tmp_path).read_bytes()
    write_report(made(3), tmp_path / "report.html", overwrite=True)

    assert (tmp_path / "report.html").read_bytes() == first


@pytest.mark.parametrize("name", ["report.html", "report-situations.csv", "report-effects.csv"])
def test_a_file_that_exists_stops_it_before_anything_is_written(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine")

    with pytest.raises(OutputError, match=f"{name} exists already; use --overwrite"):
        write_report(made(1), tmp_path / "report.html", overwrite=False)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_overwriting_leaves_no_file_of_an_older_report(tmp_path: Path) -> None:
    older = replace(made(1), effects=(Effect("Deprivation", Level.B, 0.1, 0.0, 0.2),))
    assert (tmp_path / "report-effects.csv") in write_report(older, tmp_path / "report.html", overwrite=False)

    write_report(made(1), tmp_path / "report.html", overwrite=True)
    assert not (tmp_path / "report-effects.csv").exists()


@pytest.mark.parametrize("name", ["altair", "vl_convert", "jinja2"])
def test_a_missing_extra_is_named_with_its_cure(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)

    with pytest.raises(MissingExtraError, match=rf"{name}: pip install 'evenhand\[report\]'"):
        write_report(made(1), tmp_path / "report.html", overwrite=False)
    assert not list(tmp_path.iterdir())


def test_the_page_of_150_areas_can_be_sent_by_mail(tmp_path: Path) -> None:
    assert written(made(150, whole=True), tmp_path).stat().st_size < LARGEST
