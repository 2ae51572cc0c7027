"""What became of descriptors between two versions: each kind is told, and what was not found is not called gone."""

from __future__ import annotations

import csv
import io

import pytest

import evenhand
from evenhand.consistency.change import Change, Changes, Kind, changes
from evenhand.consistency.change_table import change_table
from evenhand.consistency.collection import AreaDocument, PlacedDescriptor
from evenhand.consistency.same_situation import released
from evenhand.errors import InputError
from evenhand.model import Model
from evenhand.scheme import Issue, Level, level_set

Told = tuple[str, str, Issue]  # a text, its codes, its issue
BEFORE: tuple[Told, ...] = (
    ("Child is a young carer", "A", Issue.YOUNG_CARER),
    ("Family is homeless", "C", Issue.HOUSING),
    ("Child is bullied at school", "B", Issue.BULLYING),
    ("Child has been physically abused by a parent", "C", Issue.PHYSICAL_ABUSE),
    ("Siblings fall out with one another", "BC", Issue.FAMILY_RELATIONSHIPS),
    ("Emotionally well", "none", Issue.CHILD_MENTAL_HEALTH),
    ("Parent misuses drugs", "AB", Issue.PARENTAL_SUBSTANCE_USE),
    ("Unaccompanied child seeking asylum", "C", Issue.MIGRATION),
    ("Often late for school", "B", Issue.EDUCATION),
    ("Falls asleep in class", "A", Issue.HEALTH_DEVELOPMENT),
)
AFTER: tuple[Told, ...] = (
    ("young carer", "A", Issue.YOUNG_CARER),
    ("Homeless  family.", "A", Issue.HOUSING),
    ("Bullying at school", "BC", Issue.BULLYING),
    ("Physical abuse of the child by a parent", "D", Issue.PHYSICAL_ABUSE),
    ("Siblings fall out with one another", "B", Issue.FAMILY_RELATIONSHIPS),
    ("Emotional well-being is good", "none", Issue.CHILD_MENTAL_HEALTH),
    ("Parental drug misuse", "BC", Issue.PARENTAL_SUBSTANCE_USE),
    ("Shares extremist material online", "D", Issue.RADICALISATION),
    ("Often late for school", "AB", Issue.EDUCATION),
    ("Falls asleep in class", "ABC", Issue.HEALTH_DEVELOPMENT),
)
EVERY = sorted(f"d{number}" for number in range(1, len(BEFORE) + 1))


def placed(told: tuple[Told, ...], document: str) -> list[PlacedDescriptor]:
    return [
        PlacedDescriptor(
            id=f"d{number}",
            document=document,
            area="Anyshire",
            page=number,
            native_level=f"Level {codes}",
            levels=level_set([codes] if codes == "none" else codes),
            text=text,
            issues=(issue,),
            severity=3.0,
            by_model=False,
        )
        for number, (text, codes, issue) in enumerate(told, 1)
    ]


def version(name: str, *levels: tuple[str, str], read_whole: bool = True) -> AreaDocument:
    sets = tuple((native, level_set(codes)) for native, codes in levels)
    return AreaDocument(name, "Anyshire", name, None, None, sets, read_whole)


EARLIER = version("old", ("Thriving", "A"), ("Early help", "B"), ("Child in need", "C"), ("Protection", "D"))
LATER = version("new", ("Thriving", "A"), ("Family Help", "BC"), ("Protection", "D"))


@pytest.fixture(scope="module")
def reader() -> Model:
    return evenhand.load()


@pytest.fixture(scope="module")
def found(reader: Model) -> Changes:
    return changes(placed(BEFORE, "old"), placed(AFTER, "new"), reader, documents=(EARLIER, LATER))


def kinds(found: Changes) -> dict[str, Kind]:
    """By the text of the earlier version, or else of the later one."""
    return {(change.before or change.after or placed(BEFORE, "")[0]).text: change.kind for change in found.changes}


def of(found: Changes, kind: Kind) -> list[Change]:
    return [change for change in found.changes if change.kind is kind]


def test_each_descriptor_is_told_by_what_became_of_it(found: Changes) -> None:
    assert kinds(found) == {
        "Child is a young carer": Kind.UNCHANGED,
        "Family is homeless": Kind.LOWERED,
        "Child is bullied at school": Kind.WIDENED,
        "Child has been physically abused by a parent": Kind.RAISED,
        "Siblings fall out with one another": Kind.NARROWED,
        "Parent misuses drugs": Kind.SHIFTED,
        "Unaccompanied child seeking asylum": Kind.VANISHED,
        "Shares extremist material online": Kind.APPEARED,
        "Often late for school": Kind.WIDENED,
        "Falls asleep in class": Kind.WIDENED,
        "Emotionally well": Kind.PERHAPS,
        "Emotional well-being is good": Kind.PERHAPS,
    }


def test_every_descriptor_of_both_versions_is_told_once(found: Changes) -> None:
    assert sorted(change.before.id for change in found.changes if change.before) == EVERY
    assert sorted(change.after.id for change in found.changes if change.after) == EVERY


def test_what_may_be_reworded_is_shown_with_its_candidate(found: Changes) -> None:
    gone, new = of(found, Kind.PERHAPS)
    assert (gone.before, new.after) == (new.candidate, gone.candidate)
    assert (gone.after, new.before) == (None, None)
    assert gone.probability is not None
    assert 0.5 <= gone.probability < released().threshold


def test_matches_that_are_not_word_for_word_are_as_sure_as_the_score_asks(found: Changes) -> None:
    matched = [change for change in found.changes if change.before and change.after]
    assert [change.probability for change in matched].count(1.0) == 3  # siblings, lateness and sleep
    assert all(change.probability and change.probability >= released().threshold for change in matched)


def test_levels_that_became_one_are_told_with_their_names(found: Changes) -> None:
    (merged,) = found.levels
    assert (
        str(merged)
        == "B and C are one level now (Family Help); before, they were levels apart (Early help, Child in need)."
    )


def test_levels_that_were_one_are_told_the_other_way_round(reader: Model) -> None:
    found = changes(placed(BEFORE, "new"), placed(AFTER, "old"), reader, documents=(LATER, EARLIER))
    (split,) = found.levels
    assert (split.codes, split.merged) == ((Level.B, Level.C), False)
    assert str(split).startswith("B and C are levels apart now (Early help, Child in need)")


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        (("AB", "C", "D"), ("A", "BC", "D"), [("BC", True), ("AB", False)]),
        (("A", "B", "C", "D"), ("A", "BCD"), [("BCD", True)]),
        (("A", "B", "C", "D"), ("AB", "CD"), [("AB", True), ("CD", True)]),
        (("B", "BC", "D"), ("BC", "D"), []),
        (("A", "D"), ("A", "BC", "D"), []),
    ],
    ids=["moved over", "three at once", "two pairs", "one before as well", "not known before"],
)
def test_levels_are_merged_or_split_only_where_both_versions_have_them(
    reader: Model, before: tuple[str, ...], after: tuple[str, ...], codes: list[tuple[str, bool]]
) -> None:
    documents = (
        version("old", *((f"old {own}", own) for own in before)),
        version("new", *((f"new {own}", own) for own in after)),
    )
    same = BEFORE[:1]
    found = changes(placed(same, "old"), placed(same, "new"), reader, documents=documents)
    assert [("".join(level.codes), level.merged) for level in found.levels] == codes


def test_what_merged_levels_alone_widened_is_told_apart(found: Changes) -> None:
    assert {change.issue: change.by_levels for change in of(found, Kind.WIDENED)} == {
        Issue.BULLYING: True,  # from B to B and C, which are one level now
        Issue.EDUCATION: False,  # from B to A and B, which are not
        Issue.HEALTH_DEVELOPMENT: False,  # from A to A, B and C: these are, but it stood at neither
    }
    assert not any(change.by_levels for change in found.changes if change.kind is not Kind.WIDENED)
    assert any(
        note.startswith("1 were widened or narrowed because levels were merged or split") for note in found.notes
    )


def test_a_text_that_stands_at_two_levels_is_matched_with_itself_at_the_nearest(reader: Model) -> None:
    text, _, issue = BEFORE[0]
    twice: tuple[Told, ...] = ((text, "A", issue), (text, "C", issue))
    found = changes(placed(twice, "old"), placed(twice[::-1], "new"), reader)
    assert found.counts()[Kind.UNCHANGED] == 2
    once = changes(placed(twice, "old"), placed(twice[1:], "new"), reader)
    (gone,) = of(once, Kind.PERHAPS)
    assert gone.before is not None
    assert gone.before.levels == (Level.A,)
    assert gone.probability == 1.0  # the words are there still, at the other level
    assert once.counts()[Kind.UNCHANGED] == 1


def test_the_figure_of_matches_is_given_first(found: Changes) -> None:
    assert found.notes[0].startswith(
        "Of 10 descriptors of the earlier version 8 were found among the 10 of the later one: 3"
    )


def test_counts_by_issue_add_up_to_those_of_all(found: Changes) -> None:
    by_issue = found.by_issue()
    assert by_issue[Issue.HOUSING][Kind.LOWERED] == 1
    assert {kind: sum(counts[kind] for counts in by_issue.values()) for kind in Kind} == found.counts()
    assert next(iter(by_issue)) is Issue.CHILD_MENTAL_HEALTH


def test_excerpts_and_levels_that_one_version_does_not_show_are_noted(reader: Model) -> None:
    part = version("new", ("Thriving", "A"), read_whole=False)
    found = changes(placed(BEFORE, "old"), placed(AFTER[:2], "new"), reader, documents=(EARLIER, part))
    assert "Nothing of the later version stands at none, B and C, where the earlier one has descriptors." in found.notes
    assert any("read whole" in note for note in found.notes)


def test_versions_read_whole_have_no_such_notes(found: Changes) -> None:
    assert not any("read whole" in note for note in found.notes)


def test_a_table_tells_each_change_with_codes_as_text(found: Changes) -> None:
    rows = list(csv.DictReader(io.StringIO(change_table(found))))
    assert len(rows) == len(found.changes)
    raised = next(row for row in rows if row["change"] == "raised")
    assert (raised["before_levels"], raised["after_levels"], raised["candidate_levels"]) == ("C", "D", "")
    assert (raised["before_native_level"], raised["before_page"], raised["issue"]) == ("Level C", "4", "physical_abuse")
    wide = next(row for row in rows if row["change"] == "widened")
    assert (wide["after_levels"], wide["by_levels"]) == ("B C", "yes")


def test_a_version_without_descriptors_and_one_compared_with_itself_are_errors(reader: Model) -> None:
    with pytest.raises(InputError, match="the later version has no descriptor"):
        changes(placed(BEFORE, "old"), [], reader)
    with pytest.raises(InputError, match="document 'old' is on both sides"):
        changes(placed(BEFORE, "old"), placed(AFTER, "old"), reader)
