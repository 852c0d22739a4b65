"""Dead links: each address is tried now and then; one that leads nowhere is flagged, no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy import or_, select

from bot.pool.fetch import NotPublic, Web
from bot.ports import BadInput
from bot.store import tables
from bot.store.database import Store, Unit

AGAIN = timedelta(days=7)
"""after which an address that led somewhere is tried again"""
SOON = timedelta(hours=20)
"""the same for one that did not"""
MOST = 300
"""addresses a night"""
SECONDS = 900.0
"""of a night, at most"""
GONE = frozenset({404, 410})
"""answers that say so by themselves; any other failure has to come twice"""


@dataclass(frozen=True)
class Links:
    """Tries the addresses of items, with the checks that feeds pass."""

    store: Store
    workspace: str
    web: Web
    elapsed: Callable[[], float] = monotonic

    def check(self, now: datetime) -> dict[str, int]:
        """Try those whose time has come; how many were tried, and how many lead nowhere."""
        began = self.elapsed()
        told = {"tried": 0, "dead": 0}
        with self.store.reading(self.workspace) as unit:
            due = _due(unit, now)
        for item, url in due:
            if self.elapsed() - began > SECONDS:
                break
            gone, problem = self._try(url)
            told["tried"] += 1
            told["dead"] += self._note(item, url, gone, problem, now)
        return told

    def _try(self, url: str) -> tuple[bool, str]:
        """(whether it is gone for certain, what is wrong); the latter is empty for a good one."""
        try:
            status = self.web.status(url)
        except NotPublic:
            return False, ""  # somewhere inside: we cannot tell
        except BadInput as error:
            return False, str(error)[:200]
        bad = status in GONE or status >= 500
        return status in GONE, f"answers with {status}" if bad else ""

    def _note(self, item: str, url: str, gone: bool, problem: str, now: datetime) -> bool:
        """Keep what came of it; whether the address is dead now."""
        with self.store.writing(self.workspace) as unit:
            row = unit.session.get(tables.Item, (self.workspace, item))
            if row is None or row.url != url:
                return False
            twice = bool(problem and row.link_problem)
            row.link_checked_at, row.link_problem = now, problem
            if not problem:
                row.link_dead_at = None
            elif gone or twice:
                row.link_dead_at = row.link_dead_at or now
            unit.commit()
            return row.link_dead_at is not None


def _due(unit: Unit, now: datetime) -> list[tuple[str, str]]:
    """(id, address) of the items that may be told of and were not tried lately."""
    item = tables.Item
    checked = item.link_checked_at
    rows = unit.session.execute(
        select(item.id, item.url)
        .where(
            item.workspace_id == unit.workspace,
            item.url.is_not(None),
            item.withdrawn_at.is_(None),
            item.rejected_at.is_(None),
            or_(item.expires_at.is_(None), item.expires_at > now),
            or_(
                checked.is_(None),
                checked <= now - AGAIN,
                (item.link_problem != "") & (checked <= now - SOON),
            ),
        )
        .order_by(checked.is_not(None), checked, item.id)
        .limit(MOST)
    )
    return [(row[0], str(row[1])) for row in rows]
