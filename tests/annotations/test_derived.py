"""What is written from the corpus files is as fresh as they are."""

from __future__ import annotations

import json
from pathlib import Path

from evenhand_training.corpus import Corpus, files, refresh_derived
from evenhand_training.corpus.derived import FACTORS, checksums, factors_file, sources_page


def test_sources_page_is_fresh(corpus: Corpus, annotations: Path) -> None:
    assert (annotations / files.SOURCES).read_text(encoding="utf-8") == sources_page(corpus.documents)


def test_checksums_are_fresh(annotations: Path) -> None:
    assert (annotations / files.CHECKSUMS).read_text(encoding="utf-8") == checksums(annotations)


def test_the_librarys_factor_map_is_fresh(annotations: Path) -> None:
    codes = json.loads((annotations / files.DFE_CODES).read_text(encoding="utf-8"))
    assert (annotations.parent / FACTORS).read_text(encoding="utf-8") == factors_file(codes)


def test_each_factor_is_under_the_issue_it_lists_first(annotations: Path) -> None:
    codes = json.loads((annotations / files.DFE_CODES).read_text(encoding="utf-8"))
    by_issue = json.loads(factors_file(codes))["by_issue"]
    expected = {factor["code"]: factor["issues"][0] for factor in codes["assessment_factors"] if factor["issues"]}
    assert {code: issue for issue, found in by_issue.items() for code in found} == expected


def test_sources_page_has_every_document_once(corpus: Corpus) -> None:
    page = sources_page(corpus.documents)
    assert all(page.count(f"| `{document.id}` |") == 1 for document in corpus.documents)


def test_refreshing_twice_changes_nothing(spoiled: Path) -> None:
    refresh_derived(spoiled)
    once = {path.name: path.read_bytes() for path in spoiled.iterdir()}
    written = refresh_derived(spoiled)
    assert {path.name: path.read_bytes() for path in spoiled.iterdir()} == once
    assert [path.name for path in written] == ["SOURCES.md", "dfe-factors.json", "SHA256SUMS"]
