"""The cache of codings: equal results, no text on the disk, and clear words when it cannot be used."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from evenhand.batch.cache import CachedCoder
from evenhand.errors import OutputError
from evenhand.result import Coding, KnownCoder

TEXTS = ["Dad hit him with a belt.", "", "He likes school. He was late.", "Dad hit him with a belt.", "a\ud800b\0"]


class Counting:
    """Counts the texts that it is given."""

    def __init__(self, model: KnownCoder, identity: str = "counting-1") -> None:
        self._model, self.identity, self.seen = model, identity, 0

    def code_many(self, texts: Iterable[str]) -> list[Coding]:
        given = list(texts)
        self.seen += len(given)
        return self._model.code_many(given)


def test_codings_from_the_cache_are_equal_and_each_text_is_read_once(tmp_path: Path, model: KnownCoder) -> None:
    inner = Counting(model)
    with CachedCoder(inner, tmp_path / "cache") as cached:
        first = cached.code_many(TEXTS)
        assert inner.seen == 4
    with CachedCoder(inner, tmp_path / "cache") as cached:
        assert cached.code_many(TEXTS) == first == model.code_many(TEXTS)
    assert inner.seen == 4


def test_a_thousand_texts_and_more_are_asked_for_at_once(tmp_path: Path, model: KnownCoder) -> None:
    texts = [f"He was late {n} times." for n in range(2_500)]
    inner = Counting(model)
    with CachedCoder(inner, tmp_path / "cache") as cached:
        assert cached.code_many(texts) == cached.code_many(texts)
    assert inner.seen == 2_500


def test_another_model_reads_for_itself(tmp_path: Path, model: KnownCoder) -> None:
    other = Counting(model, "counting-2")
    with CachedCoder(Counting(model), tmp_path / "cache") as cached:
        cached.code_many(TEXTS)
    with CachedCoder(other, tmp_path / "cache") as cached:
        cached.code_many(TEXTS)

    assert other.seen == 4


def test_no_text_is_on_the_disk_and_the_key_is_its_owners(tmp_path: Path, model: KnownCoder) -> None:
    with CachedCoder(Counting(model), tmp_path / "cache") as cached:
        cached.code_many(TEXTS)
        stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert b"belt" not in stored
    assert b"school" not in stored
    if os.name == "posix":
        assert (tmp_path / "cache.key").stat().st_mode & 0o077 == 0


def test_with_another_key_nothing_is_known(tmp_path: Path, model: KnownCoder) -> None:
    inner = Counting(model)
    with CachedCoder(inner, tmp_path / "cache") as cached:
        cached.code_many(TEXTS)
    (tmp_path / "cache.key").write_bytes(b"another key of thirty-two bytes.")
    with CachedCoder(inner, tmp_path / "cache") as cached:
        cached.code_many(TEXTS)

    assert inner.seen == 8


@pytest.mark.parametrize("damage", ["not a cache", "no key", "no folder"])
def test_a_cache_that_cannot_be_used_is_told(tmp_path: Path, model: KnownCoder, damage: str) -> None:
    path = tmp_path / "cache"
    if damage == "not a cache":
        path.write_bytes(b"something else entirely, and long enough for a page " * 100)
        (tmp_path / "cache.key").write_bytes(b"k" * 32)
    elif damage == "no key":
        CachedCoder(Counting(model), path).__exit__(None, None, None)
        (tmp_path / "cache.key").unlink()
    else:
        path = tmp_path / "none" / "cache"

    with pytest.raises(OutputError, match="cache"):
        CachedCoder(Counting(model), path)
