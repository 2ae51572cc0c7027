"""A real Label Studio: it takes our configuration and tasks, gives all codings back, and tells whose a change is.

Runs where EVENHAND_LABEL_STUDIO is set: to 1, and the test installs the pinned server in an environment of its own
(some minutes, from the package index), or to the folder of an environment that has it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from tests.annotate.strategies import collections
from tests.annotate.test_label_studio import MODEL, OURS, PERSON, STRETCH, TEXT, WHOLE, item

from evenhand.annotate import Annotations
from evenhand.annotate.label_studio import labelling_config, read, written
from evenhand.scheme import Frame, Level

WANTED = os.environ.get("EVENHAND_LABEL_STUDIO", "")
REQUIREMENTS = Path(__file__).with_name("label-studio-requirements.txt")
EMAIL = "coder@example.org"
TOKEN = "0123456789abcdef0123456789abcdef01234567"  # noqa: S105 - of a server that lives as long as the test
MOST_SECONDS = 600  # to start: it makes its database first
# Nothing is reported to anybody, and tokens of the command line work.
QUIET = {
    "COLLECT_ANALYTICS": "0",
    "SENTRY_DSN": "",
    "FRONTEND_SENTRY_DSN": "",
    "LATEST_VERSION_CHECK": "0",
    "FEATURE_FLAGS_OFFLINE": "1",
    "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "1",
    "DISABLE_SIGNUP_WITHOUT_LINK": "1",
    "DEBUG": "0",
    "LOG_LEVEL": "WARNING",
}

pytestmark = [
    pytest.mark.skipif(not WANTED, reason="needs Label Studio; set EVENHAND_LABEL_STUDIO=1, or to its environment"),
    pytest.mark.timeout(3_600),  # the first test installs the server
]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a virtual environment that has Label Studio."""
    if WANTED != "1":
        return Path(WANTED)
    folder = tmp_path_factory.mktemp("label-studio") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin/pip", "install", "--quiet", "-r", REQUIREMENTS], check=True)
    return folder


@pytest.fixture(scope="module")
def server(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a fresh server, as its one user."""
    folder = tmp_path_factory.mktemp("label-studio-data")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = ["--no-browser", "--internal-host", "127.0.0.1", "--port", str(port), "--data-dir", str(folder)]
    user = ["--username", EMAIL, "--password", "of no use elsewhere", "--user-token", TOKEN]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DJANGO"))}
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [environment / "bin/label-studio", "start", *place, *user],
            cwd=folder,
            env=inherited | QUIET | {"HOME": str(folder)},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=address, headers={"Authorization": f"Token {TOKEN}"}, timeout=120) as client:
            _wait(client, process, folder / "server.log")
            yield client
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


def _wait(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + MOST_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if client.get("/api/projects/").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(1)
    pytest.fail(f"Label Studio does not start: {log.read_text()[-2_000:]}")


def answer(response: httpx.Response) -> Any:  # noqa: ANN401 - JSON
    assert response.is_success, response.text[:1_000]
    return response.json()


def project_of(server: httpx.Client, collection: Annotations) -> int:
    """Number of a project with our configuration and tasks."""
    project = answer(server.post("/api/projects/", json={"title": "Ours", "label_config": labelling_config()}))["id"]
    headers = {"Content-Type": "application/json"}
    done = server.post(f"/api/projects/{project}/import", content=written(collection).encode(), headers=headers)
    assert answer(done)["task_count"] == len(collection.units)
    return int(project)


def export(server: httpx.Client, project: int) -> str:
    """What the button "Export" gives, with the texts that nobody has coded."""
    options = {"exportType": "JSON", "download_all_tasks": "true"}
    done = server.get(f"/api/projects/{project}/export", params=options)
    assert done.is_success
    return done.text


def snapshot(server: httpx.Client, project: int) -> str:
    """An export that has predictions, and people by their e-mails."""
    options = {"predictions": {"only_id": False}, "annotations__completed_by": {"only_id": False}}
    made = answer(server.post(f"/api/projects/{project}/exports/", json={"serialization_options": options}))
    for _ in range(100):
        state = answer(server.get(f"/api/projects/{project}/exports/{made['id']}"))
        if state["status"] == "completed":
            break
        time.sleep(0.1)
    done = server.get(f"/api/projects/{project}/exports/{made['id']}/download", params={"exportType": "JSON"})
    assert done.is_success
    return done.text


def test_the_server_is_the_one_that_is_pinned(server: httpx.Client) -> None:
    pinned = REQUIREMENTS.read_text().split("label-studio==")[1].split()[0]
    assert answer(server.get("/api/version"))["release"] == pinned


def test_what_goes_in_comes_out_of_a_plain_export_and_of_a_snapshot(server: httpx.Client) -> None:
    project = project_of(server, OURS)
    assert read(export(server, project), "export.json") == OURS
    assert read(snapshot(server, project), "snapshot.json") == OURS


@settings(
    max_examples=100,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
@given(collection=collections())
def test_every_generated_collection_comes_out_again(server: httpx.Client, collection: Annotations) -> None:
    assume(collection.units)  # the server refuses a file without any task
    project = project_of(server, collection)
    plain, full = export(server, project), snapshot(server, project)
    server.delete(f"/api/projects/{project}")
    assert read(plain, "export.json") == collection
    assert read(full, "snapshot.json") == collection


def test_a_made_and_a_changed_annotation_are_their_users(server: httpx.Client) -> None:
    project = project_of(server, OURS)
    (task,) = json.loads(export(server, project))
    (annotation,) = task["annotations"]
    changed = annotation["result"]
    (level,) = [one for one in changed if one["from_name"] == "level"]
    level["value"]["choices"] = ["C"]
    answer(server.patch(f"/api/annotations/{annotation['id']}/", json={"result": changed}))
    stretch = {"start": 0, "end": 1, "text": TEXT[0]}
    made = [
        item("level", "choices", choices=["D"]),
        {**item("passage", "labels", labels=["Passage"], **stretch), "id": "made"},
        {**item("passage_frame", "choices", choices=["need"], **stretch), "id": "made"},
    ]
    answer(server.post(f"/api/tasks/{task['id']}/annotations/", json={"result": made}))
    skipped = {"result": made, "was_cancelled": True}
    answer(server.post(f"/api/tasks/{task['id']}/annotations/", params={"was_cancelled": 1}, json=skipped))
    _check(read(export(server, project), "export.json"), "label-studio user 1")
    # The server tells the e-mail of who made an annotation, and only the number of who changed it.
    _check(read(snapshot(server, project), "snapshot.json"), EMAIL)


def _check(found: Annotations, user: str) -> None:
    by_coder = {
        name: [one for one in found.codings if one.coder.name == name] for name in (PERSON.name, MODEL.name, user)
    }
    assert sum(map(len, by_coder.values())) == len(found.codings)
    assert by_coder[PERSON.name] == [STRETCH]
    assert by_coder[MODEL.name] == [one for one in OURS.codings if one.coder == MODEL]
    codes = sorted((one.start or 0, one.end or 0, one.levels, one.frame) for one in by_coder[user])
    assert codes == [(0, 0, (Level.C,), None), (0, 0, (Level.D,), None), (0, 1, (), Frame.NEED)]
    (changed,) = [one for one in by_coder[user] if one.levels == (Level.C,)]
    assert (changed.severity, changed.issues, changed.note) == (3.2, WHOLE.issues, WHOLE.note)
    assert changed.made > WHOLE.made
