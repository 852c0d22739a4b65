"""What ticks: threads for quick and for heavy jobs, and a gate that lets none begin any more."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

QUICK, HEAVY, WEB = "default", "heavy", "web"
QUICK_THREADS = 20
HEAVY_THREADS = 2
"""passes and nights under way at once, whatever the number of workspaces"""
WEB_THREADS = 8
"""the same of what asks other people's servers, which may take a quarter of an hour"""

log = logging.getLogger("overture.schedule")


class Gate:
    """Lets jobs through until it is closed, and then waits until all are out again."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._closed = False

    def through(self, job: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            with self._changed:
                if self._closed:
                    return
                self._inside += 1
            try:
                job()
            finally:
                with self._changed:
                    self._inside -= 1
                    self._changed.notify_all()

        return run

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: self._inside == 0)


def ticker() -> BackgroundScheduler:
    """What ticks for all workspaces of a process: some threads for what is quick, and few for what
    computes or waits for others, so that many workspaces neither starve their answers nor plan all
    at once."""
    threads = {QUICK: QUICK_THREADS, HEAVY: HEAVY_THREADS, WEB: WEB_THREADS}
    pools = {name: ThreadPoolExecutor(count) for name, count in threads.items()}
    return BackgroundScheduler(timezone="UTC", executors=pools)


def guarded(job: Callable[[], None]) -> Callable[[], None]:
    """A job that fails is reported and comes again; it must not take the scheduler with it."""

    def run() -> None:
        try:
            job()
        except Exception:
            log.exception("job %s failed; it runs again at its next time", job.__name__)

    return run
