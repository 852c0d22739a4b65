"""Workspaces: which one a command means, and its row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, or_, select

from bot.ports import Refused
from bot.store import tables
from bot.store.database import Store, Unit
from bot.store.installations import ADOPTED


@dataclass(frozen=True)
class Served:
    """A workspace whose tokens we have, as far as what serves it depends on it."""

    id: str
    enterprise: str
    holder: str
    """whose row has the tokens: its own, or that of its organisation"""
    settings: Mapping[str, Any]
    installed_at: datetime
    bot_user: str = ""

    @property
    def by_org(self) -> bool:
        return self.holder != self.id


class Workspaces:
    """The workspaces of a database; the one table that belongs to none."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session

    def ids(self) -> tuple[str, ...]:
        """All workspaces; an organisation that only holds tokens is none."""
        table = tables.Workspace
        query = select(table.id).where(table.is_org.is_(False)).order_by(table.id)
        return tuple(self._session.scalars(query))

    def present(self) -> tuple[str, ...]:
        """Those that the app is not out of, whether it was installed there or has their token."""
        table = tables.Workspace
        query = select(table.id).where(table.is_org.is_(False), table.uninstalled_at.is_(None))
        return tuple(self._session.scalars(query.order_by(table.id)))

    def served(self) -> tuple[Served, ...]:
        """The workspaces that installed the app, or whose organisation did, by id."""
        table, installation = tables.Workspace, tables.Installation
        holder = func.coalesce(table.org_id, table.id)
        query = (
            select(
                table.id,
                table.enterprise_id,
                holder,
                table.settings,
                installation.installed_at,
                installation.bot_user_id,
            )
            .join(installation, installation.workspace_id == holder)
            .where(table.is_org.is_(False), table.uninstalled_at.is_(None))
            .order_by(table.id)
        )
        return tuple(Served(*row) for row in self._session.execute(query))

    def holder_of(self, workspace_id: str) -> str | None:
        """Whose row has the tokens of a workspace; None where nobody's has."""
        table = tables.Workspace
        holder = func.coalesce(table.org_id, table.id)
        of_holder = exists().where(tables.Installation.workspace_id == holder)
        return self._session.scalar(select(holder).where(table.id == workspace_id, of_holder))

    def is_by_oauth(self, workspace_id: str) -> bool:
        """Whether its tokens came by OAuth: then those of the settings are not its own."""
        holder = self.holder_of(workspace_id)
        row = self._session.get(tables.Installation, holder) if holder is not None else None
        return row is not None and row.installed_by != ADOPTED

    def adopted(self) -> str | None:
        """The workspace whose tokens began in the settings, where there is one."""
        table = tables.Installation
        query = select(table.workspace_id).where(table.installed_by == ADOPTED)
        return self._session.scalar(query.order_by(table.workspace_id).limit(1))

    def orgs(self) -> tuple[str, ...]:
        """The organisations that hold tokens for their workspaces."""
        table, installation = tables.Workspace, tables.Installation
        query = (
            select(table.id)
            .join(installation, installation.workspace_id == table.id)
            .where(table.is_org.is_(True), table.uninstalled_at.is_(None))
        )
        return tuple(self._session.scalars(query.order_by(table.id)))

    def of_org(self, org: str) -> tuple[str, ...]:
        """The workspaces whose tokens an organisation holds, and its own row."""
        table = tables.Workspace
        query = select(table.id).where(or_(table.org_id == org, table.id == org))
        return tuple(self._session.scalars(query.order_by(table.id)))

    def get(self, workspace_id: str) -> tables.Workspace | None:
        return self._session.get(tables.Workspace, workspace_id)

    def lock(self, workspace_id: str) -> tables.Workspace:
        """Hold the workspace's row until the unit ends, for what all members share.

        Others may go on to write rows that refer to it. On SQLite a writing unit already excludes
        every other one.
        """
        return self._session.scalars(
            select(tables.Workspace)
            .where(tables.Workspace.id == workspace_id)
            .with_for_update(key_share=True)
        ).one()

    def ensure(
        self, workspace_id: str, *, name: str, at: datetime, zone: str | None = None
    ) -> tables.Workspace:
        """The workspace's row, made if it is missing; a `zone` that is given is set."""
        row = self.get(workspace_id)
        if row is None:
            row = tables.Workspace(id=workspace_id, name=name, zone=zone or "UTC", created_at=at)
            self._session.add(row)
        elif zone is not None:
            row.zone = zone
        self._session.flush()
        return row

    def has_members(self, workspace_id: str) -> bool:
        query = select(tables.Member.id).where(tables.Member.workspace_id == workspace_id).limit(1)
        return self._session.scalar(query) is not None


def the_workspace(store: Store, wanted: str | None) -> str | None:
    """The workspace that a command means: the one that is wanted, or the only one there is.

    None where there is none yet.

    Raises:
        Refused: the database holds several; the message names them.
    """
    if wanted:
        return wanted
    with store.reading("") as unit:
        ids = Workspaces(unit).ids()
    if len(ids) > 1:
        raise Refused(
            f"The database holds several workspaces: {', '.join(ids)}."
            " Say which: OVERTURE_WORKSPACE=…"
        )
    return ids[0] if ids else None


def known_workspace(store: Store, wanted: str | None) -> str:
    """The same, for whoever needs it to be there.

    Raises:
        Refused: the database does not hold it, or holds none yet, or several.
    """
    found = the_workspace(store, wanted)
    if found is None:
        raise Refused(
            "the database holds no workspace yet. Import one (`overture import slack-export ZIP`),"
            " or connect Slack and start `overture serve`."
        )
    with store.reading("") as unit:
        ids = Workspaces(unit).ids()
    if found not in ids:
        raise Refused(
            f"workspace {found!r} is not in the database (there: {', '.join(ids) or 'none'})."
            " Correct OVERTURE_WORKSPACE, import it, or start"
            " `overture serve` with its token, which takes it in."
        )
    return found
