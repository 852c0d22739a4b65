"""What ticks for many workspaces: what waits for other people's servers holds up no message."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from bot.schedule import Schedule
from bot.ticking import QUICK_THREADS, ticker

MANY = QUICK_THREADS + 2


def test_links_that_drip_everywhere_at_night_keep_nobody_from_sending(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ends, sent, everybody = threading.Event(), set[str](), threading.Event()

    def idle(self: Schedule) -> None:
        return

    def links(self: Schedule) -> None:
        ends.wait(20)

    def send(self: Schedule) -> None:
        sent.add(self._app.workspace)
        if len(sent) == MANY:
            everybody.set()

    told = {"links": links, "feeds": links, "send": send}
    for job in Schedule(_app("T0")).jobs:
        act = told.get(name := job[0].__name__, idle)
        monkeypatch.setattr(Schedule, name, _named(act, name))
    ticking = ticker()
    schedules = [Schedule(_app(f"T{number}"), ticking) for number in range(MANY)]
    for schedule in schedules:
        schedule.start()
    ticking.start()
    try:
        assert everybody.wait(10)
    finally:
        ends.set()
        for schedule in schedules:
            schedule.stop()
        ticking.shutdown(wait=True)


def _named(act: Any, name: str) -> Any:
    def run(self: Schedule) -> None:
        act(self)

    run.__name__ = name
    return run


def _app(workspace: str) -> Any:
    return SimpleNamespace(workspace=workspace, inbox=SimpleNamespace(rings=lambda act: None))
