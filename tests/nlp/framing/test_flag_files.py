"""Files in, flags out: the contract, formats, resuming, the gate, the report."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from evenhand import InputError, Model, OutputError, PrivacyError
from evenhand.framing import FLAG_SCHEMA, Flagger, Flags, flag_file
from evenhand.framing.contract import FLAG_FIELDS
from evenhand.framing.report import ReportOptions, write_report
from evenhand.scheme import Level

HARD = "Mum fails to engage and is hard to reach. The meter ran out on Sunday and there is no food in."
PLAIN = "[CHILD] was seen at school on Monday. She said she likes her new class."


def written(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def referrals(folder: Path, *, copies: int = 12) -> Path:
    rows: list[dict[str, object]] = [
        {"id": f"{agency[0]}{n}", "agency": agency, "received": f"2026-0{1 + n % 3}-14", "outcome": level, "text": text}
        for n in range(copies)
        for agency, level, text in (("police", "section 47", HARD), ("school", "early help", PLAIN))
    ]
    return written(folder / "in.jsonl", rows)


def test_rows_keep_their_columns_and_get_the_contracts_fields(tmp_path: Path, flagger: Flagger) -> None:
    source = written(tmp_path / "in.jsonl", [{"id": 1, "text": HARD}, {"id": 2, "text": None}])
    flag_file(source, tmp_path / "out.jsonl", flagger=flagger, privacy="off")
    first, second = (json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines())
    assert list(first) == ["id", "text", *FLAG_FIELDS, "schema"]
    assert first["schema"] == FLAG_SCHEMA
    assert second["reason"] == "the text is missing"


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl.gz"])
def test_every_format_says_the_same(tmp_path: Path, flagger: Flagger, suffix: str) -> None:
    source = written(tmp_path / "in.jsonl", [{"text": HARD}, {"text": PLAIN}])
    flag_file(source, tmp_path / "out.jsonl", flagger=flagger, privacy="off")
    flag_file(source, tmp_path / f"out{suffix}", flagger=flagger, privacy="off")
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    expected = [json.loads(line)["unmet_needs"] for line in lines]
    if suffix == ".csv":
        with (tmp_path / "out.csv").open(newline="") as stream:
            assert [json.loads(row["unmet_needs"]) for row in csv.DictReader(stream)] == expected
    elif suffix == ".parquet":
        assert pq.read_table(tmp_path / "out.parquet").column("unmet_needs").to_pylist() == expected
    else:
        from evenhand.tables import open_table

        with open_table(tmp_path / "out.jsonl.gz", chunk_rows=10) as table:
            assert [row["unmet_needs"] for chunk in table.chunks for row in chunk.rows] == expected


class _Stops:
    """A flagger that is stopped after some calls."""

    def __init__(self, flagger: Flagger, calls: int) -> None:
        self._flagger, self._left = flagger, calls
        self.identity = flagger.identity

    def flag_many(self, texts: Sequence[str]) -> list[Flags]:
        self._left -= 1
        if self._left < 0:
            raise KeyboardInterrupt
        return self._flagger.flag_many(texts)


def test_an_interrupted_run_goes_on_and_ends_with_the_same_file(tmp_path: Path, flagger: Flagger) -> None:
    source = referrals(tmp_path)
    flag_file(source, tmp_path / "whole.jsonl", flagger=flagger, privacy="off", chunk_rows=4)
    with pytest.raises(KeyboardInterrupt):
        flag_file(source, tmp_path / "out.jsonl", flagger=_Stops(flagger, 3), privacy="off", chunk_rows=4)
    summary = flag_file(source, tmp_path / "out.jsonl", flagger=flagger, privacy="off", chunk_rows=4, resume=True)
    assert summary.resumed_after == 12
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_identifiable_text_is_refused_and_nothing_is_written(tmp_path: Path, flagger: Flagger) -> None:
    source = written(tmp_path / "in.jsonl", [{"text": "NHS number 943 476 5919, mum fails to engage."}])
    with pytest.raises(PrivacyError, match="looks identifiable"):
        flag_file(source, tmp_path / "out.jsonl", flagger=flagger, privacy="patterns")
    assert not (tmp_path / "out.jsonl").exists()


def report(folder: Path, flagger: Flagger, source: Path, coder: Model | None = None, **options: Any) -> str:  # noqa: ANN401 - those of ReportOptions
    summary = flag_file(source, folder / "out.jsonl", flagger=flagger, privacy="off")
    write_report(folder / "out.jsonl", summary, ReportOptions(folder / "report.html", **options), coder=coder)
    return (folder / "report.html").read_text()


def test_the_report_shows_rates_by_group_and_month(tmp_path: Path, flagger: Flagger) -> None:
    page = report(tmp_path, flagger, referrals(tmp_path, copies=30), by=["agency", "received:month"])
    assert "By agency" in page
    assert "March 2026" in page
    with (tmp_path / "report.rates.csv").open(newline="") as stream:
        rates = {(row["column"], row["group"], row["what"]): row["count"] for row in csv.DictReader(stream)}
    assert rates["agency", "police", "flagged"] == "30"
    assert rates["agency", "school", "flagged"] == "0"


def test_small_groups_are_hidden_in_page_and_figures(tmp_path: Path, flagger: Flagger) -> None:
    agencies = [("police", HARD)] * 12 + [("school", PLAIN)] * 11 + [("dentist", HARD)] * 2
    rows: list[dict[str, object]] = [{"agency": agency, "text": text} for agency, text in agencies]
    page = report(tmp_path, flagger, written(tmp_path / "in.jsonl", rows), by=["agency"])
    with (tmp_path / "report.rates.csv").open(newline="") as stream:
        rates = list(csv.DictReader(stream))
    assert "dentist" not in page
    assert "dentist" not in {row["group"] for row in rates}
    few = [row for row in rates if row["group"].startswith("groups of under 5")]
    assert few
    assert not any(row["rows"] or row["count"] for row in few)
    assert "hidden*" in page


def test_the_report_holds_no_sentence_unless_asked(tmp_path: Path, flagger: Flagger) -> None:
    source = referrals(tmp_path)
    assert "The meter ran out" not in report(tmp_path, flagger, source)
    (tmp_path / "two").mkdir()
    assert "hard to reach" in report(tmp_path / "two", flagger, source, with_text=True)


def test_the_audit_is_told_with_its_caution(tmp_path: Path, flagger: Flagger, coder: Model) -> None:
    page = report(tmp_path, flagger, referrals(tmp_path), outcome="outcome", coder=coder)
    assert "association, not cause" in page
    assert "at equal severity" in page


def test_an_unknown_column_is_named_with_those_present(tmp_path: Path, flagger: Flagger) -> None:
    with pytest.raises(InputError, match="there is no column 'agancy'"):
        report(tmp_path, flagger, referrals(tmp_path, copies=1), by=["agancy"])


def test_a_report_that_is_there_is_not_replaced(tmp_path: Path, flagger: Flagger) -> None:
    (tmp_path / "report.html").write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        report(tmp_path, flagger, referrals(tmp_path, copies=1))
    assert (tmp_path / "report.html").read_text() == "mine"


def test_markup_in_groups_and_phrases_is_escaped(tmp_path: Path, flagger: Flagger) -> None:
    rows: list[dict[str, object]] = [{"agency": "<script>alert(1)</script>", "text": HARD}] * 8
    page = report(tmp_path, flagger, written(tmp_path / "in.jsonl", rows), by=["agency"], with_text=True)
    assert "<script>" not in page


def test_a_column_with_a_name_of_ours_is_reported_by_its_own_name(tmp_path: Path, flagger: Flagger) -> None:
    rows: list[dict[str, object]] = [{"model": "team a", "reason": HARD}] * 9
    summary = flag_file(
        written(tmp_path / "in.jsonl", rows), tmp_path / "out.jsonl", flagger=flagger, privacy="off", column="reason"
    )
    write_report(tmp_path / "out.jsonl", summary, ReportOptions(tmp_path / "report.html", by=["model"], with_text=True))
    page = (tmp_path / "report.html").read_text()
    assert "team a" in page
    assert "hard to reach" in page


def test_a_lone_surrogate_does_not_stop_the_report(tmp_path: Path, flagger: Flagger) -> None:
    rows: list[dict[str, object]] = [{"text": "\ud800 " + HARD}] * 6
    assert "hard to reach" in report(tmp_path, flagger, written(tmp_path / "in.jsonl", rows), with_text=True)


def test_a_misspelt_option_is_an_error(tmp_path: Path, flagger: Flagger) -> None:
    with pytest.raises(TypeError, match="did you mean 'column'"):
        flag_file(referrals(tmp_path), tmp_path / "out.jsonl", flagger=flagger, colum="text")  # type: ignore[call-arg]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_the_report_reads_every_format(tmp_path: Path, flagger: Flagger, suffix: str) -> None:
    summary = flag_file(referrals(tmp_path), tmp_path / f"out{suffix}", flagger=flagger, privacy="off")
    write_report(tmp_path / f"out{suffix}", summary, ReportOptions(tmp_path / "report", by=["agency"]))
    assert "police" in (tmp_path / "report.html").read_text()


def test_a_row_without_a_text_counts_as_blank_in_the_report(tmp_path: Path, flagger: Flagger) -> None:
    source = written(tmp_path / "in.jsonl", [{"id": n, "text": HARD} for n in range(6)] + [{"id": n} for n in range(6)])

    assert "6 texts were read, and 6 blank or missing ones left out" in report(tmp_path, flagger, source)


def test_the_report_says_when_and_of_what_it_was_made(tmp_path: Path, flagger: Flagger) -> None:
    page = report(tmp_path, flagger, referrals(tmp_path))

    assert "from out.jsonl by Evenhand" in page
    assert flagger.name in page


def test_a_column_without_dates_is_not_compared_by_month(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"agency": "police", "received": None},
        {"agency": "school", "received": "31/03/2026"},
    ]

    ReportOptions(tmp_path / "page", by=["received:month"]).check(list(rows[0]), first=rows)
    with pytest.raises(InputError, match="--by agency:month: column 'agency' holds no dates"):
        ReportOptions(tmp_path / "page", by=["agency:month"]).check(list(rows[0]), first=rows)


def test_outcomes_are_read_as_the_user_says_and_listed_unless_few_have_them(
    tmp_path: Path, flagger: Flagger, coder: Model
) -> None:
    rows: list[dict[str, object]] = [{"text": HARD, "outcome": f"Tier {1 + n % 2}"} for n in range(12)]
    source = written(tmp_path / "in.jsonl", [*rows, {"text": PLAIN, "outcome": "Tier 9"}])

    page = report(tmp_path, flagger, source, coder, outcome="outcome", outcome_levels={"tier 2": Level.C})

    assert '<th scope="row">tier 2</th><td>C</td><td class="number">6</td>' in page
    assert '<th scope="row">tier 1</th><td>no level: left out</td><td class="number">6</td>' in page
    assert "tier 9" not in page.lower()
