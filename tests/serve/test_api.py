"""The HTTP interface of a service that runs: the library's results, in order, and problems that repeat nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.serve.conftest import Server

import evenhand
from evenhand.framing import load_flagger
from evenhand.framing.contract import flag_fields
from evenhand.model import Model
from evenhand.tables.values import coding_fields
from evenhand_serve.problems import MEDIA_TYPE
from evenhand_serve.settings import Limits

NDJSON = {"content-type": "application/x-ndjson"}
MARKER = "Zq7marker"
TEXTS = [
    "Dad hit [CHILD] with a belt last night. She has bruises on both arms.",
    "He likes school. Mum takes him to football.",
    "Mum fails to engage and is hard to reach. There is no heating at home.",
    "Kind regards",
    "",
    "   ",
    "Ünïcode 🙂 and\nnew lines\tand \u2028 separators: she is often late.",
    "He has been missing twice this month and was found with older men. " * 30,
]
HALLOWBY = Path(__file__).parents[1] / "documents" / "made" / "hallowby.html"


@pytest.fixture(scope="module")
def model() -> Model:
    return evenhand.load()


def post(client: httpx.Client, path: str, **body: Any) -> httpx.Response:  # noqa: ANN401
    return client.post(path, json=body)


def plain(fields: Mapping[str, Any]) -> Any:  # noqa: ANN401
    return json.loads(json.dumps(fields))


def test_scores_are_the_librarys_in_order(client: httpx.Client, model: Model) -> None:
    response = post(client, "/v1/score", texts=TEXTS)

    assert response.status_code == 200, response.text
    assert response.json()["results"] == [plain(coding_fields(coding)) for coding in model.code_many(TEXTS)]
    assert response.json()["privacy"]["mode"] == "patterns"
    assert "deciding" in response.json()["not_for"]


def test_flags_are_the_librarys_in_order(client: httpx.Client, model: Model) -> None:
    response = post(client, "/v1/flag", texts=TEXTS)

    assert response.status_code == 200, response.text
    flags = load_flagger(coder=model).flag_many(TEXTS)
    assert response.json()["results"] == [plain(flag_fields(each)) for each in flags]


def test_one_text_is_answered_as_a_list_of_one(client: httpx.Client) -> None:
    one, several = post(client, "/v1/score", text=TEXTS[0]), post(client, "/v1/score", texts=[TEXTS[0]])
    assert one.json() == several.json()
    assert len(one.json()["results"]) == 1


def test_texts_are_read_alike_whoever_else_asks_meanwhile(client: httpx.Client) -> None:
    alone = [post(client, "/v1/score", text=text).json()["results"][0] for text in TEXTS]

    with ThreadPoolExecutor(8) as pool:
        asked = [(task, place) for _ in range(4) for place in range(len(TEXTS)) for task in ("score", "flag")]
        answers = list(pool.map(lambda each: post(client, f"/v1/{each[0]}", text=TEXTS[each[1]]), asked))

    assert {answer.status_code for answer in answers} == {200}
    for (task, place), answer in zip(asked, answers, strict=True):
        if task == "score":
            assert answer.json()["results"] == [alone[place]]


@pytest.mark.parametrize("path", ["/v1/score", "/v1/flag"])
def test_a_text_that_looks_identifiable_is_refused_by_place_and_kind(client: httpx.Client, path: str) -> None:
    response = post(client, path, texts=["He was late.", f"{MARKER}: ring 07700 900123."])

    problem = response.json()
    assert (response.status_code, problem["type"]) == (422, "urn:evenhand:problem:identifiable")
    assert [each["text"] for each in problem["texts"]] == [1]
    found = problem["texts"][0]["found"][0]
    assert f"{MARKER}: ring 07700 900123."[found["start"] : found["end"]] == "07700 900123"
    assert MARKER not in response.text
    assert "900123" not in response.text


@pytest.mark.parametrize(
    ("method", "path", "content", "kind"),
    [
        ("POST", "/v1/where", b'{"text": "He was late."}', "application/json"),
        ("POST", "/v1/where", b'{"text": "He was late."}', "application/x-ndjson"),
        ("GET", "/v1/areas", None, "application/json"),
    ],
    ids=["where", "where as lines", "areas"],
)
def test_a_service_that_was_started_without_areas_says_so(
    client: httpx.Client, method: str, path: str, content: bytes | None, kind: str
) -> None:
    response = client.request(method, path, content=content, headers={"content-type": kind})
    assert (response.status_code, response.json()["type"]) == (404, "urn:evenhand:problem:no-areas")


def test_an_address_with_a_slash_too_many_is_not_sent_elsewhere(client: httpx.Client) -> None:
    """A redirect would name an address without TLS, and a client would send its text there."""
    response = client.post("/v1/score/", json={"text": TEXTS[0]}, follow_redirects=False)
    assert response.status_code == 404
    assert "location" not in response.headers


def test_documents_are_coded(client: httpx.Client) -> None:
    files = [("files", (name, HALLOWBY.read_bytes())) for name in ("hallowby.html", "../hallowby.html")]
    response = client.post("/v1/documents", files=[*files, ("files", ("broken.pdf", b"%PDF-1.7 broken"))])

    assert response.status_code == 200, response.text
    told = response.json()
    assert len(told["documents"]) == 2
    assert told["descriptors"]
    assert list(told["failed"]) == ["broken.pdf"]
    assert "evenhand-serve-" not in response.text


def test_documents_that_cannot_be_read_are_told_without_what_they_hold(client: httpx.Client) -> None:
    response = client.post("/v1/documents", files={"files": ("broken.pdf", f"%PDF-1.7 {MARKER}".encode())})

    assert response.status_code in {200, 422}
    assert MARKER not in response.text
    assert "evenhand-serve-" not in response.text


def test_the_models_say_what_they_are(client: httpx.Client, model: Model) -> None:
    told = client.get("/v1/model").json()
    assert told["coding"] == plain(model.info())
    assert set(told) == {"coding", "framing", "privacy"}


def test_metrics_count_what_was_read(client: httpx.Client) -> None:
    def count() -> float:
        lines = client.get("/metrics").text.splitlines()
        wanted = 'evenhand_texts_total{state="done",task="score"}'
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(wanted))

    before = count()
    post(client, "/v1/score", texts=["She is well."] * 3)
    assert count() == before + 3


def test_the_interface_is_described(client: httpx.Client) -> None:
    described = client.get("/openapi.json").json()

    assert set(described["paths"]) >= {f"/v1/{name}" for name in ("score", "flag", "where", "documents", "areas")}
    content = described["paths"]["/v1/score"]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json", "application/x-ndjson"}
    assert not any(path.startswith(("/text", "/file")) for path in described["paths"])


@pytest.mark.parametrize(
    ("method", "path", "about", "status"),
    [
        ("POST", "/v1/score", {"content": b"x" * (Limits().body + 1), "headers": {"content-type": "a/b"}}, 413),
        ("POST", "/v1/score", {"content": MARKER, "headers": {"content-type": "text/plain"}}, 415),
        ("POST", "/v1/score", {"content": MARKER}, 415),
        ("POST", "/v1/score", {"json": {"text": MARKER, MARKER: MARKER}}, 422),
        ("POST", "/v1/score", {"json": {"texts": [MARKER] * 257}}, 422),
        ("POST", "/v1/where", {"json": {"text": MARKER, "areas": MARKER}}, 422),
        ("POST", "/v1/documents", {"data": {"files": MARKER}}, 422),
        (
            "POST",
            "/v1/score",
            {"content": f'{{"text": "{MARKER}', "headers": {"content-type": "application/json"}},
            400,
        ),
        ("GET", "/v1/score", {"params": {"text": MARKER}}, 405),
        ("PUT", "/v1/model", {"content": MARKER}, 405),
        ("GET", f"/v1/{MARKER}", {}, 404),
        ("GET", f"/{MARKER}", {}, 404),
    ],
    ids=lambda value: str(value)[:30],
)
def test_mistakes_are_told_without_repeating_anything(
    client: httpx.Client, method: str, path: str, about: dict[str, Any], status: int
) -> None:
    response = client.request(method, path, **about)

    assert response.status_code == status
    assert MARKER not in response.text
    assert MARKER not in str(response.headers)
    if path.startswith("/v1/"):
        assert response.headers["content-type"] == MEDIA_TYPE
        assert response.json()["status"] == status


@pytest.mark.parametrize("path", ["/healthz", "/", "/v1/model", "/static/evenhand.css"])
def test_head_has_no_body(client: httpx.Client, path: str) -> None:
    response = client.head(path)
    assert (response.status_code, response.content) == (200, b"")


def test_a_deep_or_odd_number_of_things_is_no_fault(client: httpx.Client) -> None:
    for body in (b"[" * 50_000, b'{"text": 1e999}', b'{"text": "\\u0000"}', b'{"text": "a", "text": "b"}'):
        response = client.post("/v1/score", content=body, headers={"content-type": "application/json"})
        assert response.status_code in {200, 400, 422}


def test_nothing_that_was_sent_is_in_the_log_or_in_metrics(server: Server, client: httpx.Client) -> None:
    headers = {f"x-{MARKER}": MARKER, "user-agent": MARKER, "referer": f"http://localhost/{MARKER}", "cookie": MARKER}
    posted: list[dict[str, Any]] = [
        {"json": {"text": f"{MARKER} was late."}},
        {"json": {"texts": [f"{MARKER}, 07700 900123"]}},
        {"content": f'{{"text": "{MARKER}'},
        {"content": MARKER * 3, "headers": {"content-type": f"text/{MARKER}"}},
        {"content": f'{{"text": "{MARKER}"}}\n{MARKER}\n', "headers": NDJSON},
        {"json": {MARKER: MARKER}},
    ]
    for path in ("/v1/score", "/v1/flag", "/v1/where", f"/v1/{MARKER}", "/text", "/sign-in"):
        for about in posted:
            client.post(path, params={MARKER: MARKER}, **{**about, "headers": {**headers, **about.get("headers", {})}})
    files = {"files": (f"{MARKER}.pdf", f"%PDF-1.7 {MARKER}".encode())}
    client.post("/v1/documents", files=files, headers=headers)
    for path in ("/", f"/{MARKER}", f"/file/{MARKER}", f"/static/{MARKER}", "/areas"):
        client.get(path, params={"example": MARKER, "area": MARKER}, headers=headers)
    client.request(MARKER.upper(), "/", headers=headers)
    client.get("/", headers={"host": f"{MARKER}.example"})

    metrics = client.get("/metrics").text
    assert "POST /v1/score" in server.said  # it does log
    for written in (server.said, metrics):
        assert MARKER.lower() not in written.lower()
        assert "900123" not in written
    assert server.said.partition("Traceback")[2] == ""


def test_uploads_leave_nothing_on_disk_or_in_memory(server: Server, client: httpx.Client) -> None:
    client.post("/v1/documents", files={"files": ("hallowby.html", HALLOWBY.read_bytes())})
    assert server.left_over() == set()
