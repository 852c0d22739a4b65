"""The running worker: it sends what is due, beside any number of others, and does nothing else."""

from __future__ import annotations

import logging
import threading

from bot.sending import Sending, of_token, open_sending
from bot.settings import Settings
from bot.telemetry.health import Answer, Health, database_answers, readiness

EVERY_SECONDS = 1.0

log = logging.getLogger("overture.worker")


class Working:
    """Starts and stops what `overture worker` runs."""

    def __init__(self, sending: Sending) -> None:
        self._sending = sending
        self._stopping = threading.Event()
        self._well = True
        self._thread = threading.Thread(target=self._run, name="sending", daemon=True)
        self._health = Health(sending.settings.health_port, self._ready, sending.metrics.read)

    @classmethod
    def of(cls, settings: Settings) -> Working:
        """Wire the sending side of the workspace that the token belongs to.

        Raises:
            Refused: the token is missing or refused, the database does not fit the code, or does
                not know the workspace yet.
        """
        sending = open_sending(of_token(settings))
        try:
            return cls(sending)
        except Exception:
            sending.close()
            raise

    @property
    def health_url(self) -> str:
        return self._health.url

    def start(self) -> None:
        self._health.start()
        self._thread.start()

    def stop(self) -> None:
        """Claim nothing more; what is under way ends first."""
        self._stopping.set()
        self._sending.outbox.stop()
        self._thread.join()
        self._health.stop()
        self._sending.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._sending.deliver(self._sending.clock.now())
                self._well = True
            except Exception:  # the database may be away for a while; the next pass will see
                self._well = False
                log.exception("a pass failed; the next one begins in %g s", EVERY_SECONDS)
            self._stopping.wait(EVERY_SECONDS)

    def _ready(self) -> Answer:
        well = {"database": database_answers(self._sending.store), "sending": self._well}
        waiting = self._sending.outbox.waiting() if well["database"] else None
        return readiness(well, {"outbox": waiting})
