"""The report of `evenhand flag --html`: one page about many referrals, with its figures as CSV beside it."""

from evenhand.framing.report.writing import ReportOptions, write_report

__all__ = ["ReportOptions", "write_report"]
