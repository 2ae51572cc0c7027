"""Texts as lines, of a service that runs: answered in order, line by line, while more are still being sent."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from tests.serve.conftest import Server, wait_until

import evenhand
from evenhand.tables.values import coding_fields
from evenhand_serve.settings import Limits

NDJSON = {"content-type": "application/x-ndjson"}
MARKER = "Zq7marker"
CHUNKED = (
    b"POST /v1/score HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
    b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
)
THRESHOLDS = Path(__file__).parents[1] / "documents/blind/harthope.pdf"  # takes some seconds to read


def lines_of(*lines: object) -> bytes:
    return b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)


def answers(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.text.split("\n") if line]


def test_each_line_is_answered_in_order_with_its_id(client: httpx.Client) -> None:
    texts = [f"Dad hit him {number} times." for number in range(150)]
    body = lines_of(*({"id": number, "text": text} for number, text in enumerate(texts)))

    response = client.post("/v1/score", content=body, headers=NDJSON)

    assert response.headers["content-type"] == "application/x-ndjson"
    found = answers(response)
    assert [each["id"] for each in found] == list(range(150))
    expected = [json.loads(json.dumps(coding_fields(coding))) for coding in evenhand.load().code_many(texts)]
    assert [each["result"] for each in found] == expected


def test_bad_lines_between_good_ones_are_told_of_in_their_place(client: httpx.Client) -> None:
    body = lines_of(
        {"id": "a", "text": "He was late."},
        MARKER.encode(),
        {"id": 2, "text": "Ring 07700 900123."},
        {"id": 3, "text": 5},
        b"",
        {"id": 4, "texts": [MARKER]},
        {"id": 5, "text": "x" * (Limits().characters + 1)},
        {"id": "🙂", "text": "She was hungry."},
        {"text": "No id."},
    )

    found = answers(client.post("/v1/flag", content=body, headers=NDJSON))

    assert ["result" in each for each in found] == [True, False, False, False, False, False, True, True]
    assert [found[place]["id"] for place in (0, 2, 6, 7)] == ["a", 2, "🙂", None]
    assert [each["problem"]["status"] for each in found if "problem" in each] == [400, 422, 422, 422, 422]
    assert found[2]["problem"]["type"] == "urn:evenhand:problem:identifiable"
    assert MARKER not in json.dumps(found)


def test_the_id_of_a_line_that_is_wrong_comes_back_too(client: httpx.Client) -> None:
    wrong = ({"id": 7, "text": 5}, {"id": "a", "texts": []}, {"id": [1], "text": "b"}, {"id": True, "text": "b"}, [7])
    found = answers(client.post("/v1/score", content=lines_of(*wrong), headers=NDJSON))
    assert [each["id"] for each in found] == [7, "a", None, None, None]
    assert all("problem" in each for each in found)


@pytest.mark.parametrize("body", [b"", b"\n\n", b"  \r\n"])
def test_no_lines_have_no_answers(client: httpx.Client, body: bytes) -> None:
    assert answers(client.post("/v1/score", content=body, headers=NDJSON)) == []


def test_a_line_that_is_far_too_long_does_not_spoil_the_others(client: httpx.Client) -> None:
    body = lines_of({"text": "x" * (2 * Limits().line)}, {"id": 1, "text": "He was late."})
    found = answers(client.post("/v1/score", content=body, headers=NDJSON))
    assert [list(each) for each in found] == [["id", "problem"], ["id", "result"]]
    assert found[0]["problem"]["status"] == 413


def test_a_stream_may_be_longer_than_a_body(client: httpx.Client) -> None:
    def body() -> Iterator[bytes]:
        for number in range(12):
            yield lines_of({"id": number, "text": "He was late. ", "pad": None})
            yield lines_of(b" " * (Limits().body // 10))

    assert len(answers(client.post("/v1/score", content=body(), headers=NDJSON))) == 12


def test_a_line_is_answered_while_its_sender_waits_for_that(server: Server) -> None:
    """As a program does that sends the next line when it has the answer."""
    address = urlsplit(server.url)
    with socket.create_connection((str(address.hostname), address.port or 0), timeout=15) as connection:
        connection.sendall(CHUNKED)
        received = b""
        for number in range(3):
            line = lines_of({"id": number, "text": "He was late."})
            connection.sendall(f"{len(line):x}\r\n".encode() + line + b"\r\n")
            while f'"id": {number}'.encode() not in received:
                piece = connection.recv(65_536)
                assert piece, received
                received += piece
        connection.sendall(b"0\r\n\r\n")
        while piece := connection.recv(65_536):
            received += piece
    assert received.endswith(b"0\r\n\r\n")


def test_answers_begin_before_the_body_ends(server: Server) -> None:
    address = urlsplit(server.url)
    with socket.create_connection((str(address.hostname), address.port or 0), timeout=30) as connection:
        connection.sendall(CHUNKED)
        first = lines_of(*({"id": number, "text": "He was late."} for number in range(100)))
        connection.sendall(f"{len(first):x}\r\n".encode() + first + b"\r\n")
        received = b""
        while b'"id": 0' not in received:
            piece = connection.recv(65_536)
            assert piece, received
            received += piece
        last = lines_of({"id": 100, "text": "She was hungry."})
        connection.sendall(f"{len(last):x}\r\n".encode() + last + b"\r\n0\r\n\r\n")
        while piece := connection.recv(65_536):
            received += piece

    assert received.startswith(b"HTTP/1.1 200")
    assert received.endswith(b"0\r\n\r\n")
    assert b'"id": 100' in received


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("application/x-ndjson", b""),
        ("application/x-ndjson", lines_of(*({"text": "He was late."} for _ in range(70)))),
        ("application/json", b'{"text": "He was'),
        ("multipart/form-data; boundary=x", b"--x\r\n"),
    ],
    ids=["before the first line", "between lines", "json", "upload"],
)
def test_a_client_that_goes_away_is_no_fault_and_leaves_nothing_waiting(
    server: Server, client: httpx.Client, kind: str, sent: bytes
) -> None:
    before = len(server.said)
    address = urlsplit(server.url)
    path = "/v1/documents" if kind.startswith("multipart") else "/v1/score"
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: 100000\r\n\r\n"
    with socket.create_connection((str(address.hostname), address.port or 0), timeout=30) as connection:
        connection.sendall(head.encode() + sent)

    assert client.post("/v1/score", json={"text": "She was hungry."}).status_code == 200
    wait_until(lambda: server.said[before:].count(f"POST {path}") >= 1 + (path == "/v1/score"), within=10)
    wait_until(lambda: "evenhand_waiting_characters 0.0" in client.get("/metrics").text, within=10)
    assert server.said[before:].partition("Traceback")[2] == ""
    assert "fault" not in server.said[before:]
    assert re.findall(rf"POST {path} (\d+)", server.said[before:])[0] in {
        "499",
        "200",
    }  # of a stream the answer had begun


def test_a_client_that_goes_away_while_its_document_is_read_is_no_fault(server: Server, client: httpx.Client) -> None:
    before = len(server.said)
    request = client.build_request("POST", "/v1/documents", files=[("files", ("a.pdf", THRESHOLDS.read_bytes()))])
    address = urlsplit(server.url)
    head = f"POST /v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: {request.headers['content-type']}\r\n"
    body = request.read()
    with socket.create_connection((str(address.hostname), address.port or 0), timeout=30) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        wait_until(lambda: bool(server.folders()), within=10)

    wait_until(lambda: "POST /v1/documents 499" in server.said[before:], within=10)
    assert "fault" not in server.said[before:]
    wait_until(lambda: not server.left_over(), within=10)
