"""A comparison as a page to read and print, with every figure beside it as CSV.

The page is one file: no script, nothing loaded from elsewhere. Needs the extra `report`.
"""

from __future__ import annotations

from evenhand.consistency.report.writing import check_report, write_report

__all__ = ["check_report", "write_report"]
