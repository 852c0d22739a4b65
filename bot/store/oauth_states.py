"""Installations that are under way: each began in one browser, and ends once or not at all.

Kept are hashes: who reads the table can neither end an installation nor pass for a browser.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, func, select

from bot.store import tables
from bot.store.database import Unit

MOST = 10_000
"""under way at once: whoever asks for more without end is not let fill the database"""

Used = Literal["ours", "unknown", "expired", "other_browser"]


class OAuthStates:
    """Reads and writes the states of installations; they belong to no workspace yet."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session

    def begin(self, state: str, browser: str, now: datetime, until: datetime) -> bool:
        """Keep a new state of a browser; False where too many are under way."""
        table = tables.OAuthState
        self._session.execute(delete(table).where(table.expires_at <= now))
        if (self._session.scalar(select(func.count()).select_from(table)) or 0) >= MOST:
            return False
        self._session.add(table(state=_hash(state), browser=_hash(browser), expires_at=until))
        self._session.flush()
        return True

    def use(self, state: str, browser: str, now: datetime) -> Used:
        """Take a state away: of several that bring the same one, one alone is told `ours`."""
        table = tables.OAuthState
        taken = self._session.execute(
            delete(table)
            .where(table.state == _hash(state))
            .returning(table.browser, table.expires_at)
        ).first()
        if taken is None:
            return "unknown"
        if taken.expires_at <= now:
            return "expired"
        return "ours" if taken.browser == _hash(browser) else "other_browser"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
