"""An ordered record of what Web API calls committed, so that a test can count doubles."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One committed call. `ts` is the message's (or the clock's, where there is no message)."""

    ts: str
    method: str
    channel: str
    metadata: Mapping[str, Any] | None = None
    text: str = ""
    thread_ts: str | None = None


class Journal:
    """Append-only and thread-safe; readers get copies."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Entry] = []

    def note(self, entry: Entry) -> None:
        with self._lock:
            self._entries.append(entry)

    def entries(self, method: str | None = None, channel: str | None = None) -> list[Entry]:
        """What was committed, oldest first, of one method or channel when named."""
        with self._lock:
            return [
                e
                for e in self._entries
                if method in (None, e.method) and channel in (None, e.channel)
            ]

    def doubles(self, key: str) -> dict[str, int]:
        """Values of `metadata.event_payload[key]` that chat.postMessage committed more than once,
        with how often. Empty when every delivery had one effect."""
        seen = Counter(
            str(e.metadata["event_payload"][key])
            for e in self.entries("chat.postMessage")
            if e.metadata is not None and key in e.metadata.get("event_payload", {})
        )
        return {value: count for value, count in seen.items() if count > 1}

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries)
