"""The demo with its page: somebody sits down, plays, and runs the night."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.conversation.home import long_day
from bot.demo import telling
from bot.demo.day import Day, Life
from bot.demo.load import DEMO_BEGINS
from bot.demo.scenes.aside import next_working_day
from bot.demo.scenes.wiring import Scenes
from bot.demo.stage import Stage, emulate, morning_begins, set_up
from bot.learning.night import Trained
from bot.settings import Settings
from bot.simulating.clock import SimulatedClock

Tell = Callable[[str, float], None]
CONTROL = "next_morning"
FORTNIGHT = "live_two_weeks"
WORKS_EVERY = 0.1
"""seconds between two looks into the inbox"""


class Demo:
    """Holds the running demo; the page's address is known before anything slow begins."""

    def __init__(self, folder: Path, seed: int, base: Settings, port: int = 0) -> None:
        self._folder, self._seed, self._base = folder, seed, base
        self._clock = SimulatedClock(morning_begins(DEMO_BEGINS.date()))
        self._turns = threading.Lock()
        """held while somebody's inbox is worked off, a scene is played, or a night is run"""
        self._scenes = Scenes(self._turns)
        controls = {CONTROL: self._next_day, FORTNIGHT: self._two_weeks}
        self.emulator, _ = emulate(self._clock, controls, port, self._scenes.extension())
        self._stage: Stage | None = None
        self._day: Day | None = None
        self._stopping = threading.Event()
        self._worker: threading.Thread | None = None

    def open(self) -> None:
        """Serve the page; it shows progress until `set_up` is done."""
        self.emulator.start()

    def set_up(self, tell: Tell) -> None:
        """Load, learn, and deliver the first morning; `tell` hears how far it is."""

        def progress(what: str, done: int, total: int) -> None:
            share = done / total if total else 0.0
            self.emulator.progress(what, share)
            tell(what, share)

        stage = set_up(self.emulator, self._clock, self._folder, self._seed, self._base, progress)
        self._stage = stage
        self._day = Life(stage).morning(DEMO_BEGINS.date(), progress=progress)
        self._scenes.open(stage)
        self.emulator.announce("setup", self._first(stage, self._day))
        self._worker = threading.Thread(target=self._answer, name="demo-inbox", daemon=True)
        self._worker.start()

    def close(self) -> None:
        """Stop everything; nothing but the folder stays."""
        self._stopping.set()
        self._scenes.close()
        if self._worker is not None:
            self._worker.join()
        if self._stage is not None:
            self._stage.close()
        else:
            self.emulator.stop()

    def _answer(self) -> None:
        """Work off what the person at the page did; the clock goes on a little with each turn."""
        while not self._stopping.wait(WORKS_EVERY):
            stage = self._stage
            if stage is None or not stage.app.inbox.waiting()["waiting"]:
                continue
            with self._turns:
                stage.clock.advance_to(stage.clock.now() + timedelta(seconds=5))
                stage.drain()

    def _next_day(self, tell: Tell) -> Mapping[str, Any]:
        """The others answer, the night learns, the next working morning comes."""
        stage, lived = self._stage, self._day
        if stage is None or lived is None:
            return {"headline": "Still setting up; a moment, please.", "lines": []}

        def progress(what: str, done: int, total: int) -> None:
            tell(what, done / total if total else 0.0)

        with self._turns:
            life = Life(stage)
            life.evening(lived, progress)
            closed, trained = life.night(lived, progress)
            yesterday = life.summary(lived)
            self._day = life.morning(next_working_day(lived.date), progress=progress)
            return self._night(stage, yesterday, closed, trained, self._day)

    def _two_weeks(self, tell: Tell) -> Mapping[str, Any]:
        """Ten working days with the scripted members, and the morning after."""
        lived, fortnight = self._day, self._scenes.fortnight
        if fortnight is None or lived is None:
            return {"headline": "Still setting up; a moment, please.", "lines": []}
        with self._turns:
            self._day = fortnight.live(lived, lambda w, d, t: tell(w, d / t if t else 0.0))
            return telling.fortnight(fortnight.days)

    def _first(self, stage: Stage, day: Day) -> dict[str, Any]:
        return {
            "headline": f"Good morning: it is {long_day(day.date)} in an invented workspace.",
            "lines": [
                telling.verdict(stage.first_model),
                *telling.morning(Life(stage).summary(day)),
                "Sit down as somebody with a new message, press a button, answer in your own"
                " words. Then ask for the next morning.",
            ],
            "training": stage.first_model.summary(),
        }

    def _night(
        self,
        stage: Stage,
        yesterday: Mapping[str, Any],
        closed: int,
        trained: Trained,
        day: Day,
    ) -> dict[str, Any]:
        return {
            "headline": f"Good morning: it is {long_day(day.date)}.",
            "lines": [
                telling.yesterday(yesterday),
                telling.closed(closed),
                telling.verdict(trained),
                *telling.morning(Life(stage).summary(day)),
            ],
            "training": trained.summary(),
            "yesterday": dict(yesterday),
        }
