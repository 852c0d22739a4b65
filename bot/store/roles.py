"""Roles: who may curate, and who may say who may."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, select

from bot.store import tables
from bot.store.database import Unit
from bot.store.erasures import Erasures
from bot.store.upsert import upsert

Name = Literal["member", "curator", "admin"]
NAMES: tuple[Name, ...] = ("member", "curator", "admin")
"""from the least to the most"""
GIVEN, SLACK = "given", "slack"


class Roles:
    """Reads and writes the roles of one workspace."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._session = unit.session
        self._workspace = unit.workspace

    def get(self, member: str) -> tables.Role | None:
        return self._session.get(tables.Role, (self._workspace, member))

    def list(self) -> Sequence[tables.Role]:
        """All rows, by member."""
        return self._session.scalars(
            select(tables.Role)
            .where(tables.Role.workspace_id == self._workspace)
            .order_by(tables.Role.member_id)
        ).all()

    def put(self, member: str, role: Name, *, at: datetime, by: str) -> None:
        """Give a role; `member` takes away what a row or the settings gave."""
        self._put([self._row(member, role, GIVEN, at, by)])

    def administer(self, members: Collection[str], *, at: datetime, of: Collection[str]) -> None:
        """Note who `of` these people administers the workspace on Slack.

        A role that was given is not touched. Who had their data deleted is left out.
        """
        mine = tables.Role.workspace_id == self._workspace
        gone = set(of) - set(members)
        if gone:
            self._session.execute(
                delete(tables.Role).where(
                    mine, tables.Role.origin == SLACK, tables.Role.member_id.in_(sorted(gone))
                )
            )
        new = {*members} - {row.member_id for row in self.list()}
        new -= Erasures(self._unit).among(new)
        self._put([self._row(member, "admin", SLACK, at, SLACK) for member in sorted(new)])

    def _row(
        self, member: str, role: Name, origin: str, at: datetime, by: str
    ) -> dict[str, object]:
        return {
            "workspace_id": self._workspace,
            "member_id": member,
            "role": role,
            "origin": origin,
            "granted_at": at,
            "granted_by": by[:128],
        }

    def _put(self, rows: Sequence[dict[str, object]]) -> None:
        columns = ("role", "origin", "granted_at", "granted_by")
        key = ("workspace_id", "member_id")
        upsert(self._session, tables.Role, rows, key=key, update=columns)
        self._session.expire_all()
