"""`evenhand serve` and `evenhand tokens` as commands: what is refused, how it ends, and that it leaves nothing."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from tests.serve.conftest import Server, StartServer, wait_until

from evenhand_serve.tokens import Scope, TokenFile

Run = Callable[..., subprocess.CompletedProcess[str]]  # the fixture `command`
TEXTS = b'{"texts": ["Dad hit him with a belt.", "She likes school."]}'
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and modes of files are those of POSIX")


def test_a_token_is_made_listed_and_revoked(command: Run, tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"

    made = command("tokens", "create", "Aldermoor", "--tokens", file, "--expires", "2099-12-31")
    assert made.returncode == 0, made.stderr
    token = TokenFile(file).find(made.stdout.strip())
    assert token is not None
    assert token.scopes == (Scope.TEXT, Scope.DOCUMENTS, Scope.READ)
    assert made.stdout.strip() not in made.stderr

    listed = command("tokens", "list", "--tokens", file)
    assert listed.stdout.split("\t")[:3] == [token.id, "Aldermoor", "text documents read"]
    assert "until 2099-12-31" in listed.stdout

    assert command("tokens", "revoke", token.id, "--tokens", file).returncode == 0
    assert command("tokens", "list", "--tokens", file).stdout == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["create", "A", "--scope", "tekst"], "unknown scope 'tekst'; did you mean 'text'?"),
        (["create", "A", "--expires", "tomorrow"], "'tomorrow' is no day"),
        (["create", "A", "--expires", "2020-01-01"], "2020-01-01 is over"),
        (["revoke", "beef"], "no token 'beef'"),
    ],
    ids=["scope", "day", "day over", "id"],
)
def test_mistakes_with_tokens_are_told(command: Run, tmp_path: Path, arguments: list[str], told: str) -> None:
    ran = command("tokens", *arguments, "--tokens", tmp_path / "tokens.json")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--host", "0.0.0.0"], "tokens are needed"),  # noqa: S104 - it is refused
        (["--host", "0.0.0.0", "--tokens", "t.json"], "--allow-host"),  # noqa: S104
        (["--privacy", "patern"], "patterns"),
        (["--port", "70000"], "65535"),
    ],
    ids=["no tokens", "no name", "privacy", "port"],
)
def test_what_cannot_be_served_is_told_before_anything_is_loaded(command: Run, arguments: list[str], told: str) -> None:
    ran = command("serve", "--port", "0", *arguments)
    assert ran.returncode in {1, 2}
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_port_that_is_in_use_is_told(command: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = command("serve", "--no-areas", "--privacy", "off", "--port", taken.getsockname()[1])
    assert ran.returncode in {1, 3}  # 3 is what uvicorn ends with when it could not start
    assert "in use" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_where_it_listens_is_said_also_for_a_port_of_the_systems_choosing(drained: Server) -> None:
    assert re.fullmatch(r"http://127\.0\.0\.1:[1-9]\d+", drained.url)


def _send_half(server: Server, content: bytes) -> tuple[socket.socket, bytes]:
    """Begin a request and wait until the service asks for its body; returns the connection and the rest to send."""
    address = urlsplit(server.url)
    connection = socket.create_connection((str(address.hostname), address.port or 0), timeout=30)
    head = (
        f"POST /v1/score HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\nExpect: 100-continue\r\n\r\n"
    )
    connection.sendall(head.encode())
    assert connection.recv(1_000).startswith(b"HTTP/1.1 100")
    connection.sendall(content[:10])
    return connection, content[10:]


def _everything(connection: socket.socket) -> bytes:
    received = b""
    while piece := connection.recv(65_536):
        received += piece
    return received


@pytest.fixture(scope="module")
def drained(start_server: StartServer) -> Server:
    """A service that was asked to end while it had a request; `answer.txt` in its place is the answer."""
    server = start_server()
    connection, rest = _send_half(server, TEXTS)
    with connection:
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: "Shutting down" in server.said)
        connection.sendall(rest)
        server.log.with_name("answer.txt").write_bytes(_everything(connection))
    server.process.wait(30)
    return server


def test_a_request_in_flight_is_answered_before_the_service_ends(drained: Server) -> None:
    answer = drained.log.with_name("answer.txt").read_bytes()
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.count(b'"severity"') >= 2


def test_a_service_that_was_asked_to_end_ends_well(drained: Server) -> None:
    assert drained.process.returncode == 0
    assert "Traceback" not in drained.said
    assert "fault" not in drained.said


def test_nothing_listens_after_the_end(drained: Server) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{drained.url}/healthz")


def test_no_folder_is_left_after_the_end(drained: Server) -> None:
    assert drained.left_over() == set()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are looked at by /proc")
def test_a_file_that_is_being_read_is_wiped_at_the_end(start_server: StartServer) -> None:
    server = start_server()
    before = len(server.children())
    notes = b"note\n" + b"Dad hit him with a belt and Mum was late again.\n" * 50_000
    with httpx.Client(base_url=server.url, timeout=60) as browser:
        token = re.search(r'name="csrf_token" value="(\w+)"', browser.get("/file").text)
        assert token is not None
        form = {"csrf_token": token[1], "work": "both"}
        begun = browser.post("/file", data=form, files={"file": ("notes.csv", notes)})
        assert begun.status_code == 303, begun.text

    wait_until(lambda: bool(server.folders()) and len(server.children()) > before)
    folders, processes = server.folders(), server.children()
    server.stop()
    try:
        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in processes), within=5)
        wait_until(lambda: not any(folder.exists() for folder in folders), within=5)
    finally:
        for pid in processes:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)


def test_a_service_with_tokens_asks_for_them_and_ends_at_ctrl_c(start_server: StartServer, tmp_path: Path) -> None:
    file = TokenFile(tmp_path / "tokens.json")
    server = start_server("--tokens", str(file.path))
    _, given = file.create("Aldermoor", ["text"])

    def status(**headers: str) -> int:
        return httpx.post(f"{server.url}/v1/score", json={"text": "He was late."}, headers=headers).status_code

    assert status() == 401
    assert status(authorization=f"Bearer {given}") == 200
    assert httpx.get(f"{server.url}/metrics", headers={"authorization": f"Bearer {given}"}).status_code == 403
    file.revoke(file.tokens()[0].id)
    assert status(authorization=f"Bearer {given}") == 401
    assert given not in server.said

    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(30) in {0, 130}
    assert "Traceback" not in server.said
