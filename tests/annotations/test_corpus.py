"""The released corpus, read through the reader."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evenhand.errors import InputError
from evenhand.scheme import Assertion, Level
from evenhand_training.corpus import Corpus, Document, Splits, files, is_informative, second_coding_agreement


def test_every_released_line_is_written_as_the_reader_writes_it(annotations: Path) -> None:
    for name, kind in files.ROW_FILES.items():
        lines = files.read_lines(annotations / name)
        assert lines == [files.row_line(files.parse_row(kind, line)) for line in lines], name


def test_version_is_that_of_the_version_file(corpus: Corpus, annotations: Path) -> None:
    assert corpus.version == (annotations / "VERSION").read_text(encoding="utf-8").strip()


def test_document_finds_a_descriptors_document(corpus: Corpus) -> None:
    row = corpus.descriptors[0]
    assert corpus.document(row.doc_id).id == row.doc_id


def test_unknown_document_is_named_in_the_error(corpus: Corpus) -> None:
    with pytest.raises(InputError, match="no document 'atlantis-2020'"):
        corpus.document("atlantis-2020")


def test_visible_codes_join_the_visible_levels_in_order(corpus: Corpus) -> None:
    document = corpus.document("kent-support-levels-earlier")
    assert document.levels_visible == ("Level 2", "Level 3", "Level 4")
    assert document.visible_codes == (Level.A, Level.B, Level.C, Level.D)


def test_definitions_show_no_codes(corpus: Corpus) -> None:
    assert all(row.visible_codes == () for row in corpus.documents if row.kind == "definitions")


def test_every_descriptor_lies_within_its_documents_visible_codes(corpus: Corpus) -> None:
    for row in corpus.descriptors:
        assert set(row.levels) <= set(corpus.document(row.doc_id).visible_codes)


def test_no_row_of_a_one_level_document_informs_about_levels(corpus: Corpus) -> None:
    one_level = [row for row in corpus.descriptors if corpus.document(row.doc_id).kind == "criteria"]
    assert one_level
    assert not any(is_informative(row, corpus.document(row.doc_id)) for row in one_level)


def test_administrative_sentences_have_no_codes(corpus: Corpus) -> None:
    idle = [sentence for note in corpus.narratives for sentence in note.sentences if not sentence.is_coded]
    assert idle
    assert all(sentence.assertion is None and sentence.frame is None for sentence in idle)


def test_narrative_spans_cut_out_the_sentences(corpus: Corpus) -> None:
    for note in corpus.narratives:
        assert [note.text[a:b] for a, b in note.spans] == [sentence.text for sentence in note.sentences]


def test_no_note_is_milder_than_its_gravest_present_sentence(corpus: Corpus) -> None:
    for note in corpus.narratives:
        present = [s.severity or 0 for s in note.sentences if s.assertion is Assertion.PRESENT]
        assert max(present) <= note.severity, note.id


def test_accumulation_controls_do_not_add_up(corpus: Corpus) -> None:
    for row in corpus.accumulation_sets:
        gravest = max(part.severity for part in row.parts)
        if row.type == "accumulates":
            assert row.whole_severity > gravest, row.id
        else:
            assert row.whole_severity <= gravest, row.id


def test_templates_fill_every_slot(corpus: Corpus) -> None:
    for template in corpus.counterfactual_templates:
        assert len(set(template.texts)) >= 2
        assert not any("{" in text for text in template.texts), template.id


def test_no_case_example_of_a_real_child_is_in_the_corpus(
    raw_rows: dict[str, list[dict[str, object]]],
) -> None:
    # Case examples are told apart by saying what their level rests on.
    assert not any("level_basis" in row for rows in raw_rows.values() for row in rows)


def test_sources_have_a_public_address_or_none(corpus: Corpus) -> None:
    addresses = [row.url for row in corpus.documents]
    addresses += [row.source_url for row in corpus.lexicon if row.source_url]
    addresses += [row.source_url for row in corpus.referral_elements if row.source_url]
    assert [url for url in addresses if not re.fullmatch(r"https?://\S+", url)] == []


def test_reading_names_file_and_line_of_a_bad_row(spoiled: Path) -> None:
    path = spoiled / files.DESCRIPTORS
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[2] = lines[2].replace('"severity": ', '"severity": 1')
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"descriptors\.jsonl, line 3: not a valid Descriptor"):
        Corpus.read(spoiled)


@pytest.mark.parametrize("name", [files.VERSION, files.DOCUMENTS, files.NARRATIVES])
def test_reading_without_a_file_names_the_file(spoiled: Path, name: str) -> None:
    (spoiled / name).unlink()
    with pytest.raises(InputError, match=name):
        Corpus.read(spoiled)


def test_the_datasheet_has_the_agreement_that_the_files_give(corpus: Corpus, annotations: Path) -> None:
    found = second_coding_agreement(corpus)
    sheet = " ".join((annotations / "DATASHEET.md").read_text(encoding="utf-8").split())
    assert f"quadratic weighted kappa **{found.severity_kappa:.3f}**" in sheet
    assert f"same severity in {found.severity_exact:.1%}" in sheet
    assert f"F1 over single codes **{found.issue_f1:.3f}**, same set in {found.issue_exact:.1%}" in sheet


def test_the_datasheet_counts_the_rows_that_the_files_have(annotations: Path) -> None:
    sheet = (annotations / "DATASHEET.md").read_text(encoding="utf-8")
    for name in files.ROW_FILES:
        count = len(files.read_lines(annotations / name))
        assert f"| `{name}` | {count:,} |" in sheet


def test_the_readme_names_every_file_and_every_field(annotations: Path) -> None:
    readme = (annotations / "README.md").read_text(encoding="utf-8")
    for name, kind in files.ROW_FILES.items():
        assert f"`{name}`" in readme
        for field, info in kind.model_fields.items():
            assert f"`{info.alias or field}`" in readme, (name, field)


def test_only_the_scottish_document_is_from_outside_england(corpus: Corpus, splits: Splits) -> None:
    outside: list[Document] = [row for row in corpus.documents if row.country != "England"]
    assert [row.area for row in outside] == ["Scottish Borders"]
    assert splits.is_left_out("Scottish Borders")
