"""How far coders agree: as published where there is a published example, and as a person would count by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from evenhand.annotate import Annotation, Annotations, Coder, Unit
from evenhand.annotate.agree import compare_coders
from evenhand.annotate.agree_page import methods, page, told
from evenhand.annotate.distances import distance
from evenhand.annotate.tables import read
from evenhand.errors import InputError
from evenhand.scheme import Issue, Level

START = datetime(2026, 3, 1, tzinfo=UTC)
ANNA, BEN, MODEL = Coder("Anna"), Coder("Ben"), Coder("evenhand", "model", "0.3.1")
# Four observers of twelve units, in Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), part C and D.
OBSERVERS = {
    Coder("A"): (1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None),
    Coder("B"): (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3),
    Coder("C"): (None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None),
    Coder("D"): (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None),
}


def coding(unit: int, coder: Coder, **codes: object) -> Annotation:
    given: dict[str, object] = {"made": START, "id": f"{unit} {coder.label} {sorted(codes.items())}", **codes}
    return Annotation(unit=f"t{unit}", coder=coder, **given)  # type: ignore[arg-type]


def collection(*codings: Annotation, documents: int = 1) -> Annotations:
    count = 1 + max(int(one.unit[1:]) for one in codings)
    units = [Unit(f"t{number}", f"Text {number} Zq7marker.", f"d{number % documents}") for number in range(count)]
    return Annotations(tuple(units), codings)


@pytest.mark.parametrize(
    ("question", "alpha"),
    [("severity", 0.815), ("level", 0.815), ("frame", 0.743)],
    ids=["ordinal", "levels", "nominal"],
)
def test_alpha_is_as_published(question: str, alpha: float) -> None:
    levels, frames = tuple(Level), ("evidence", "risk", "blame", "need", "strength")
    codes: dict[str, Callable[[int], dict[str, object]]] = {
        "severity": lambda code: {"severity": float(code)},
        "level": lambda code: {"levels": (levels[code - 1],)},
        "frame": lambda code: {"severity": 1.0, "frame": frames[code - 1]},
    }
    found = compare_coders(
        collection(
            *(
                coding(unit, coder, **codes[question](code))
                for coder, given in OBSERVERS.items()
                for unit, code in enumerate(given)
                if code is not None
            )
        )
    )
    measured = {one.what: one.all for one in found.overall}[question]
    assert measured.alpha == pytest.approx(alpha, abs=0.0005)
    assert measured.units == 11  # the last was coded by one alone


def test_people_are_told_apart_from_a_model() -> None:
    same = [coding(n, who, levels=(Level.B if n % 2 else Level.C,)) for n in range(8) for who in (ANNA, BEN)]
    other = [coding(n, MODEL, levels=(Level.D,)) for n in range(8)]
    found = compare_coders(collection(*same, *other))

    level = found.overall[0]
    assert found.coders == (("Anna", "person", 8), ("Ben", "person", 8), ("evenhand 0.3.1 (model)", "model", 8))
    assert level.people is not None
    assert level.people.alpha == 1.0
    assert level.all.alpha < 0.5
    assert {(pair.left, pair.right): pair.same_level for pair in found.pairs} == {
        ("Anna", "Ben"): 8,
        ("Anna", "evenhand 0.3.1 (model)"): 0,
        ("Ben", "evenhand 0.3.1 (model)"): 0,
    }


def test_a_set_of_levels_is_nearer_to_its_own_levels_than_to_others() -> None:
    def apart(*levels: Level) -> float:
        return distance(coding(0, ANNA, levels=(Level.C, Level.D)), coding(0, BEN, levels=levels))

    assert apart(Level.C, Level.D) == 0 < apart(Level.D) == apart(Level.C) < apart(Level.B) < apart(Level.NONE)


def test_each_issue_and_level_is_counted_by_itself() -> None:
    given = [("housing",), ("housing", "poverty"), ("neglect",), ("neglect",)]
    codings = [coding(n, ANNA, issues=tuple(map(Issue, one)), levels=(Level.B,)) for n, one in enumerate(given)]
    codings += [coding(n, BEN, issues=(Issue(one[0]),), levels=(Level.B, Level.C)) for n, one in enumerate(given)]
    found = compare_coders(collection(*codings))

    assert [(one.what, one.given) for one in found.issues] == [("housing", 4), ("neglect", 4), ("poverty", 1)]
    assert [one.all.alpha for one in found.issues[:2]] == [1.0, 1.0]
    assert found.issues[2].all.alpha <= 0
    assert [(one.what, one.given) for one in found.levels if one.given] == [("B", 8), ("C", 4)]


def test_who_was_not_asked_for_issues_does_not_disagree_about_them() -> None:
    given = [
        coding(n, who, levels=(Level.B,), issues=(Issue.HOUSING,) if n % 2 else (Issue.NEGLECT,))
        for n in range(6)
        for who in (ANNA, BEN)
    ]
    found = compare_coders(collection(*given, *(coding(n, Coder("Cleo"), levels=(Level.B,)) for n in range(6))))
    assert {one.what: one.all.alpha for one in found.overall}["issues"] == 1.0
    assert found.disagreements == ()


def test_of_undated_rows_the_last_counts() -> None:
    rows = "unit,text,coder,level\n" + "".join(f"t{n},x,Anna,A\nt{n},x,Anna,D\nt{n},x,Ben,D\n" for n in range(6))
    found = compare_coders(read(rows, "x.csv"))
    assert found.disagreements == ()


def test_no_interval_is_told_of_a_code_that_hardly_anybody_gave() -> None:
    codings = [
        coding(n, who, levels=(Level.B,), issues=(Issue.UNBORN if n == 0 else Issue.NEGLECT,))
        for n in range(40)
        for who in (ANNA, BEN)
    ]
    assert "Unborn: alpha 1.00 (too few to say)" in told(compare_coders(collection(*codings)))


def test_the_last_coding_of_a_coder_counts_and_others_are_told_of() -> None:
    early = coding(0, ANNA, levels=(Level.A,))
    late = coding(0, ANNA, levels=(Level.C,), made=START + timedelta(days=1))
    stretch = coding(0, BEN, levels=(Level.D,), start=0, end=3)
    decides = coding(0, BEN, levels=(Level.D,), decides=("x",))
    found = compare_coders(collection(early, late, stretch, decides, coding(0, BEN, levels=(Level.C,))))

    assert found.disagreements == ()
    assert found.left_out == {
        "replaced by a later one of the same coder": 1,
        "of stretches of a text": 1,
        "that decide between others": 1,
    }


def test_disagreements_come_furthest_first_without_texts() -> None:
    pairs = [(Level.B, Level.C), (Level.NONE, Level.D), (Level.C, Level.C)]
    found = compare_coders(
        collection(
            *(coding(n, who, levels=(pair[i],)) for n, pair in enumerate(pairs) for i, who in enumerate((ANNA, BEN)))
        )
    )

    assert [one.unit for one in found.disagreements] == ["t1", "t0"]
    assert found.disagreements[0].said == {
        "Anna": ("none", "none given", "none given"),
        "Ben": ("D", "none given", "none given"),
    }
    assert "Zq7marker" not in json.dumps(found.to_dict()) + told(found) + page(found)


def test_coders_without_a_text_in_common_are_told_so() -> None:
    with pytest.raises(InputError, match="no text was coded by two coders"):
        compare_coders(collection(coding(0, ANNA, levels=(Level.B,)), coding(1, BEN, levels=(Level.B,))))


class _Tags(HTMLParser):
    def __init__(self, content: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.scripts = 0
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script" or any(name.startswith("on") for name, _ in attrs)
        if tag not in {"meta", "br", "link", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_hostile_names_stay_text() -> None:
    hostile = Coder("<script>alert(1)</script>")
    codings = [coding(n, who, levels=(Level.B,), issues=(Issue.HOUSING,)) for n in range(3) for who in (ANNA, hostile)]
    codings += [coding(3, ANNA, levels=(Level.B,)), coding(3, hostile, levels=(Level.D,), severity=4.0)]
    found = compare_coders(collection(*codings))
    texts = {f"t{n}": "<img src=x onerror=alert(1)>" for n in range(4)}

    for content in (page(found), page(found, texts)):
        tags = _Tags(content)
        assert tags.open == []
        assert tags.scripts == 0
        assert "http" not in content.split("</style>")[1]
    assert "This page holds texts" in page(found, texts)


def test_the_methods_say_who_how_and_with_what_interval() -> None:
    codings = [coding(n, who, levels=(Level.B if n % 3 else Level.D,)) for n in range(40) for who in (ANNA, BEN, MODEL)]
    said = methods(compare_coders(collection(*codings, documents=8)))
    assert "2 people and evenhand 0.3.1 (model)" in said
    assert "resamples of documents" in said
    assert "Krippendorff 2011" in said
    assert "Among people alone it was level 1.00" in said


def test_who_only_decides_between_others_is_no_coder() -> None:
    both = (coding(0, ANNA, levels=(Level.B,)), coding(0, BEN, levels=(Level.C,)))
    decided = coding(0, Coder("Cleo"), levels=(Level.C,), decides=(both[0].id, both[1].id))
    found = compare_coders(collection(*both, decided))
    assert [name for name, _, _ in found.coders] == ["Anna", "Ben"]
    assert found.left_out == {"that decide between others": 1}
