"""The running worker: it sends what is due, beside any number of others, and does nothing else."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

from bot.roster import Roster
from bot.sending import Sending, of_token, open_for_all, open_sending
from bot.settings import Settings
from bot.telemetry.health import Answer, Health, database_answers, readiness

EVERY_SECONDS = 1.0
LOOK_SECONDS = 5.0
"""how often it looks for workspaces that are new, or out"""
AT_ONCE = 16
"""workspaces that are sent for at once: one that has much to send holds up no other"""

log = logging.getLogger("overture.worker")


class Working:
    """Starts and stops what `overture worker` runs, for all workspaces that are installed.

    `home` is the workspace of the settings' own token.
    """

    def __init__(self, shared: Sending, home: str | None) -> None:
        self._shared = shared
        self._roster: Roster[Sending] = Roster(
            shared.store, home, shared.beside, lambda sending: sending.outbox.stop()
        )
        self._stopping = threading.Event()
        self._failing: set[str] = set()
        self._under_way: dict[str, Future[None]] = {}
        self._pool = ThreadPoolExecutor(AT_ONCE, "workspace")
        self._thread = threading.Thread(target=self._run, name="sending", daemon=True)
        self._health = Health(shared.settings.health_port, self._ready, shared.metrics.read)

    @classmethod
    def of(cls, settings: Settings) -> Working:
        """Wire the sending side of all workspaces: that of the token, and the installed ones.

        Raises:
            Refused: the token is missing or refused, the database does not fit the code, or does
                not know the workspace yet.
        """
        slack, home = settings.slack, None
        # tokens that rotate are in the database, and so is whose they are
        if slack.bot_token is not None and slack.refresh_token is None:
            known = open_sending(of_token(settings))
            home = known.workspace
            known.close()
        shared = open_for_all(settings)
        try:
            return cls(shared, home)
        except Exception:
            shared.close()
            raise

    @property
    def health_url(self) -> str:
        return self._health.url

    def start(self) -> None:
        self._health.start()
        _ = self._shared.owner  # one for all workspaces
        self._thread.start()

    def stop(self) -> None:
        """Claim nothing more; what is under way ends first."""
        self._stopping.set()
        for sending in self._roster.all:
            sending.outbox.stop()
        self._thread.join()
        self._pool.shutdown(wait=True)
        self._health.stop()
        self._shared.close()

    def _run(self) -> None:
        looks_at = 0.0
        while not self._stopping.is_set():
            try:
                if time.monotonic() >= looks_at:
                    self._roster.look()
                    self._failing &= {one.workspace for one in self._roster.all}
                    looks_at = time.monotonic() + LOOK_SECONDS
                for sending in self._roster.all:
                    self._begin(sending)
            except Exception:  # the database may be away for a while; the next pass will see
                self._failed("looking")
            self._stopping.wait(EVERY_SECONDS)

    def _begin(self, sending: Sending) -> None:
        """Send for one workspace, unless that is under way."""
        known = self._under_way.get(sending.workspace)
        if known is None or known.done():
            self._under_way[sending.workspace] = self._pool.submit(self._deliver, sending)

    def _deliver(self, sending: Sending) -> None:
        try:
            sending.deliver(sending.clock.now())
            self._failing.discard(sending.workspace)
        except Exception:
            self._failed(sending.workspace)

    def _failed(self, what: str) -> None:
        self._failing.add(what)
        log.exception("a pass failed; the next one begins in %g s", EVERY_SECONDS)

    def _ready(self) -> Answer:
        well = {"database": database_answers(self._shared.store), "sending": not self._failing}
        waiting = [one.outbox.waiting() for one in self._roster.all] if well["database"] else []
        return readiness(well, {"outbox": sum(waiting), "workspaces": len(waiting)})
