"""Members: who is in the workspace, and where each is reached."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Select, bindparam, select

from bot.store import tables
from bot.store.database import Unit
from bot.store.erasures import Erasures
from bot.store.upsert import Saved, chunks, upsert


@dataclass(frozen=True, slots=True)
class Person:
    """What a source says about somebody; None where it says nothing."""

    id: str
    name: str | None = None
    title: str | None = None
    team: str | None = None
    zone: str | None = None
    """IANA name"""
    locale: str | None = None
    """IETF tag, such as es-ES"""
    is_bot: bool | None = None
    is_guest: bool | None = None
    is_stranger: bool | None = None
    deactivated: bool | None = None


LONGEST_LOCALE = 16


class Wishes(NamedTuple):
    """The clock of a member, the limits that they set themselves (None where they set none), what
    invites them, and until when they asked for peace."""

    id: str
    zone: str
    """IANA name; empty where it is not known"""
    daily_cap: int | None
    weekly_cap: int | None
    day_starts: int | None
    day_ends: int | None
    weekdays: list[int] | None
    pilot: bool
    came_at: datetime | None
    busy_until: datetime | None


_SAID = ("name", "title", "team", "zone", "locale", "is_bot", "is_guest", "is_stranger")
_DEFAULTS: dict[str, Any] = {
    "title": "", "team": "", "zone": "", "locale": "",
    "is_bot": False, "is_guest": False, "is_stranger": False,
}  # fmt: skip


class Members:
    """Reads and writes the members of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._session = unit.session
        self._workspace = unit.workspace

    def save(self, people: Sequence[Person], *, at: datetime) -> Saved:
        """Add or update `people`, whose ids differ.

        What a source leaves out stays as it is stored, and nothing that the member set themselves
        is touched. Somebody deactivated is so since `at`, unless that was known before. Who had
        their data deleted is not brought back.
        """
        erased = Erasures(self._unit).among(person.id for person in people)
        people = [person for person in people if person.id not in erased]
        stored = self._stored(person.id for person in people)
        rows, new, changed = [], 0, 0
        for person in people:
            old = stored.get(person.id)
            row = self._row(person, old, at)
            differs = old is not None and any(old[name] != value for name, value in row.items())
            new += old is None
            changed += differs
            if old is None or differs:
                rows.append(row)
        columns = (*_SAID, "deactivated_at")
        upsert(self._session, tables.Member, rows, key=("workspace_id", "id"), update=columns)
        return Saved(new, changed, len(people) - new - changed)

    def get(self, member_id: str) -> tables.Member | None:
        return self._session.get(tables.Member, (self._workspace, member_id))

    def shows_busy(self, member_id: str, until: datetime | None) -> None:
        """Note until when a member's status asks for peace; None where it does not."""
        member = self.get(member_id)
        if member is not None:
            member.busy_until = until

    def lock(self, member_id: str) -> None:
        """Hold the member's row until the unit ends, so that caps are checked one at a time.

        On SQLite a writing unit already excludes every other one.
        """
        self._session.execute(
            select(tables.Member.id)
            .where(tables.Member.workspace_id == self._workspace, tables.Member.id == member_id)
            .with_for_update()
        )

    def list(self) -> Sequence[tables.Member]:
        """Everybody who is stored, bots, guests and deactivated ones too, by id."""
        return self._session.scalars(
            select(tables.Member)
            .where(tables.Member.workspace_id == self._workspace)
            .order_by(tables.Member.id)
        ).all()

    def wishes(self) -> Sequence[Wishes]:
        """Of everybody as in `list`, what a tick asks for: it comes often, so it reads no more."""
        member = tables.Member.__table__.c
        rows = self._session.execute(
            select(*(member[name] for name in Wishes._fields))
            .where(member.workspace_id == self._workspace)
            .order_by(member.id)
        )
        return [Wishes._make(row) for row in rows]

    def reachable_by(self, channel: str, pairs: Iterable[tuple[str, str]]) -> None:
        """Note the (external id, member id) under which a channel of delivery knows members.

        Who had their data deleted is left out.
        """
        pairs = list(pairs)
        erased = Erasures(self._unit).among(one for pair in pairs for one in pair)
        pairs = [pair for pair in pairs if erased.isdisjoint(pair)]
        rows = [
            {
                "workspace_id": self._workspace,
                "channel": channel,
                "external_id": external,
                "member_id": member,
            }
            for external, member in pairs
        ]
        upsert(
            self._session,
            tables.Identity,
            rows,
            key=("workspace_id", "channel", "external_id"),
            update=("member_id",),
        )

    def identity(self, channel: str, member_id: str) -> tables.Identity | None:
        """How a channel of delivery knows a member."""
        mine = {"workspace": self._workspace, "member": member_id}
        return self._session.scalar(_identity(), {**mine, "channel": channel})

    def externals(self, channel: str, members: Iterable[str]) -> tuple[str, ...]:
        """How a channel of delivery knows these, in order; who is unknown to it is left out."""
        known: dict[str, str] = {}
        wanted = list(members)
        for ids in chunks(wanted):
            rows = self._session.execute(
                select(tables.Identity.member_id, tables.Identity.external_id).where(
                    tables.Identity.workspace_id == self._workspace,
                    tables.Identity.channel == channel,
                    tables.Identity.member_id.in_(ids),
                )
            )
            known |= {row[0]: row[1] for row in rows}
        return tuple(known[member] for member in wanted if member in known)

    def behind(self, channel: str, external_id: str) -> tables.Member | None:
        """The member whom a channel of delivery knows by this id."""
        identity = self._session.get(tables.Identity, (self._workspace, channel, external_id))
        return None if identity is None else self.get(identity.member_id)

    def _row(self, person: Person, old: dict[str, Any] | None, at: datetime) -> dict[str, Any]:
        before = old or {**_DEFAULTS, "name": person.id, "deactivated_at": None}
        row: dict[str, Any] = {"workspace_id": self._workspace, "id": person.id}
        for name in _SAID:
            said = getattr(person, name)
            if name == "zone" and said and (before.get("zone_is_own") or not _is_zone(said)):
                said = None  # their own choice stays, and an unknown one would break every clock
            if name == "locale" and said and len(said) > LONGEST_LOCALE:
                said = None
            row[name] = before[name] if said is None else said
        row["deactivated_at"] = before["deactivated_at"]
        if person.deactivated is not None:
            row["deactivated_at"] = (before["deactivated_at"] or at) if person.deactivated else None
        return row

    def _stored(self, member_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for ids in chunks(member_ids):
            query = select(tables.Member.__table__).where(
                tables.Member.workspace_id == self._workspace, tables.Member.id.in_(ids)
            )
            found |= {row["id"]: dict(row) for row in self._session.execute(query).mappings()}
        return found


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


@cache
def _identity() -> Select[tables.Identity]:
    identity = tables.Identity
    return (
        select(identity)
        .where(
            identity.workspace_id == bindparam("workspace"),
            identity.channel == bindparam("channel"),
            identity.member_id == bindparam("member"),
        )
        .order_by(identity.external_id)
        .limit(1)
    )
