"""Sessions: a cookie is taken if it is ours, whole and not over; and forms only from their own session."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand_serve.sessions import Sessions

SESSIONS = Sessions()


def test_a_cookie_gives_its_session_back() -> None:
    session = SESSIONS.new("a1b2c3d4")
    assert SESSIONS.read(SESSIONS.cookie(session)) == session


def test_every_session_is_another() -> None:
    assert len({SESSIONS.new().id for _ in range(100)}) == 100


@given(st.text())
def test_any_other_text_is_no_session(cookie: str) -> None:
    assert SESSIONS.read(cookie) is None


@given(st.lists(st.text(alphabet=st.characters(exclude_characters=".")), min_size=4, max_size=4))
def test_four_parts_are_not_enough(parts: list[str]) -> None:
    assert SESSIONS.read(".".join(parts)) is None


@pytest.mark.parametrize("cookie", [None, "", ".", "...", "a.b.c.d", "a.b.9999999999.", "\udcff.b.c.d", "a.b.c.\udcff"])
def test_odd_cookies_are_no_sessions(cookie: str | None) -> None:
    assert SESSIONS.read(cookie) is None


@given(st.data())
def test_a_cookie_that_was_changed_anywhere_is_refused(data: st.DataObject) -> None:
    cookie = SESSIONS.cookie(SESSIONS.new("a1b2c3d4"))
    place = data.draw(st.integers(0, len(cookie) - 1))
    other = data.draw(st.characters(min_codepoint=32, max_codepoint=126).filter(lambda sign: sign != cookie[place]))

    assert SESSIONS.read(cookie[:place] + other + cookie[place + 1 :]) is None
    assert SESSIONS.read(cookie[:place]) is None


def test_neither_a_longer_life_nor_another_token_can_be_forged() -> None:
    session = SESSIONS.new("a1b2c3d4")
    signature = SESSIONS.cookie(session).rpartition(".")[2]

    for forged in (replace(session, expires=session.expires + 1), replace(session, token="ffffffff")):  # noqa: S106
        assert SESSIONS.read(f"{forged.id}.{forged.token}.{forged.expires}.{signature}") is None


def test_parts_cannot_be_shifted_into_one_another() -> None:
    """The same signed characters, read as other parts, would be another session."""
    session = SESSIONS.new("x")
    said, _, signature = SESSIONS.cookie(session).rpartition(".")
    assert SESSIONS.read(f"{said.replace('.', '', 1)}.0.{signature}") is None


def test_a_session_is_over_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    session = SESSIONS.new()
    cookie = SESSIONS.cookie(session)
    now = time.time()

    monkeypatch.setattr(time, "time", lambda: now + 8 * 3600 - 60)
    assert SESSIONS.read(cookie) == session
    monkeypatch.setattr(time, "time", lambda: now + 8 * 3600 + 60)
    assert SESSIONS.read(cookie) is None


def test_sessions_of_an_earlier_start_are_unknown() -> None:
    earlier = Sessions()
    session = earlier.new()
    assert SESSIONS.read(earlier.cookie(session)) is None
    assert not SESSIONS.is_form_token(session, earlier.form_token(session))


def test_a_form_is_of_its_session_alone() -> None:
    session, other = SESSIONS.new(), SESSIONS.new()
    assert SESSIONS.is_form_token(session, SESSIONS.form_token(session))
    assert not SESSIONS.is_form_token(session, SESSIONS.form_token(other))


@given(st.text())
def test_nothing_else_passes_for_a_forms_token(given_out: str) -> None:
    assert not SESSIONS.is_form_token(SESSIONS.new(), given_out)


def test_a_cookies_signature_is_no_forms_token() -> None:
    session = SESSIONS.new()
    cookie = SESSIONS.cookie(session)
    assert not SESSIONS.is_form_token(session, cookie.rpartition(".")[2])
    assert SESSIONS.form_token(session) not in cookie
