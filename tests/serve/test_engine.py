"""The engine with a real worker's process: answers in order, and what becomes of them when things go wrong."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.serve import targets

from evenhand.batch.gate import Privacy
from evenhand_serve import engine as engine_module
from evenhand_serve.batching import Answer, State, Task
from evenhand_serve.engine import BusyError, Engine, NotReadyError, TooLateError
from evenhand_serve.process import WorkerProcess
from evenhand_serve.settings import Limits
from evenhand_serve.worker import WorkerPlan

_PATIENCE = 20.0  # seconds for the start of a small process on a busy machine


async def until(true: Callable[[], bool], *, within: float = _PATIENCE) -> None:
    give_up = time.monotonic() + within
    while not true():
        assert time.monotonic() < give_up, "it did not happen in time"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def running(
    target: Callable[..., None] = targets.worker, *, note: Path | None = None, ready: bool = True, **limits: float
) -> AsyncIterator[Engine]:
    """An engine with a stand-in for a worker; its process and its thread must be gone at the end."""
    chosen: dict[str, Any] = limits
    engine = Engine(WorkerPlan(note, None, Privacy.PATTERNS), Limits(**chosen), target=target)
    engine.start()
    try:
        if ready:
            await until(lambda: engine.ready is not None)
        yield engine
    finally:
        await engine.stop()
    assert multiprocessing.active_children() == []
    await until(lambda: not any(thread.name.startswith("worker") for thread in threading.enumerate()))  # or exits hang


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 60))


def bodies(answers: Sequence[Answer]) -> list[str]:
    return [json.loads(answer.body) for answer in answers]


def read(note: Path) -> list[str]:
    return [line.split("\t")[2] for line in note.read_text(encoding="utf-8").splitlines()]


def test_many_requests_at_once_get_their_own_answers_in_order() -> None:
    random = Random(0)
    requests = [
        (random.choice(list(Task)), [f"{number} of {place}" for number in range(random.randint(1, 90))])
        for place in range(60)
    ]

    async def test() -> None:
        async with running(longest_wait=60.0) as engine:
            answers = await asyncio.gather(*(engine.ask(*request) for request in requests))

            assert [bodies(each) for each in answers] == [
                [targets.said(text) for text in texts] for _, texts in requests
            ]
            assert engine.queued == (0, 0)
            assert sum(engine.figures.texts.values()) == sum(len(texts) for _, texts in requests)
            assert engine.figures.batches < len(requests)

    run(test())


def test_texts_that_crash_the_worker_fail_and_no_others_do() -> None:
    async def test() -> None:
        async with running() as engine:
            texts = ["a", "this will crash", "b", "crash too"]
            poisoned, other = await asyncio.gather(engine.ask(Task.SCORE, texts), engine.ask(Task.SCORE, ["c", "d"]))

            assert [answer.state for answer in poisoned] == [State.DONE, State.FAILED, State.DONE, State.FAILED]
            assert bodies(poisoned)[2] == "B"
            assert bodies(other) == ["C", "D"]
            assert b"this will" not in poisoned[1].body
            assert bodies(await engine.ask(Task.SCORE, ["next"])) == ["NEXT"]
            assert engine.figures.restarts >= 2
            assert engine.figures.texts[Task.SCORE, State.FAILED] == 2

    run(test())


def test_a_worker_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "_BATCH_TIMEOUT", 1.0)

    async def test() -> None:
        async with running() as engine:
            answers = await engine.ask(Task.SCORE, ["a", "hang"])
            assert [answer.state for answer in answers] == [State.DONE, State.FAILED]
            assert bodies(await engine.ask(Task.SCORE, ["next"])) == ["NEXT"]

    run(test())


def test_a_worker_that_ends_between_requests_is_replaced_before_the_next() -> None:
    async def test() -> None:
        async with running() as engine:
            multiprocessing.active_children()[0].kill()
            await until(lambda: not engine.up)

            await until(lambda: engine.up, within=5)  # or a load balancer that asks /readyz never sends one again

            assert bodies(await engine.ask(Task.SCORE, ["next"])) == ["NEXT"]

    run(test())


def test_a_request_after_the_worker_ended_is_answered() -> None:
    async def test() -> None:
        async with running() as engine:
            multiprocessing.active_children()[0].kill()
            assert bodies(await engine.ask(Task.SCORE, ["next"])) == ["NEXT"]

    run(test())


def test_before_the_worker_is_there_requests_are_told_so() -> None:
    async def test() -> None:
        async with running(ready=False) as engine:
            with pytest.raises(NotReadyError, match="being loaded"):
                await engine.ask(Task.SCORE, ["a"])

    run(test())


def test_a_worker_that_cannot_start_says_why_and_is_tried_again(tmp_path: Path) -> None:
    async def test() -> None:
        async with running(targets.unable, note=tmp_path / "model", ready=False) as engine:
            await until(lambda: "no model" in engine.trouble)
            with pytest.raises(NotReadyError, match="there is no model there"):
                await engine.ask(Task.SCORE, ["a"])

            await until(lambda: engine.ready is not None)
            assert bodies(await engine.ask(Task.SCORE, ["a"])) == ["A"]

    run(test())


@pytest.mark.parametrize(
    ("target", "told"), [(targets.dead, "exit status 7"), (targets.mute, "did not answer")], ids=["ends", "hangs"]
)
def test_a_worker_that_never_gets_ready_is_told_of(
    target: Callable[..., None], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_START_TIMEOUT", 5.0 if target is targets.dead else 0.5)

    async def test() -> None:
        async with running(target, ready=False) as engine:
            await until(lambda: "could not be started" in engine.trouble)
            with pytest.raises(NotReadyError, match=told):
                await engine.ask(Task.SCORE, ["a"])
            assert not engine.up

    run(test())


def test_what_would_wait_too_long_is_turned_away_with_the_time_to_come_back() -> None:
    async def test() -> None:
        async with running(longest_wait=2.0) as engine:
            first = asyncio.create_task(engine.ask(Task.SCORE, ["slow" + "x" * 50_000]))  # some five seconds' work
            await asyncio.sleep(0.1)

            with pytest.raises(BusyError) as caught:
                await engine.ask(Task.SCORE, ["y" * 30_000])

            assert 2 <= caught.value.seconds <= 7  # of eight in all, two may be
            await first
            assert bodies(await engine.ask(Task.SCORE, ["y"])) == ["Y"]

    run(test())


def test_a_short_text_behind_long_ones_is_turned_away_too() -> None:
    async def test() -> None:
        async with running(longest_wait=2.0) as engine:
            first = asyncio.create_task(engine.ask(Task.SCORE, ["slow" + "x" * 50_000]))  # some five seconds' work
            await asyncio.sleep(0.1)

            with pytest.raises(BusyError):
                await engine.ask(Task.SCORE, ["y"])
            await first

    run(test())


def test_what_finds_nothing_waiting_is_taken_however_long_it_is() -> None:
    async def test() -> None:
        async with running(longest_wait=0.001) as engine:
            assert len(await engine.ask(Task.SCORE, ["x" * 80_000] * 3)) == 3

    run(test())


def test_several_tasks_of_one_request_are_taken_as_one_or_not_at_all() -> None:
    async def test() -> None:
        async with running(longest_wait=0.001) as engine:
            wanted = [(task, ["x" * 60_000]) for task in Task]
            answers = await engine.ask_all(wanted)
            assert [bodies(each) for each in answers] == [["X" * 60_000]] * 3

            first = asyncio.create_task(engine.ask(Task.SCORE, ["slow"]))
            await asyncio.sleep(0.1)
            with pytest.raises(BusyError):
                await engine.ask_all(wanted)
            await first
            assert engine.queued == (0, 0)

    run(test())


def test_after_a_hang_texts_that_nobody_waits_for_are_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_BATCH_TIMEOUT", 1.0)
    note = tmp_path / "read"

    async def test() -> None:
        async with running(note=note, answer=0.5) as engine:
            with pytest.raises(TooLateError):
                await engine.ask(Task.SCORE, [f"hang {number}" for number in range(8)])
            await asyncio.sleep(2.5)  # until it was ended, and time to read another

    run(test())
    assert read(note).count("hang 1") == 1


def test_other_requests_go_between_the_texts_of_a_batch_that_crashed() -> None:
    async def test() -> None:
        async with running() as engine:
            texts = ["crash", *("slow" for _ in range(6))]
            many = asyncio.create_task(engine.ask(Task.SCORE, texts))
            await until(lambda: engine.figures.restarts == 1)
            assert bodies(await engine.ask(Task.FLAG, ["other"])) == ["OTHER"]
            assert not many.done()
            states = [answer.state for answer in await many]
            assert states == [State.FAILED, *[State.DONE] * 6]

    run(test())


def test_a_system_that_gives_no_process_is_asked_again_and_no_text_is_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "_SHORTEST_PAUSE", 0.1)
    starts = []

    class Refused(WorkerProcess):
        def __init__(self, *given: Any) -> None:  # noqa: ANN401
            starts.append(1)
            if len(starts) in {2, 3}:
                raise OSError(24, "Too many open files")
            super().__init__(*given)

    monkeypatch.setattr(engine_module, "WorkerProcess", Refused)

    async def test() -> None:
        async with running() as engine:
            answers = await engine.ask(Task.SCORE, ["a", "crash", "b"])
            assert [answer.state for answer in answers] == [State.DONE, State.FAILED, State.DONE]
            await until(lambda: engine.ready is not None)
            assert bodies(await engine.ask(Task.SCORE, ["next"])) == ["NEXT"]

    run(test())
    assert len(starts) > 3


def test_the_speed_is_measured_for_each_task() -> None:
    async def test() -> None:
        async with running() as engine:
            before = engine.figures.speed[Task.SCORE].rate
            await engine.ask(Task.SCORE, ["x" * 50_000] * 8)  # the stand-in takes no time

            assert engine.figures.speed[Task.SCORE].rate > 2 * before
            assert engine.figures.speed[Task.FLAG].rate == before

    run(test())


def test_a_request_that_is_not_answered_in_time_is_given_up() -> None:
    async def test() -> None:
        async with running(answer=0.1) as engine:
            with pytest.raises(TooLateError):
                await engine.ask(Task.SCORE, ["slow"])

            assert (engine.figures.late, engine.queued[1]) == (1, 0)
            await asyncio.sleep(targets.SLOW)
            assert bodies(await engine.ask(Task.SCORE, ["next"])) == ["NEXT"]

    run(test())


def test_the_texts_of_a_request_that_was_left_are_not_read(tmp_path: Path) -> None:
    note = tmp_path / "read"

    async def test() -> None:
        async with running(note=note) as engine:
            first = asyncio.create_task(engine.ask(Task.SCORE, ["slow"]))
            await asyncio.sleep(0.1)
            left = asyncio.create_task(engine.ask(Task.SCORE, ["left"] * 3))
            stays = asyncio.create_task(engine.ask(Task.SCORE, ["stays"]))
            await asyncio.sleep(0)
            left.cancel()

            assert [bodies(await first), bodies(await stays)] == [["SLOW"], ["STAYS"]]
            assert engine.queued == (0, 0)

    run(test())
    assert read(note) == ["slow", "stays"]


def test_one_text_does_not_wait_for_the_end_of_hundreds(tmp_path: Path) -> None:
    note = tmp_path / "read"

    async def test() -> None:
        async with running(note=note, longest_wait=60.0) as engine:
            first = asyncio.create_task(engine.ask(Task.FLAG, ["slow"]))
            await asyncio.sleep(0.1)
            many = asyncio.create_task(engine.ask(Task.SCORE, ["many"] * 256))
            one = asyncio.create_task(engine.ask(Task.SCORE, ["one"]))
            await asyncio.gather(first, many, one)

    run(test())
    assert read(note).index("one") <= engine_module.BATCH_TEXTS


def test_areas_are_known_to_the_worker_and_to_the_one_that_replaces_it() -> None:
    async def test() -> None:
        async with running() as engine:
            engine.know(b"areas")

            assert engine.knows_areas
            assert bodies(await engine.ask(Task.WHERE, ["a"])) == ["A areas"]
            await engine.ask(Task.WHERE, ["crash"])
            assert bodies(await engine.ask(Task.WHERE, ["b"])) == ["B areas"]

    run(test())


@pytest.mark.parametrize("target", [targets.worker, targets.mute], ids=["at work", "while it starts"])
def test_no_process_is_left_after_a_stop(target: Callable[..., None]) -> None:
    async def test() -> None:
        async with running(target, ready=False) as engine:
            await until(lambda: bool(multiprocessing.active_children()))
            started = time.monotonic()
            await engine.stop()

            assert time.monotonic() - started < 3
            assert multiprocessing.active_children() == []
            assert not engine.up

    for _ in range(3):  # threads race here
        run(test())


def test_who_waits_at_a_stop_is_told_at_once() -> None:
    async def test() -> None:
        async with running() as engine:
            waits = asyncio.create_task(engine.ask(Task.SCORE, ["hang"]))
            await asyncio.sleep(0.1)
            await engine.stop()

            done, _ = await asyncio.wait([waits], timeout=2)
            assert done, "still waits"
            assert isinstance(waits.exception(), NotReadyError)

    run(test())
