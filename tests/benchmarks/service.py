"""What the service costs beside the bare library, and how it bears twice the load it can carry, and many requests.

    python -m tests.benchmarks.service [cost] [overload] [memory]

Client, service and worker share this machine, so that rates are those of all three together. Traffic goes to the
loopback address alone, for a fixed time or number of requests.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import multiprocessing
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import httpx

import evenhand

ROOT = Path(__file__).parents[2]
BATCH = 32
ROUNDS = 12  # of the service and the library in turns
SINGLES = 150
OVERLOAD_SECONDS = 30.0
REQUESTS = 100_000
CLIENTS = 16
_HEALTH_EVERY = 0.1  # seconds
_LARGE_EVERY = 20  # requests of the mixed load, one of which is a batch


@dataclass(frozen=True, slots=True)
class Running:
    """A service that runs: where, its process, and what it logs."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def seconds(self) -> list[float]:
        """By its own clock, of each request that it answered with results so far."""
        said = self.log.read_text(encoding="utf-8")
        return [int(found) / 1000 for found in re.findall(r"POST /v1/score 200 (\d+) ms", said)]

    def memory(self) -> dict[str, float]:
        """Resident megabytes of the service and of its largest child, the worker."""
        own = _resident(self.process.pid)
        task = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return {"service": own, "worker": max((_resident(int(child)) for child in task), default=0.0)}


@contextlib.contextmanager
def running(*options: str) -> Iterator[Running]:
    """Start a service, wait until it is ready, and stop it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).parent / "evenhand"), "serve", "--port", str(port), "--no-areas", *options]
    with (
        tempfile.NamedTemporaryFile(suffix=".log") as log,
        subprocess.Popen(command, stderr=log) as process,
    ):
        url = f"http://127.0.0.1:{port}"
        try:
            for _ in range(240):
                with contextlib.suppress(httpx.TransportError):
                    if httpx.get(f"{url}/readyz").status_code == 200:
                        break
                time.sleep(0.5)
            yield Running(url, process, Path(log.name))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def notes() -> list[str]:
    """Invented whole notes, of which no two are alike."""
    rows = [json.loads(line) for line in (ROOT / "annotations/referrals.jsonl").read_text().splitlines()]
    return [" ".join(sentence["text"] for sentence in row["sentences"]) for row in rows if row["part"] == "training"]


def cost() -> None:
    """Batches of 32 notes through the service and through the library in turns, and single notes."""
    texts = notes()
    model = evenhand.load()
    batches = [texts[at : at + BATCH] for at in range(0, len(texts) - BATCH + 1, BATCH)][:ROUNDS]
    model.code_many(texts[:BATCH])
    served, bare = [], []
    with running("--privacy", "off") as service, httpx.Client(base_url=service.url, timeout=120) as client:
        client.post("/v1/score", json={"texts": texts[:BATCH]}).raise_for_status()
        for batch in batches:
            served.append(_timed(partial(client.post, "/v1/score", json={"texts": batch})))
            bare.append(_timed(partial(model.code_many, batch)))
        ratios = [one / other for one, other in zip(served, bare, strict=True)]
        print(f"batches of {BATCH} notes: library {BATCH / statistics.median(bare):.1f} notes/s,", end=" ")
        print(f"service {BATCH / statistics.median(served):.1f}; time of the service over the library's:", end=" ")
        print(f"median {statistics.median(ratios):.3f} ({min(ratios):.3f}-{max(ratios):.3f}), {len(ratios)} rounds")
        _singles(client, texts, "gate off")
    with running() as service, httpx.Client(base_url=service.url, timeout=120) as client:
        _singles(client, texts, "gate with names")


def _singles(client: httpx.Client, texts: Sequence[str], gate: str) -> None:
    for path in ("score", "flag"):
        address = f"/v1/{path}"
        given = [{"text": text} for text in texts[:SINGLES]]
        seconds = sorted(_timed(partial(client.post, address, json=one)) for one in given)
        middle, high = seconds[len(seconds) // 2], seconds[int(0.95 * len(seconds))]
        print(f"one note to /v1/{path}, {gate}: p50 {1000 * middle:.0f} ms, p95 {1000 * high:.0f} ms")


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def overload() -> None:
    """First as fast as some clients get answers, then twice as many requests a second."""
    texts = notes()
    with running("--privacy", "off") as service:
        carried = asyncio.run(_closed(service.url, texts, seconds=OVERLOAD_SECONDS / 2))
        print(f"{CLIENTS} clients that wait for their answers: {carried:.1f} requests/s")
        before = len(service.seconds())
        with health_of(service.url) as health:
            print(asyncio.run(_open(service.url, texts, rate=2 * carried, seconds=OVERLOAD_SECONDS)))
        print(_told("answered, by the clock of the service", service.seconds()[before:]))
        print(_told("health", health))
        rate = 2 * carried * _LARGE_EVERY / (_LARGE_EVERY - 1 + BATCH)
        with health_of(service.url) as health:
            print(asyncio.run(_open(service.url, texts, rate=rate, seconds=OVERLOAD_SECONDS, large=_LARGE_EVERY)))
        print(_told("health", health))
        print("memory afterwards, MB:", service.memory())
        again = httpx.post(f"{service.url}/v1/score", json={"text": texts[0]}, timeout=60)
        print("a request afterwards:", again.status_code)


async def _closed(url: str, texts: Sequence[str], *, seconds: float) -> float:
    """Requests a second of clients that send the next one when they have an answer."""
    done, ends = 0, time.perf_counter() + seconds

    async def client(number: int, session: httpx.AsyncClient) -> None:
        nonlocal done
        place = number
        while time.perf_counter() < ends:
            (await session.post("/v1/score", json={"text": _fresh(texts, place)})).raise_for_status()
            done, place = done + 1, place + CLIENTS

    async with httpx.AsyncClient(base_url=url, timeout=120) as session:
        await asyncio.gather(*(client(number, session) for number in range(CLIENTS)))
    return done / seconds


async def _open(url: str, texts: Sequence[str], *, rate: float, seconds: float, large: int = 0) -> str:
    """Requests at a rate, whether or not there are answers; each `large`th is a batch."""
    statuses: Counter[str] = Counter()
    latencies: dict[int, list[float]] = {1: [], BATCH: []}
    limits = httpx.Limits(max_connections=None)

    async def one(place: int, session: httpx.AsyncClient) -> None:
        started = time.perf_counter()
        size = BATCH if large and place % large == 0 else 1
        given = [_fresh(texts, number) for number in range(place * BATCH, place * BATCH + size)]
        try:
            response = await session.post("/v1/score", json={"texts": given})
            statuses[str(response.status_code)] += 1
            if response.status_code == 200:
                latencies[size].append(time.perf_counter() - started)
        except httpx.TransportError as error:
            statuses[type(error).__name__] += 1

    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits) as session:
        begun = time.perf_counter()
        tasks = []
        for place in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, begun + place / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(one(place, session)))
        await asyncio.gather(*tasks)
    told = [_told(f"answered requests of {size}", found) for size, found in latencies.items() if found]
    return f"{rate:.0f} requests/s for {seconds:.0f} s: {dict(statuses)}; {'; '.join(told)}"


@contextlib.contextmanager
def health_of(url: str) -> Iterator[list[float]]:
    """Seconds of looks at the service's health meanwhile, from a process with nothing else to do."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_look, args=(theirs, url.removeprefix("http://")))
    process.start()
    ours.recv()
    found: list[float] = []
    yield found
    ours.send(None)
    found.extend(ours.recv())
    process.join()


def _look(pipe: Connection, address: str) -> None:
    connection = http.client.HTTPConnection(address, timeout=60)
    found: list[float] = []
    pipe.send(None)
    while not pipe.poll(_HEALTH_EVERY):
        started = time.perf_counter()
        connection.request("GET", "/healthz")
        response = connection.getresponse()
        response.read()
        assert response.status == 200
        found.append(time.perf_counter() - started)
    pipe.send(found)


def _told(what: str, seconds: Sequence[float]) -> str:
    found = sorted(seconds)
    middle, high = found[len(found) // 2], found[int(0.99 * len(found))]
    return f"{what}: {len(found)}, p50 {middle:.3f} s, p99 {high:.3f} s, longest {found[-1]:.3f} s"


def memory() -> None:
    """Resident memory over many requests of one short text."""
    texts = [sentence for note in notes() for sentence in note.split(". ") if sentence]
    with running("--privacy", "off") as service:

        async def all_requests() -> None:
            numbers = iter(range(REQUESTS))
            async with httpx.AsyncClient(base_url=service.url, timeout=120) as session:

                async def client() -> None:
                    for number in numbers:
                        (await session.post("/v1/score", json={"text": _fresh(texts, number)})).raise_for_status()
                        if number % (REQUESTS // 10) == 0:
                            print(f"{number:,} requests, MB: {service.memory()}", flush=True)

                await asyncio.gather(*(client() for _ in range(CLIENTS)))

        started = time.perf_counter()
        asyncio.run(all_requests())
        print(f"{REQUESTS:,} requests, MB: {service.memory()}; {REQUESTS / (time.perf_counter() - started):.0f}/s")


def _fresh(texts: Sequence[str], place: int) -> str:
    """A text that no request before it had."""
    return f"{texts[place % len(texts)]} This is note {place}."


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


if __name__ == "__main__":
    for name in sys.argv[1:] or ["cost", "overload", "memory"]:
        {"cost": cost, "overload": overload, "memory": memory}[name]()
