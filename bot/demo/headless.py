"""The demo without a page: days lived to the end, and one JSON object that says what happened."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bot.demo.day import Life
from bot.demo.load import DEMO_BEGINS
from bot.demo.stage import NOTICE, Stage, emulate, morning_begins, set_up
from bot.learning.night import Trained
from bot.ports import Progress, silent
from bot.settings import Settings
from bot.simulating.clock import SimulatedClock


def live(
    days: int, seed: int, folder: Path, base: Settings, progress: Progress = silent
) -> dict[str, Any]:
    """Live so many days over a real socket, and report them."""
    first = DEMO_BEGINS.date()
    clock = SimulatedClock(morning_begins(first))
    emulator, _ = emulate(clock, {})
    emulator.start()
    try:
        stage = set_up(emulator, clock, folder, seed, base, progress)
    except BaseException:
        emulator.stop()
        raise
    try:
        return _lived(stage, first, days, progress)
    finally:
        stage.close()


def _lived(stage: Stage, first: date, days: int, progress: Progress) -> dict[str, Any]:
    life = Life(stage)
    told: list[dict[str, Any]] = []
    trained = stage.first_model
    for number in range(days):
        day = first + timedelta(days=number)
        lived = life.morning(day, with_cast=True, progress=progress)
        closed, trained = life.night(lived, progress)
        told.append({**life.summary(lived), "closed_at_night": closed, "model": _model(trained)})
    beside = stage.always_send(first, days)
    decisions: dict[str, Counter[str]] = {"speak": Counter(), "silent": Counter()}
    for day_told in told:
        decisions["speak"]["worth_it"] += day_told["openers"]
        decisions["silent"].update(day_told["silences"])
    outcomes: Counter[str] = Counter()
    for day_told in told:
        outcomes.update(day_told["outcomes"])
    return {
        "note": NOTICE,
        "seed": stage.seed,
        "members": len(stage.bundle.residents),
        "items": len(stage.bundle.items),
        "decisions": {verdict: dict(sorted(c.items())) for verdict, c in decisions.items()},
        "openers_sent": sum(day_told["openers"] for day_told in told),
        "outcomes": dict(sorted(outcomes.items())),
        "model": _model(trained),
        "first_model": _model(stage.first_model),
        "days": told,
        "precision": _precision(told),
        "always_send": {"days": beside, "precision": _precision(beside)},
        "unresolved": _unresolved(stage),
    }


def _model(trained: Trained) -> dict[str, Any]:
    return {
        "version": trained.version,
        "promoted": trained.result.promoted,
        "why": trained.result.reason,
        "metrics": dict(trained.result.metrics),
    }


def _precision(days: list[dict[str, Any]]) -> float | None:
    openers = sum(day["openers"] for day in days)
    return round(sum(day["engaged"] for day in days) / openers, 3) if openers else None


def _unresolved(stage: Stage) -> dict[str, Any]:
    """Rows that did not come to an end; all zero where everything went well."""
    app = stage.app
    report = app.deliver(stage.clock.now())
    return {"outbox_waiting": report.waiting, **app.inbox.waiting()}
