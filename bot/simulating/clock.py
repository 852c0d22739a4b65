"""The demo's own clock: it moves only when it is told to."""

from __future__ import annotations

import threading
from datetime import UTC, datetime


class SimulatedClock:
    """A `bot.ports.Clock` that any thread may read and advance; it never goes back."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError(f"a clock needs a time zone, got {start!r}")
        self._lock = threading.Lock()
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def advance_to(self, moment: datetime) -> datetime:
        """Move on to `moment`, or stay where that has passed; returns the time it is then.

        Raises ValueError for a moment without a zone.
        """
        if moment.tzinfo is None:
            raise ValueError(f"a clock needs a time zone, got {moment!r}")
        with self._lock:
            self._now = max(self._now, moment.astimezone(UTC))
            return self._now
