"""Problems say where and what is wrong, and nothing of what was sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from tests.serve.targets import SECRET

from evenhand_serve.asking import parsed
from evenhand_serve.engine import BusyError
from evenhand_serve.problems import MEDIA_TYPE, Problem, http_problem, not_ready, too_busy, too_large, too_late
from evenhand_serve.schemas import LineIn, TextsIn, WhereIn
from evenhand_serve.settings import Limits

KINDS: list[type[BaseModel]] = [TextsIn, WhereIn, LineIn]
SECRETS = st.text(max_size=5).map(lambda text: SECRET + text)
NAMES = st.one_of(st.sampled_from(["text", "texts", "areas", "precedents", "id"]), SECRETS)
VALUES = st.recursive(
    st.one_of(SECRETS, st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)


def told(kind: type[BaseModel], body: bytes) -> Problem | None:
    """The problem of a request, if there is one."""
    try:
        parsed(kind, body)
    except Problem as problem:
        return problem
    return None


def everything(problem: Problem) -> str:
    return f"{problem.to_dict()} {problem.headers} {problem} {bytes(problem.response().body).decode()}"


@given(st.sampled_from(KINDS), st.one_of(st.dictionaries(NAMES, VALUES, max_size=5), VALUES))
def test_no_field_of_a_bad_request_is_repeated(kind: type[BaseModel], content: Any) -> None:  # noqa: ANN401
    problem = told(kind, json.dumps(content).encode())

    if problem is not None:
        assert SECRET not in everything(problem)
        assert problem.status in {400, 422}


@given(st.sampled_from(KINDS), st.dictionaries(NAMES, VALUES, min_size=1, max_size=3), st.data())
def test_nothing_of_broken_json_is_repeated(
    kind: type[BaseModel], content: dict[str, object], data: st.DataObject
) -> None:
    whole = json.dumps(content).encode()
    cut = data.draw(st.integers(0, len(whole) - 1))
    body = whole[:cut] + data.draw(st.binary(max_size=3)) + SECRET.encode()

    problem = told(kind, body)

    assert problem is not None
    assert SECRET not in everything(problem)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"text": "\xff"}', b'{"text": "\\ud800"}', b"[" * 100_000])
def test_what_is_no_json_is_told_so(body: bytes) -> None:
    problem = told(TextsIn, body)
    assert problem is not None
    assert (problem.status, problem.kind) == (400, "not-json")


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        ({"text": 5}, "text is not text"),
        ({"texts": ["a", None]}, "texts.1 is not text"),
        ({"texts": []}, "texts is empty"),
        ({"texts": ["a"] * (Limits().texts + 1)}, "texts has too many entries"),
        ({"text": "x" * (Limits().characters + 1)}, "text is too long"),
        ({"texts": ["a", "x" * (Limits().characters + 1)]}, "texts.1 is too long"),
        ({"text": "a", SECRET: 1}, "(a field) is not a field of this request"),
        ({"text": "a", "precedents": 4}, "precedents is too large"),
        ({"text": "a", "precedents": "3"}, "precedents is not a whole number"),
        ([], "the body is not an object"),
    ],
    ids=str,
)
def test_the_place_and_the_fault_are_told(content: object, detail: str) -> None:
    problem = told(WhereIn, json.dumps(content).encode())
    assert problem is not None
    assert (problem.status, problem.detail) == (422, detail)


@pytest.mark.parametrize("content", [{}, {"text": None}, {"text": "a", "texts": ["a"]}])
def test_either_text_or_texts_must_be_given_and_that_is_told(content: dict[str, object]) -> None:
    problem = told(TextsIn, json.dumps(content).encode())
    assert problem is not None
    assert "text" in str(problem.detail)
    assert "texts" in str(problem.detail)


def test_many_errors_are_told_in_part() -> None:
    problem = told(TextsIn, json.dumps({"texts": [1] * 200}).encode())
    assert problem is not None
    assert len(problem.more["errors"]) == 20
    assert len(str(problem.detail)) < 200


def test_the_limits_themselves_are_allowed() -> None:
    longest, most = Limits().characters, Limits().texts
    assert told(TextsIn, json.dumps({"text": "é" * longest}).encode()) is None
    assert told(TextsIn, json.dumps({"texts": ["a"] * most}).encode()) is None


def test_a_problem_has_the_standards_members() -> None:
    response = too_large("the body", "4 MiB").response()
    members = json.loads(bytes(response.body))

    assert response.headers["content-type"] == MEDIA_TYPE
    assert response.status_code == members["status"] == 413
    assert members["type"] == "urn:evenhand:problem:too-large"
    assert set(members) == {"type", "title", "status", "detail"}


@pytest.mark.parametrize(
    ("problem", "seconds"), [(too_busy(BusyError(2.1).seconds), 3), (not_ready("not yet"), 5), (too_late(), 10)]
)
def test_what_may_go_better_later_says_when(problem: Problem, seconds: int) -> None:
    assert problem.response().headers["retry-after"] == str(seconds)


@given(st.floats(-10, 0.5))
def test_nobody_is_told_to_try_again_at_once(seconds: float) -> None:
    assert BusyError(seconds).seconds == 1


@pytest.mark.parametrize("error", [HTTPException(400, SECRET), HTTPException(404, SECRET), RuntimeError(SECRET)])
def test_errors_of_the_framework_are_told_without_their_detail(error: Exception) -> None:
    problem = http_problem(error)
    assert SECRET not in everything(problem)
    assert problem.status == getattr(error, "status_code", 500)
