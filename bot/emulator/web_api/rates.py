"""Slack's rate limits: a tier for each method, and one message a second for each channel."""

from __future__ import annotations

import time
from collections import defaultdict, deque

_WINDOW = 60.0
_BURST = 3


class RateLimits:
    """Counts calls in real time; `enabled` decides whether anyone is refused."""

    def __init__(self, enabled: bool) -> None:
        self.enabled = enabled
        self._calls: dict[str, deque[float]] = defaultdict(deque)
        self._credit: dict[str, tuple[float, float]] = {}

    def wait_for(self, method: str, per_minute: int, channel: str | None) -> int:
        """Seconds to wait before this call is allowed; 0 when it is, and then it counts."""
        if not self.enabled:
            return 0
        now = time.monotonic()
        if method == "chat.postMessage":
            return self._posting(channel or "", now)
        calls = self._calls[method]
        while calls and calls[0] <= now - _WINDOW:
            calls.popleft()
        if len(calls) >= per_minute:
            return int(calls[0] + _WINDOW - now) + 1
        calls.append(now)
        return 0

    def _posting(self, channel: str, now: float) -> int:
        """One a second, with a short burst allowed, as Slack does."""
        credit, at = self._credit.get(channel, (float(_BURST), now))
        credit = min(float(_BURST), credit + now - at)
        if credit < 1.0:
            self._credit[channel] = (credit, now)
            return 1
        self._credit[channel] = (credit - 1.0, now)
        return 0
