"""Tables of how well documents are read."""

from __future__ import annotations

from typing import Any

from evenhand_training.document_tables import documents_table


def row(file: str, *, wanted: int, found: int, right: int) -> dict[str, Any]:
    return {
        "file": file, "layout": "blind", "wanted": wanted, "found": found, "right": right, "level_right": right,
        "levels": 4, "sets_right": 3, "recall": right / wanted, "warnings": 1, "seconds": 0.5,
    }  # fmt: skip


def line(which: str, *rows: dict[str, Any], date: str = "2026-11-22") -> dict[str, Any]:
    return {"kind": "documents", "set": which, "date": date, "commit": "abc", "documents": list(rows)}


def test_counts_are_pooled_and_each_unseen_set_has_its_row() -> None:
    told = documents_table(
        [
            line("unseen", row("a.pdf", wanted=10, found=10, right=5)),
            line("tests", row("old.pdf", wanted=10, found=10, right=1), date="2026-11-01"),
            line("unseen", row("b.pdf", wanted=10, found=20, right=10), row("c.pdf", wanted=30, found=20, right=20)),
            line("tests", row("new.pdf", wanted=10, found=8, right=8)),
        ]
    )
    assert "| 1 | 10 | 0.50 | 0.50 | 1.00 | 3 of 4 | 0.50 |" in told
    assert "| 2 | 40 | 0.75 | 0.75 | 1.00 | 6 of 8 | 1.00, 0.67 |" in told
    assert "| new.pdf | blind | 10 | 0.80 | 1.00 | 1.00 | 3 of 4 | 1 | 0.5 |" in told
    assert "old.pdf" not in told


def test_without_a_measurement_there_is_no_table() -> None:
    assert documents_table([{"kind": "test"}]) == ""
