"""The bot's tokens: one that lasts, or ones that rotate, each with its end."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Refreshed:
    """What one refresh gave."""

    access: str
    refresh: str
    seconds: int


class BotTokens:
    """Which tokens are the bot's now. With `lasts` (seconds) they rotate, as Slack's do: each has
    its end, and a refresh token works once."""

    def __init__(self, clock: Callable[[], float], lasts: int | None) -> None:
        self._clock, self._lasts = clock, lasts
        self._lock = threading.Lock()
        self._ends: dict[str, float] = {}
        self._refreshes: set[str] = set()
        self.refreshes = 0
        """how often a refresh token was traded in"""
        self.refused = 0
        """how often one was brought that had been spent"""
        self.current, self.refresh = self._mint()

    @property
    def rotate(self) -> bool:
        return self._lasts is not None

    def problem(self, token: str) -> str | None:
        """Slack's word against a token: `token_expired`, `invalid_auth`; None for a good one."""
        with self._lock:
            ends = self._ends.get(token)
        if ends is None:
            return "invalid_auth"
        return "token_expired" if self._clock() >= ends else None

    def trade(self, refresh: str) -> Refreshed | None:
        """New tokens for a refresh token; None for one that is spent or was never there."""
        with self._lock:
            if self._lasts is None or not secrets.compare_digest(refresh, self.refresh):
                self.refused += 1
                return None
            self.refreshes += 1
            self.current, self.refresh = self._mint()
            return Refreshed(self.current, self.refresh, self._lasts)

    def install(self) -> Refreshed:
        """New tokens for an installation; `seconds` is 0 where they do not rotate."""
        with self._lock:
            self.current, self.refresh = self._mint()
            return Refreshed(self.current, self.refresh, self._lasts or 0)

    def knows(self, secret: str) -> bool:
        """Whether a token, of either kind, is or was of these."""
        with self._lock:
            return secret in self._ends or secret in self._refreshes

    def revoke(self) -> None:
        """None of them works any more, as when the app was uninstalled."""
        with self._lock:
            self._ends.clear()

    def _mint(self) -> tuple[str, str]:
        kind = "xoxb" if self._lasts is None else "xoxe.xoxb-1"
        access, refresh = f"{kind}-{secrets.token_hex(12)}", f"xoxe-1-{secrets.token_hex(12)}"
        self._refreshes.add(refresh)
        self._ends[access] = float("inf") if not self._lasts else self._clock() + self._lasts
        return access, refresh
