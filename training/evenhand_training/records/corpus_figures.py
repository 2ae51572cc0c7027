"""Every figure about the corpus that its datasheet and the other records give, counted from its rows."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from evenhand.scheme import ISSUES, Assertion
from evenhand_training.corpus import Corpus, files
from evenhand_training.corpus.agreement import second_coding_agreement

THIN = 25  # published rows; an issue with fewer is named as thin, for a figure on it moves by points with each row
ENOUGH = 10  # informative rows from which on an area is compared; the least that `evenhand compare` ranks


def corpus_figures(corpus: Corpus, directory: Path) -> dict[str, str]:
    """Counts by name, written as they stand in a text; `rows_<file>` is the number of lines of a file."""
    return {
        "corpus_version": corpus.version,
        **_rows(directory),
        **_documents(corpus),
        **_informative(corpus),
        **_issues(corpus),
        **_authored(corpus),
        **_agreement(corpus),
    }


def _rows(directory: Path) -> dict[str, str]:
    counts = {name: len(files.read_lines(directory / name)) for name in files.ROW_FILES}
    return {f"rows_{name.removesuffix('.jsonl').replace('-', '_')}": f"{count:,}" for name, count in counts.items()}


def _documents(corpus: Corpus) -> dict[str, str]:
    years = [document.year for document in corpus.documents if document.year is not None]
    return {
        "document_areas": str(len({document.area for document in corpus.documents})),
        "descriptor_documents": str(len({row.doc_id for row in corpus.descriptors})),
        "descriptor_areas": str(len({corpus.area(row) for row in corpus.descriptors})),
        "undated": str(len(corpus.documents) - len(years)),
        "first_year": str(min(years)),
        "last_year": str(max(years)),
        "criteria_documents": str(sum(document.kind == "criteria" for document in corpus.documents)),
        "read_whole": str(sum(document.read_whole for document in corpus.documents) or "none"),
    }


def _informative(corpus: Corpus) -> dict[str, str]:
    """Rows whose document shows levels beyond the row's own: no others tell where a bar sits."""
    visible = {
        document.id: {level for own in document.levels if own.native in document.levels_visible for level in own.levels}
        for document in corpus.documents
    }
    rows = [row for row in corpus.descriptors if visible[row.doc_id] - set(row.levels)]
    areas = Counter(corpus.area(row) for row in rows)
    return {
        "informative_rows": str(len(rows)),
        "informative_areas": str(len(areas)),
        "informative_areas_enough": str(sum(count >= ENOUGH for count in areas.values())),
        "enough": str(ENOUGH),
    }


def _issues(corpus: Corpus) -> dict[str, str]:
    counts = Counter(issue for row in corpus.descriptors for issue in row.issues)
    thin = sorted((counts[issue], issue.value) for issue in ISSUES if counts[issue] < THIN)
    return {
        "thin": str(THIN),
        "thin_issues": ", ".join(f"{name.replace('_', ' ')} ({count})" for count, name in thin),
    }


def _authored(corpus: Corpus) -> dict[str, str]:
    types = Counter(row.type for row in corpus.accumulation_sets)
    historical = [row for row in corpus.authored if row.assertion is Assertion.HISTORICAL]
    return {
        "narrative_sentences": f"{sum(len(note.sentences) for note in corpus.narratives):,}",
        "accumulates": str(types["accumulates"]),
        "repeats": str(types["repeats"]),
        "unrelated": str(types["unrelated"]),
        "offset": str(types["offset"]),
        "contrast_texts": f"{sum(len(row.texts_) for row in corpus.contrast_sets):,}",
        "historical_rows": str(len(historical)),
        "historical_grave": str(sum(row.severity > 4 for row in historical)),
    }


def _agreement(corpus: Corpus) -> dict[str, str]:
    found = second_coding_agreement(corpus)
    return {
        "second_severity_kappa": f"{found.severity_kappa:.3f}",
        "second_severity_exact": f"{found.severity_exact:.1%}",
        "second_issue_f1": f"{found.issue_f1:.3f}",
        "second_issue_exact": f"{found.issue_exact:.1%}",
    }
