"""One time for all processes of a scene: eight bytes of a file that each of them maps.

It stands still until somebody moves it, so that minutes of leases and settling cost no waiting,
and a test says exactly what happened before what.
"""

from __future__ import annotations

import mmap
import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

_FORM = struct.Struct("d")


class Timepiece:
    """A `bot.ports.Clock` that everybody who opens the same file shares."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("r+b")
        self._map = mmap.mmap(self._file.fileno(), _FORM.size)

    @classmethod
    def made(cls, path: Path, start: datetime) -> Timepiece:
        path.write_bytes(_FORM.pack(start.timestamp()))
        return cls(path)

    def seconds(self) -> float:
        return float(_FORM.unpack(self._map[: _FORM.size])[0])

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds(), UTC)

    def move(self, by: timedelta) -> datetime:
        """Forwards or backwards."""
        self._map[: _FORM.size] = _FORM.pack(self.seconds() + by.total_seconds())
        return self.now()

    def close(self) -> None:
        self._map.close()
        self._file.close()


class Running(Timepiece):
    """One that goes on by itself, as fast as the machine's own clock, from where it was set."""

    def seconds(self) -> float:
        return super().seconds() + time.time()

    def move(self, by: timedelta) -> datetime:
        self._map[: _FORM.size] = _FORM.pack(super().seconds() + by.total_seconds())
        return self.now()

    @classmethod
    def made(cls, path: Path, start: datetime) -> Running:
        path.write_bytes(_FORM.pack(start.timestamp() - time.time()))
        return cls(path)
