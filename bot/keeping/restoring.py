"""After a backup was put back: what happened since is made good before anything leaves.

Three things happened after the backup that the copy does not know: members took consents back,
messages left, and people answered. The first is in the journal beside the database. The second is
in the conversations: a row that looks unsent is looked for there before it is sent, and who was
welcomed since is found the same way. Today's slots are used up, since an opener of today would
bear the same id with other words. What was answered since is lost, and nothing is said about it.
An opener that waited for a person may have been approved since, and an arrival that waited may have
been answered: the one is withdrawn, the other set aside, once what it takes back is taken back.
Openers that left since are counted where their conversation shows them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select, update

from bot.keeping import shown, waiting
from bot.keeping.erasing import note_erasure
from bot.policy.purposes import OPENERS
from bot.ports import Channel
from bot.store import tables
from bot.store.audit import Audit
from bot.store.beside import Head
from bot.store.consents import Consents
from bot.store.database import Store, Unit
from bot.store.decisions import Slots
from bot.store.members import Members
from bot.store.outbox import UNASKED, OutboxRows
from bot.store.withdrawals import Withdrawal, Withdrawals


@dataclass(frozen=True, slots=True)
class Restored:
    """What was made good."""

    since: datetime
    """the last thing that the copy knows of"""
    consents: int
    left: int
    erased: int
    looked_for: int
    """unsent rows that are looked for in their conversations before anything leaves"""
    held: int
    """openers that waited for a person, and are withdrawn"""
    arrived: int
    """arrivals that waited, and are set aside; those that take something back are obeyed first"""
    sent_since: int
    """openers that left after the copy was made, and are counted now"""
    welcomed: int
    slots: int
    unreadable: int
    """lines of the journal that a crash or damage cut short"""


@dataclass(frozen=True)
class Restoring:
    """Makes a restored copy of one workspace fit to run; done twice it changes nothing more."""

    store: Store
    workspace: str
    channel: Channel
    journal: Withdrawals
    zone: str
    """the workspace's"""
    pilot: frozenset[str] = frozenset()
    """who is on the pilot list by the settings"""
    rest: Callable[[float], None] = time.sleep
    """while the channel asks for it"""

    def run(self, now: datetime, by: str) -> Restored:
        """Nothing of Overture may run meanwhile, and nothing may have run since the restore.

        Raises:
            Refused: the journal's key is missing.
            ChannelError: a conversation cannot be read; run it again.
        """
        noted, unreadable = self.journal.read()
        addresses = self._addresses()
        with self.store.reading(self.workspace) as unit:
            since, asked = last_known(unit), self._unwelcomed(unit)
        there = shown.read_all(self.channel, addresses, since, self.rest)
        welcomed = [member for member in asked if there.welcome(self.workspace, member)]
        with self.store.writing(self.workspace) as unit:
            arrived = waiting.set_aside(unit, self.channel.name, now, self._zone)
            sent_since = shown.take_in(unit, there, since, now, self.zone)
            consents, left, erased = self._take_back(unit, noted)
            looked_for = self._look_first(unit, addresses, since)
            held = _withdraw_held(unit)
            for member in welcomed:
                unit.session.get_one(tables.Member, (self.workspace, member)).welcomed_at = now
            slots = self._use_up(unit, now)
            done = Restored(
                since=since,
                consents=consents,
                left=left,
                erased=erased,
                looked_for=looked_for,
                held=held,
                arrived=arrived,
                sent_since=sent_since,
                welcomed=len(welcomed),
                slots=slots,
                unreadable=unreadable,
            )
            details = {"consents": consents, "left": left, "looked_for": looked_for}
            self._note(unit, now, by, details)
            unit.commit()
        return done

    def _note(self, unit: Unit, now: datetime, by: str, details: dict[str, int]) -> None:
        """The log of the copy is shorter than it was: say by how much, and go on from here."""
        beside = unit.beside
        before = None if beside is None else beside.heads().get(self.workspace)
        last = Audit(unit).list()
        lost = max(0, before.number - (last[-1].number if last else 0)) if before else 0
        details["audit_entries_lost"] = lost
        entry = Audit(unit).append(now, by, "database.restored", self.workspace, details)
        if beside is not None:
            head = Head(entry.number, entry.hash)
            unit.afterwards(lambda: beside.note_head(self.workspace, head, anew=True))

    def _take_back(self, unit: Unit, noted: Iterable[Withdrawal]) -> tuple[int, int, int]:
        """Withdraw again what was withdrawn after the backup."""
        noted = tuple(noted)
        if not noted:
            return 0, 0, 0
        known = {
            self.journal.name_of(self.workspace, member.id): member
            for member in Members(unit).list()
        }
        consents = left = erased = 0
        for one in noted:
            member = known.get(one.member)
            if member is None:
                continue
            wanted = {one.purpose} if one.purpose else None
            ended = Consents(unit).withdraw_older(member.id, wanted, at=one.at)
            consents += len(ended)
            if one.what == "consent":
                if OPENERS in ended:
                    OutboxRows(unit).withdraw("no_consent", member.id, UNASKED)
                continue
            if member.left_at is None and not Consents(unit).granted(member.id):
                member.left_at = one.at
                left += 1
                OutboxRows(unit).withdraw("opted_out", member.id, UNASKED)
            if one.what == "erased" and (member.came_at is None or member.came_at <= one.at):
                erased += note_erasure(unit, member, one.at)
        unit.session.flush()
        return consents, left, erased

    def _addresses(self) -> dict[str, str]:
        """The conversations of whoever was, or may have been, written to since."""
        name = self.channel.name
        with self.store.reading(self.workspace) as unit:
            unsent = select(tables.Outbox.member_id).where(
                tables.Outbox.workspace_id == self.workspace,
                tables.Outbox.state.in_(("queued", "sending")),
            )
            wanted = set(unit.session.scalars(unsent)) | set(self._unwelcomed(unit))
            wanted |= {m for m, agreed in Consents(unit).all_granted().items() if OPENERS in agreed}
            found = {member: Members(unit).identity(name, member) for member in sorted(wanted)}
        return {
            member: identity.address or self.channel.address_of(identity.external_id)
            for member, identity in found.items()
            if identity is not None
        }

    def _unwelcomed(self, unit: Unit) -> list[str]:
        """Who would be welcomed, as far as the copy knows."""
        member = tables.Member
        return list(
            unit.session.scalars(
                select(member.id).where(
                    member.workspace_id == self.workspace,
                    member.welcomed_at.is_(None),
                    member.deactivated_at.is_(None),
                    or_(
                        member.pilot.is_(True),
                        member.came_at.is_not(None),
                        member.id.in_(self.pilot),
                    ),
                )
            )
        )

    def _look_first(self, unit: Unit, addresses: dict[str, str], since: datetime) -> int:
        rows = unit.session.scalars(
            select(tables.Outbox).where(
                tables.Outbox.workspace_id == self.workspace,
                tables.Outbox.state.in_(("queued", "sending")),
            )
        ).all()
        for row in rows:
            row.state, row.owner, row.lease_until = "sending", None, None
            row.absent_reads, row.reason = 0, "restored"
            row.called_at = min(since, row.called_at or row.created_at)
            row.address = row.address or addresses.get(row.member_id)
            if row.opener_id is not None:
                unit.session.execute(
                    update(tables.Opener)
                    .where(tables.Opener.id == row.opener_id)
                    .values(state="sending")
                )
        return len(rows)

    def _zone(self, member: tables.Member) -> ZoneInfo:
        return ZoneInfo(member.zone or self.zone)

    def _use_up(self, unit: Unit, now: datetime) -> int:
        """Today's slot of everybody who agrees: it may have been used after the backup."""
        agreed, used = Consents(unit).all_granted(), 0
        for member in Members(unit).list():
            if OPENERS in agreed.get(member.id, ()):
                day = now.astimezone(self._zone(member)).date().isoformat()
                used += Slots(unit).use(member.id, day, now)
        return used


def last_known(unit: Unit) -> datetime:
    """The last moment of which a database knows anything: about when it was copied."""
    moments = (
        select(func.max(column)).where(table.workspace_id == unit.workspace)
        for table, column in (
            (tables.JobRun, tables.JobRun.started_at),
            (tables.Inbox, tables.Inbox.received_at),
            (tables.Outbox, tables.Outbox.created_at),
            (tables.Decision, tables.Decision.at),
        )
    )
    found = [unit.session.scalar(moment) for moment in moments]
    known = [one for one in found if one is not None]
    return (
        max(known) if known else unit.session.get_one(tables.Workspace, unit.workspace).created_at
    )


def _withdraw_held(unit: Unit) -> int:
    """Openers that wait for a person leave the review list: they may have left since."""
    rows = unit.session.scalars(
        select(tables.Outbox).where(
            tables.Outbox.workspace_id == unit.workspace, tables.Outbox.state == "held"
        )
    ).all()
    for row in rows:
        row.state, row.reason = "withdrawn", "restored"
        if row.opener_id is not None:
            unit.session.get_one(tables.Opener, row.opener_id).state = "withdrawn"
    return len(rows)
