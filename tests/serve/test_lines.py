"""Lines of a body, however it arrives; and lines sent as they are made."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator, Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from evenhand_serve.asking import parsed
from evenhand_serve.lines import LinesResponse, groups_of, lines_of
from evenhand_serve.problems import Problem
from evenhand_serve.schemas import LineIn

LINES = st.lists(st.binary(max_size=8).filter(lambda line: b"\n" not in line))


async def pieces_of(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def read(pieces: Iterable[bytes], longest: int = 1_000) -> list[bytes]:
    async def reading() -> list[bytes]:
        return [line async for line in lines_of(pieces_of(pieces), longest)]

    return asyncio.run(reading())


def cut(body: bytes, places: Iterable[int]) -> list[bytes]:
    at = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[start:end] for start, end in pairwise(at)]


@given(LINES, st.lists(st.integers(0, 500)), st.booleans())
def test_lines_are_the_same_however_the_body_arrives(lines: list[bytes], places: list[int], ended: bool) -> None:
    body = b"\n".join(lines) + b"\n" * ended
    assert read(cut(body, places)) == [line for line in lines if line.strip()]


@given(LINES, st.lists(st.integers(0, 500)), st.integers(1, 6))
def test_no_line_is_longer_than_it_may_be_and_the_others_are_whole(
    lines: list[bytes], places: list[int], longest: int
) -> None:
    found = read(cut(b"\n".join(lines), places), longest)

    assert all(len(line) <= longest + 50 for line in found)  # a few words may stand for a line that is longer
    if all(line[:longest].strip() for line in lines):
        assert len(found) == len(lines)
        assert all(got == line for got, line in zip(found, lines, strict=True) if len(line) <= longest)


def test_ends_of_lines_as_windows_writes_them_do_no_harm() -> None:
    assert [parsed(LineIn, line).text for line in read([b'{"text": "a"}\r\n\r\n{"text": "b"}\r\n'])] == ["a", "b"]


@pytest.mark.parametrize("rest", [b" and more", b"\t}"], ids=["other characters", "a bracket"])
def test_a_line_that_is_too_long_is_never_read_in_part(rest: bytes) -> None:
    """A whole object may stand before the bound."""
    whole = b'{"text": "a"}'
    (line,) = read([whole + rest * 10], longest=len(whole))
    with pytest.raises(Problem):
        parsed(LineIn, line)


def test_a_line_without_end_takes_no_more_memory_than_a_line_may() -> None:
    tracemalloc.start()
    (line,) = read((b"x" * 10_000 for _ in range(2_000)), longest=50_000)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(line) < 51_000
    assert most < 2_000_000


def test_lines_come_as_soon_as_they_are_there() -> None:
    taken: list[int] = []

    async def pieces() -> AsyncIterator[bytes]:
        for number in range(3):
            taken.append(number)
            yield b'{"text": "a"}\n'

    async def first() -> None:
        async for _ in lines_of(pieces(), 100):
            assert taken == [0]
            return

    asyncio.run(first())


def test_a_response_of_lines_is_sent_as_it_is_made() -> None:
    events: list[str] = []

    async def lines() -> AsyncIterator[bytes]:
        for number in range(2):
            events.append(f"made {number}")
            yield json.dumps(number).encode() + b"\n"

    async def receive() -> Message:
        pytest.fail("the body belongs to who makes the lines")

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = dict(message["headers"])
            assert headers[b"content-type"] == b"application/x-ndjson"
            assert b"content-length" not in headers
        events.append(f"sent {message.get('body')}, more: {message.get('more_body')}")

    asyncio.run(LinesResponse(lines(), "application/x-ndjson")({"type": "http"}, receive, send))

    assert events == [
        "sent None, more: None",
        "made 0",
        r"sent b'0\n', more: True",
        "made 1",
        r"sent b'1\n', more: True",
        "sent b'', more: False",
    ]


def grouped(come: AsyncIterator[bytes], **about: Any) -> tuple[list[list[bytes]], str]:  # noqa: ANN401
    async def collect() -> tuple[list[list[bytes]], str]:
        found: list[list[bytes]] = []
        try:
            async for group in groups_of(come, **{"most": 4, "most_bytes": 1_000, "pause": 0.05, **about}):
                found.append(group)
        except ValueError as error:
            return found, str(error)
        return found, ""

    return asyncio.run(asyncio.wait_for(collect(), 10))


@given(st.lists(st.binary(min_size=1, max_size=9), max_size=30), st.integers(1, 6), st.integers(1, 30))
def test_all_lines_are_in_groups_in_order_and_none_is_larger_than_it_may_be(
    lines: list[bytes], most: int, most_bytes: int
) -> None:
    found, _ = grouped(pieces_of(lines), most=most, most_bytes=most_bytes)

    assert [line for group in found for line in group] == lines
    assert all(1 <= len(group) <= most for group in found)
    assert all(sum(map(len, group[:-1])) <= most_bytes for group in found)


def test_after_a_pause_a_group_is_not_waited_for() -> None:
    async def come() -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"
        await asyncio.sleep(0.3)
        yield b"c"

    assert grouped(come()) == ([[b"a", b"b"], [b"c"]], "")


def test_an_error_comes_after_what_came_before_it() -> None:
    async def come() -> AsyncIterator[bytes]:
        yield b"a"
        message = "gone"
        raise ValueError(message)

    assert grouped(come()) == ([[b"a"]], "gone")


def test_of_fields_without_number_a_few_are_told_in_little_memory() -> None:
    body = ("{" + ",".join(f'"{number}":1' for number in range(350_000)) + "}").encode()
    tracemalloc.start()
    with pytest.raises(Problem) as caught:
        parsed(LineIn, body)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert 1 < len(caught.value.more["errors"]) <= 20
    assert most < 100 << 20  # the fields themselves have some 40 MB; a list of all errors has hundreds


def test_lines_without_anything_do_not_keep_others_waiting() -> None:
    """Twenty megabytes of line ends are as many lines, and others have their turn between them."""
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async def reading() -> list[bytes]:
        beside = asyncio.create_task(others())
        pieces = pieces_of([b"\n" * 65_536] * 20 + [b" \n" * 10_000, b"a\n"])
        found = [line async for line in lines_of(pieces, 1_000)]
        beside.cancel()
        return found

    assert asyncio.run(reading()) == [b"a"]
    assert turns >= 5
