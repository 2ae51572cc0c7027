"""What is kept for a browser: for its session, for a while, within bounds, and of failures no text."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from tests.serve.targets import SECRET

from evenhand_serve.isolated import IsolatedError
from evenhand_serve.keeping import Keeper, Kept, LastResults, Turns
from evenhand_serve.problems import Problem, too_busy
from evenhand_serve.settings import Limits

Work = Callable[[Kept[bytes]], Coroutine[Any, Any, bytes]]


def keeper(*, again: bool = False, **limits: Any) -> Keeper[bytes]:  # noqa: ANN401
    bounds = Limits(**limits)
    return Keeper(bounds, Turns(bounds.uploads_waiting), len, again=again)


async def echoes(kept: Kept[bytes]) -> bytes:
    return b"".join(kept.uploads.values())


async def endless(kept: Kept[bytes]) -> bytes:
    await asyncio.sleep(60)
    return b""


def fails(error: Exception) -> Work:
    async def work(kept: Kept[bytes]) -> bytes:
        raise error

    return work


async def finished(kept: Kept[bytes]) -> Kept[bytes]:
    assert kept.task is not None
    await kept.task
    return kept


def test_a_result_waits_for_the_session_that_asked_and_no_other() -> None:
    async def test() -> None:
        made = keeper()
        kept = await finished(made.begin("mine", {"a": b"1"}, {}, echoes))

        assert made.find("mine", kept.id) is kept
        assert (kept.state, kept.result, kept.problem) == ("finished", b"1", "")
        for session, name in (("yours", kept.id), ("mine", "other"), ("mine", ""), ("", kept.id)):
            with pytest.raises(Problem) as caught:
                made.find(session, name)
            assert caught.value.status == 404

    asyncio.run(test())


def test_ids_cannot_be_guessed() -> None:
    async def test() -> set[str]:
        made = keeper(uploads_waiting=100)
        ids = {made.begin("mine", {}, {}, echoes).id for _ in range(50)}
        made.stop()
        return ids

    ids = asyncio.run(test())
    assert len(ids) == 50
    assert min(map(len, ids)) >= 20  # 128 bits in base 64


def test_results_are_forgotten_after_their_time_and_work_that_runs_is_not() -> None:
    async def test() -> None:
        made = keeper(kept=0.1)
        done = await finished(made.begin("mine", {}, {}, echoes))
        runs = made.begin("mine", {}, {}, endless)
        await asyncio.sleep(0.15)

        assert made.find("mine", runs.id) is runs
        with pytest.raises(Problem):
            made.find("mine", done.id)
        made.stop()

    asyncio.run(test())


def test_what_is_asked_for_is_kept_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        made, now = keeper(kept=100.0), time.monotonic()
        kept = await finished(made.begin("mine", {}, {}, echoes))
        for later in (90, 180, 270):
            monkeypatch.setattr(time, "monotonic", lambda later=later: now + later)
            assert made.find("mine", kept.id) is kept
        monkeypatch.setattr(time, "monotonic", lambda: now + 371)
        with pytest.raises(Problem):
            made.find("mine", kept.id)

    asyncio.run(test())


def test_one_piece_of_work_is_done_at_a_time_and_in_turn() -> None:
    now, most, order = 0, 0, list[str]()

    async def work(turns: Turns, name: str) -> None:
        nonlocal now, most
        async with turns.one():
            now, most = now + 1, max(most, now + 1)
            order.append(name)
            await asyncio.sleep(0.01)
            now -= 1

    async def test() -> None:
        turns = Turns(4)
        await asyncio.gather(*(work(turns, name) for name in "abcd"))
        assert not turns.full

    asyncio.run(test())
    assert most == 1
    assert order == ["a", "b", "c", "d"]


def test_more_than_may_wait_is_turned_away() -> None:
    async def test() -> None:
        made = keeper(uploads_waiting=2)
        first, _ = made.begin("a", {}, {}, endless), made.begin("b", {}, {}, endless)
        with pytest.raises(Problem) as caught:
            made.begin("c", {}, {}, echoes)
        assert caught.value.status == 429
        assert int(caught.value.headers["Retry-After"]) > 0

        made.drop(first)
        made.begin("c", {}, {}, echoes)
        made.stop()

    asyncio.run(test())


def test_who_finds_too_many_waiting_for_a_turn_is_turned_away() -> None:
    async def test() -> None:
        limits = Limits(uploads_waiting=2)
        turns = Turns(limits.uploads_waiting)
        async with turns.one():
            waits = asyncio.create_task(_turn(turns))
            await asyncio.sleep(0)
            with pytest.raises(Problem) as caught:
                async with turns.one():
                    pytest.fail("had a turn")
            assert caught.value.status == 429
            with pytest.raises(Problem):
                Keeper[bytes](limits, turns, len).begin("mine", {}, {}, echoes)
            waits.cancel()

    asyncio.run(test())


async def _turn(turns: Turns) -> None:
    async with turns.one():
        pass


def test_more_than_may_be_kept_is_turned_away() -> None:
    async def test() -> None:
        made = keeper(kept_bytes=100, again=True)
        kept = await finished(made.begin("mine", {"a": b"x" * 40}, {}, echoes))  # 40 sent and 40 for the result
        with pytest.raises(Problem) as caught:
            made.begin("mine", {"b": b"x" * 21}, {}, echoes)
        assert caught.value.status == 429

        made.drop(kept)
        await finished(made.begin("mine", {"b": b"x" * 21}, {}, echoes))

    asyncio.run(test())


def test_what_was_sent_is_kept_with_its_result_only_where_it_may_be_read_again() -> None:
    async def test() -> list[dict[str, bytes]]:
        return [
            (await finished(keeper(again=again).begin("mine", {"a": b"1"}, {}, echoes))).uploads
            for again in (False, True)
        ]

    assert asyncio.run(test()) == [{}, {"a": b"1"}]


def test_what_failed_holds_no_room_for_others() -> None:
    """Nothing can be done with an upload that could not be read."""

    async def test() -> None:
        made = keeper(kept_bytes=100)
        await finished(made.begin("mine", {"a": b"x" * 90}, {}, fails(IsolatedError("it is damaged"))))
        await finished(made.begin("mine", {"a": b"x" * 90}, {}, echoes))

    asyncio.run(test())


@pytest.mark.parametrize(
    ("error", "told"),
    [(IsolatedError("it is damaged"), "it is damaged"), (RuntimeError(SECRET), "a fault in Evenhand (RuntimeError)")],
)
def test_a_failure_is_told_without_its_message_where_that_could_repeat_something(error: Exception, told: str) -> None:
    async def test() -> Kept[bytes]:
        return await finished(keeper().begin("mine", {}, {}, fails(error)))

    kept = asyncio.run(test())
    assert kept.state == "failed"
    assert told in kept.problem
    assert SECRET not in kept.problem
    assert kept.result is None


def test_being_turned_away_is_no_fault() -> None:
    async def test() -> Kept[bytes]:
        return await finished(keeper().begin("mine", {}, {}, fails(too_busy(10))))

    assert "fault" not in asyncio.run(test()).problem


def test_work_that_is_dropped_is_cancelled_and_the_next_begins() -> None:
    async def test() -> None:
        made = keeper()
        first = made.begin("mine", {}, {}, endless)
        await asyncio.sleep(0)
        second = made.begin("mine", {"a": b"1"}, {}, echoes)
        made.drop(first)

        assert (await finished(second)).result == b"1"
        assert first.task is not None
        assert first.task.cancelled()
        with pytest.raises(Problem):
            made.find("mine", first.id)

    asyncio.run(test())


def test_after_a_stop_nothing_is_kept_or_done() -> None:
    async def test() -> None:
        made = keeper()
        kept = [made.begin("mine", {}, {}, endless), made.begin("mine", {}, {}, echoes)]
        made.stop()
        await asyncio.gather(*(each.task for each in kept if each.task is not None), return_exceptions=True)
        for each in kept:
            with pytest.raises(Problem):
                made.find("mine", each.id)

    asyncio.run(test())


def test_of_each_browser_the_last_result_is_kept_and_for_nobody_else() -> None:
    made: LastResults[str] = LastResults(Limits())
    first, other = made.keep("mine", "a"), made.keep("yours", "b")
    assert made.find("mine", first) == "a"
    for session, name in (("mine", other), ("yours", first), ("", first), ("mine", "")):
        with pytest.raises(Problem) as caught:
            made.find(session, name)
        assert caught.value.status == 404

    last = made.keep("mine", "c")
    assert made.find("mine", last) == "c"
    with pytest.raises(Problem):
        made.find("mine", first)
    made.drop("mine")
    with pytest.raises(Problem):
        made.find("mine", last)


def test_last_results_are_forgotten_after_their_time_and_beyond_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    made, now = LastResults[int](Limits(kept=100.0)), time.monotonic()
    names = [made.keep(f"s{number}", number) for number in range(300)]
    with pytest.raises(Problem):
        made.find("s0", names[0])
    assert made.find("s299", names[299]) == 299
    monkeypatch.setattr(time, "monotonic", lambda: now + 150)
    with pytest.raises(Problem):
        made.find("s299", names[299])
