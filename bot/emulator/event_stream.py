"""The page's event stream (server-sent events), with a heartbeat and the demo's clock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from bot.emulator.feed import Feed

HEARTBEAT_SECONDS = 15.0
CLOCK_SECONDS = 1.0


async def stream(feed: Feed, user: str, clock: Callable[[], float]) -> AsyncIterator[bytes]:
    """Events for one page, until the page leaves or the emulator stops.

    The clock is looked at every second and told when its minute has changed.
    """
    queue = feed.join(user)
    minute, idle = None, 0.0
    try:
        yield b": connected\n\n"
        while True:
            now = clock()
            if int(now // 60) != minute:
                minute = int(now // 60)
                yield _line({"type": "clock", "clock": now})
            try:
                event = await asyncio.wait_for(queue.get(), CLOCK_SECONDS)
            except TimeoutError:
                idle += CLOCK_SECONDS
                if idle >= HEARTBEAT_SECONDS:
                    idle = 0.0
                    yield b": heartbeat\n\n"
                continue
            if event is None:
                return
            yield _line(event)
    finally:
        feed.leave(queue)


def _line(event: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(event)}\n\n".encode()
