"""Answers for monitors: alive, ready, and numbers in the Prometheus text format. No login protects them: ``monitors``
says who may ask."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from cti_bridge.api.errors import not_found
from cti_bridge.api.ports import Measurement

Measure = Callable[[], Sequence[Measurement]]


Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily


def _kind(one: Measurement) -> type[Family]:
    if one.buckets:
        return HistogramMetricFamily
    return CounterMetricFamily if one.counter else GaugeMetricFamily


class MeasuredNow(Collector):
    """Numbers that are asked for at each scrape, so that counting costs the hot path nothing."""

    def __init__(self, sources: Iterable[Measure]) -> None:
        self._sources = tuple(sources)

    def collect(self) -> Iterator[Family]:
        families: dict[str, Family] = {}
        for one in (measurement for source in self._sources for measurement in source()):
            family = families.get(one.name)
            if family is None:
                family = families[one.name] = _kind(one)(one.name, one.help, labels=list(one.labels))
            if isinstance(family, HistogramMetricFamily):
                family.add_metric(list(one.labels.values()), list(one.buckets), one.value)
            else:
                family.add_metric(list(one.labels.values()), one.value)
        yield from families.values()


class Health:
    """``permits`` says who may ask whether it is ready, and for numbers. All may ask whether it is alive. ``role`` is
    that of one of two bridges, active or standby; without a spare it is active; ``pair`` describes both. ``problems``
    make the process unready. ``warnings`` are only shown, such as a database that is away: calls go on without it."""

    def __init__(
        self,
        problems: Callable[[], Sequence[str]],
        warnings: Callable[[], Sequence[str]],
        measure: Iterable[Measure],
        permits: Callable[[web.Request], bool] = lambda request: True,
        role: Callable[[], str] = lambda: "active",
        pair: Callable[[], Mapping[str, Any]] | None = None,
    ) -> None:
        self._role, self._pair = role, pair
        self._problems, self._warnings, self._permits = problems, warnings, permits
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(MeasuredNow(measure))
        ProcessCollector(registry=self._registry)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/healthz", self._alive, allow_head=True),
            web.get("/livez", self._alive, allow_head=True),
            web.get("/readyz", self._ready, allow_head=True),
            web.get("/metrics", self._metrics, allow_head=True),
        ]

    async def _alive(self, _: web.Request) -> web.Response:
        return _json(200, {"status": "alive"})

    async def _ready(self, request: web.Request) -> web.Response:
        if not self._permits(request):
            raise not_found()
        problems = list(self._problems())
        found = {"problems": problems, "warnings": list(self._warnings())}
        answer = {"ready": not problems, "role": self._role(), **found}
        if self._pair is not None:
            answer["pair"] = self._pair()
        return _json(503 if problems else 200, answer)

    async def _metrics(self, request: web.Request) -> web.Response:
        if not self._permits(request):
            raise not_found()
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _json(status: int, content: object) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(content), content_type="application/json")
