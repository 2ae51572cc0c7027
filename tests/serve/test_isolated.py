"""Work in a process of its own: within its bounds, without a trace, and without a word of the file in its errors."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.serve import targets
from tests.serve.targets import SECRET

from evenhand_serve import isolated as isolated_module
from evenhand_serve.isolated import PREFIX, Bounds, IsolatedError, isolated, wipe_left_over

FREE = Bounds(60.0, None)
FILES = {"notes.csv": f"text\n{SECRET}\n".encode()}
Work = Callable[[Path, Mapping[str, Any], Callable[[str], None]], Any]


@pytest.fixture(autouse=True)
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where folders are made, in a place of the test's own; each must be wiped and each process gone at its end."""
    monkeypatch.setattr(isolated_module, "_MEMORY_FOLDER", tmp_path)
    return tmp_path


def do(work: Work, bounds: Bounds = FREE, **options: Any) -> Any:  # noqa: ANN401
    return asyncio.run(isolated(work, FILES, options, bounds))


def assert_nothing_left(base: Path) -> None:
    assert list(base.iterdir()) == []
    assert multiprocessing.active_children() == []


def test_files_are_in_a_private_folder_that_is_wiped(base: Path) -> None:
    told = do(targets.echo, a=1)

    assert told["files"] == FILES
    assert told["options"] == {"a": 1}
    assert told["mode"] == 0o700
    assert Path(told["cwd"]) == Path(told["folder"])
    assert Path(told["folder"]).parent == base
    assert Path(told["folder"]).name.startswith(PREFIX)
    assert_nothing_left(base)


def test_work_on_files_gives_way_to_the_service() -> None:
    assert do(targets.echo)["nice"] > os.nice(0)


def test_temporary_files_of_libraries_are_wiped_too(base: Path) -> None:
    assert Path(do(targets.leaves_files_about)).parent.parent == base
    assert_nothing_left(base)


def test_progress_is_told_in_order() -> None:
    told: list[str] = []
    work = isolated(targets.counts, {}, {"to": 5, "pause": 0.01}, FREE, progress=told.append)

    assert asyncio.run(work) == 5
    assert told == ["0", "1", "2", "3", "4"]


def test_other_work_of_the_service_goes_on_meanwhile() -> None:
    async def test() -> int:
        work = asyncio.create_task(isolated(targets.counts, {}, {"to": 3, "pause": 0.1}, FREE))
        turns = 0
        while not work.done():
            await asyncio.sleep(0.01)
            turns += 1
        return turns

    assert asyncio.run(test()) > 10


@pytest.mark.parametrize(
    ("work", "bounds", "told"),
    [
        (targets.gluttonous, Bounds(60, 2 << 30), "more memory than it may"),
        (targets.asleep, Bounds(1.0, None), "more than 1 seconds; send less"),
        (targets.exits, FREE, "its reader broke down"),
        (targets.segfaults, FREE, "its reader broke down"),
        (targets.faulty, FREE, r"fault in Evenhand \(RuntimeError\)"),
        (targets.panics, FREE, r"fault in Evenhand \(Panic\)"),
        (targets.writes_to_its_error_stream, FREE, "fault"),
        (targets.refuses, FREE, r"^notes\.csv has no rows$"),
        (targets.refuses_folder, FREE, "can be read"),
        (targets.gives_what_cannot_be_sent, FREE, "broke down|fault"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_goes_wrong_is_told_without_folder_or_text_and_leaves_nothing(
    work: Work, bounds: Bounds, told: str, base: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(IsolatedError, match=told) as caught:
        do(work, bounds)

    message = str(caught.value)
    assert SECRET not in message
    assert PREFIX not in message
    assert str(base) not in message
    assert SECRET not in "".join(capfd.readouterr())
    assert_nothing_left(base)


def test_work_that_tells_its_progress_is_bound_in_time_as_well(base: Path) -> None:
    with pytest.raises(IsolatedError, match="more than 3 seconds"):
        do(targets.counts, Bounds(3.0, None), to=120, pause=0.05)
    assert_nothing_left(base)


def test_the_services_own_memory_is_not_bounded_by_it() -> None:
    resource = pytest.importorskip("resource", reason="not on Windows")
    before = resource.getrlimit(resource.RLIMIT_AS)
    with pytest.raises(IsolatedError):
        do(targets.gluttonous, Bounds(60, 2 << 30))
    assert resource.getrlimit(resource.RLIMIT_AS) == before


async def begun(base: Path) -> asyncio.Task[Any]:
    """Work without end that has begun."""
    work = asyncio.create_task(isolated(targets.asleep, FILES, {}, FREE))
    give_up = time.monotonic() + 20
    while not list(base.glob("*/begun")):
        assert time.monotonic() < give_up
        await asyncio.sleep(0.01)
    return work


def test_cancelling_ends_the_process_and_wipes_the_folder(base: Path) -> None:
    async def test() -> None:
        work = await begun(base)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    asyncio.run(test())
    give_up = time.monotonic() + 5
    while (list(base.iterdir()) or multiprocessing.active_children()) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert_nothing_left(base)


def test_cancelling_holds_up_nobody_else(base: Path) -> None:
    async def test() -> float:
        work = await begun(base)
        longest = 0.0
        work.cancel()
        while not work.done():
            before = time.monotonic()
            await asyncio.sleep(0)
            longest = max(longest, time.monotonic() - before)
        return longest

    assert asyncio.run(test()) < 0.15  # seconds in which the service would answer no other request


def test_folders_that_were_left_over_are_wiped_and_no_others(base: Path) -> None:
    left, other = base / f"{PREFIX}left", base / "other"
    for folder in (left, other):
        folder.mkdir()
        (folder / "notes.csv").write_text(SECRET, encoding="utf-8")

    wipe_left_over()

    assert list(base.iterdir()) == [other]


def test_a_second_service_that_starts_leaves_the_work_of_the_first_alone(base: Path) -> None:
    async def test() -> None:
        work = await begun(base)
        wipe_left_over()
        try:
            assert list(base.rglob("notes.csv"))
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    asyncio.run(test())


def test_without_a_file_system_in_memory_temporary_files_go_where_they_always_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "usual").mkdir()
    monkeypatch.setattr(isolated_module, "_MEMORY_FOLDER", tmp_path / "nowhere")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "usual"))

    assert Path(do(targets.echo)["folder"]).parent == tmp_path / "usual"
    assert list((tmp_path / "usual").iterdir()) == []
