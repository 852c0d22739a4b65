"""All scenes of the page, by the questions they answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bot.demo.scenes.curate import Curate
from bot.demo.scenes.curtain import Curtain
from bot.demo.scenes.export import Export
from bot.demo.scenes.fortnight import Fortnight
from bot.demo.scenes.newcomer import Newcomer
from bot.demo.scenes.silence import Silence
from bot.demo.stage import Stage
from bot.emulator.extension import Answer, AskError, Extension, Given

PAGE = Path(__file__).parent / "page"


class Scenes:
    """Answers the page's questions once the stage is set; one at a time where rows are written."""

    def __init__(self, turns: threading.Lock) -> None:
        self._turns = turns
        self._answers: dict[str, Answer] = {}
        self._stopping = threading.Event()
        self.fortnight: Fortnight | None = None

    def extension(self) -> Extension:
        """What the emulator needs of it before anything is set up."""
        names = ("asked", "come", "decision", "silences", "offered", "attempt", "so_far", "minds",
                 "draft", "preview", "approve", "rehearse", "halt")  # fmt: skip
        return Extension(PAGE, {name: self._answer(name) for name in names})

    def open(self, stage: Stage) -> None:
        """From now on everything is answered."""
        newcomer, curtain, silence = Newcomer(stage), Curtain(stage), Silence(stage)
        curate, export = Curate(stage), Export(stage, self._stopping)
        self.fortnight = Fortnight(stage)
        self._answers = {
            "asked": newcomer.asked,
            "come": self._in_turn(newcomer.come),
            "decision": curtain.decision,
            "silences": curtain.silences,
            "offered": self._in_turn(silence.offered),
            "attempt": self._in_turn(silence.attempt),
            "so_far": self.fortnight.so_far,
            "minds": self.fortnight.minds,
            "draft": self._in_turn(curate.draft),
            "preview": self._in_turn(curate.preview),
            "approve": self._in_turn(curate.approve),
            "rehearse": export.rehearse,
            "halt": export.halt,
        }

    def close(self) -> None:
        """What still runs, ends at its next step."""
        self._stopping.set()

    def _answer(self, name: str) -> Answer:
        def answer(given: Given) -> Mapping[str, Any]:
            if not self._answers:
                raise AskError("The workspace is still being set up; a moment, please.")
            return self._answers[name](given)

        return answer

    def _in_turn(self, answer: Answer) -> Callable[[Given], Mapping[str, Any]]:
        """While nobody else's inbox is worked off, and no night is run."""

        def alone(given: Given) -> Mapping[str, Any]:
            if not self._turns.acquire(timeout=5):
                raise AskError("The demo is busy; try again when its bar at the top is gone.")
            try:
                return answer(given)
            finally:
                self._turns.release()

        return alone
