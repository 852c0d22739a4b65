"""What the page is told while it happens: a queue for each open page, fed from any thread."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
MOST_QUEUED = 1_000


class Feed:
    """Fans events out to open pages. `concerns` says which users see an event (None: all).
    `busy` is the progress last told, until the work is done."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self._readers: dict[asyncio.Queue[Json | None], str] = {}
        self.busy: Json | None = None

    def publish(self, event: Json, concerns: Callable[[str], bool] | None = None) -> None:
        if event["type"] in ("progress", "done"):
            self.busy = event if event["type"] == "progress" else None
        if self.loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has closed: nobody listens
                self.loop.call_soon_threadsafe(self._fan, event, concerns)

    def _fan(self, event: Json | None, concerns: Callable[[str], bool] | None) -> None:
        for queue, user in list(self._readers.items()):
            if (concerns is None or concerns(user)) and queue.qsize() < MOST_QUEUED:
                queue.put_nowait(event)

    def join(self, user: str) -> asyncio.Queue[Json | None]:
        """A queue of what happens from now on; it starts with the progress under way, if any."""
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        if self.busy is not None:
            queue.put_nowait(self.busy)
        self._readers[queue] = user
        return queue

    def leave(self, queue: asyncio.Queue[Json | None]) -> None:
        self._readers.pop(queue, None)

    def stop(self) -> None:
        """Tell every page that this was all. On the loop's thread only."""
        self._fan(None, None)
