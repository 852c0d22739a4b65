"""Decisions, the slots they use up, and the runs they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, Update, bindparam, func, select, update

from bot.store import tables
from bot.store.database import Unit
from bot.store.upsert import upsert


class Decisions:
    """Reads and writes the decisions of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def put(self, decision: tables.Decision) -> None:
        """Keep a decision, in place of the passing silence that was kept for its slot, if any."""
        if self._session.get(tables.Decision, decision.id) is None:
            self._session.add(decision)
        else:
            self._session.merge(decision)
        self._session.flush()

    def get(self, decision_id: str) -> tables.Decision | None:
        found = self._session.get(tables.Decision, decision_id)
        return found if found is not None and found.workspace_id == self._workspace else None

    def purposes(self, decision_id: str) -> frozenset[str]:
        """The purposes that a decision rests on; none where that is not known."""
        inputs = self._session.scalar(
            _inputs(), {"workspace": self._workspace, "decision": decision_id}
        )
        return frozenset((inputs or {}).get("standing", {}).get("purposes", ()))

    def starting_with(self, prefix: str) -> Sequence[tables.Decision]:
        """Decisions whose id begins so; for people who type."""
        return self._session.scalars(
            select(tables.Decision)
            .where(
                tables.Decision.workspace_id == self._workspace,
                tables.Decision.id.startswith(prefix, autoescape=True),
            )
            .limit(5)
        ).all()

    def latest(self, limit: int, member: str | None = None) -> Sequence[tables.Decision]:
        """The newest decisions, of one member or of all."""
        query = select(tables.Decision).where(tables.Decision.workspace_id == self._workspace)
        if member is not None:
            query = query.where(tables.Decision.member_id == member)
        return self._session.scalars(
            query.order_by(tables.Decision.at.desc(), tables.Decision.id).limit(limit)
        ).all()

    def latest_of(self, member: str, kind: str, since: datetime) -> Sequence[tables.Decision]:
        """A member's decisions of one kind from `since` on, the newest first."""
        return self._session.scalars(
            select(tables.Decision)
            .where(
                tables.Decision.workspace_id == self._workspace,
                tables.Decision.member_id == member,
                tables.Decision.kind == kind,
                tables.Decision.at >= since,
            )
            .order_by(tables.Decision.at.desc(), tables.Decision.id)
            .limit(20)
        ).all()

    def spoken(self, since: datetime, until: datetime) -> Sequence[tables.Decision]:
        """Decisions in [since, until) to speak, in order."""
        return self._session.scalars(
            select(tables.Decision)
            .where(
                tables.Decision.workspace_id == self._workspace,
                tables.Decision.verdict == "speak",
                tables.Decision.kind == "slot",
                tables.Decision.at >= since,
                tables.Decision.at < until,
            )
            .order_by(tables.Decision.at, tables.Decision.id)
        ).all()

    def explored(self, since: datetime) -> int:
        """How many openers since `since` spoke below the threshold."""
        count = self._session.scalar(
            select(func.count())
            .select_from(tables.Decision)
            .where(
                tables.Decision.workspace_id == self._workspace,
                tables.Decision.arm == "explore",
                tables.Decision.verdict == "speak",
                tables.Decision.at >= since,
            )
        )
        return count or 0

    def reasons(self, since: datetime, until: datetime) -> dict[str, dict[str, int]]:
        """Counts in [since, until) by verdict and deciding reason."""
        rows = self._session.execute(
            select(tables.Decision.verdict, tables.Decision.reason, func.count())
            .where(
                tables.Decision.workspace_id == self._workspace,
                tables.Decision.kind == "slot",
                tables.Decision.at >= since,
                tables.Decision.at < until,
            )
            .group_by(tables.Decision.verdict, tables.Decision.reason)
            .order_by(tables.Decision.verdict, tables.Decision.reason)
        )
        counts: dict[str, dict[str, int]] = {}
        for verdict, reason, count in rows:
            counts.setdefault(verdict, {})[reason] = count
        return counts

    def start_run(self, run_id: str, kind: str, now: datetime) -> tables.Run:
        """The run's row, made if it is new; a run that is repeated continues its row."""
        run = self._session.get(tables.Run, run_id)
        if run is None:
            run = tables.Run(
                id=run_id, workspace_id=self._workspace, kind=kind, now=now, summary={}
            )
            self._session.add(run)
            self._session.flush()
        return run

    def finish_run(self, run_id: str, summary: dict[str, Any]) -> None:
        run = self._session.get_one(tables.Run, run_id)
        run.summary = summary


BEST_MOMENT = "best_moment"


class Chance(NamedTuple):
    """How a slot stands: `waiting` for its moment or for a refusal to pass, or `used`."""

    state: str
    best_at: datetime
    waits_for: str
    """`best_moment`, or the reason of the refusal; of a used one, that of the silence if any"""
    checked_at: datetime
    """when that was found"""


Days = dict[tuple[str, str], Chance]


class Slots:
    """Each member's chance to be spoken to on a local day."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def get(self, member: str, day: str) -> tables.Slot | None:
        return self._session.get(tables.Slot, (self._workspace, member, day))

    def around(self, now: datetime) -> Days:
        """All slots of the local days that it may be somewhere at `now`, by member and day."""
        days = [
            (now + timedelta(days=off)).astimezone(UTC).date().isoformat() for off in (-1, 0, 1)
        ]
        slot = tables.Slot.__table__.c
        rows = self._session.execute(
            select(
                slot.member_id, slot.day, slot.state, slot.best_at, slot.waits_for, slot.checked_at
            ).where(slot.workspace_id == self._workspace, slot.day.in_(days))
        )
        return {(member, day): Chance(*chance) for member, day, *chance in rows}

    def open(self, member: str, day: str, best_at: datetime, now: datetime) -> None:
        """As `open_all`, for one slot."""
        self.open_all({(member, day): best_at}, now)

    def open_all(self, moments: Mapping[tuple[str, str], datetime], now: datetime) -> None:
        """Make rows of slots that wait for their moment, by member and day, where there is none."""
        rows = [
            {
                "workspace_id": self._workspace,
                "member_id": member,
                "day": day,
                "best_at": best_at,
                "state": "waiting",
                "waits_for": BEST_MOMENT,
                "checked_at": now,
            }
            for (member, day), best_at in moments.items()
        ]
        upsert(self._session, tables.Slot, rows, key=("workspace_id", "member_id", "day"))

    def reopen_all(self, moments: Mapping[tuple[str, str], datetime], now: datetime) -> None:
        """Let slots that waited for a refusal to pass wait for their moment again."""
        for (member, day), best_at in moments.items():
            self._session.execute(
                self._unused(member, day).values(
                    best_at=best_at, waits_for=BEST_MOMENT, checked_at=now
                )
            )

    def wait(self, member: str, day: str, reason: str, now: datetime) -> bool | None:
        """Let a slot wait until a refusal passes.

        True where that is new, False where it waited for the same before, None where it is used.
        """
        self.open(member, day, now, now)
        key = (self._workspace, member, day)
        slot = self._session.get(tables.Slot, key, with_for_update=True)
        if slot is None or slot.state == "used":
            return None
        before = slot.waits_for
        slot.waits_for, slot.checked_at = reason, now
        return before != reason

    def _unused(self, member: str, day: str) -> Update:
        return update(tables.Slot).where(
            tables.Slot.workspace_id == self._workspace,
            tables.Slot.member_id == member,
            tables.Slot.day == day,
            tables.Slot.state != "used",
        )

    def reconsider(self, member: str, day: str, since: datetime, now: datetime) -> None:
        """Open a slot again that was used up by silence before `since`: something happened then."""
        slot = tables.Slot
        self._session.execute(
            update(slot)
            .where(
                slot.workspace_id == self._workspace,
                slot.member_id == member,
                slot.day == day,
                slot.state == "used",
                slot.waits_for != "",
                slot.checked_at < since,
            )
            .values(state="waiting", waits_for=BEST_MOMENT, best_at=now, checked_at=now)
        )

    def use(self, member: str, day: str, now: datetime, silence: str = "") -> bool:
        """Use the slot up; False where it was used already, of two at once for one of them.

        `silence` is the reason, where that is what it was used for.
        """
        self.open(member, day, now, now)
        used = self._session.execute(
            self._unused(member, day)
            .values(state="used", waits_for=silence, checked_at=now)
            .returning(tables.Slot.day)
        )
        return used.first() is not None


@cache
def _inputs() -> Select[dict[str, Any] | None]:
    table = tables.Decision
    return select(table.inputs).where(
        table.workspace_id == bindparam("workspace"), table.id == bindparam("decision")
    )
