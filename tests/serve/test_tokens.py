"""Tokens: known by their hash alone, for what they are for, as long as they last."""

from __future__ import annotations

import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.errors import InputError, OutputError
from evenhand_serve.tokens import PREFIX, Scope, TokenFile


def day(ahead: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=ahead)).isoformat()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


def test_a_token_is_found_by_what_its_user_was_given(path: Path) -> None:
    token, given_out = TokenFile(path).create("Aldermoor", ["text", "read"])

    assert TokenFile(path).find(given_out) == token
    assert token.scopes == (Scope.TEXT, Scope.READ)
    assert given_out.startswith(PREFIX)


def test_the_file_holds_no_token_and_is_its_owners_alone(path: Path) -> None:
    _, given_out = TokenFile(path).create("Aldermoor", ["text"])

    assert given_out.removeprefix(PREFIX) not in path.read_text(encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for each in path.parent.iterdir():  # a lock may lie beside it
        assert each == path or each.read_bytes() == b""


def test_tokens_and_ids_differ(path: Path) -> None:
    file = TokenFile(path)
    made = [file.create("one name", ["text"]) for _ in range(20)]

    assert len({given_out for _, given_out in made}) == len({token.id for token, _ in made}) == 20
    assert len(TokenFile(path).tokens()) == 20


@given(st.text())
def test_nothing_else_is_a_token(tmp_path_factory: pytest.TempPathFactory, given_out: str) -> None:
    path = tmp_path_factory.getbasetemp() / "known.json"
    file = TokenFile(path)
    token = file.tokens()[0] if file.tokens() else file.create("known", ["text"])[0]

    assert file.find(given_out) is None
    assert file.find(token.sha256) is None
    assert file.find(token.id) is None


def test_what_is_nearly_a_token_is_none(path: Path) -> None:
    file = TokenFile(path)
    _, given_out = file.create("Aldermoor", ["text"])

    for other in (given_out[:-1], given_out + "=", given_out.swapcase(), "", "\ud800"):
        assert file.find(other) is None


def test_a_running_service_knows_of_changes_at_once(path: Path) -> None:
    running, command = TokenFile(path), TokenFile(path)

    token, given_out = command.create("Aldermoor", ["text"])
    assert running.find(given_out) == token
    assert running.by_id(token.id) == token

    command.revoke(token.id)
    assert running.find(given_out) is None
    assert running.by_id(token.id) is None

    path.unlink()
    assert running.tokens() == ()


@pytest.mark.parametrize(("ahead", "taken"), [(-1, False), (0, True), (1, True)], ids=["over", "last day", "later"])
def test_a_token_is_taken_until_the_end_of_its_last_day(path: Path, ahead: int, taken: bool) -> None:
    file = TokenFile(path)
    token, given_out = file.create("Aldermoor", ["text"], expires=day(ahead))

    assert (file.find(given_out) is not None) is taken
    assert (file.by_id(token.id) is not None) is taken
    assert file.tokens() == (token,)


@pytest.mark.parametrize("expires", ["31/03/2027", "2027-02-30", "soon", "", "2027-3-31T12:00"])
def test_what_is_no_day_is_told(path: Path, expires: str) -> None:
    with pytest.raises(InputError, match="is no day; write it as 2027-03-31"):
        TokenFile(path).create("Aldermoor", ["text"], expires=expires)
    assert not path.exists()


def test_a_day_is_kept_in_the_form_that_it_is_compared_in(path: Path) -> None:
    token, _ = TokenFile(path).create("Aldermoor", ["text"], expires="2027-3-1")
    assert token.expires == "2027-03-01"


def test_an_unknown_scope_is_told_with_the_nearest(path: Path) -> None:
    with pytest.raises(InputError, match="unknown scope 'documnets'; did you mean 'documents'"):
        TokenFile(path).create("Aldermoor", ["text", "documnets"])
    assert not path.exists()


def test_revoking_what_is_not_there_is_told(path: Path) -> None:
    with pytest.raises(InputError, match="no token 'beef'"):
        TokenFile(path).revoke("beef")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(path: Path, mode: int) -> None:
    TokenFile(path).create("Aldermoor", ["text"])
    path.chmod(mode)
    with pytest.raises(InputError, match="chmod 600"):
        TokenFile(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"evh_abc",
        b"[]",
        b"{}",
        b'{"form": 2, "tokens": []}',
        b'{"form": 1, "tokens": [{}]}',
        b'{"form": 1, "tokens": [5]}',
        b'{"form": 1, "tokens": {"scopes": []}}',
        b"\xff\xfe",
        json.dumps({"form": 1, "tokens": [{"id": "a", "scopes": ["everything"]}]}).encode(),
    ],
)
def test_what_is_no_file_of_tokens_is_told_without_its_content(path: Path, content: bytes) -> None:
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(InputError, match="is not a file of tokens") as caught:
        TokenFile(path)
    assert "evh_abc" not in str(caught.value)


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        TokenFile(tmp_path / "no folder" / "tokens.json").create("Aldermoor", ["text"])


def test_a_folder_or_a_path_through_a_file_is_no_file_of_tokens(tmp_path: Path) -> None:
    (tmp_path / "file").touch(0o600)
    (tmp_path / "folder").mkdir(0o700)
    for path in (tmp_path / "folder", tmp_path / "file" / "tokens.json"):
        with pytest.raises(InputError):
            TokenFile(path)


def test_a_write_that_fails_leaves_the_old_tokens(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = TokenFile(path)
    token, given_out = file.create("Aldermoor", ["text"])

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        file.create("Brackenfold", ["text"])
    assert TokenFile(path).find(given_out) == token
