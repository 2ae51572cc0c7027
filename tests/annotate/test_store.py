"""Coding in a file: blind until both have coded, nothing lost, and readable by its owner alone."""

from __future__ import annotations

import multiprocessing
import signal
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from tests.annotate.strategies import collections

from evenhand.annotate import Annotation, Annotations, Coder, Unit
from evenhand.annotate.standing import is_open_to
from evenhand.annotate.store import Store
from evenhand.annotate.store_file import connected
from evenhand.errors import InputError, OutputError
from evenhand.scheme import Issue, Level

MARKER = "Zq7marker"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    units = tuple(Unit(f"t{number}", f"Text {number} {MARKER}.", "d") for number in range(3))
    return Store.create(tmp_path / "ours.sqlite", Annotations(units))


def code(store: Store, coder: str, unit: str, level: Level, **more: object) -> str:
    return store.add(coder, unit, levels=(level,), issues=(Issue.NEGLECT,), severity=4.0, **more).id


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(collections())
def test_what_goes_in_comes_out(tmp_path: Path, collection: Annotations) -> None:
    path = tmp_path / "any.sqlite"
    path.unlink(missing_ok=True)
    assert Store.create(path, collection).collection() == collection
    assert Store(path).collection() == collection


def test_each_is_asked_for_every_text_once_in_the_order_that_was_asked_for(tmp_path: Path) -> None:
    units = tuple(Unit(f"t{number}", "x") for number in range(3))
    made = Store.create(tmp_path / "a.sqlite", Annotations(units), order=["t2"])
    asked = []
    while (place := made.next_for("Anna")) is not None:
        unit = made.unit_at(place)
        assert unit is not None
        asked.append(unit.id)
        code(made, "Anna", unit.id, Level.B)
        assert made.left_for("Anna") == 3 - len(asked)
    assert asked == ["t2", "t0", "t1"]
    assert made.left_for("Ben") == 3


def test_a_text_that_is_passed_over_comes_again_at_the_end(store: Store) -> None:
    assert [store.next_for("Anna", after) for after in range(4)] == [1, 2, 3, 1]
    code(store, "Anna", "t0", Level.B)
    assert store.next_for("Anna", 3) == 2
    assert store.unit_at(0) is store.unit_at(4) is None


def test_nobody_sees_anothers_coding_before_both_have_coded(store: Store) -> None:
    code(store, "Anna", "t0", Level.B)
    assert [one.coder.name for one in store.seen_by("Anna", "t0")] == ["Anna"]
    assert store.seen_by("Ben", "t0") == []
    code(store, "Ben", "t0", Level.D)
    for who in ("Anna", "Ben"):
        assert {one.coder.name for one in store.seen_by(who, "t0")} == {"Anna", "Ben"}
    assert store.seen_by("Cleo", "t0") == []


def test_a_text_that_two_have_coded_is_not_asked_of_a_third(store: Store) -> None:
    for who in ("Anna", "Ben"):
        code(store, who, "t0", Level.B)
    assert store.next_for("Cleo") == 2
    assert store.left_for("Cleo") == 2


def test_where_two_differ_an_adjudicator_decides_once(store: Store) -> None:
    same = [code(store, who, "t0", Level.B) for who in ("Anna", "Ben")]
    differ = [code(store, who, "t1", level) for who, level in (("Anna", Level.B), ("Ben", Level.D))]
    assert len(same) == len(differ) == 2
    assert store.next_to_decide() == store.next_to_decide(after=2) == 2
    assert store.standing().differing == 1

    code(store, "Cleo", "t1", Level.C, decides=tuple(differ))
    assert store.next_to_decide() is None
    standing = store.standing()
    assert (standing.units, standing.complete, standing.differing, standing.decided) == (3, 2, 0, 1)
    assert standing.coded == {"Anna": 2, "Ben": 2}


def test_a_later_coding_of_the_same_person_counts_and_the_first_is_kept(store: Store) -> None:
    code(store, "Anna", "t0", Level.B)
    code(store, "Anna", "t0", Level.D)
    code(store, "Ben", "t0", Level.D)
    assert store.next_to_decide() is None
    assert [one.levels for one in store.codings("t0")] == [(Level.B,), (Level.D,), (Level.D,)]


def test_who_has_seen_anothers_coding_cannot_code_the_text_anew(store: Store) -> None:
    differ = tuple(code(store, who, "t0", level) for who, level in (("Anna", Level.B), ("Ben", Level.D)))
    with pytest.raises(InputError, match="would not be blind"):
        code(store, "Anna", "t0", Level.D)
    code(store, "Cleo", "t0", Level.C, decides=differ)
    with pytest.raises(InputError, match="would not be blind"):
        code(store, "Cleo", "t0", Level.D)
    code(store, "Dara", "t0", Level.A)
    assert [one.coder.name for one in store.codings("t0")] == ["Anna", "Ben", "Cleo", "Dara"]


def test_a_decision_can_be_made_anew(store: Store) -> None:
    differ = tuple(code(store, who, "t0", level) for who, level in (("Anna", Level.B), ("Ben", Level.D)))
    code(store, "Cleo", "t0", Level.C, decides=differ)
    code(store, "Cleo", "t0", Level.B, decides=differ)
    assert store.standing().decided == 1
    assert [one.levels for one in store.codings("t0") if one.decides] == [(Level.C,), (Level.B,)]


def test_a_text_that_is_not_there_cannot_be_coded(store: Store) -> None:
    with pytest.raises(InputError, match="no such text"):
        code(store, "Anna", "t9", Level.B)


@pytest.mark.parametrize(
    "codes",
    [{"start": 0, "end": 999}, {"issues": ("bogus",)}, {"decides": ("nosuch",)}],
    ids=["beyond", "code", "decides"],
)
def test_what_could_not_be_read_again_does_not_go_in(store: Store, codes: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        store.add("Anna", "t0", **codes)
    assert store.collection().codings == ()


def test_sets_that_differ_are_to_be_decided_though_their_middle_is_the_same(store: Store) -> None:
    store.add("Anna", "t0", levels=(Level.B,))
    store.add("Ben", "t0", levels=(Level.A, Level.B, Level.C))
    assert store.next_to_decide() == 1


def test_what_was_done_about_identifiable_texts_is_kept(tmp_path: Path) -> None:
    assert Store.create(tmp_path / "a.sqlite", Annotations(()), privacy="refuse").privacy == "refuse"


def test_a_full_disk_takes_nothing_and_says_so(store: Store) -> None:
    code(store, "Anna", "t0", Level.B)
    before = store.path.read_bytes()
    with _no_room(), pytest.raises(OutputError, match="nothing was saved"):
        code(store, "Ben", "t0", Level.B)
    assert store.path.read_bytes() == before


@contextmanager
def _no_room() -> Iterator[None]:
    """Files of this process cannot grow."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def test_the_file_is_its_owners_alone_and_nothing_lies_beside_it(store: Store) -> None:
    code(store, "Anna", "t0", Level.B)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    beside = [path for path in store.path.parent.iterdir() if path != store.path]
    assert all(path.stat().st_size == 0 for path in beside)


def test_a_file_that_is_there_is_not_replaced(store: Store) -> None:
    with pytest.raises(OutputError, match="exists already"):
        Store.create(store.path, Annotations(()))
    assert len(store.collection().units) == 3


@pytest.mark.parametrize("content", [b"", b"Zq7marker is no database" * 100, b"SQLite format 3\0" + bytes(200)])
def test_what_is_no_project_is_told_so_without_repeating_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.sqlite"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"other\.sqlite") as caught:
        Store(path)
    assert MARKER not in str(caught.value)


def test_a_project_of_another_version_is_left_alone(store: Store) -> None:
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE about SET value = '2' WHERE name = 'schema'")
    connection.close()
    with pytest.raises(InputError, match="another version"):
        Store(store.path)


def _codes_much(path: Path, coder: str) -> None:
    made = Store(path)
    for number in range(20):
        code(made, coder, f"t{number}", Level.B)


def test_several_processes_write_without_losing_anything(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "ours.sqlite", Annotations(tuple(Unit(f"t{number}", "x") for number in range(20))))
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_codes_much, args=(store.path, name)) for name in ("Anna", "Ben", "Cleo")]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert len(store.collection().codings) == 60


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"levels": (Level.C,), "issues": (Issue.NEGLECT,)}, {"levels": (Level.C,)}),
        ({"levels": (Level.C,), "severity": 6.0}, {"levels": (Level.C,)}),
        ({"issues": (Issue.NEGLECT,)}, {"severity": 6.0}),
    ],
    ids=["issues", "severity", "all"],
)
def test_what_one_gives_and_another_leaves_out_is_to_be_decided(
    store: Store, one: dict[str, Any], other: dict[str, Any]
) -> None:
    store.add("Anna", "t0", **one)
    store.add("Ben", "t0", **other)
    assert store.next_to_decide() == 1


def test_codings_of_a_stretch_neither_unblind_nor_count_as_coding_the_text(store: Store) -> None:
    store.add("Anna", "t0", start=0, end=4, issues=(Issue.NEGLECT,))
    store.add("Anna", "t0", start=5, end=6, issues=(Issue.NEGLECT,))
    code(store, "Ben", "t0", Level.B)
    assert not is_open_to("Anna", store.codings("t0"))
    assert store.next_for("Anna") == 1
    code(store, "Anna", "t0", Level.C)
    assert is_open_to("Anna", store.codings("t0"))
    assert store.next_to_decide() == 1


def test_who_codes_does_not_see_what_a_model_reads(tmp_path: Path) -> None:
    model = Annotation("m", "t", Coder("evenhand", "model", "1"), datetime(2026, 1, 1, tzinfo=UTC), levels=(Level.B,))
    store = Store.create(tmp_path / "a.sqlite", Annotations((Unit("t", "x"),), (model,)))
    for who in ("Anna", "evenhand 1 (model)"):
        assert store.next_for(who) == 1
        code(store, who, "t", Level.B)
    assert [one.coder.kind for one in store.seen_by("Anna", "t")] == ["person", "person"]


def test_what_is_sorted_does_not_go_to_a_file(store: Store) -> None:
    with closing(connected(store.path, wait=1.0)) as connection:
        assert connection.execute("PRAGMA temp_store").fetchone() == (2,)  # in memory


def test_a_file_that_has_gone_is_not_made_anew(store: Store) -> None:
    store.path.rename(store.path.with_name("away"))
    with pytest.raises(InputError):
        store.standing()
    assert not store.path.exists()


def test_a_project_that_nobody_can_write_is_told_before_anybody_codes(store: Store) -> None:
    store.check_writable()
    with closing(sqlite3.connect(store.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("evenhand.annotate.store.WRITING_WAIT", 0.1)
            with pytest.raises(OutputError, match="nothing was saved"):
                store.check_writable()
