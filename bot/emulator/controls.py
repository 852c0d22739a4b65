"""Buttons of the page that run the demo: one at a time, each in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from bot.emulator.feed import Feed

Json = dict[str, Any]
Progress = Callable[[str, float], None]
Control = Callable[[Progress], Mapping[str, Any]]
_log = logging.getLogger(__name__)


class BusyError(RuntimeError):
    """Another control is still running."""


class Controls:
    """Named pieces of work with their progress. A name doubles as its label: "run_night" shows as
    "Run night"."""

    def __init__(self, controls: Mapping[str, Control], feed: Feed) -> None:
        self._controls = dict(controls)
        self._feed = feed
        self._busy = threading.Lock()

    def offered(self) -> list[Json]:
        return [
            {"name": name, "label": name.replace("_", " ").strip().capitalize()}
            for name in self._controls
        ]

    def run(self, name: str) -> None:
        """Start a control. KeyError when there is none of that name, BusyError when one runs."""
        control = self._controls[name]
        if not self._busy.acquire(blocking=False):
            raise BusyError("another control is still running: wait until it is done")
        threading.Thread(
            target=self._work, args=(name, control), name=f"control-{name}", daemon=True
        ).start()

    def progress(self, text: str, fraction: float) -> None:
        share = min(max(float(fraction), 0.0), 1.0)
        self._feed.publish({"type": "progress", "text": text, "fraction": share})

    def announce(self, name: str, result: Mapping[str, Any]) -> None:
        self._feed.publish({"type": "done", "name": name, "result": dict(result)})

    def _work(self, name: str, control: Control) -> None:
        done: Json = {"type": "done", "name": name}
        try:
            done["result"] = dict(control(self.progress))
        except Exception as failure:  # whatever it is, the page must hear of it
            _log.exception("control %s failed", name)
            done["error"] = f"{type(failure).__name__}: {failure}"
        finally:
            self._busy.release()
        self._feed.publish(done)
