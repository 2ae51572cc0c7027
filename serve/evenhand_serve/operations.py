"""For those who run the service: health, readiness, metrics, and a log that holds no text."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.responses import JSONResponse, Response

from evenhand_serve.engine import Engine
from evenhand_serve.problems import not_ready
from evenhand_serve.worker import fault_place

log = logging.getLogger("evenhand.serve")
# Seconds: one text takes some tens of milliseconds, a full batch some seconds.
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

_TOO_MANY = 429


class Watch:
    """Counts requests and logs them: method, route, status, time, and the id of the token.

    Args:
        engine: Whose figures are shown too.
    """

    def __init__(self, engine: Engine) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "evenhand_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "evenhand_request_seconds", "Time to answer.", ("route",), buckets=_BUCKETS, registry=self.registry
        )
        self._shed = Counter("evenhand_shed", "Requests turned away as too much was waiting.", registry=self.registry)
        self._faults = Counter("evenhand_faults", "Faults of the service.", registry=self.registry)
        self.registry.register(_OfEngine(engine))

    def request(self, scope: Any, status: int, seconds: float) -> None:  # noqa: ANN401 - an ASGI scope
        """Take up a request that was answered; the route's template stands for its path, which could hold anything."""
        route = getattr(scope.get("route"), "path", None) or "other"
        method = scope["method"] if scope["method"] in {"GET", "POST", "HEAD"} else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        if status == _TOO_MANY:
            self._shed.inc()
        if route not in {"/healthz", "/readyz", "/metrics"}:
            who = scope.get("state", {}).get("token", "")
            log.info("%s %s %d %.0f ms%s", method, route, status, 1000 * seconds, who and f" {who}")

    def fault(self, error: BaseException) -> None:
        """Take up a fault."""
        self.fault_at(fault_place(error))

    def fault_at(self, place: str) -> None:
        """Take up a fault of another process, as `fault_place` told it there."""
        self._faults.inc()
        log.error("fault: %s", place)


class _OfEngine(Collector):
    """The engine's figures as they are when asked for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """The figures."""
        figures = self._engine.figures
        texts = CounterMetricFamily("evenhand_texts", "Texts read, by what became of them.", labels=("task", "state"))
        for (task, state), count in figures.texts.items():
            texts.add_metric((str(task), str(state)), count)
        yield texts
        for name, what, count in (
            ("evenhand_batches", "Batches read.", figures.batches),
            ("evenhand_worker_restarts", "Workers that had to be started again.", figures.restarts),
            ("evenhand_late", "Requests given up as they took too long.", figures.late),
        ):
            yield CounterMetricFamily(name, what, count)
        requests, characters = self._engine.queued
        yield GaugeMetricFamily("evenhand_waiting_requests", "Requests that wait.", requests)
        yield GaugeMetricFamily("evenhand_waiting_characters", "Characters that wait or are being read.", characters)
        yield GaugeMetricFamily("evenhand_waiting_seconds", "Time that what waits will take.", self._engine.wait())


def operations(engine: Engine, watch: Watch) -> APIRouter:
    """Routes for those who run the service."""
    router = APIRouter(tags=["operations"])

    @router.get("/healthz", summary="Whether the service runs")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/readyz", summary="Whether it can read texts", responses={503: {"description": "Not yet"}})
    async def readyz() -> Response:
        if engine.ready is None or not engine.up:
            return not_ready(engine.trouble).response()
        return JSONResponse({"status": "ready", "areas": "ready" if engine.knows_areas else "not ready"})

    @router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
    async def metrics(request: Request) -> Response:
        return Response(generate_latest(watch.registry), media_type=CONTENT_TYPE_LATEST)

    return router
