"""The outbox's rows: every change of state is one guarded update.

A row belongs to the owner that claimed it; each update names that owner, so a process that lost
its row (its lease ran out while it slept) changes nothing any more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select, update
from sqlalchemy.engine import CursorResult

from bot.ids import digest
from bot.ports import Receipt
from bot.store import tables
from bot.store.database import Unit
from bot.store.types import Moment
from bot.store.upsert import update_where, upsert

OPEN = ("queued", "sending")
UNASKED = ("opener", "welcome")  # what is said first; the rest answers somebody


@dataclass(frozen=True, slots=True)
class Row:
    """One message on its way, as its owner read it."""

    id: str
    member: str
    opener: str | None
    kind: str
    dedupe_key: str
    content: Mapping[str, Any]
    address: str | None
    """where the last call went, or where the row was told to go"""
    created_at: datetime
    expires_at: datetime
    called_at: datetime | None
    absent_reads: int
    attempts: int
    not_before: datetime
    unread_since: datetime | None
    """since when its conversation cannot be read, or shows nothing that was sent later"""


class OutboxRows:
    """Reads and writes the outbox of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def add(
        self,
        *,
        member: str,
        kind: str,
        dedupe_key: str,
        content: Mapping[str, Any],
        expires_at: datetime,
        now: datetime,
        not_before: datetime | None = None,
        opener_id: str | None = None,
        address: str | None = None,
        held: bool = False,
    ) -> bool:
        """Put a message on its way, in the caller's transaction.

        `dedupe_key` makes it unique: False where the same was put on its way before. `address`
        is needed only where the message does not go to the member's own conversation. One that is
        `held` waits for a person, and nobody can claim it.
        """
        row_id = "dl_" + digest(self._workspace, dedupe_key)
        if self._session.get(tables.Outbox, row_id) is not None:
            return False
        row = {
            "id": row_id,
            "workspace_id": self._workspace,
            "member_id": member,
            "opener_id": opener_id,
            "kind": kind,
            "dedupe_key": dedupe_key,
            "payload": {"content": dict(content)},
            "address": address,
            "state": "held" if held else "queued",
            "not_before": now if not_before is None else not_before,
            "expires_at": expires_at,
            "created_at": self._after_others(member, now),
        }
        # two that add at once: the key lets one of them through, the other changes nothing
        upsert(self._session, tables.Outbox, [row], key=("workspace_id", "dedupe_key"))
        return True

    def _after_others(self, member: str, now: datetime) -> datetime:
        """A moment that keeps what was said to a member at once in its order."""
        mine = {"workspace": self._workspace, "member": member}
        last = self._session.scalar(_last_of(), {**mine, "now": now})
        return now if last is None else last + timedelta(microseconds=1)

    def learn_address(self, member: str, channel: str, address: str) -> None:
        where = "workspace_id", "channel", "member_id"
        statement = update_where(tables.Identity, ("address",), where)
        mine = {"of_workspace_id": self._workspace, "of_channel": channel, "of_member_id": member}
        self._session.execute(statement, {"address": address, **mine})

    def mark_called(self, row: Row, owner: str, address: str, now: datetime) -> bool:
        """Say that the call begins: from here on only the channel knows whether it happened."""
        return self._move(
            row,
            owner,
            "sending",
            "",
            called_at=now,
            address=address,
            absent_reads=0,
            unread_since=None,
            attempts=row.attempts + 1,
        )

    def mark_sent(
        self,
        row: Row,
        owner: str,
        receipt: Receipt,
        at: datetime,
        window_closes_at: datetime,
        seen_at: datetime | None = None,
    ) -> bool:
        """It arrived: the row and its opener say when and where; and when it was seen there.

        A receipt also settles a row that was given up as unresolved meanwhile.
        """
        values = {"sent_at": at, "message_ref": receipt.message_ref}
        sent = self._move(row, owner, "sent", "", lets_go=True, seen_at=seen_at, **values)
        if not sent and not self._settles(row, **values):
            return False
        if row.opener is not None:
            more = {"address": receipt.address, "window_closes_at": window_closes_at}
            self.opener(row.opener, state="sent", **values, **more)
        return True

    def put_back(self, row: Row, owner: str, not_before: datetime, reason: str) -> bool:
        """It certainly did not happen: queued again."""
        values: dict[str, Any] = {"not_before": not_before, "called_at": None, "absent_reads": 0}
        return self._move(row, owner, "queued", reason, lets_go=True, **values)

    def look_again(
        self,
        row: Row,
        owner: str,
        not_before: datetime,
        reason: str,
        absent_reads: int,
        unread_since: datetime | None,
    ) -> bool:
        """It may have happened: still sending, free for anyone who looks for it."""
        values: dict[str, Any] = {"not_before": not_before, "absent_reads": absent_reads}
        values["unread_since"] = unread_since
        return self._move(row, owner, "sending", reason, lets_go=True, **values)

    def end(self, row: Row, owner: str, state: str, reason: str) -> bool:
        """It leaves the queue as failed, withdrawn, expired or unresolved."""
        return self._move(row, owner, state, reason, lets_go=True)

    def withdraw(self, reason: str, member: str | None = None, kinds: Collection[str] = ()) -> int:
        """Withdraw what is queued or held, or claimed and not yet called; returns how many.

        For one member or for everybody, of some kinds or of all. Whoever had claimed a row has
        lost it, and cannot begin its call. Who withdraws for everybody holds the workspace's lock.
        """
        table = tables.Outbox
        uncalled = and_(table.state == "sending", table.called_at.is_(None))
        waits = or_(table.state.in_(("queued", "held")), uncalled)
        which = [table.workspace_id == self._workspace, waits]
        if member is not None:
            which.append(table.member_id == member)
        if kinds:
            which.append(table.kind.in_(kinds))
        openers = self._session.scalars(
            update(table)
            .where(*which)
            .values(state="withdrawn", reason=reason, owner=None, lease_until=None)
            .returning(tables.Outbox.opener_id)
        ).all()
        for opener_id in filter(None, openers):
            self.opener(opener_id, state="withdrawn")
        return len(openers)

    def waiting(self) -> int:
        """How many rows are still on their way."""
        table = tables.Outbox
        mine = table.workspace_id == self._workspace, table.state.in_(OPEN)
        return self._session.scalar(select(func.count(table.id)).where(*mine)) or 0

    def content_of(self, opener_id: str) -> Mapping[str, Any] | None:
        """What was put on its way for an opener."""
        table = tables.Outbox
        mine = table.workspace_id == self._workspace, table.opener_id == opener_id
        payload = self._session.scalar(select(table.payload).where(*mine, table.kind == "opener"))
        return dict(payload["content"]) if payload else None  # emptied once it is old

    def opener_at(self, member: str, message_ref: str) -> str | None:
        """The opener that an answer of ours at this place is about; None where it is none."""
        table = tables.Outbox
        payload = self._session.scalar(
            select(table.payload).where(
                table.workspace_id == self._workspace,
                table.member_id == member,
                table.message_ref == message_ref,
                table.kind == "answer",
            )
        )
        content = (payload or {}).get("content") or {}  # emptied once it is old
        return content.get("opener")

    def get(self, row_id: str) -> tables.Outbox | None:
        row = self._session.get(tables.Outbox, row_id)
        return row if row is not None and row.workspace_id == self._workspace else None

    def _settles(self, row: Row, **values: Any) -> bool:
        table = tables.Outbox
        changed = self._session.execute(
            update(table)
            .where(
                table.workspace_id == self._workspace,
                table.id == row.id,
                table.state == "unresolved",
                table.settled_by.is_(None),
            )
            .values(state="sent", reason="", **values)
            .execution_options(synchronize_session=False)
        )
        assert isinstance(changed, CursorResult)
        return bool(changed.rowcount)

    def _move(
        self,
        row: Row,
        owner: str,
        state: str,
        reason: str,
        *,
        lets_go: bool = False,
        **values: Any,
    ) -> bool:
        if lets_go:
            values |= {"owner": None, "lease_until": None}
        values |= {"state": state, "reason": reason}
        mine = {"of_workspace_id": self._workspace, "of_id": row.id, "of_owner": owner}
        changed = self._session.execute(
            update_where(tables.Outbox, tuple(values), ("workspace_id", "id", "owner", "state")),
            {**values, **mine, "of_state": "sending"},
        )
        assert isinstance(changed, CursorResult)
        if changed.rowcount == 0:
            return False
        if row.opener is not None and state != "sent":
            self.opener(row.opener, state=state)
        return True

    def opener(self, opener_id: str, **values: Any) -> None:
        """Set columns of a row's opener."""
        mine = {"of_workspace_id": self._workspace, "of_id": opener_id}
        statement = update_where(tables.Opener, tuple(values), ("workspace_id", "id"))
        self._session.execute(statement, {**values, **mine})


def read(row: tables.Outbox) -> Row:
    return Row(
        id=row.id,
        member=row.member_id,
        opener=row.opener_id,
        kind=row.kind,
        dedupe_key=row.dedupe_key,
        content=row.payload["content"],
        # rows from before there was a column say it among their content
        address=row.address or row.payload.get("address"),
        created_at=row.created_at,
        expires_at=row.expires_at,
        called_at=row.called_at,
        absent_reads=row.absent_reads,
        attempts=row.attempts,
        not_before=row.not_before,
        unread_since=row.unread_since,
    )


@cache
def _last_of() -> Select[datetime | None]:
    table = tables.Outbox
    return select(func.max(table.created_at)).where(
        table.workspace_id == bindparam("workspace"),
        table.member_id == bindparam("member"),
        table.created_at >= bindparam("now", type_=Moment),
    )
