"""`overture bench delivery`: how many openers leave in a second, beside what latency allows.

Each opener is composed by the language model, queued with its decision in one transaction, and
sent by the outbox: the production's parts, in one process, on SQLite. Slack is the emulator and the
model a server that answers after a fixed time, each in a process of its own. Nothing chooses what
to speak about; that is `overture bench pipeline`.

With n in flight, n answers of the model are waited for at once, and n messages are on their way at
once; latency alone then allows n by the model's latency in a second.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.app import App, build
from bot.benching.delivery_servers import member
from bot.benching.delivery_world import ITEM, populate, queue
from bot.openers.brief import About, Brief, Composed
from bot.ports import Progress, silent
from bot.sending import SystemClock
from bot.settings import ModelSettings, PolicySettings, Settings, SlackSettings
from bot.store.ledger import Ledger
from bot.store.opening import open_store
from bot.store.schema import upgrade

IN_FLIGHT = (1, 8, 64)
SECONDS = 30.0
"""about how long latency alone lets one measurement take, at most"""
LOOKS_SECONDS = 0.2
"""how often the outbox is looked into while nothing is due"""
FAILING = 5
"""of a hundred calls, in the second measurement of each"""
WORKSPACE = "T0DEMO0001"
EVERY_HOUR = PolicySettings(
    day_starts="00:00", day_ends="24:00", weekdays="0123456", pilot_only=False
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What is measured: `latency` is the model's, in seconds."""

    openers: int
    latency: float
    tiers: bool

    def count(self, in_flight: int) -> int:
        """Openers of one measurement: fewer where one after the other would take for ever."""
        most = max(2 * in_flight, int(SECONDS * in_flight / self.latency))
        return min(self.openers, most)


def run(plan: Plan, progress: Progress = silent) -> dict[str, Any]:
    """All measurements, as the command prints them."""
    told: dict[str, Any] = {}
    steps = [(number, failing) for number in IN_FLIGHT for failing in (0, FAILING)]
    for position, (number, failing) in enumerate(steps):
        progress("Delivering", position, len(steps))
        kind = "failing" if failing else "in_flight"
        told.setdefault(kind, {})[str(number)] = measure(plan, number, failing)
    progress("Delivering", len(steps), len(steps))
    busiest = told["in_flight"][str(IN_FLIGHT[-1])]
    return {
        "openers": plan.openers,
        "model_latency_s": plan.latency,
        "rate_tiers": plan.tiers,
        "cores": os.cpu_count(),
        **told,
        "failing_percent": FAILING,
        "own_ms": busiest["own_ms"],
    }


def measure(plan: Plan, in_flight: int, failing: int) -> dict[str, Any]:
    """One measurement, with servers and a database of its own."""
    openers = plan.count(in_flight)
    with (
        tempfile.TemporaryDirectory(prefix="overture-bench-") as folder,
        _server("slack", openers, "tiers" if plan.tiers else "free", failing) as slack,
        _server("model", plan.latency, failing) as model,
    ):
        app = _app(Path(folder), slack.said, model.said, in_flight, openers)
        assert app.composer  # what is made once counts for no opener
        assert app.outbox
        began, spent = time.monotonic(), time.process_time()
        ends = _deliver(app, openers, in_flight)
        spent = time.process_time() - spent
        app.close()
        seen = slack.end()
    seconds = seen["last"] - began
    allowed = in_flight / plan.latency
    return {
        "openers": openers,
        "per_s": round(openers / seconds, 3),
        "allowed_per_s": round(allowed, 3),
        "ratio": round(openers / seconds / allowed, 3),
        "own_ms": round(1000 * spent / openers, 3),
        "delivered": seen["posts"],
        "doubled": seen["doubled"],
        **ends,
    }


def _deliver(app: App, openers: int, in_flight: int) -> dict[str, int]:
    """Compose and send all of them; how the composing ended."""
    composed, ledger = threading.Event(), Ledger(app.store, app.workspace)
    with ThreadPoolExecutor(1) as sender, ThreadPoolExecutor(in_flight) as composers:
        sending = sender.submit(_send, app, composed)
        try:
            ends = Counter(
                composers.map(lambda number: _speak(app, ledger, number), range(openers))
            )
        finally:
            composed.set()
        sending.result()
    return {name: ends[name] for name in ("model", "repaired", "fallback", "withheld")}


def _speak(app: App, ledger: Ledger, number: int) -> str:
    """Compose one opener and put it on its way; who wrote it."""
    brief = Brief("Ada", About(ITEM.kind, ITEM.title, ITEM.summary, ITEM.text), "offer", seed="1")
    opener = app.composer.compose(brief)
    if not isinstance(opener, Composed):
        return "withheld"
    now = app.clock.now()
    ledger.write(lambda unit: queue(unit, member(number), opener, now))
    return "fallback" if opener.fallback else "repaired" if opener.repaired else "model"


def _send(app: App, composed: threading.Event) -> None:
    """Send what is due until all is called; what Slack did not answer is looked for later."""
    while True:
        last = composed.is_set()
        app.deliver(app.clock.now())
        if last:
            return
        composed.wait(LOOKS_SECONDS)


def _app(
    home: Path, slack: Mapping[str, Any], model: Mapping[str, Any], in_flight: int, members: int
) -> App:
    url = f"sqlite:///{home / 'overture.db'}"
    upgrade(url)
    settings = Settings(
        database_url=url,
        home=home,
        workspace=WORKSPACE,
        policy=EVERY_HOUR,
        model=ModelSettings(base_url=model["url"], api_key=SecretStr("none"), name="fixed"),
        slack=SlackSettings(
            bot_token=SecretStr(slack["token"]),
            app_token=None,
            api_url=slack["url"],
            person=None,
            in_flight=in_flight,
        ),
    )
    store = open_store(settings)
    populate(store, WORKSPACE, [member(n) for n in range(members)], SystemClock().now())
    store.close()
    return build(settings, SystemClock())


@dataclass
class _Server:
    """A server's process, and what it said at its start."""

    process: subprocess.Popen[str]
    said: Mapping[str, Any]

    def end(self) -> Mapping[str, Any]:
        """Let it end; what it saw."""
        out, _ = self.process.communicate(timeout=60)
        told: Mapping[str, Any] = json.loads(out)
        return told


@contextmanager
def _server(*arguments: object) -> Iterator[_Server]:
    command = [sys.executable, "-m", "bot.benching.delivery_servers", *map(str, arguments)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    try:
        assert process.stdout is not None
        yield _Server(process, json.loads(process.stdout.readline()))
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
