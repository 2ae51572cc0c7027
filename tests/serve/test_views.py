"""What templates are given, and that every page made from it is safe and whole."""

import html
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from evenhand.annotate.records import Annotation, Coder
from evenhand.annotate.standing import Standing
from evenhand.consistency.collection import AreaDocument, Collection, PlacedDescriptor
from evenhand.consistency.comparison import Comparison
from evenhand.consistency.posterior import AreaThreshold, NationalThreshold
from evenhand.consistency.situations import Situation
from evenhand.framing.scheme import Element
from evenhand.scheme import ISSUES, Issue, Level
from evenhand_serve import views
from evenhand_serve.views import marking
from evenhand_serve.views import words as views_words
from evenhand_serve.views.document_told import DocumentTold

STATIC = Path(views.__file__).parents[1] / "static"
HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)>\"&amp;"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
COMMON = views.Common(
    version="1.0",
    csrf_token=f"token{HOSTILE}",
    page="text",
    signed_in=True,
    needs_sign_in=True,
    privacy_note=f"Names are looked for. {HOSTILE}",
    most_characters=100_000,
    has_project=True,
)


def sentence(start: int, end: int, **more: object) -> dict[str, Any]:
    told = {"level": "C", "severity": 4.0, "issues": ["neglect"], "assertion": "present", "frame": "evidence"}
    return {"start": start, "end": end, **told, "weight": 1.0, "claim": False, **more}


def coding(sentences: list[dict[str, Any]] | None = None, **more: object) -> dict[str, Any]:
    return {
        "level": "C",
        "levels": ["C", "D"],
        "level_probabilities": {"none": 0.0002, "A": 0.01, "B": 0.0898, "C": 0.6, "D": 0.3},
        "severity": 4.4,
        "issues": ["neglect", "poverty"],
        "issue_probabilities": {"neglect": 0.7, "poverty": 0.4},
        "dfe_codes": ["16A"],
        "assertion": "present",
        "frame": "evidence",
        "sentences": sentences or [],
        "truncated": False,
        "model": "evenhand-test",
        "reason": None,
        **more,
    }


def nothing(reason: str) -> dict[str, Any]:
    return coding(
        level=None,
        levels=[],
        level_probabilities={},
        severity=None,
        issues=[],
        issue_probabilities={},
        dfe_codes=[],
        assertion=None,
        frame=None,
        reason=reason,
    )


def flags(**more: object) -> dict[str, Any]:
    return {
        "framing": [],
        "quotations": [],
        "balance": {},
        "unmet_needs": [],
        "met_needs": [],
        "checklist": {str(one): {"state": "not_found", "start": None, "end": None} for one in Element},
        "rewrites": [],
        "sentences": [],
        "truncated": False,
        "model": "evenhand-framing-test",
        "reason": None,
        **more,
    }


def mark(start: int, end: int, category: str = "parent_blaming", **more: object) -> dict[str, Any]:
    told = {"why": f"Why {HOSTILE}", "suggestion": f"Say {HOSTILE}", "source": f"Guide {HOSTILE}", "found_by": "both"}
    return {"start": start, "end": end, "category": category, **told, **more}


def where(**areas: object) -> dict[str, Any]:
    return {
        "level": "C",
        "severity": 3.8,
        "issues": ["domestic_abuse"],
        "national": {"none": 0.0, "A": 0.1, "B": 0.4, "C": 0.4, "D": 0.1},
        "spread": 0.4,
        "spread_areas": 2,
        "spread_interval": [0.1, 0.9],
        "areas": areas,
        "model": "evenhand-test",
    }


def precedent(**more: object) -> dict[str, Any]:
    return {
        "text": f"Descriptor {HOSTILE}",
        "levels": ["B", "C"],
        "native_level": f"Level 3 {HOSTILE}",
        "document": f"Thresholds {HOSTILE}",
        "page": 4,
        "url": "https://example.org/a?b=1&c=2",
        "alike": 0.91,
        "same_situation": 0.99,
        **more,
    }


EMPTY: dict[str, Any] = {"level_probabilities": None, "interval": None, "precedents": []}
DOCUMENT: DocumentTold = {
    "name": f"ours{HOSTILE}.pdf",
    "kind": "PDF",
    "pages": 2,
    "read_whole": False,
    "levels": [
        {
            "key": "level 1",
            "native": "Level 1",
            "name": HOSTILE,
            "levels": ["none"],
            "proposed": ["none"],
            "reason": HOSTILE,
            "sure": True,
        },
        {
            "key": "level 2",
            "native": "Level 2",
            "name": "",
            "levels": [],
            "proposed": [],
            "reason": "",
            "sure": False,
        },
    ],
    "troubles": [{"page": 1, "what": HOSTILE}, {"page": None, "what": "a scan"}],
    "coverage": [{"page": 1, "words": 900, "used": 400}, {"page": 2, "words": 1200, "used": 0}],
}


def row(number: int, **more: object) -> dict[str, Any]:
    return {
        "id": f"x#{number}",
        "file": DOCUMENT["name"],
        "page": 1,
        "section": HOSTILE,
        "native_level": "Level 1",
        "levels": ["none"],
        "text": f"{number} {HOSTILE}",
        "issues": ["neglect"],
        "severity": 2.0,
        "model_level": "none",
        "model_levels": ["none", "A"],
        "confidence": 0.9,
        **more,
    }


def text_context(**more: object) -> dict[str, Any]:
    start = {
        "text": HOSTILE,
        "result": None,
        "refused": None,
        "redacted": False,
        "examples": views.EXAMPLES,
        "example": "",
    }
    return {**start, "errors": [], **more}


FULL_TEXT = f"Mum fails 👶🏽 to engage. {HOSTILE} “I am cold.”\n\n No money."


def full_result() -> views.TextResult:
    text = FULL_TEXT
    end = len(text)
    found = flags(
        framing=[mark(4, 23), mark(26, 40, "strength_based", suggestion=None)],
        quotations=[{"start": 20, "end": end - 10}],
        balance={"evidence": 0.5, "risk": 0.0, "blame": 0.5, "need": 0.0, "strength": 0.0},
        unmet_needs=[{"start": 0, "end": end, "need": "heating"}, {"start": 10, "end": 30, "need": "debt_advice"}],
        met_needs=[{"start": 5, "end": 12, "need": "food"}],
        rewrites=[{"start": 0, "end": 24, "text": f"Mum [what] {HOSTILE}"}],
        sentences=[{"start": 0, "end": 24, "frame": "blame"}],
        checklist={
            "harm_described": {"state": "found", "start": 25, "end": end},
            "consent": {"state": "unclear", "start": 0, "end": 24},
            "history": {"state": "not_found", "start": None, "end": None},
        },
    )
    told = coding([sentence(0, 24, weight=0.2), sentence(25, end, weight=0.8, claim=True, level=None, severity=None)])
    areas = {
        HOSTILE: {"level_probabilities": {"none+A": 0.4, "B+C+D": 0.6}, "interval": None, "precedents": [precedent()]},
        "Kent": {
            "level_probabilities": {"none": 0.2, "A": 0.8},
            "interval": {"none": [0.1, 0.3], "A": [0.7, 0.9]},
            "precedents": [precedent(url="javascript:alert(1)", page=None, same_situation=0.0)],
        },
        **{f"Area {number}": {**EMPTY, "precedents": [precedent(alike=0.7)]} for number in range(9)},
        "Nowhere": EMPTY,
    }
    return views.text_result(text, told, found, where(**areas), where_note=HOSTILE)


def areas_plain() -> dict[str, Any]:
    threshold = {"level": "C", "enough": True, "rows": 20, "severity": 3.2, "interval": [3.0, 3.4]}
    unread = {"level": "C", "enough": False, "rows": 2, "severity": None, "interval": None, "higher_than_nation": None}
    member = {
        "area": "Kent",
        "levels": ["B"],
        "native_level": HOSTILE,
        "text": HOSTILE,
        "document": HOSTILE,
        "page": 3,
        "url": "https://example.org/",
    }
    situation = {
        "issue": "neglect",
        "differs": True,
        "steps": 2,
        "probability": 0.9,
        "by_area": {"Kent": ["B"], HOSTILE: ["D"]},
        "members": [member, {**member, "area": HOSTILE, "levels": ["D"], "url": "javascript:alert(1)", "page": None}],
    }
    return {
        "collection": {"name": "x", "areas": ["Kent", HOSTILE], "documents": 2, "descriptors": 30},
        "notes": [HOSTILE],
        "nation": [
            {"level": "C", "severity": 3.5, "interval": [3.1, 3.9], "spread": None, "spread_interval": None},
        ],
        "thresholds": [
            {**threshold, "area": "Kent", "higher_than_nation": 0.999},
            {**unread, "area": HOSTILE},
        ],
        "situations": [situation] * 25 + [{**situation, "differs": False, "steps": 0}],
        "coverage": [
            {
                "area": "Kent",
                "read_whole": False,
                "merges_c_and_d": None,
                "silent": [],
                "only_gravest": [],
                "mentions": {"neglect": {"lowest_levels": ["A", "B"], "descriptors": 4}},
            }
        ],
        "model": "evenhand-test",
    }


CARD = views.ModelCard("evenhand-test", "Reads.", "For this", HOSTILE, (("Licence", HOSTILE),), "On rows.", ())
SUMMARY = {
    "privacy": {
        "mode": "warn",
        "names": "checked",
        "found": [{"column": HOSTILE, "kind": "phone", "rows": 2, "count": 2}],
    },
    "rows": 12,
    "coded": 10,
    "not_codable": 1,
    "rejected": 1,
    "truncated": 0,
    "column": HOSTILE,
    "other_sheets": [HOSTILE],
    "renamed": {"level": f"input_{HOSTILE}"},
}


def pages() -> dict[str, tuple[str, dict[str, Any]]]:
    error = views.FieldError("text", f"Enter a text {HOSTILE}")
    documents = views.documents_result("id1", [DOCUMENT], [row(n) for n in range(3)], {HOSTILE: HOSTILE})
    file_errors = [views.FieldError("file", "Choose a file"), views.FieldError("", HOSTILE)]
    summaries: dict[Any, Any] = {"score": SUMMARY, "flag": SUMMARY}
    downloads = [("scored.csv", HOSTILE, 12_000)]
    problem = views.Problem(429, f"Busy {HOSTILE}", HOSTILE, HOSTILE)
    return {
        "text": ("text.html", text_context()),
        "text error": ("text.html", text_context(errors=[error])),
        "text result": ("text.html", text_context(result=full_result())),
        "text without level": (
            "text.html",
            text_context(result=views.text_result(HOSTILE, nothing("no words"), flags(), None)),
        ),
        "text refused": ("text.html", text_context(refused=views.refused(HOSTILE, [(0, 9, "name"), (3, 12, "upn")]))),
        "documents": ("documents.html", {"errors": [views.FieldError("documents", HOSTILE)]}),
        "documents result": (
            "documents_result.html",
            {"result": documents, "errors": [views.FieldError("levels-0-1", HOSTILE)]},
        ),
        "no documents": ("documents_result.html", {"result": views.documents_result("id", [], [], {}), "errors": []}),
        "file": ("file.html", {"form": views.FileForm(column=HOSTILE, by=HOSTILE), "errors": file_errors}),
        "progress": ("progress.html", {"progress": views.Progress("file", "a/b", HOSTILE, HOSTILE)}),
        "file result": (
            "file_result.html",
            {"result": views.file_result("id1", summaries, downloads, has_report=True)},
        ),
        "areas": ("areas.html", {"areas": views.areas_page(areas_plain())}),
        "areas of one": ("areas.html", {"areas": views.areas_page(areas_plain(), area=HOSTILE, issue="neglect")}),
        "about": ("about.html", {"cards": [CARD]}),
        "sign in": ("sign_in.html", {"errors": [views.FieldError("token", HOSTILE)]}),
        "problem": ("problem.html", {"problem": problem}),
        **coding_pages(),
    }


def coding_pages() -> dict[str, tuple[str, dict[str, Any]]]:
    codings = [
        Annotation("c1", "u", Coder(HOSTILE), NOW, levels=(Level.B, Level.C), issues=(Issue.NEGLECT,), note=HOSTILE),
        Annotation("c2", "u", Coder("Ben"), NOW, severity=5.0, confidence=0.5),
        Annotation("c3", "u", Coder(HOSTILE, "model", "1"), NOW, levels=(Level.D,)),
        Annotation("c4", "u", Coder("Cleo"), NOW, levels=(Level.D,), decides=("c1", "c2")),
    ]
    home = views.CodingHome(
        HOSTILE,
        3,
        Standing(4, {HOSTILE: 1, "Ben": 2}, 2, 1, 1),
        may_code=True,
        may_decide=True,
        file=HOSTILE,
        checked=HOSTILE,
    )
    form = views.CodingForm(("A", "C"), "4", ("neglect",), "sure", HOSTILE)
    wrong = [views.FieldError(field, HOSTILE) for field in ("levels", "note", "")]
    blind = views.coding_text(2, HOSTILE, form, saved=1)
    seen = views.coding_text(2, HOSTILE, form, codings)
    open_one = views.coding_text(2, HOSTILE, views.CodingForm(), codings[:3])
    own: dict[str, Any] = {"coder": HOSTILE, "was_coded": True, "of": 4}
    return {
        "code": ("code.html", {"home": home, "named": True, "saved": 3}),
        "code name": (
            "code_name.html",
            {"errors": [views.FieldError("coder", HOSTILE)], "known": [HOSTILE], "given": HOSTILE},
        ),
        "code text": ("code_text.html", {"shown": blind, "errors": (), **own}),
        "code text error": ("code_text.html", {"shown": blind, "errors": wrong, **own}),
        "code seen": ("code_seen.html", {"shown": seen, "errors": wrong[2:], **own}),
        "code decide": ("code_decide.html", {"shown": open_one, "errors": wrong, "coder": HOSTILE, "known": HOSTILE}),
        "code decided": ("code_decide.html", {"shown": seen, "errors": (), "coder": HOSTILE, "known": HOSTILE}),
    }


PAGES = pages()


class Seen(HTMLParser):
    """What a page holds, as far as the rules of pages are about it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        assert len(told) == len(attrs), f"an attribute of {tag} is there twice"
        self.tags.append((tag, told))
        if (own := told.get("id")) is not None:
            self.ids.append(own)

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [told for tag, told in self.tags if tag in names]


@pytest.fixture(params=list(PAGES))
def page(request: pytest.FixtureRequest) -> str:
    return views.rendered(PAGES[request.param][0], COMMON, PAGES[request.param][1])


def test_no_text_becomes_markup(page: str) -> None:
    seen = Seen(page)
    assert not seen.all("img")
    assert {told.get("src") for told in seen.all("script")} <= {"/static/evenhand.js", "/static/coding.js"}
    assert "javascript:" not in page


def test_pages_keep_to_the_content_security_policy(page: str) -> None:
    for tag, told in Seen(page).tags:
        assert tag != "style"
        assert "style" not in told
        assert not [name for name in told if name.startswith("on")]
        if tag in {"link", "script"}:
            address = told.get("href") or told.get("src") or ""
            assert address.startswith(("/static/", "data:"))
            assert not address.startswith("/static/") or (STATIC / address.removeprefix("/static/")).is_file()


def test_pages_have_one_heading_a_language_landmarks_and_a_title(page: str) -> None:
    seen = Seen(page)
    assert len(seen.all("h1")) == len(seen.all("main")) == len(seen.all("title")) == 1
    assert seen.all("html")[0]["lang"] == "en"
    assert seen.all("nav")
    assert seen.all("header")
    assert seen.all("footer")
    told = [int(tag[1]) for tag, _ in seen.tags if re.fullmatch("h[1-6]", tag)]
    errors = "govuk-error-summary" in page
    assert all(after <= before + 1 for before, after in pairwise(told[1:] if errors else told))
    assert ("<title>Error: " in re.sub(r"\s*\n\s*", "", page)) == errors


def test_every_field_has_a_label_every_id_is_its_own_and_every_link_inside_leads_somewhere(page: str) -> None:
    seen = Seen(page)
    assert len(set(seen.ids)) == len(seen.ids)
    labelled = {told.get("for") for told in seen.all("label")}
    fields = [told for told in seen.all("input", "textarea", "select") if told.get("type") != "hidden"]
    assert {told.get("id") for told in fields} <= labelled
    targets = {(told.get("href") or "")[1:] for told in seen.all("a") if (told.get("href") or "").startswith("#")}
    assert targets <= set(seen.ids)
    for _, told in seen.tags:
        for name in ("aria-labelledby", "aria-describedby"):
            assert set((told.get(name) or "").split()) <= set(seen.ids)


def test_every_form_that_changes_something_carries_the_token(page: str) -> None:
    for form in re.findall(r"<form.*?</form>", page, re.DOTALL):
        post = 'method="post"' in form
        assert ('name="csrf_token"' in form) == post


def test_every_page_says_what_it_is_not_for(page: str) -> None:
    assert "For research and audit. Evenhand describes texts. It never decides about a child." in page


Spans = list[tuple[int, int]]
SPANS = st.lists(st.tuples(st.integers(-5, 45), st.integers(-5, 45)), max_size=5)


@given(text=st.text(max_size=40), sentences=SPANS, framing=SPANS, needs=SPANS, quotations=SPANS)
def test_segments_joined_are_the_text_whatever_the_marks(
    text: str, sentences: Spans, framing: Spans, needs: Spans, quotations: Spans
) -> None:
    cut = marking.segments(text, sentences=sentences, framing=framing, needs=needs, quotations=quotations)
    assert "".join(one.text for one in cut) == text
    assert all(one.text for one in cut)
    grouped = marking.runs(cut)
    assert [segment for run in grouped for segment in run.segments] == cut
    for place, (start, end) in enumerate(framing):
        inside = "".join(one.text for one in cut if place in one.framing)
        assert inside == (text[max(start, 0) : max(end, 0)] if start < end else "")
        assert sum(place in one.ending_framing for one in cut) == bool(inside)
    for named in {run.sentence for run in grouped} - {None}:
        own = [run for run in grouped if run.sentence == named]
        assert [run.first for run in own] == [True] + [False] * (len(own) - 1)
        assert [run.last for run in own] == [False] * (len(own) - 1) + [True]


def test_offsets_are_code_points_also_behind_emoji() -> None:
    text = "👩‍👧 Mum fails to engage."
    start = text.index("fails")
    result = views.text_result(text, nothing("x"), flags(framing=[mark(start, start + 15)]), None)
    assert result.advice[0].words == "fails to engage"


@given(st.text(max_size=30))
def test_what_is_shown_keeps_its_length_and_can_be_sent(text: str) -> None:
    told = views_words.shown(text)
    assert len(told) == len(text)
    told.encode("utf-8")


def test_the_marked_text_on_the_page_is_the_text() -> None:
    result = full_result()
    page = views.rendered("text.html", COMMON, text_context(result=result))
    marked = page.partition('<div class="eh-text">')[2].partition("</div>")[0]
    hidden = r'<a class="eh-ref.*?</a>|<span class="eh-weight">.*?</span></span>'
    hidden += r'|<span class="govuk-visually-hidden">.*?</span>'
    own = re.sub(hidden, "", marked)
    assert html.unescape(re.sub(r"<[^>]*>", "", own)) == FULL_TEXT
    assert page.count('class="eh-weight"') == 2


def test_a_level_is_told_in_words_and_in_law() -> None:
    level = views.text_result("x", coding(), flags(), None).level
    assert level is not None
    assert (level.codes, level.words) == ("C or D", "Child in need or child protection")
    assert [code for code, _, _ in level.law] == ["C", "D"]
    assert [one.in_set for one in level.rows] == [False, False, False, True, True]
    assert level.rows[0].share == "under 1%"
    assert level.severity == "4.4"
    assert level.factors == (("16A", "neglect"),)


def test_a_text_without_a_level_says_why_and_why_nothing_was_looked_up() -> None:
    result = views.text_result("Dear all", nothing("no sentence describes a need"), flags(), None, where_note="Not yet")
    assert result.level is None
    page = views.rendered("text.html", COMMON, text_context(result=result))
    assert "no sentence describes a need" in page
    assert "Not yet" in page
    assert 'id="level"' not in page


def test_a_cut_sentence_is_told() -> None:
    result = views.text_result("x", coding(truncated=True), flags(), None)
    assert "longer than the model reads" in views.rendered("text.html", COMMON, text_context(result=result))


def test_an_empty_text_has_no_runs() -> None:
    assert views.text_result("", nothing("blank"), flags(), None).runs == ()


def test_two_hundred_issues_and_sentences_are_all_shown() -> None:
    issues = [f"issue_{number}" for number in range(200)]
    text = "Cold. " * 200
    told = coding(
        [sentence(6 * number, 6 * number + 5, weight=0.005) for number in range(200)],
        issues=issues,
        issue_probabilities=dict.fromkeys(issues, 0.5),
    )
    result = views.text_result(text, told, flags(), None)
    page = views.rendered("text.html", COMMON, text_context(result=result))
    assert page.count("Issue 1") == 111
    assert len(result.sentences) == 200


def test_every_code_has_a_name() -> None:
    stored = Path(__file__).parents[2] / "annotations" / "dfe-codes.json"
    for factor in json.loads(stored.read_text(encoding="utf-8"))["assessment_factors"]:
        assert not views_words.dfe_name(factor["code"]).startswith("not in"), factor["code"]
    assert all("_" not in views_words.issue_name(issue) for issue in ISSUES)
    assert set(views_words.LEVEL_LAW) == set(Level)


def test_areas_that_are_not_enough_read_are_counted_only() -> None:
    result = full_result().where
    assert result is not None
    assert [one.area for one in result.areas] == [views_words.shown(HOSTILE), "Kent", "An average area"]
    assert result.unread == "10 areas"
    assert result.without == "1 area"
    assert len(result.precedents) == 6
    assert len(result.more) == 5


def test_only_addresses_of_the_web_become_links() -> None:
    result = full_result().where
    assert result is not None
    urls = {one.area: one.precedents[0].url for one in result.precedents}
    assert urls["Kent"] == ""
    assert urls[HOSTILE].startswith("https://")


def test_precedents_say_whether_the_situation_is_the_same() -> None:
    result = full_result().where
    assert result is not None
    same = {one.area: one.precedents[0].same for one in result.precedents}
    assert (same[HOSTILE], same["Kent"]) == (True, False)


def test_documents_show_the_first_rows_and_say_how_many_more_there_are() -> None:
    result = views.documents_result("id", [DOCUMENT], [row(n) for n in range(250)])
    assert (len(result.documents[0].rows), result.documents[0].more) == (200, 50)
    page = views.rendered("documents_result.html", COMMON, {"result": result, "errors": []})
    assert "50 more descriptors" in page


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"levels": []}, "its level has no legal code"),
        ({"levels": ["D"]}, "the model expects another level"),
        ({"confidence": 0.2}, "issue not sure"),
        ({"issues": []}, "no issue"),
        ({"severity": None, "model_level": None, "model_levels": []}, "nothing that the model can code"),
    ],
)
def test_rows_to_look_at_say_why(changes: dict[str, Any], reason: str) -> None:
    result = views.documents_result("id", [DOCUMENT], [row(1, **changes), row(2)])
    assert [one.review for one in result.documents[0].rows] == [(reason,), ()]
    assert result.documents[0].to_review == 1


def test_only_levels_that_differ_from_what_is_proposed_count_as_chosen() -> None:
    form = {"levels-0-0": ["none"], "levels-0-1": ["C", "B"], "csrf_token": ["x"]}
    assert views.levels_chosen(form, [DOCUMENT]) == ({DOCUMENT["name"]: {"level 2": ["B", "C"]}}, [])
    assert views.levels_chosen({}, [DOCUMENT]) == ({DOCUMENT["name"]: {"level 1": []}}, [])


@pytest.mark.parametrize("ticked", [["none", "B"], ["E"], [HOSTILE]])
def test_levels_with_a_gap_or_no_code_are_sent_back(ticked: list[str]) -> None:
    chosen, wrong = views.levels_chosen({"levels-0-0": ["none"], "levels-0-1": ticked}, [DOCUMENT])
    assert chosen == {}
    assert [field for field, _ in wrong] == ["levels-0-1"]


def test_boxes_that_were_ticked_are_shown_ticked_beside_an_error() -> None:
    ticked = {"levels-0-1": ["none", "B"]}
    result = views.documents_result("id", [DOCUMENT], [row(1)], {}, ticked)
    shown = [[choice.code for choice in level.choices if choice.ticked] for level in result.documents[0].levels]
    assert shown == [[], ["none", "B"]]


def test_a_bar_that_is_not_enough_read_is_never_drawn() -> None:
    shown = views.areas_page(areas_plain())
    assert [one.area for one in shown.bars[0].rows] == ["Kent"]
    assert shown.bars[0].unread == (HOSTILE,)
    assert shown.bars[0].rows[0].higher == "over 0.99"
    alone = views.areas_page(areas_plain(), area=HOSTILE)
    assert alone.bars == ()
    assert "not enough read" in alone.silent


def test_areas_can_be_chosen_by_area_and_issue_and_what_is_not_known_is_no_choice() -> None:
    shown = views.areas_page(areas_plain(), area="Atlantis", issue="<b>")
    assert (shown.area, shown.issue) == ("", "")
    assert (len(shown.differing), len(shown.more), shown.agreeing) == (20, 5, "1 situation")
    chosen = views.areas_page(areas_plain(), area="Kent", issue="neglect")
    assert chosen.mentions == (("Kent", "A or B", "4"),)
    assert chosen.unread_bars == "A or above; B or above; D"


def test_a_comparison_becomes_plain_and_has_no_figure_for_what_is_not_enough_read() -> None:
    member = PlacedDescriptor(
        "a#1", "a", "Kent", 3, "Level 2", (Level.B,), "Cold", (Issue.HOUSING,), 3.0, by_model=False
    )
    other = replace(member, id="b#1", document="b", area="Essex", levels=(Level.C, Level.D))
    bar = AreaThreshold("Kent", Level.C, 3.12345, 2.9, 3.4, 0.7, 20, enough=True)
    documents = tuple(
        AreaDocument(one, area, one, None, None, (), True) for one, area in (("a", "Kent"), ("b", "Essex"))
    )
    comparison = Comparison(
        collection=Collection("ours", documents, (member, other), notes=("A note.",)),
        posterior=None,
        thresholds=(bar, replace(bar, area="Essex", rows=2, enough=False)),
        nation=(NationalThreshold(Level.C, 3.5, 3.0, 4.0, None, None, None),),
        effects=(),
        years=(),
        pairs=(),
        situations=(Situation((member, other), Issue.HOUSING, 0.9),),
        coverage=(),
        model="evenhand-test",
        notes=("Another.",),
    )
    plain = json.loads(json.dumps(views.areas_view(comparison)))
    assert plain["notes"] == ["A note.", "Another."]
    assert [one["severity"] for one in plain["thresholds"]] == [3.1235, None]
    assert plain["situations"][0]["by_area"] == {"Kent": ["B"], "Essex": ["C", "D"]}
    assert views.areas_page(plain).differing[0].apart == "1 level apart"


def test_a_refused_text_is_marked_with_what_was_found() -> None:
    found = views.refused("Billy is cold", [(0, 5, "name"), (9, 13, "name")])
    assert found.kinds == (("name", "2 found"),)
    assert [one.text for run in found.runs for one in run.segments] == ["Billy", " is ", "cold"]


def test_examples_have_ids_of_their_own_and_can_be_asked_for() -> None:
    assert len({one.id for one in views.EXAMPLES}) == len(views.EXAMPLES)
    assert views.example_text(views.EXAMPLES[0].id) == views.EXAMPLES[0].text
    assert views.example_text("nothing") == ""


def test_every_part_of_the_language_of_the_pages_is_defined() -> None:
    with pytest.raises(UndefinedError, match="undefined"):
        views.rendered("text.html", COMMON, {})


def test_static_files_name_no_font_no_image_and_no_map() -> None:
    for file in STATIC.iterdir():
        content = file.read_text(encoding="utf-8")
        if file.suffix in {".css", ".js"}:
            assert "sourceMappingURL" not in content
            assert "@font-face" not in content
            assert "GDS Transport" not in content
            assert not re.search(r"@import|url\((?!\"data:)", content) or file.suffix == ".js"
    version = json.loads((STATIC.parents[1] / "assets" / "package.json").read_text(encoding="utf-8"))
    named = version["devDependencies"]["govuk-frontend"]
    assert (STATIC / f"govuk-frontend-{named}.min.css").is_file()
    assert (STATIC / f"govuk-frontend-{named}.min.js").is_file()
    assert f"govuk-frontend-{named}.min.js" in (STATIC / "evenhand.js").read_text(encoding="utf-8")
