"""When a call begins: said before it does, in the transaction that finds nothing against it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Literal, NamedTuple

from sqlalchemy import Select, bindparam, func, or_, select, text, update

from bot.ids import seed_of
from bot.store import tables
from bot.store.database import Unit
from bot.store.outbox import OutboxRows, Row
from bot.store.types import Moment

PACE = timedelta(seconds=1)
"""Slack takes one message a second a channel"""
NO_BUDGET = 1_000_000

Begun = Literal["called", "waits", "lost", "workspace_stopped", "workspace_budget"]
STOPPED = ("workspace_stopped", "workspace_budget")
"""what a row was withdrawn for, since that holds for all of the workspace"""


class Stands(NamedTuple):
    """What stands against all calls of a workspace, or all readings, at one moment."""

    killed_at: datetime | None = None
    held_until: datetime | None = None
    reads_held_until: datetime | None = None


class Calls:
    """Says when calls begin in one workspace, and when none may."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace
        self._rows = OutboxRows(unit)

    def lock_budget(self) -> None:
        """Hold what `begin` counts until the unit ends; taken before any row is.

        On SQLite a writing unit already excludes every other one.
        """
        if self._session.get_bind().dialect.name == "postgresql":
            lock = {"key": seed_of("budget", self._workspace)}
            self._session.execute(text("SELECT pg_advisory_xact_lock(:key)"), lock)

    def begin(self, row: Row, owner: str, address: str, now: datetime, budget: int) -> Begun:
        """Say that the call begins, unless somebody or something stands against it by now.

        `budget` is how many openers the workspace may get on one UTC day; who gives one has
        locked it.
        """
        stands = self.stands(now)
        if stands.killed_at is not None:
            # since it was checked, a conversation was opened: the switch works at once
            ended = self._rows.end(row, owner, "withdrawn", "workspace_stopped")
            return "workspace_stopped" if ended else "lost"
        if stands.held_until is not None:
            held = self._rows.put_back(row, owner, stands.held_until, "held")
            return "waits" if held else "lost"
        if row.kind == "opener" and budget < NO_BUDGET and self._called_today(now) >= budget:
            ended = self._rows.end(row, owner, "withdrawn", "workspace_budget")
            return "workspace_budget" if ended else "lost"
        last = self._last_called(address, now)
        if last is not None:
            return "waits" if self._rows.put_back(row, owner, last + PACE, "pace") else "lost"
        return "called" if self._rows.mark_called(row, owner, address, now) else "lost"

    def _last_called(self, address: str, now: datetime) -> datetime | None:
        """When a conversation was last written to, if that is less than a second ago."""
        if self._session.get_bind().dialect.name == "postgresql":
            lock = {"key": seed_of("address", self._workspace, address)}
            if not self._session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), lock):
                return now  # another process is just beginning
        given = {"since": now - PACE, "until": now + PACE, "address": address}
        return self._session.scalar(_last_call(), {**given, "workspace": self._workspace})

    def _called_today(self, now: datetime) -> int:
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        day = {"workspace": self._workspace, "midnight": midnight}
        return self._session.scalar(_called_since(), day) or 0

    def stands(self, now: datetime) -> Stands:
        """The switch, and the pauses that are not over: of all calls, and of readings alone."""
        found = self._session.execute(_workspace(), {"workspace": self._workspace}).first()
        if found is None:
            return Stands()
        killed, *pauses = found
        return Stands(killed, *(end if end is not None and now < end else None for end in pauses))

    def hold(self, until: datetime, *, readings: bool = False) -> None:
        """Leave the channel alone until then, or only its `readings`: every process sees it."""
        workspace = tables.Workspace
        held = workspace.reads_held_until if readings else workspace.held_until
        self._session.execute(
            update(workspace)
            .where(workspace.id == self._workspace, or_(held.is_(None), held < until))
            .values({held: until})
            .execution_options(synchronize_session=False)
        )


# Written once: to build these statements takes longer than to run them.


@cache
def _last_call() -> Select[datetime | None]:
    table = tables.Outbox
    return select(func.max(table.called_at)).where(
        table.workspace_id == bindparam("workspace"),
        table.called_at > bindparam("since", type_=Moment),
        table.called_at < bindparam("until", type_=Moment),
        table.address == bindparam("address"),
    )


@cache
def _called_since() -> Select[int]:
    table = tables.Outbox
    return (
        select(func.count())
        .select_from(table)
        .where(
            table.workspace_id == bindparam("workspace"),
            table.called_at >= bindparam("midnight", type_=Moment),
            table.kind == "opener",
        )
    )


@cache
def _workspace() -> Select[datetime | None, datetime | None, datetime | None]:
    table = tables.Workspace
    state = table.killed_at, table.held_until, table.reads_held_until
    return select(*state).where(table.id == bindparam("workspace"))
