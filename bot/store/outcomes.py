"""What members did with openers; each kind at most once an opener."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from bot.store import tables
from bot.store.database import Unit
from recsys.types import OutcomeKind


class Outcomes:
    """Reads and writes the outcomes of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def record(
        self, opener: tables.Opener, kind: OutcomeKind, at: datetime, reason: str = ""
    ) -> bool:
        """Record an outcome; False where this one was recorded before and still stands.

        One that was undone and happens again stands again, with its new time.
        """
        name = kind.name.lower()
        shown = opener.sent_at or opener.created_at
        seconds = max(0.0, (at - shown).total_seconds())
        known = self._find(opener.id, name)
        if known is None:
            self._session.add(
                tables.Outcome(
                    workspace_id=self._workspace,
                    opener_id=opener.id,
                    member_id=opener.member_id,
                    kind=name,
                    reason=reason,
                    at=at,
                    seconds_after=seconds,
                )
            )
            self._session.flush()
            return True
        if known.undone_at is not None:
            known.at, known.seconds_after, known.undone_at = at, seconds, None
            known.reason = reason
            return True
        if reason and not known.reason:
            known.reason = reason
        return False

    def undo(self, opener_id: str, kind: str, at: datetime) -> tables.Outcome | None:
        """Take an outcome back, and return it; None where there is none that stands."""
        known = self._find(opener_id, kind)
        if known is None or known.undone_at is not None:
            return None
        known.undone_at = at
        return known

    def annotate(self, opener_id: str, kind: str, reason: str) -> None:
        """Say more of an outcome that stands; nothing happens where there is none."""
        known = self._find(opener_id, kind)
        if known is not None and known.undone_at is None:
            known.reason = reason

    def of(self, opener_id: str) -> Sequence[tables.Outcome]:
        """The outcomes of an opener that stand, oldest first."""
        return self._session.scalars(
            select(tables.Outcome)
            .where(
                tables.Outcome.workspace_id == self._workspace,
                tables.Outcome.opener_id == opener_id,
                tables.Outcome.undone_at.is_(None),
            )
            .order_by(tables.Outcome.at, tables.Outcome.id)
        ).all()

    def counts(self, since: datetime, until: datetime) -> dict[str, int]:
        """How many of each kind came in [since, until)."""
        rows = self._session.execute(
            select(tables.Outcome.kind, func.count())
            .where(
                tables.Outcome.workspace_id == self._workspace,
                tables.Outcome.undone_at.is_(None),
                tables.Outcome.at >= since,
                tables.Outcome.at < until,
            )
            .group_by(tables.Outcome.kind)
            .order_by(tables.Outcome.kind)
        )
        return {row[0]: row[1] for row in rows}

    def _find(self, opener_id: str, kind: str) -> tables.Outcome | None:
        return self._session.scalar(
            select(tables.Outcome).where(
                tables.Outcome.workspace_id == self._workspace,
                tables.Outcome.opener_id == opener_id,
                tables.Outcome.kind == kind,
            )
        )
