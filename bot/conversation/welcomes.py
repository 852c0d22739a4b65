"""The one welcome message: to invited members who have not agreed yet, once, a few a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import func, or_, select

from bot.policy.gate import judge
from bot.policy.purposes import PURPOSES
from bot.policy.rules import WELCOME_RULES
from bot.reading.standing import Standings
from bot.settings import PolicySettings
from bot.store import tables
from bot.store.database import Store, Unit
from bot.store.outbox import OutboxRows
from bot.store.workspaces import Workspaces

KEEPS = timedelta(hours=8)


@dataclass(frozen=True)
class Welcomes:
    """Puts welcome messages on their way; never a reminder.

    A member who may not be written to at this moment keeps their place for a later one: the one
    message is not spent on their night.
    """

    store: Store
    workspace: str
    standings: Standings
    policy: PolicySettings
    text: Callable[[str], str]
    """the message to somebody of this first name"""

    def plan(self, now: datetime) -> int:
        """Queue the welcomes of today, at most `welcomes_per_day`; returns how many."""
        with self.store.writing(self.workspace) as unit:
            Workspaces(unit).lock(self.workspace)  # two at once would welcome twice as many
            room = max(0, self.policy.welcomes_per_day - self._given(unit, now))
            may = (member for member in self._invited(unit) if self._reaches(unit, member, now))
            members = list(islice(may, room))
            for member in members:
                self._welcome(unit, member, now)
            unit.commit()
        return len(members)

    def _given(self, unit: Unit, now: datetime) -> int:
        given = unit.session.scalar(
            select(func.count())
            .select_from(tables.Member)
            .where(
                tables.Member.workspace_id == self.workspace,
                tables.Member.welcomed_at > now - timedelta(days=1),
            )
        )
        return given or 0

    def _reaches(self, unit: Unit, member: tables.Member, now: datetime) -> bool:
        return judge(WELCOME_RULES, self.standings.read(unit, member.id, now)).allowed

    def _invited(self, unit: Unit) -> list[tables.Member]:
        """On the pilot list, or came by themselves; welcomed never, agreed to nothing ever."""
        asked = select(tables.Consent.member_id).where(
            tables.Consent.workspace_id == self.workspace
        )
        query = (
            select(tables.Member)
            .where(
                tables.Member.workspace_id == self.workspace,
                tables.Member.welcomed_at.is_(None),
                tables.Member.deactivated_at.is_(None),
                tables.Member.left_at.is_(None),
                tables.Member.is_bot.is_(False),
                tables.Member.is_guest.is_(False),
                tables.Member.is_stranger.is_(False),
                tables.Member.id.not_in(asked),
                or_(
                    tables.Member.pilot.is_(True),
                    tables.Member.came_at.is_not(None),
                    tables.Member.id.in_(self.policy.pilot),
                ),
            )
            .order_by(tables.Member.id)
        )
        return list(unit.session.scalars(query))

    def _welcome(self, unit: Unit, member: tables.Member, now: datetime) -> None:
        member.welcomed_at = now
        OutboxRows(unit).add(
            member=member.id,
            kind="welcome",
            dedupe_key=f"welcome:{member.id}",
            content={
                "text": self.text(next(iter(member.name.split()), "")),
                "purposes": [[purpose.name, purpose.sentence] for purpose in PURPOSES],
            },
            not_before=now,
            expires_at=now + KEEPS,
            now=now,
        )
