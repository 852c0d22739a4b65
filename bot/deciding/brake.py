"""A workspace falls silent: by the kill switch, or by itself when too many members opt out.

Only a person ends that. What was on its way is withdrawn with it, and not sent later.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from bot.ports import Refused
from bot.settings import PolicySettings
from bot.store import tables
from bot.store.audit import Audit
from bot.store.database import Unit
from bot.store.erasures import Erasures
from bot.store.outbox import UNASKED, OutboxRows
from bot.store.workspaces import Workspaces

PAUSED, RESUMED = "workspace.paused", "workspace.resumed"
ITSELF = "overture"

log = logging.getLogger("overture.brake")


@dataclass(frozen=True)
class Brake:
    """Counts who opted out, whenever somebody does."""

    policy: PolicySettings

    def check(self, unit: Unit, now: datetime) -> str | None:
        """Pause the workspace if the limit is passed; the reason where it is paused by this call.

        Counted are members who got an opener at any time and opted out within the window, beside
        those who got one within it. What came before the last pause was ended counts no more.
        """
        workspace = Workspaces(unit).lock(unit.workspace)
        if workspace.paused_at is not None:
            return None
        since = now - timedelta(days=self.policy.optout_days)
        since = max(since, _resumed(unit) or since)
        left, told = _left(unit, since), _told(unit, since)
        share = left / max(left, told, 1)
        if left < self.policy.optout_least or share < self.policy.optout_share:
            return None
        reason = f"{left} of {max(left, told)} members opted out within"
        reason += f" {self.policy.optout_days} days"
        workspace.paused_at, workspace.pause_reason = now, reason
        OutboxRows(unit).withdraw("workspace_paused", kinds=UNASKED)
        Audit(unit).append(now, ITSELF, PAUSED, unit.workspace, {"left": left, "told": told})
        log.warning("workspace %s is paused: %s", unit.workspace, reason)
        return reason


def resume(unit: Unit, *, by: str, now: datetime) -> None:
    """End the pause. Raises Refused where there is none."""
    workspace = Workspaces(unit).lock(unit.workspace)
    if workspace.paused_at is None:
        raise Refused(f"workspace {unit.workspace} is not paused")
    workspace.paused_at, workspace.pause_reason = None, ""
    Audit(unit).append(now, by, RESUMED, unit.workspace)


def kill(unit: Unit, *, by: str, now: datetime) -> None:
    """Turn the kill switch on, for openers and answers alike; who did it first is kept."""
    workspace = Workspaces(unit).lock(unit.workspace)
    if workspace.killed_at is None:
        workspace.killed_at, workspace.killed_by = now, by
        gone = OutboxRows(unit).withdraw("workspace_stopped")
        Audit(unit).append(now, by, "kill_switch.on", unit.workspace, {"withdrawn": gone})


def revive(unit: Unit, *, by: str, now: datetime) -> None:
    """Turn the kill switch off, if it is on."""
    workspace = Workspaces(unit).lock(unit.workspace)
    if workspace.killed_at is not None:
        workspace.killed_at = workspace.killed_by = None
        Audit(unit).append(now, by, "kill_switch.off", unit.workspace)


def _resumed(unit: Unit) -> datetime | None:
    return unit.session.scalar(
        select(tables.AuditEntry.at)
        .where(
            tables.AuditEntry.workspace_id == unit.workspace, tables.AuditEntry.action == RESUMED
        )
        .order_by(tables.AuditEntry.number.desc())
        .limit(1)
    )


def _left(unit: Unit, since: datetime) -> int:
    heard = (
        select(tables.Opener.id)
        .where(
            tables.Opener.workspace_id == unit.workspace,
            tables.Opener.member_id == tables.Member.id,
            tables.Opener.sent_at.is_not(None),
        )
        .exists()
    )
    count = select(func.count()).where(
        tables.Member.workspace_id == unit.workspace, tables.Member.left_at >= since, heard
    )
    # who had their data deleted left no row behind
    gone = Erasures(unit).done_since(since)
    return gone + (unit.session.scalar(count.select_from(tables.Member)) or 0)


def _told(unit: Unit, since: datetime) -> int:
    return (
        unit.session.scalar(
            select(func.count(tables.Opener.member_id.distinct())).where(
                tables.Opener.workspace_id == unit.workspace, tables.Opener.sent_at >= since
            )
        )
        or 0
    )
