"""Openers, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Select, and_, bindparam, func, select

from bot.store import tables
from bot.store.database import Unit
from bot.store.types import Moment

ON_THEIR_WAY = ("composed", "held", "queued", "sending", "unresolved")
"""not sent for certain, yet counted for every cap"""
ARRIVED = ("sent", "closed")
SHELVED = "shelved"
"""taken from the shelf by the member: it was not sent, and counts for no cap and no label"""

ASKED = "asked"
"""told because the member asked for something now: it counts for no cap, nor as an exposure"""
DONE = "done"
"""reason of a saved outcome that the member took off their list; that it was saved stands"""


@dataclass(frozen=True, slots=True)
class Told:
    """One opener of a member: when, and what became of it in the end."""

    opener: str
    at: datetime
    outcome: str = ""
    """the last that stands, of which silence yields to any other; empty while there is none"""


class Openers:
    """Reads and writes the openers of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def add(self, opener: tables.Opener) -> None:
        self._session.add(opener)

    def get(self, opener_id: str) -> tables.Opener | None:
        found = self._session.get(tables.Opener, opener_id)
        return found if found is not None and found.workspace_id == self._workspace else None

    def by_message(self, address: str, message_ref: str) -> tables.Opener | None:
        """The opener that stands at this place on the channel."""
        return self._session.scalar(
            select(tables.Opener).where(
                tables.Opener.workspace_id == self._workspace,
                tables.Opener.address == address,
                tables.Opener.message_ref == message_ref,
            )
        )

    def lately(self, member: str, since: datetime, leaving_out: str | None = None) -> list[Told]:
        """Openers of this member that were sent, or put on their way, from `since` on, in order.

        One opener may be left out: the one that asks whether it may still leave.
        """
        mine = {"workspace": self._workspace, "member": member}
        rows = self._session.execute(_lately(), {**mine, "since": since, "not": leaving_out or ""})
        told: dict[str, Told] = {}
        for opener, at, kind in rows:
            if opener not in told or kind != "ignored":
                told[opener] = Told(opener, at, kind or "")
        return list(told.values())

    def recent(self, member: str, limit: int) -> Sequence[tables.Opener]:
        """The last openers that reached this member, newest first."""
        return self._session.scalars(
            select(tables.Opener)
            .where(
                tables.Opener.workspace_id == self._workspace,
                tables.Opener.member_id == member,
                tables.Opener.state.in_(ARRIVED),
            )
            .order_by(tables.Opener.sent_at.desc())
            .limit(limit)
        ).all()

    def taken_from_shelf(self, member: str, limit: int) -> Sequence[tables.Opener]:
        """What this member asked about, from their shelf or otherwise, the newest first."""
        return self._session.scalars(
            select(tables.Opener)
            .where(
                tables.Opener.workspace_id == self._workspace,
                tables.Opener.member_id == member,
                tables.Opener.state.in_((SHELVED, ASKED)),
            )
            .order_by(tables.Opener.created_at.desc())
            .limit(limit)
        ).all()

    def saved(self, member: str, since: datetime) -> Sequence[tuple[tables.Opener, datetime]]:
        """What this member saved for later and has not taken off that list, with when."""
        outcome = tables.Outcome
        rows = self._session.execute(
            select(tables.Opener, outcome.at)
            .join(outcome, outcome.opener_id == tables.Opener.id)
            .where(
                tables.Opener.workspace_id == self._workspace,
                tables.Opener.member_id == member,
                outcome.kind == "saved",
                outcome.reason != DONE,
                outcome.undone_at.is_(None),
                outcome.at >= since,
            )
            .order_by(outcome.at.desc(), tables.Opener.id)
        )
        return [(opener, at) for opener, at in rows]

    def asked_about(self, member: str) -> frozenset[str]:
        """Items that this member was told of because they asked: they need not come again."""
        return frozenset(
            self._session.scalars(
                select(tables.Opener.item_id).where(
                    tables.Opener.workspace_id == self._workspace,
                    tables.Opener.member_id == member,
                    tables.Opener.state == ASKED,
                )
            )
        )

    def about(self, member: str) -> frozenset[str]:
        """Items that this member was told of, or is about to be."""
        return frozenset(
            self._session.scalars(
                select(tables.Opener.item_id).where(
                    tables.Opener.workspace_id == self._workspace,
                    tables.Opener.member_id == member,
                    tables.Opener.state.in_((*ON_THEIR_WAY, *ARRIVED, SHELVED, ASKED)),
                )
            )
        )

    def sent_between(self, since: datetime, until: datetime) -> Sequence[tables.Opener]:
        """Openers sent in [since, until), in order."""
        return self._session.scalars(
            select(tables.Opener)
            .where(
                tables.Opener.workspace_id == self._workspace,
                tables.Opener.sent_at >= since,
                tables.Opener.sent_at < until,
            )
            .order_by(tables.Opener.sent_at, tables.Opener.id)
        ).all()

    def told_since(self, since: datetime) -> dict[str, int]:
        """How many members each item was put on its way to, from `since` on."""
        rows = self._session.execute(
            select(tables.Opener.item_id, func.count())
            .where(
                tables.Opener.workspace_id == self._workspace,
                tables.Opener.state.in_(ON_THEIR_WAY + ARRIVED),
                tables.Opener.created_at >= since,
            )
            .group_by(tables.Opener.item_id)
        )
        return {row[0]: row[1] for row in rows}

    def authors_told_since(self, since: datetime) -> dict[str, int]:
        """How many members the items of each author were put on their way to, from `since` on."""
        rows = self._session.execute(
            select(tables.Item.author_id, func.count(tables.Opener.member_id.distinct()))
            .join(
                tables.Item,
                and_(
                    tables.Item.workspace_id == tables.Opener.workspace_id,
                    tables.Item.id == tables.Opener.item_id,
                ),
            )
            .where(
                tables.Opener.workspace_id == self._workspace,
                tables.Opener.state.in_(ON_THEIR_WAY + ARRIVED),
                tables.Opener.created_at >= since,
                tables.Item.author_id.is_not(None),
            )
            .group_by(tables.Item.author_id)
        )
        return {str(row[0]): row[1] for row in rows}

    def undecided(self, member: str) -> frozenset[str]:
        """Items of openers that are on their way to this member, or may have arrived."""
        return frozenset(
            self._session.scalars(
                select(tables.Opener.item_id).where(
                    tables.Opener.workspace_id == self._workspace,
                    tables.Opener.member_id == member,
                    tables.Opener.state.in_(ON_THEIR_WAY),
                )
            )
        )

    def window_closed(self, now: datetime) -> Sequence[tables.Opener]:
        """Sent openers whose window has closed by `now` and that are still open.

        They are locked until the unit ends: whoever closes one, closes it alone.
        """
        return self._session.scalars(
            select(tables.Opener)
            .where(
                tables.Opener.workspace_id == self._workspace,
                tables.Opener.state == "sent",
                tables.Opener.window_closes_at <= now,
            )
            .order_by(tables.Opener.sent_at, tables.Opener.id)
            .with_for_update(skip_locked=True)
        ).all()


@cache
def _lately() -> Select[str, datetime, str]:
    """Kept for the next time: to build it takes longer than to run it."""
    opener, outcome = tables.Opener, tables.Outcome
    when = func.coalesce(opener.sent_at, opener.created_at)
    stands = and_(outcome.opener_id == opener.id, outcome.undone_at.is_(None))
    return (
        select(opener.id, when, outcome.kind)
        .outerjoin(outcome, stands)
        .where(
            opener.workspace_id == bindparam("workspace"),
            opener.member_id == bindparam("member"),
            opener.state.in_(ON_THEIR_WAY + ARRIVED),
            when >= bindparam("since", type_=Moment),
            opener.id != bindparam("not"),
        )
        .order_by(when, opener.id, outcome.at, outcome.id)
    )
