"""What operators watch: counters of one process, and what the database says when it is asked.

Every process counts what it did itself; Prometheus adds the processes up. What waits is asked of
the database, so each process says the same of it. No label holds anything that a member said, and
none grows with the number of members.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.delivery.tally import Report
from bot.openers.brief import Composed
from bot.ports import Answer, LanguageModel, ModelError, Prompt, Usage

SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0)
"""bounds of all latencies, from a quick call to a deadline"""

Gauges = Callable[[], Mapping[str, float]]
"""What waits now: `overture_` goes before each name."""

GAUGES: Mapping[str, str] = {
    "outbox_waiting": "Messages on their way",
    "outbox_oldest_seconds": "Age of the oldest message that should have left by now",
    "outbox_unresolved": "Messages that may or may not have arrived; a person settles them",
    "inbox_waiting": "Arrivals that are not worked off",
    "inbox_oldest_seconds": "Age of the oldest of them",
    "handoffs_waiting": "Members who asked for a person whom nobody has taken yet",
    "handoffs_oldest_seconds": "How long the first of them has waited",
}


@dataclass
class Metrics:
    """The metrics of one process; `gauges` is asked whenever they are read."""

    gauges: Gauges | None = None
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        def counter(name: str, told: str, *labels: str) -> Counter:
            return Counter(f"overture_{name}", told, labels, registry=self.registry)

        def histogram(name: str, told: str) -> Histogram:
            return Histogram(f"overture_{name}", told, registry=self.registry, buckets=SECONDS)

        reasons = ("verdict", "reason")
        self._decisions = counter("decisions", "Decisions by their deciding reason", *reasons)
        self._openers = counter("openers", "Openers composed", "made_by", "fallback")
        self._left = counter("deliveries", "Messages that left the outbox", "state")
        self._withdrawn = counter("withdrawals", "Messages withdrawn at sending", "reason")
        self._sends = histogram("send_seconds", "One call of the channel that sends a message")
        self._calls = counter("model_calls", "Calls of the language model", "outcome")
        self._failures = counter("model_failures", "Why the model gave no answer", "reason")
        self._tokens = counter("model_tokens", "Tokens of the language model", "kind")
        self._cost = counter("model_cost", "Cost of the model, in the currency of its prices")
        self._passes = histogram("pass_seconds", "One pass of planning")
        self._answers = histogram("model_seconds", "One answer of the language model")
        if self.gauges is not None:
            self.registry.register(_Asked(self.gauges))

    def read(self) -> bytes:
        """All of them, as Prometheus reads them."""
        return generate_latest(self.registry)

    def planned(self, summary: Mapping[str, Any], openers: Iterable[Composed] = ()) -> None:
        """Count a pass by its `Pass.summary()`, and the openers that it queued."""
        for verdict, reasons in summary.get("decisions", {}).items():
            for reason, count in reasons.items():
                self._decisions.labels(verdict, reason).inc(count)
        for one in openers:
            made_by = "template" if one.language_model == "template" else "model"
            self._openers.labels(made_by, one.fallback or "none").inc()
        if "seconds" in summary:
            self._passes.observe(summary["seconds"])

    def delivered(self, report: Report) -> None:
        """Count what one pass of the outbox let go."""
        for state in ("sent", "failed", "withdrawn", "expired", "unresolved"):
            if count := getattr(report, state):
                self._left.labels(state).inc(count)
        for reason, count in report.reasons.items():
            self._withdrawn.labels(reason).inc(count)

    def sent_in(self, seconds: float) -> None:
        """Count one call of the channel, however it ended."""
        self._sends.observe(seconds)

    def called(self, seconds: float, usage: Usage, reason: str = "") -> None:
        """Count one call of the model; `reason` says why it failed, where it did."""
        if reason:
            self._failures.labels(reason).inc()
        if reason == "ceiling":  # nothing was called
            return
        self._answers.observe(seconds)
        self._calls.labels("failed" if reason else "answered").inc()
        self._tokens.labels("prompt").inc(usage.prompt_tokens)
        self._tokens.labels("completion").inc(usage.completion_tokens)
        self._cost.inc(usage.micros / 1e6)


@dataclass(frozen=True)
class MeteredModel:
    """A language model whose calls are counted."""

    inner: LanguageModel
    metrics: Metrics

    @property
    def name(self) -> str:
        return self.inner.name

    def complete(
        self, prompt: Prompt, answer: type[Answer], *, deadline: float
    ) -> tuple[Answer, Usage]:
        began = perf_counter()
        try:
            found, usage = self.inner.complete(prompt, answer, deadline=deadline)
        except ModelError as error:
            self.metrics.called(perf_counter() - began, error.usage, error.reason)
            raise
        self.metrics.called(perf_counter() - began, usage)
        return found, usage

    def stream(self, prompt: Prompt, *, deadline: float) -> Generator[str, None, Usage]:
        """The same; the seconds are those until its end."""
        began = perf_counter()
        try:
            usage = yield from self.inner.stream(prompt, deadline=deadline)
        except ModelError as error:
            self.metrics.called(perf_counter() - began, error.usage, error.reason)
            raise
        self.metrics.called(perf_counter() - began, usage)
        return usage


class _Asked(Collector):
    """Gauges that are asked for when somebody reads them."""

    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, value in self._gauges().items():
            yield GaugeMetricFamily(f"overture_{name}", GAUGES[name], value=value)
