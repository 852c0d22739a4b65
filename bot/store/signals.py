"""Signals: what members did in places the bot may look at, each under a purpose."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update

from bot.store import tables
from bot.store.database import Unit
from bot.store.erasures import Erasures
from bot.store.upsert import chunks, upsert

_COLUMNS = (
    tables.Signal.key,
    tables.Signal.member_id,
    tables.Signal.purpose,
    tables.Signal.kind,
    tables.Signal.at,
    tables.Signal.item_id,
    tables.Signal.channel_id,
    tables.Signal.text,
)


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that a member did."""

    key: str
    """unique in the workspace: the same thing heard of twice has the same key"""
    member: str
    purpose: str
    kind: str
    """the name of a recsys SignalKind, lower case"""
    at: datetime
    item: str | None = None
    channel: str | None = None
    text: str = ""


class Signals:
    """Reads and writes the signals of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._session = unit.session
        self._workspace = unit.workspace

    def save(self, happened: Sequence[Happened]) -> int:
        """Add what is not known yet, by key; how many that were. What is known stays.

        What somebody did who had their data deleted is left out.
        """
        erased = Erasures(self._unit).among(one.member for one in happened)
        happened = [one for one in happened if one.member not in erased]
        known = self._known(one.key for one in happened)
        fresh = {one.key: one for one in happened if one.key not in known}
        rows = [self._row(one) for one in fresh.values()]
        upsert(self._session, tables.Signal, rows, key=("workspace_id", "key"))
        return len(rows)

    def list(
        self,
        *,
        since: datetime | None = None,
        before: datetime | None = None,
        members: Collection[str] | None = None,
        purposes: Collection[str] | None = None,
        agreed_at: datetime | None = None,
    ) -> tuple[Happened, ...]:
        """Signals in [since, before), ascending by time, then by key.

        With `agreed_at`, only those whose member's consent to their purpose stood at that moment.
        """
        where: list[ColumnElement[bool]] = [tables.Signal.workspace_id == self._workspace]
        if since is not None:
            where.append(tables.Signal.at >= since)
        if before is not None:
            where.append(tables.Signal.at < before)
        if purposes is not None:
            where.append(tables.Signal.purpose.in_(purposes))
        if agreed_at is not None:
            where.append(_agreed(agreed_at))
        if members is None:
            return self._read(where)
        found = [
            one
            for ids in chunks(members)
            for one in self._read([*where, tables.Signal.member_id.in_(ids)])
        ]
        return tuple(sorted(found, key=lambda one: (one.at, one.key)))

    def agreed(self, key: str) -> bool:
        """Whether a signal is kept under this key whose member's consent to it stands."""
        consent = tables.Consent
        stands = exists().where(
            consent.workspace_id == tables.Signal.workspace_id,
            consent.member_id == tables.Signal.member_id,
            consent.purpose == tables.Signal.purpose,
            consent.withdrawn_at.is_(None),
        )
        kept = select(tables.Signal.id).where(
            tables.Signal.workspace_id == self._workspace, tables.Signal.key == key, stands
        )
        return self._session.scalar(kept) is not None

    def amend(self, key: str, text: str) -> bool:
        """Change what a signal says, as when its message was edited; False where there is none."""
        statement = (
            update(tables.Signal)
            .where(tables.Signal.workspace_id == self._workspace, tables.Signal.key == key)
            .values(text=text)
            .returning(tables.Signal.member_id)
        )
        member = self._session.scalar(statement)
        self._changed([] if member is None else [member])
        return member is not None

    def forget(self, keys: Iterable[str]) -> int:
        """Delete signals by key, as when their message was deleted; how many there were."""
        whose: list[str] = []
        for some in chunks(keys):
            statement = (
                delete(tables.Signal)
                .where(tables.Signal.workspace_id == self._workspace, tables.Signal.key.in_(some))
                .returning(tables.Signal.member_id)
            )
            whose += self._session.scalars(statement)
        self._changed(whose)
        return len(whose)

    def _changed(self, members: Iterable[str]) -> None:
        """Count it: a number that comes again would hide what went, and an edit has none."""
        for some in chunks(sorted(set(members))):
            theirs = tables.Member.workspace_id == self._workspace, tables.Member.id.in_(some)
            again = {"reworded": tables.Member.reworded + 1}
            self._session.execute(update(tables.Member).where(*theirs).values(again))

    def _read(self, where: Sequence[ColumnElement[bool]]) -> tuple[Happened, ...]:
        query = select(*_COLUMNS).where(*where).order_by(tables.Signal.at, tables.Signal.key)
        return tuple(Happened(*row) for row in self._session.execute(query))

    def _known(self, keys: Iterable[str]) -> set[str]:
        found: set[str] = set()
        for some in chunks(keys):
            query = select(tables.Signal.key).where(
                tables.Signal.workspace_id == self._workspace, tables.Signal.key.in_(some)
            )
            found.update(self._session.scalars(query))
        return found

    def _row(self, one: Happened) -> dict[str, Any]:
        return {
            "workspace_id": self._workspace,
            "key": one.key,
            "member_id": one.member,
            "purpose": one.purpose,
            "kind": one.kind,
            "at": one.at,
            "item_id": one.item,
            "channel_id": one.channel,
            "text": one.text,
        }


def _agreed(at: datetime) -> ColumnElement[bool]:
    consent = tables.Consent
    return exists().where(
        and_(
            consent.workspace_id == tables.Signal.workspace_id,
            consent.member_id == tables.Signal.member_id,
            consent.purpose == tables.Signal.purpose,
            consent.granted_at <= at,
            or_(consent.withdrawn_at.is_(None), consent.withdrawn_at > at),
        )
    )
